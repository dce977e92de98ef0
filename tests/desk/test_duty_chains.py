"""Duty chains at work: asked in turn until somebody takes it, each ring an entry, each deadline in the store."""

import pytest

from router.alarms import alarms_of
from router.errors import Forbidden
from router.floor_figures import DutyFigure
from router.journal import Entry
from router.ringing import Ringing
from tests.desk.day import last
from tests.laws.house import House

FRIDAY_EVENING_S = 4 * 86_400 + 9 * 3600
MINUTE_S = 60


@pytest.fixture
async def leak(house: House) -> str:
    """A burst main, on the web, after everybody has gone home on Friday."""
    house.clock.advance_s(FRIDAY_EVENING_S)
    assert not house.city.calendars["infrastruktur"].is_open(house.clock.now_ms())
    assert house.city.calendars["va_jour"].is_open(house.clock.now_ms())
    return await house.receive("web", "VAT.LÄC", severity="P1", text="Det forsar")


async def rings(house: House) -> list[Entry]:
    """Every ring after the first."""
    return [entry for entry in await house.journal() if entry.command == "ring_duty"]


async def test_second_call_after_ten_minutes_then_the_official(house: House, leak: str) -> None:
    """K07: the duty twice, then the official in charge, who takes it; from then on nobody is called any more."""
    contact = await house.contact(leak)
    assert (contact.state, contact.unit) == ("handed_over", "va_jour")
    await house.pass_time(10 * MINUTE_S - 1)
    assert await rings(house) == []
    await house.pass_time(1)
    (second,) = await rings(house)
    assert (second.data.to, second.data.duty, second.data.actor) == ("va_jour", "vatten", "timer")
    assert [(move.machine, move.event) for move in second.transitions] == [("handover", "ring")]
    await house.pass_time(10 * MINUTE_S)
    contact = await house.contact(leak)
    assert (contact.unit, contact.handover_state) == ("tib", "offered")
    with pytest.raises(Forbidden):
        await house.units.accept(contact.handover, "va_jour", "unit:va_jour")
    await house.units.accept(contact.handover, "tib", "unit:tib")
    await house.pass_time(60 * MINUTE_S)
    assert len(await rings(house)) == 2
    assert await house.broken() == []


async def test_a_chain_that_nobody_answers_is_said_aloud_again_and_again(house: House, leak: str) -> None:
    """After the last ring it is overdue, marked every ten minutes, and the last one asked may still take it."""
    for _ in range(4):
        await house.pass_time(10 * MINUTE_S)
    assert [entry.data.to for entry in await rings(house)] == ["va_jour", "tib", "tib", "tib"]
    for _ in range(2):
        await house.pass_time(10 * MINUTE_S)
        entry = await last(house)
        assert (entry.command, entry.data.reason) == ("mark_handover_overdue", "duty_exhausted")
    await house.units.accept((await house.contact(leak)).handover, "tib", "unit:tib")
    assert await house.broken() == []


async def test_a_ring_survives_whoever_was_to_ring(house: House, leak: str) -> None:
    """Everything that a chain needs stands in the store: another sweeper, after hours, goes on where it stood."""
    assert (await house.contact(leak)).duty
    house.clock.advance_s(10 * MINUTE_S)
    due = await house.store.due(house.clock.now_ms(), 10)
    assert (f"handover:{leak}", house.clock.now_ms()) in due
    await house.sweep()
    await house.sweep()
    assert len(await rings(house)) == 1, "two sweeps ring once"


async def test_an_ordinary_handover_rings_nobody(house: House) -> None:
    """Only what a decision hands over in an emergency: a pothole waits in the unit's own time."""
    contact = await house.receive("web", "GAT.HÅL", text="Ett hål", location={"lat": 59.3, "lon": 18.0})
    seen = await house.contact(contact)
    assert (seen.state, seen.duty) == ("handed_over", "")
    await house.pass_time(10 * MINUTE_S)
    assert await rings(house) == []


async def test_what_is_decided_later_rings_as_well(house: House) -> None:
    """A chat about a small leak that turns out to be a flood at night goes to the duty, with its ten minutes."""
    house.clock.advance_s(FRIDAY_EVENING_S)
    contact = await house.receive("chat", "VAT.LÄC", severity="P3", text="Det droppar")
    assert (await house.contact(contact)).state == "queued"
    await house.write(contact, "Nu forsar det ur väggen")
    seen = await house.contact(contact)
    assert (seen.state, seen.unit) == ("handed_over", "va_jour")
    await house.pass_time(10 * MINUTE_S)
    (again,) = await rings(house)
    assert (again.data.to, again.data.handover) == ("va_jour", seen.handover)


async def test_supervisors_see_who_is_called_until_somebody_takes_it(house: House, leak: str) -> None:
    """Whom the chain asks now and the how manieth time; an alarm when nobody is left; gone when it is taken."""
    seen: list[tuple[str, int, bool]] = []
    for _ in range(6):
        (figure,) = ringing(await house.journal())
        assert (figure.contact_id, figure.duty) == (leak, "vatten")
        seen.append((figure.to, figure.rings, figure.exhausted_at > 0))
        await house.pass_time(10 * MINUTE_S)
    assert seen[:3] == [("va_jour", 1, False), ("va_jour", 2, False), ("tib", 3, False)]
    assert seen[4:] == [("tib", 5, False), ("tib", 5, True)]
    alarms = alarms_of((), (), (), duties=ringing(await house.journal()))
    assert [(alarm.kind, alarm.contact_id) for alarm in alarms] == [("duty_exhausted", leak)]
    await house.units.accept((await house.contact(leak)).handover, "tib", "unit:tib")
    assert ringing(await house.journal()) == ()


def ringing(journal: list[Entry]) -> tuple[DutyFigure, ...]:
    """What a leader shows that has followed all of it."""
    board = Ringing()
    for entry in journal:
        board.follow(entry)
    return board.figures()
