"""What a channel may tell of contacts: its own alone, nothing of protected persons, in periods, near a place."""

import itertools

import msgspec

from channels.adapters import Adapters
from channels.base import Key
from channels.inbound import InboundContact, InboundEnd, InboundPerson, Location
from channels.public_state import Nearby, Period, PublicState
from router.config import Config
from tests.channels.probe import Probe
from tests.desktop_client import DesktopClient
from tests.http.service_client import ServiceClient
from tests.journeys.waiting import eventually

FORMS, OTHERS = Probe("forms"), Probe("others")
OPENED: Adapters = {"forms": FORMS.adapter("web"), "others": OTHERS.adapter("web")}
CONFIG = Config(channels={"forms": {}, "others": {}})
LONG = 10**14
_spots = itertools.count()


def spot() -> Location:
    """A place of its own for each test."""
    return Location(59.29313 + 0.001 * next(_spots), 18.00123)


def hole(at: Location | None, **person: object) -> InboundContact:
    """A hole in the road."""
    return InboundContact("web", msgspec.convert(person, InboundPerson), topic="GAT.HÅL", text="Hål", location=at)


async def told(contact: str, state: str) -> PublicState:
    """The contact once it is told to be in this state, from the register too."""

    async def probe() -> PublicState | None:
        listed = {each.contact: each for each in await FORMS.inbox.public_states(Period(0, LONG))}
        if contact not in listed or listed[contact].state != state:
            return None
        found = await FORMS.inbox.public_state(contact)
        return found if found and found.state == state else None

    return await eventually(probe)


async def test_it_is_told_at_once_and_only_to_whom_it_belongs(service: ServiceClient, name: str) -> None:
    """As soon as it is taken its own adapter reads it, place and all; another adapter never does."""
    place = spot()
    got = await FORMS.inbox.receive(Key("/a", name, name), hole(place))
    first = await FORMS.inbox.public_state(got.contact)
    assert first is not None
    assert (first.source, first.topic, first.closed_at) == ("/a", "GAT.HÅL", 0)
    assert await OTHERS.inbox.public_state(got.contact) is None
    assert await FORMS.inbox.public_state("c00nothing") is None
    later = await told(got.contact, "handed_over")
    assert (later.unit, later.handover, later.handovers) == ("Gatuenheten", "offered", 1), later
    assert later.expected_at > later.received_at
    assert later.location is not None
    assert (round(later.location.lat, 5), round(later.location.lon, 5)) == (round(place.lat, 5), place.lon)
    assert got.contact not in [each.contact for each in await OTHERS.inbox.public_states(Period(0, LONG))]
    await service.get(f"/v1/contacts/{got.contact}")


async def test_nothing_is_told_of_a_protected_person(service: ServiceClient, name: str) -> None:
    """Neither at once nor in a list, not even that it exists."""
    got = await FORMS.inbox.receive(Key("/a", name, name), hole(spot(), protection="marked"))
    other = await FORMS.inbox.receive(Key("/a", f"{name}-2", f"{name}-2"), hole(spot()))
    await told(other.contact, "handed_over")
    assert await FORMS.inbox.public_state(got.contact) is None
    assert got.contact not in [each.contact for each in await FORMS.inbox.public_states(Period(0, LONG))]
    await service.get(f"/v1/contacts/{got.contact}")


async def test_where_somebody_asks_from_is_nobodys_business(service: ServiceClient, name: str) -> None:
    """The place of a contact that is no report of a fault is not told."""
    asked = InboundContact("web", topic="KUF.BIB", text="När öppnar biblioteket?", location=spot())
    got = await FORMS.inbox.receive(Key("/a", name, name), asked)
    assert (await told(got.contact, "queued")).location is None
    await FORMS.inbox.end(Key("/a", f"{name}-end", name), InboundEnd(reason="cancelled"))
    assert (await told(got.contact, "cancelled")).location is None
    await service.get(f"/v1/contacts/{got.contact}")


async def test_a_period_has_two_ends(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """By receipt or by change, by source, topic and whether it is open; never more than asked for, newest first."""
    source = f"/{name}"
    ids: list[str] = []
    for i in range(3):
        topic = "KUF.BIB" if i else "GAT.HÅL"
        contact = InboundContact("web", topic=topic, text="När öppnar biblioteket?", location=None if i else spot())
        ids.append((await FORMS.inbox.receive(Key(source, f"{name}{i}", f"{name}{i}"), contact)).contact)
    offer = await desk.wait_event("offer.issued", lambda offer: offer["contact_id"] in ids)
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    closed = str(offer["contact_id"])
    await desk.command("work.finish", {"contact_id": closed, "outcomes": [{"resolution": "answered"}]})
    over = await told(closed, "closed")
    assert (over.resolutions, over.closed_at > 0) == (("answered",), True)

    async def listed(**wanted: object) -> list[str]:
        period = msgspec.convert({"since": 0, "until": LONG, "source": source} | wanted, Period)
        return [each.contact for each in await FORMS.inbox.public_states(period)]

    assert await listed() == ids[::-1]
    assert await listed(most=1) == ids[-1:]
    assert await listed(topics=["GAT.HÅL"]) == ids[:1]
    assert await listed(is_open=False) == [closed]
    assert set(await listed(is_open=True)) == set(ids) - {closed}
    assert await listed(source="/nowhere") == []
    assert await listed(until=over.received_at - 60_000) == []
    assert closed in await listed(by="changed", since=over.changed_at)
    assert await listed(by="changed", since=over.changed_at + 3_600_000) == []
    await service.get(f"/v1/contacts/{closed}")


async def test_what_is_known_at_a_place(service: ServiceClient, name: str) -> None:
    """Open reports of the same within 50 metres, the first one's time; of another topic, or farther away, nothing."""
    place = spot()
    assert await FORMS.inbox.nearby("GAT.HÅL", place) == Nearby()
    first = await FORMS.inbox.receive(Key("/a", name, name), hole(place))
    state = await told(first.contact, "handed_over")
    assert await FORMS.inbox.nearby("GAT.HÅL", place) == Nearby(1, state.received_at)
    assert await FORMS.inbox.nearby("GAT.BEL", place) == Nearby()
    assert await FORMS.inbox.nearby("KUF.BIB", place) == Nearby()
    assert await FORMS.inbox.nearby("GAT.HÅL", Location(place.lat + 0.0005, place.lon)) == Nearby()
    await service.get(f"/v1/contacts/{first.contact}")
