"""Callbacks from promise to end: kept in turn or at a time, agent first, twice at most, never forgotten."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.callback_rules import AHEAD_MS, BETWEEN_MS, MOST_ATTEMPTS, SLACK_MS, after_missed, slot_problem
from router.errors import SchemaMismatch
from tests.desk.day import done, last, moves, refused, taken, where
from tests.laws.house import House

PERSON = {"phone": "070-174 06 05"}
HOUR_S = 3_600


def at(house: House, seconds: float) -> str:
    """A moment so many seconds from now, as a desktop writes it."""
    return datetime.fromtimestamp(house.clock.now_ms() / 1000 + seconds, UTC).isoformat()


async def promised(house: House, person: Mapping[str, object] = PERSON, **how: object) -> str:
    """A call in which anna has promised to call back."""
    await house.seat("anna")
    contact = await taken(house, person=person)
    await done(house, "anna", "callback.schedule", contact_id=contact, **how)
    return contact


async def dialling(house: House, person: Mapping[str, object] = PERSON) -> str:
    """A callback that anna has taken: the resident's phone rings."""
    contact = await promised(house, person, keep_place=True)
    await house.dispatch()
    await house.accept(contact)
    return contact


async def test_a_callback_that_keeps_its_place_waits_in_its_turn(house: House) -> None:
    """Promised and due at once, at the place it had; that the resident hangs up ends nothing."""
    await house.seat("anna")
    contact = await taken(house, person=PERSON)
    before = await house.contact(contact)
    await done(house, "anna", "callback.schedule", contact_id=contact, keep_place=True)
    seen = await house.contact(contact)
    assert (seen.state, seen.callback_state, seen.ready_at) == ("queued", "due", before.ready_at)
    assert moves(await last(house))[seen.callback] == "due"
    await house.leave(contact)
    assert (await house.contact(contact)).state == "queued"
    assert await house.broken() == []


async def test_the_agent_is_there_before_the_resident_is_called(house: House) -> None:
    """Accepting dials; the conversation begins when the resident answers, and finishing keeps the promise."""
    contact = await dialling(house)
    seen = await house.contact(contact)
    assert (where(seen), seen.leg_state, seen.callback_state) == (("with_agent", "anna"), "connecting", "dialling")
    await done(house, "anna", "callback.result", contact_id=contact, result="connected")
    seen = await house.contact(contact)
    assert (seen.leg_state, seen.callback_state) == ("connected", "connected")
    await done(house, "anna", "work.finish", contact_id=contact, outcomes=[{"resolution": "answered"}])
    assert (await house.contact(contact)).callback_state == "kept"
    assert await house.broken() == []


async def test_two_attempts_ten_minutes_apart_then_a_message_is_owed(house: House) -> None:
    """The first in vain sets the second, the second ends it: closed as unresolved, with a notice owed."""
    contact = await dialling(house)
    await done(house, "anna", "callback.result", contact_id=contact, result="no_answer")
    seen = await house.contact(contact)
    assert (seen.state, seen.callback_state, seen.attempts) == ("callback", "no_answer", 1)
    assert seen.callback_at - house.clock.now_ms() == BETWEEN_MS + SLACK_MS
    await house.pass_time(BETWEEN_MS / 1000)
    assert (await house.contact(contact)).state == "callback"
    await house.pass_time(2)
    await house.dispatch()
    await house.accept(contact)
    await done(house, "anna", "callback.result", contact_id=contact, result="busy")
    entry = await last(house)
    over = await house.contact(contact)
    assert (over.state, over.callback_state) == ("closed", "given_up")
    assert moves(entry)[f"{contact}.n1"] == "owed"
    assert [(each.resolution, each.cause) for each in entry.data.outcomes] == [("unresolved", "resident")]
    assert await house.broken() == []


@pytest.mark.parametrize("has_mail", [True, False])
async def test_a_wrong_number_is_not_tried_again(house: House, has_mail: bool) -> None:
    """Somebody else answered: no second call to them, and a message only where another way leads to the resident."""
    mail = {"email": "resident@example.se"} if has_mail else {}
    contact = await dialling(house, {**PERSON, **mail})
    await done(house, "anna", "callback.result", contact_id=contact, result="wrong_number")
    assert (await house.contact(contact)).callback_state == "given_up"
    assert (f"{contact}.n1" in moves(await last(house))) == has_mail


async def test_a_callback_that_is_not_dialled_before_closing_is_promised_anew(house: House) -> None:
    """For the next opening, with a message owed about it, once."""
    contact = await promised(house, keep_place=True)
    await house.command("anna", "presence.set", state="away", reason="lunch")
    house.clock.advance_s(9 * HOUR_S)
    for _ in range(2):
        await house.dispatcher.load()
        await house.waiting.look(house.dispatcher.floor)
    seen, entry = await house.contact(contact), await last(house)
    assert (seen.state, seen.callback_state, seen.notices) == ("callback", "promised", 1)
    assert seen.callback_at == house.clock.now_ms() + 15 * HOUR_S * 1000
    assert (moves(entry)[f"{contact}.n1"], entry.data.status) == ("owed", "callback_moved")
    await house.pass_time(15 * HOUR_S + 1)
    assert (await house.contact(contact)).callback_state == "due"
    assert await house.broken() == []


async def test_a_promise_for_hours_that_were_closed_since_is_moved(house: House) -> None:
    """A supervisor closes the queue: nobody falls due there, and the resident is owed a message."""
    contact = await promised(house, at=at(house, HOUR_S))
    order = {"queue": (await house.contact(contact)).queue, "until": at(house, 3 * HOUR_S), "reason": "brandlarm"}
    await house.desk.command("eva", "queue.close", order, role="supervisor")
    await house.orders.load()
    await house.pass_time(HOUR_S + 1)
    seen, entry = await house.contact(contact), await last(house)
    assert (entry.command, seen.state, seen.callback_state, seen.notices) == (
        "move_callback",
        "callback",
        "promised",
        1,
    )
    await house.pass_time(2 * HOUR_S)
    assert (await house.contact(contact)).callback_state == "due"
    assert await house.broken() == []


async def test_the_next_attempt_waits_for_opening_and_says_so(house: House) -> None:
    """Ten minutes later everybody has gone home."""
    contact = await dialling(house)
    house.clock.advance_s(9 * HOUR_S - 300)
    await done(house, "anna", "callback.result", contact_id=contact, result="no_answer")
    seen = await house.contact(contact)
    assert seen.callback_at == house.clock.now_ms() + (15 * HOUR_S + 300) * 1000
    assert (seen.notices, (await last(house)).data.status) == (1, "callback_moved")


async def test_a_closed_queue_keeps_no_place(house: House) -> None:
    """The refusal says from when on somebody calls."""
    await house.seat("anna")
    contact = await taken(house, person=PERSON)
    house.clock.advance_s(10 * HOUR_S)
    with pytest.raises(SchemaMismatch) as problem:
        await house.command("anna", "callback.schedule", contact_id=contact, keep_place=True, note="ring")
    assert problem.value.params["possible_at"] == house.clock.now_ms() + 14 * HOUR_S * 1000
    assert (await house.contact(contact)).contents == 1


async def test_a_promised_time_is_kept_by_who_promised(house: House) -> None:
    """At its time it waits for that agent alone, for a while; then for everybody."""
    contact = await promised(house, at=at(house, HOUR_S), by="me")
    await house.seat("beate")
    seen = await house.contact(contact)
    assert (seen.state, seen.callback_state) == ("callback", "promised")
    await house.pass_time(HOUR_S + 1)
    entry = await last(house)
    assert entry.placed
    assert entry.placed.asks.agent == "anna"
    assert entry.data.also == ("anna",)
    await house.pass_time(15 * 60 + 1)
    entry = await last(house)
    assert entry.placed
    assert (entry.command, entry.placed.asks.agent) == ("requeue_contact", "")


@pytest.mark.parametrize(("seconds", "field"), [(-60, "$.data.at"), (20 * 86_400, "$.data.at")])
async def test_a_time_that_nobody_can_keep_is_refused(house: House, seconds: float, field: str) -> None:
    """The past and the far future are no promise."""
    await house.seat("anna")
    contact = await taken(house, person=PERSON)
    when = at(house, seconds)
    assert await refused(house, "anna", "callback.schedule", contact_id=contact, at=when) == ("schema-mismatch", field)


async def test_a_resident_who_calls_first_takes_the_place(house: House) -> None:
    """Their new call has the callback's place, and nobody calls them any more."""
    contact = await promised(house, keep_place=True)
    await house.command("anna", "presence.set", state="away", reason="lunch")
    ready_at = (await house.contact(contact)).ready_at
    house.clock.advance_s(60)
    new = await house.receive("phone", person=PERSON)
    old = await house.contact(contact)
    assert (old.state, old.callback_state, old.attached_to) == ("closed", "superseded", new)
    assert (await house.contact(new)).ready_at == ready_at
    assert await house.broken() == []


async def test_a_kept_place_is_no_reason_to_be_sent_on(house: House) -> None:
    """Neither the call that is due nor the resident who takes its place has its steps behind it already."""
    await house.seat("anna")
    contact = await taken(house, person=PERSON)
    house.clock.advance_s(HOUR_S)
    await done(house, "anna", "callback.schedule", contact_id=contact, keep_place=True)
    await house.command("anna", "presence.set", state="away", reason="lunch")
    assert (await house.contact(contact)).wait_until > house.clock.now_ms()
    new = await house.receive("phone", person=PERSON)
    seen = await house.contact(new)
    assert seen.ready_at == house.clock.now_ms() - HOUR_S * 1000
    assert seen.wait_until > house.clock.now_ms()


async def test_an_agent_lost_while_dialling_costs_no_attempt(house: House) -> None:
    """The callback is due again at its place."""
    contact = await dialling(house)
    await house.disconnect("anna")
    await house.pass_time(16)
    await house.pass_time(house.config.voice_grace_s + 1)
    seen = await house.contact(contact)
    assert (seen.callback_state, seen.attempts) == ("due", 0)
    assert await house.broken() == []


@given(st.integers(0, 5), st.integers(0, 10**12), st.booleans())
def test_no_rule_calls_too_often_or_too_soon(attempts: int, now: int, is_wrong: bool) -> None:
    """Another attempt only after fewer than two, never sooner than in ten minutes; otherwise a message is owed."""
    following = after_missed(attempts, now, lambda moment: moment, is_wrong=is_wrong)
    assert (following.next_at == 0) == bool(following.notice_kind)
    assert (following.next_at == 0) == (is_wrong or attempts >= MOST_ATTEMPTS)
    assert following.next_at == 0 or following.next_at >= now + BETWEEN_MS


@given(st.integers(0, 10**13), st.integers(0, 10**13), st.integers(0, 86_400_000))
def test_a_slot_is_possible_or_a_nearer_one_is_named(slot: int, now: int, closed_ms: int) -> None:
    """A slot without a problem is the moment asked for, in the time to come and open."""
    problem, possible = slot_problem(slot, now, lambda moment: moment + closed_ms)
    if problem:
        assert possible >= now
    else:
        assert (possible, closed_ms) == (slot, 0)
        assert now <= slot <= now + AHEAD_MS
