"""What time does to those who wait: steps, exits, closing, and those whom nobody can ever take."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from router.config import example_city
from router.decisions import standing
from router.journal import Entry
from router.model import OpenContact
from router.queue_care import AT_ONCE, QueueCare
from router.store.redis_store import Store
from rules.calendars import DAYS, CalendarTable, build_calendar, local_ms
from rules.city import load_city
from rules.organisation import Closing
from tests.desk.day import done, last, where
from tests.laws.house import House
from tests.manual_clock import ManualClock

PHONE = {"phone": "070-174 06 05", "language": "fi"}
UNKNOWN = {"language": "fi", "anonymous": True}
NIGHT = build_calendar(CalendarTable("night", "Natt", dict.fromkeys(DAYS, ("22:00-02:30",)), holidays="weekday"))


async def look(house: House) -> None:
    """One look of the leader at everybody who waits."""
    await house.dispatcher.load()
    await house.waiting.look(house.dispatcher.floor)


async def said(house: House, command: str = "no_one_possible") -> list[Entry]:
    """Every entry of a command."""
    return [entry for entry in await house.journal() if entry.command == command]


async def ordered(house: House, name: str, **data: object) -> None:
    """A supervisor's order, followed by this router."""
    await house.desk.command("eva", name, {"reason": "storm", **data}, role="supervisor")
    house.orders.follow(await last(house))


# Nobody can ever take it ---------------------------------------------------------------------------------------------


async def test_whom_nobody_can_take_is_told_and_called_back(house: House) -> None:
    """Said aloud with the queue, and the next promise at once, at the place that it has."""
    await house.seat("anna")
    contact = await house.receive("phone", person=PHONE)
    before = await house.contact(contact)
    await look(house)
    seen = await house.contact(contact)
    (told,) = await said(house)
    assert (told.data.contact, told.data.queue, told.data.medium) == (contact, "finska", "voice")
    assert (seen.state, seen.callback_state, seen.ready_at) == ("queued", "due", before.ready_at)
    assert (await last(house)).data.reason == "no_one_possible"
    assert house.metrics.no_one_possible.labels("finska")._value.get() == 1
    await look(house)
    assert len(await said(house)) <= 2
    assert await house.broken() == []


async def test_before_anybody_has_come_nobody_is_sent_away(house: House) -> None:
    """It is said; the promise is made when somebody is there and still nobody can."""
    contact = await house.receive("phone", person=PHONE)
    for _ in range(3):
        await look(house)
    assert len(await said(house)) == 1
    assert (await house.contact(contact)).callback == ""
    await house.seat("anna")
    await look(house)
    assert (await house.contact(contact)).callback_state == "due"


async def test_it_is_said_again_only_when_it_was_possible_between(house: House) -> None:
    """Once however long it lasts and whoever leads; once more when the only one who could has come and gone."""
    await house.seat("anna")
    await house.receive("phone", person=UNKNOWN)
    for _ in range(3):
        await look(house)
        house.clock.advance_s(1)
    assert len(await said(house)) == 1
    await house.seat("aino", {"finska": 4})
    await look(house)
    house.clock.advance_s(1)
    await house.command("aino", "presence.set", state="offline")
    await look(house)
    assert len(await said(house)) == 2
    await look(house)
    house.waiting = another_leader(house)
    await look(house)
    assert len(await said(house)) == 2
    assert await house.broken() == []


def another_leader(house: House) -> QueueCare:
    """The care for those who wait, as a router has it that has just begun to lead."""
    own = house.waiting
    return QueueCare(
        own._store,
        own._city,
        own._opening,
        own._callbacks,
        own._leaving,
        own._redeciding,
        own._metrics,
        own._strategies,
    )


async def test_who_finds_no_way_out_keeps_nobody_back(house: House) -> None:
    """More than one look can move stay; the one behind them who can be called is called."""
    await house.seat("anna")
    for _ in range(AT_ONCE + 2):
        await house.receive("phone", person=UNKNOWN)
        house.clock.advance_s(0.01)
    contact = await house.receive("phone", person=PHONE)
    for _ in range(2):
        await look(house)
    assert (await house.contact(contact)).callback_state == "due"


async def test_letters_raise_no_alarm_at_night(house: House) -> None:
    """Nobody is expected at work; when the queue opens and nobody can, it is said."""
    house.clock.time_ms = local_ms("2025-10-12 12:00")
    await house.receive("email", person=PHONE)
    await look(house)
    assert await said(house) == []
    house.clock.time_ms = local_ms("2025-10-13 08:00")
    await look(house)
    assert [entry.data.medium for entry in await said(house)] == ["written"]


# Steps ---------------------------------------------------------------------------------------------------------------


async def test_a_step_that_changes_nothing_is_not_journaled(house: House) -> None:
    """What the long wait lets one offer is kept once; after that no entry, and always a deadline to come."""
    await house.seat("anna")
    contact = await house.receive("phone", person={"anonymous": True})
    await house.pass_time(1_800)
    entry, seen = await last(house), await house.contact(contact)
    assert (entry.command, entry.data.reason, seen.generation) == ("decide_contact", "waited", 2)
    assert "callback" in standing(seen).offers
    for _ in range(5):
        await house.pass_time(1_800)
        at = (await house.contact(contact)).wait_until
        assert house.clock.now_ms() < at <= house.clock.now_ms() + 1_800_000
    assert (await last(house)).n == entry.n
    assert await house.broken() == []


async def test_a_step_leads_out_at_its_time(house: House) -> None:
    """The only Finnish speaker is busy: after a quarter of an hour, not before, a call is promised."""
    await house.seat("aino", {"finska": 4})
    await house.receive("phone", person=UNKNOWN)
    await house.dispatch()
    contact = await house.receive("phone", person=PHONE)
    await house.pass_time(899)
    assert (await house.contact(contact)).callback == ""
    await house.pass_time(1)
    entry = await last(house)
    assert (entry.command, entry.data.reason) == ("promise_callback", "waited")
    assert (await house.contact(contact)).callback_state == "due"


async def test_waiting_does_not_undo_what_a_supervisor_has_done(house: House) -> None:
    """Moved to another queue and put ahead, it stays there and ahead whatever its steps say."""
    await house.seat("anna")
    contact = await house.receive("phone", person={"anonymous": True})
    seen = await house.contact(contact)
    move = {"contact_id": contact, "queue": "barn", "rev": seen.rev, "reason": "staff"}
    await house.desk.command("eva", "contact.move", move, role="supervisor")
    seen = await house.contact(contact)
    ahead = {"contact_id": contact, "head_start_s": 600, "rev": seen.rev, "reason": "child"}
    await house.desk.command("eva", "contact.priority", ahead, role="supervisor")
    moved = await house.contact(contact)
    for _ in range(3):
        await house.pass_time(1_800)
    after = await house.contact(contact)
    assert (after.queue, after.bucket, after.score) == ("barn", moved.bucket, moved.score)
    assert after.score == seen.score - 600_000


# Parked work that returns ------------------------------------------------------------------------------------------


async def parked_letter(house: House) -> OpenContact:
    """A mail that anna has put aside until the resident answers, or for an hour."""
    await house.seat("anna")
    await house.seat("reserve")
    contact = await house.receive("email", person=PHONE | {"language": ""})
    await house.dispatch()
    await house.accept(contact)
    await done(house, "anna", "work.park", contact_id=contact, reply=True, until="2025-10-13T09:00:00+02:00")
    return await house.contact(contact)


async def test_work_that_returns_is_decided_about_as_it_is_now(house: House) -> None:
    """The answer tells of danger: it does not wait for its agent, the unit that saves lives has it."""
    parked = await parked_letter(house)
    await house.write(parked.id, "Nu är det livsfara")
    seen, entry = await house.contact(parked.id), await last(house)
    assert (seen.state, seen.unit) == ("handed_over", "larmcentral")
    assert (entry.command, entry.data.actor, entry.data.reason) == ("hand_over_contact", "strategy", "fact_changed")
    assert (entry.data.generation, standing(seen).kind) == (seen.generation, "hand_over")
    assert await house.broken() == []


async def test_work_that_returns_unchanged_waits_for_its_agent(house: House) -> None:
    """Nothing new is known: it is in the agent's own place, and nothing more is written down."""
    parked = await parked_letter(house)
    await house.pass_time(3_600)
    seen, entry = await house.contact(parked.id), await last(house)
    assert (entry.command, entry.data.reason, seen.generation) == ("release_parked", "until", 1)
    assert entry.placed
    assert (seen.state, entry.placed.asks.agent) == ("queued", "anna")


# Closing -------------------------------------------------------------------------------------------------------------


async def test_an_order_closes_as_the_evening_does(house: House) -> None:
    """Who waited is served for a quarter of an hour and then called back; who comes after it leaves at once."""
    house.clock.time_ms = local_ms("2025-10-13 10:00")
    await house.seat("anna")
    early = await house.receive("phone", person={"phone": "070-174 06 06"})
    house.clock.advance_s(60)
    await ordered(house, "queue.close", queue="generalist")
    house.clock.advance_s(60)
    late = await house.receive("phone", person={"phone": "070-174 06 07"})
    await look(house)
    assert (await house.contact(early)).state == "queued"
    assert (await house.contact(late)).state == "callback"
    house.clock.advance_s(14 * 60)
    await look(house)
    seen = await house.contact(early)
    assert (seen.state, (await last(house)).data.reason) == ("callback", "queue_closing")
    assert seen.callback_at == local_ms("2025-10-14 08:00")
    assert await house.broken() == []


async def test_letters_and_emergencies_wait_on(house: House) -> None:
    """Closing time is for those at the other end of a line; danger to life knows none."""
    house.clock.time_ms = local_ms("2025-10-13 16:59")
    letter = await house.receive("email")
    danger = await house.receive("phone", severity="life", person={"phone": "070-174 06 07"})
    house.clock.time_ms = local_ms("2025-10-13 20:00")
    await look(house)
    for contact in (letter, danger):
        assert (await house.contact(contact)).state == "queued"


async def test_a_diverted_queue_sends_on_who_comes_new(house: House) -> None:
    """Who waits already stays; the steps of who was sent on do not send them back."""
    await house.seat("anna")
    before = await house.receive("phone", "BAR.SKV")
    await ordered(house, "queue.divert", queue="barn", to="generalist")
    contact = await house.receive("phone", "BAR.SKV")
    assert [(await house.contact(each)).queue for each in (before, contact)] == ["barn", "generalist"]
    await house.pass_time(1_801)
    assert (await house.contact(contact)).queue == "generalist"


@pytest.fixture
async def night(store: Store, manual_clock: ManualClock, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose general queue is open from ten in the evening to half past two."""
    city = load_city(example_city())
    queue = msgspec.structs.replace(city.queue("generalist"), closing=Closing(0, 600))
    queues = {**city.queues, "generalist": queue}
    city = msgspec.structs.replace(city, queues=queues, hours={**city.hours, "generalist": NIGHT})
    async with House(store, manual_clock, tmp_path / "blobs", city) as opened:
        yield opened


@pytest.mark.parametrize(
    ("begins", "day"),
    [("2025-10-24 23:00", "2025-10-25"), ("2025-10-25 23:00", "2025-10-26"), ("2026-03-28 23:00", "2026-03-29")],
)
async def test_the_clock_is_put_while_people_wait_at_closing(night: House, begins: str, day: str) -> None:
    """On the nights when 02:30 comes twice, or not at all, nobody is cut off early and nobody is forgotten."""
    night.clock.time_ms = start = local_ms(begins)
    await night.seat("anna")
    contact = await night.receive("phone", person={"phone": "070-174 06 05"})
    closes = night.opening.closes_at("generalist", start)
    assert 3 * 3_600_000 <= closes - start <= 4.5 * 3_600_000
    for moment in (closes - 1, closes + 599_999):
        night.clock.time_ms = moment
        await look(night)
        assert (await night.contact(contact)).state == "queued"
    night.clock.time_ms = closes + 610_000
    await look(night)
    seen = await night.contact(contact)
    assert (seen.state, seen.callback_at) == ("callback", local_ms(f"{day} 22:00"))
    assert where(seen) == ("callback", "")
    assert await night.broken() == []
