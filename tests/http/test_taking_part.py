"""Whoever is consulted or joins is told what happens in the contact, and nothing of anybody's presence."""

import pytest

from router.http.taking_part import TakingPart
from router.journal import Entry, EntryData, Side
from router.lifecycle import Transition
from tests.desktop_client import DesktopClient, Frame
from tests.http.service_client import Json, ServiceClient, check_frame

LEG = "c1.l2"


def entry(n: int, *moves: tuple[str, str], role: str = "consult", about: str = "c1") -> Entry:
    """An entry that moves legs of a contact."""
    made = tuple(Transition("leg", leg, 1, "", "e", after) for leg, after in moves)
    side = Side(LEG, "berit", role) if moves else None
    return Entry(1, n, n, "hold_leg", made, EntryData(contact=about, agent="anna", side=side))


@pytest.mark.parametrize("role", ["consult", "supervisor"])
def test_whoever_is_connected_takes_part_until_the_leg_ends(role: str) -> None:
    """Not while it rings; the entry with which it ends is the last; another contact is none of theirs."""
    parts = TakingPart()
    assert parts.follow(entry(1, (LEG, "connecting"), role=role)) == frozenset()
    assert parts.follow(entry(2)) == frozenset()
    parts.follow(entry(3, (LEG, "connected"), role=role))
    assert parts.follow(entry(4)) == {"berit"}
    assert parts.follow(entry(5, about="c2")) == frozenset()
    assert parts.follow(entry(6, (LEG, "ended"), role=role)) == {"berit"}
    assert parts.follow(entry(7)) == frozenset()


def test_a_wrap_up_beside_takes_no_part() -> None:
    """Who has passed the contact on hears no more of it."""
    parts = TakingPart()
    parts.follow(entry(1, (LEG, "connected"), role="wrap"))
    assert parts.follow(entry(2)) == frozenset()


def test_a_leg_read_too_late_is_not_taken_for_one_that_goes_on() -> None:
    """It ended between the reading of the store and its loading."""
    parts = TakingPart()
    parts.load("berit", [LEG])
    assert parts.follow(entry(1, (LEG, "ended"))) == {"berit"}
    parts.load("berit", [LEG])
    assert parts.follow(entry(2)) == frozenset()


def ear(desk: DesktopClient) -> list[str]:
    """The types of all events that a desktop gets from now on."""
    heard: list[str] = []

    def hear(frame: Frame) -> None:
        check_frame(frame)
        if frame["t"] == "ev":
            heard.append(str(frame["type"]))

    desk.on_frame = hear
    return heard


async def test_a_supervisor_who_listens_hears_the_whole_chat(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """Both sides' words with what was said, the end of the resident, the end of the work; and no presence."""
    contact, own = await service.in_hand(desk, "chat", name, text="Hej!"), ear(desk)
    async with service.supervisor(f"{name}-chef") as chef:
        heard_all = ear(chef)
        await chef.command("leg.join", {"contact_id": contact, "mode": "listen", "reason": "Ny handläggare."})
        await service.event("contact.message", {"text": "När öppnar ni?"}, subject=name)
        heard: Json = await chef.wait_event("message.recorded")
        assert (heard["contact_id"], heard["message"]["message"]["text"]) == (contact, "När öppnar ni?")
        await desk.command("message.send", {"contact_id": contact, "text": "Klockan åtta."})
        said: Json = await chef.wait_event("message.sent")
        assert (said["by"], said["message"]["message"]) == (f"agent:{name}", "Klockan åtta.")
        await desk.command("presence.set", {"state": "away", "reason": "lunch", "when": "after_current"})
        await service.event("contact.ended", {"reason": "left"}, subject=name)
        assert (await chef.wait_event("leg.wrapping_up"))["contact_id"] == contact
        await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        assert (await chef.wait_event("contact.closed"))["contact_id"] == contact
        await chef.wait_event("leg.ended")
        assert not [kind for kind in heard_all if kind.startswith("presence.")]
    await desk.wait_event("presence.away")
    assert "message.sent" not in own


async def test_who_is_consulted_hears_of_holding_also_after_a_new_login(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """A desktop that begins anew takes part in what its agent took part in before."""
    contact = await service.in_hand(desk, subject=name)
    async with service.desktop(f"{name}-2") as second:
        await second.command("presence.set", {"state": "available"})
        heard = ear(second)
        asked = await desk.command("consult.start", {"contact_id": contact, "to": {"agent": f"{name}-2"}})
        await desk.command("work.hold", {"contact_id": contact})
        await desk.command("work.resume", {"contact_id": contact})
        await second.command("consult.answer", {"leg_id": asked["leg_id"]})
        await second.wait_event("leg.connected")
        assert "leg.on_hold" not in heard, "it only rang then"
    async with service.desktop(f"{name}-2") as second:
        await desk.command("work.hold", {"contact_id": contact})
        assert (await second.wait_event("leg.on_hold"))["contact_id"] == contact
        await desk.command("work.resume", {"contact_id": contact})
        await second.wait_event("leg.connected")
        await desk.command("consult.end", {"leg_id": asked["leg_id"]})
        await second.wait_event("leg.ended")
        await service.go_home(f"{name}-2")
    await service.event("contact.ended", {"reason": "hung_up"}, subject=name)
