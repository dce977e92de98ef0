"""Open reports of the same nearby: counted at intake, named as the parent, forgotten with the contact."""

import asyncio

import pytest

from channels.inbound import Location
from router.decisions import facts_of, said_of
from router.disturbances import Area, Disturbance, Point
from router.orders import Order
from router.store.fault_index import FaultIndex, cell_of
from router.surroundings import Surveyor
from tests.desk.day import last
from tests.laws.house import House

SPOT = (59.2969, 18.0012)
METRE = 1 / 111_195
DAY_S = 86_400


async def report(house: House, metres: float = 0, topic: str = "GAT.HÅL", **more: object) -> str:
    """A fault so many metres north of the spot."""
    where = {"lat": SPOT[0] + metres * METRE, "lon": SPOT[1]}
    return await house.receive("web", topic, text="Ett hål", location=where, **more)


async def counted(house: House, metres: float = 0, topic: str = "GAT.HÅL") -> tuple[object, str]:
    """What is known around a point before anybody reports there."""
    surveyor = Surveyor(house.store, house.city, house.opening, timeout_s=1)
    around = await surveyor.look(Location(SPOT[0] + metres * METRE, SPOT[1]), topic, house.clock.now_ms())
    return around.facts.get("similar_open"), around.related_to


async def test_open_reports_within_fifty_metres_are_counted(house: House) -> None:
    """Nearest first, of the same topic alone; a step further away nothing is the same any more."""
    near, nearer = await report(house, 40), await report(house, -10)
    await report(house, 5, "GAT.SNÖ")
    assert await counted(house) == (2, nearer)
    assert await counted(house, 45) == (1, near)
    assert await counted(house, 91) == (0, "")
    assert await counted(house, -59) == (1, nearer)
    assert await counted(house, 0, "GAT.BEL") == (0, "")


async def test_the_report_names_its_parent_in_the_journal(house: House) -> None:
    """The fact stands with the decision, and the entry says which open contact says the same already."""
    first = await report(house)
    assert '"similar_open":0' in (await house.contact(first)).decision
    second = await report(house, 20)
    assert '"similar_open":1' in (await house.contact(second)).decision
    entry = await last(house)
    assert entry.data.received
    assert entry.data.received.related_to == first


async def test_what_is_over_or_old_is_not_the_same_any_more(house: House) -> None:
    """A closed report counts no more, and neither does one of more than fourteen days ago."""
    contact = await report(house)
    seen = await house.contact(contact)
    await house.units.accept(seen.handover, "gata", "unit:gata")
    assert (await counted(house))[0] == 1
    await house.units.finish(seen.handover, "gata", "unit:gata", "repaired")
    assert (await counted(house))[0] == 0
    await report(house)
    house.clock.advance_s(14 * DAY_S - 1)
    assert (await counted(house))[0] == 1
    house.clock.advance_s(2)
    assert (await counted(house))[0] == 0


async def test_a_report_that_is_forgotten_leaves_the_map(house: House) -> None:
    """With the contact goes the last trace of where it was."""
    contact = await report(house)
    seen = await house.contact(contact)
    await house.units.accept(seen.handover, "gata", "unit:gata")
    await house.units.finish(seen.handover, "gata", "unit:gata", "repaired")
    assert await house.store.runner.read("ZCARD", house.store.keys.faults) == 1
    house.clock.advance_s(60)
    assert await house.store.contacts.forget_contact(contact)
    assert await house.store.runner.read("ZCARD", house.store.keys.faults) == 0


@pytest.mark.parametrize(
    "more", [{"topic": "KUF.BIB"}, {"person": {"phone": "+46701740606", "protection": "protected_registration"}}]
)
async def test_only_reports_of_faults_are_put_on_the_map(house: House, more: dict[str, object]) -> None:
    """Where a resident asks from is nobody's business, and a protected person is on no map at all."""
    contact = await report(house, **more)  # pyright: ignore[reportArgumentType] # topic or person
    assert await house.store.runner.read("ZCARD", house.store.keys.faults) == 0
    assert (await house.contact(contact)).point == ""
    assert str(SPOT[0])[:6] not in repr((await house.contact(contact)).decision)


async def test_a_store_that_is_late_makes_it_unknown(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Late is not zero: the fact is missing, and the report is taken in as ever."""

    async def never(*_: object, **__: object) -> list[str]:
        await asyncio.Event().wait()
        return []

    await report(house)
    monkeypatch.setattr(FaultIndex, "near", never)
    surveyor = Surveyor(house.store, house.city, house.opening, timeout_s=0.01)
    around = await surveyor.look(Location(*SPOT), "GAT.HÅL", house.clock.now_ms())
    assert (around.facts["similar_open"], around.related_to) == (None, "")
    assert around.facts["district"] == "centrum"


def test_cells_are_about_as_wide_as_the_radius() -> None:
    """Two points in one cell are at most 80 metres apart, so three rows of three cells hold every neighbour."""
    assert cell_of(Point(59.29680, 18.00120)) == cell_of(Point(59.29695, 18.00190))
    assert cell_of(Point(59.2968, 18.0012)) != cell_of(Point(59.2974, 18.0012))
    assert cell_of(Point(-90, -180)) == 0


async def test_another_topic_is_looked_for_anew(house: House) -> None:
    """A mail that turns out to be about a hole: the hole nearby is known, and whoever reports next finds both."""
    await house.seat("anna")
    house.clock.advance_s(1)
    await house.seat("reserve")
    first = await report(house, 20)
    contact = await report(house, topic="KUF.BIB")
    assert "similar_open" not in facts_of(await house.contact(contact))
    await house.dispatch()
    assert (await house.accept(contact)).agent == "anna"
    assert await counted(house) == (1, first)
    _ = await house.command("anna", "topic.set", contact_id=contact, topic="GAT.HÅL")
    facts = facts_of(await house.contact(contact))
    assert (facts["similar_open"], facts["disturbance"]) == (1, False)
    assert await counted(house) == (2, contact)
    _ = await house.command("anna", "topic.set", contact_id=contact, topic="GAT.HÅL")
    assert facts_of(await house.contact(contact))["similar_open"] == 1


async def test_another_topic_meets_a_disturbance_that_stands(house: House) -> None:
    """The agent is told what to say, though nothing was known of it under the first topic."""
    await house.seat("anna")
    around = Area(lat=SPOT[0], lon=SPOT[1], radius_m=100)
    told = Disturbance("d1", ("VAT.LÄC",), around, "Vattenläcka på Storgatan.")
    await house.store.orders.set_order(Order("disturbance", until=house.clock.now_ms() + 60_000, disturbance=told), "s")
    await house.orders.load()
    contact = await house.receive("phone", "KUF.BIB", location={"lat": SPOT[0], "lon": SPOT[1]})
    await house.dispatch()
    assert (await house.accept(contact)).agent == "anna"
    assert facts_of(await house.contact(contact))["disturbance"] is False
    _ = await house.command("anna", "topic.set", contact_id=contact, topic="VAT.LÄC")
    seen = await house.contact(contact)
    said = said_of(seen)
    assert said
    assert (facts_of(seen)["disturbance"], "tell:disturbance" in said.suggestions) == (True, True)
