"""Work put aside and taken back: parking, drafts, undoing."""

from datetime import UTC, datetime

import pytest

from tests.desk.day import done, kinds, last, moves, refused, taken, where
from tests.laws.house import House

HOUR_S = 3_600


def at(house: House, seconds: float) -> str:
    """A moment so many seconds from now, as a desktop writes it."""
    return datetime.fromtimestamp(house.clock.now_ms() / 1000 + seconds, UTC).isoformat()


async def parked(house: House, **waits_for: object) -> str:
    """A mail that anna has put aside."""
    await house.seat("anna")
    await house.command("anna", "presence.form", form="written")
    contact = await taken(house, channel="email")
    await done(house, "anna", "work.park", contact_id=contact, **waits_for)
    return contact


async def test_parked_work_stays_with_its_agent_until_its_time(house: House) -> None:
    """It takes no room, and at its time it waits for the same agent alone, ready from then on."""
    contact = await parked(house, until=at(house, HOUR_S), note="Återkommer efter lunch")
    seen = await house.contact(contact)
    assert (where(seen), await kinds(house, "anna")) == (("parked", "anna"), {contact: "parked"})
    entry = await last(house)
    assert (entry.command, entry.data.reason, entry.data.until) == ("park_contact", "until", seen.parked_until)
    await house.pass_time(HOUR_S - 1)
    assert (await house.contact(contact)).state == "parked"
    await house.pass_time(2)
    back = await house.contact(contact)
    assert (back.state, back.received_at, back.ready_at) == ("queued", seen.received_at, house.clock.now_ms())
    entry = await last(house)
    assert entry.placed
    assert (entry.command, entry.data.reason, entry.placed.asks.agent) == ("release_parked", "until", "anna")
    assert back.wait_until == entry.at + 4 * HOUR_S * 1000
    assert await house.broken() == []


@pytest.mark.parametrize("why", ["reply", "unit"])
async def test_parked_work_returns_with_what_it_waits_for(house: House, why: str) -> None:
    """The resident's reply or the unit's word, whichever was named; not the other."""
    contact = await parked(house, **({"reply": True} if why == "reply" else {"unit": "gata"}))
    legs = house.sweeper._legs
    assert not await legs.return_parked(contact, "unit" if why == "reply" else "reply")
    assert await legs.return_parked(contact, why)
    assert not await legs.return_parked(contact, why)
    assert ((await house.contact(contact)).state, (await last(house)).data.reason) == ("queued", why)


async def test_the_agent_takes_parked_work_up_again(house: House) -> None:
    """`work.resume` begins a new leg; nothing returns by itself any more."""
    contact = await parked(house, reply=True)
    answer = await done(house, "anna", "work.resume", contact_id=contact)
    assert answer.leg_id == f"{contact}.l2"
    assert (where(await house.contact(contact)), await kinds(house, "anna")) == (
        ("with_agent", "anna"),
        {contact: "leg"},
    )
    assert moves(await last(house)) == {contact: "with_agent", f"{contact}.l2": "connected"}
    await house.pass_time(15 * 86_400)
    assert (await house.contact(contact)).state == "with_agent"


async def test_parked_work_of_an_agent_who_is_gone_returns_to_everybody(house: House) -> None:
    """Four open hours after the lease was lost it waits in the queue, not for the agent."""
    contact = await parked(house, unit="gata")
    await house.disconnect("anna")
    await house.pass_time(16)
    await house.pass_time(3 * HOUR_S)
    assert (await house.contact(contact)).state == "parked"
    await house.pass_time(2 * HOUR_S)
    entry = await last(house)
    assert entry.placed
    assert (entry.command, entry.data.reason, entry.placed.asks.agent) == ("release_parked", "agent_lost", "")
    assert await house.broken() == []


async def test_parked_work_keeps_nobody_from_going_home(house: House) -> None:
    """Who drains with nothing but parked work is away at once."""
    await parked(house, reply=True)
    answer = await house.command("anna", "presence.set", state="away", when="after_current")
    assert answer == {"presence": "away"}


async def test_what_turned_out_to_be_for_others_is_not_kept(house: House) -> None:
    """Known to be protected when the resident has hung up: to be finished or passed on, not put aside."""
    await house.seat("anna")
    contact = await taken(house, person={"phone": "070-174 06 05"})
    await house.leave(contact)
    found = {"contact_id": contact, "phone": "070-174 06 05", "protection": "marked"}
    await house.command("anna", "person.identify", **found)
    assert await refused(house, "anna", "work.park", contact_id=contact, reply=True) == (
        "forbidden", "$.data.contact_id",
    )  # fmt: skip
    await done(house, "anna", "work.finish", contact_id=contact, outcomes=[{"resolution": "answered"}])
    assert await house.broken() == []


async def test_parking_without_sense_is_refused(house: House) -> None:
    """Nothing to wait for, a time that is past or too far, an unknown unit, somebody else's work."""
    contact = await taken(house, await house.seat("anna"), "phone")
    await house.seat("berit")
    park = {"contact_id": contact}
    assert await refused(house, "anna", "work.park", **park) == ("schema-mismatch", "$.data")
    assert await refused(house, "anna", "work.park", **park, until=at(house, -1)) == ("schema-mismatch", "$.data.until")
    far = at(house, 91 * 86_400)
    assert await refused(house, "anna", "work.park", **park, until=far) == ("schema-mismatch", "$.data.until")
    assert await refused(house, "anna", "work.park", **park, unit="x") == ("unknown-unit", "$.data.unit")
    assert (await refused(house, "berit", "work.park", **park, reply=True))[0] == "forbidden"
    assert (await refused(house, "anna", "work.park", **park, reply=True, rev=1))[0] == "stale-revision"


async def test_a_draft_follows_the_work_until_it_is_sent(house: House) -> None:
    """The card shows it, the journal never sees it, sending and finishing drop it."""
    await house.seat("anna")
    await house.command("anna", "presence.form", form="written")
    contact = await taken(house, channel="email")
    position = await house.store.position()
    await house.command("anna", "draft.save", contact_id=contact, text="Hej! Simhallen")
    assert await house.store.position() == position
    assert await draft_of(house, contact) == "Hej! Simhallen"
    await done(house, "anna", "work.park", contact_id=contact, reply=True)
    await house.command("anna", "draft.save", contact_id=contact, text="Hej! Simhallen är öppen.")
    await done(house, "anna", "work.resume", contact_id=contact)
    assert await draft_of(house, contact) == "Hej! Simhallen är öppen."
    await done(house, "anna", "message.send", contact_id=contact, text="Hej! Simhallen är öppen till 20.")
    assert await draft_of(house, contact) == ""
    await house.command("anna", "draft.save", contact_id=contact, text="Och")
    assert (await refused(house, "berit", "draft.save", contact_id=contact, text="x"))[0] == "not-yours"
    await done(house, "anna", "work.finish", contact_id=contact, outcomes=[{"resolution": "answered"}])
    assert await draft_of(house, contact) == ""


async def draft_of(house: House, contact: str) -> str:
    """What the contact's card shows as draft."""
    return (await house.store.contact_with_content(contact))[2]


async def test_typing_is_a_word_of_conversations(house: House) -> None:
    """Accepted for a chat in hand, refused for a call; never journaled."""
    await house.seat("anna")
    chat = await taken(house, channel="chat")
    position = await house.store.position()
    assert await house.command("anna", "typing", contact_id=chat) == {"contact_id": chat}
    assert await house.store.position() == position
    await done(house, "anna", "work.finish", contact_id=chat, outcomes=[{"resolution": "answered"}])
    call = await taken(house)
    assert (await refused(house, "anna", "typing", contact_id=call))[0] == "transition-refused"


# Undo ----------------------------------------------------------------------------------------------------------

LAST: dict[str, dict[str, object]] = {
    "work.finish": {"outcomes": [{"resolution": "answered"}]},
    "handover.create": {"unit": "gata"},
    "work.park": {"reply": True},
    "work.transfer": {"to": {"queue": "barn"}, "kind": "cold"},
}


@pytest.mark.parametrize("name", LAST)
async def test_what_was_done_a_moment_ago_is_undone(house: House, name: str) -> None:
    """Finished, handed over, parked, passed on: within 10 seconds the agent has it again, under a new leg."""
    await house.seat("anna")
    contact = await taken(house)
    await done(house, "anna", name, contact_id=contact, **LAST[name])
    house.clock.advance_s(9)
    answer = await done(house, "anna", "work.undo", contact_id=contact)
    assert answer.leg_id == f"{contact}.l2"
    seen = await house.contact(contact)
    assert (where(seen), seen.leg_state, await kinds(house, "anna")) == (
        ("with_agent", "anna"),
        "connected",
        {contact: "leg"},
    )
    assert (await last(house)).command == "undo_work"
    assert await house.store.sides(contact) == {}
    assert await house.broken() == []
    await done(house, "anna", "work.finish", contact_id=contact, outcomes=[{"resolution": "answered"}])


@pytest.mark.parametrize("name", LAST)
async def test_after_ten_seconds_nothing_is_undone(house: House, name: str) -> None:
    """Nor by anybody else, ever."""
    await house.seat("anna")
    contact = await taken(house)
    await done(house, "anna", name, contact_id=contact, **LAST[name])
    assert (await refused(house, "berit", "work.undo", contact_id=contact))[0] == "transition-refused"
    house.clock.advance_s(11)
    assert (await refused(house, "anna", "work.undo", contact_id=contact))[0] == "transition-refused"


async def test_an_accepted_handover_is_not_undone(house: House) -> None:
    """The unit has it: only the unit can give it back."""
    await house.seat("anna")
    contact = await taken(house)
    handover = (await done(house, "anna", "handover.create", contact_id=contact, unit="gata")).handover_id
    await house.units.accept(handover, "gata", "unit:gata")
    assert (await refused(house, "anna", "work.undo", contact_id=contact))[0] == "transition-refused"


async def test_an_offer_that_came_meanwhile_returns_without_blame(house: House) -> None:
    """Who undoes goes on where they were; the next caller is offered to somebody else."""
    await house.seat("anna")
    first = await taken(house)
    second = await house.receive()
    await done(house, "anna", "work.finish", contact_id=first, outcomes=[{"resolution": "answered"}])
    await house.dispatch()
    assert (await house.contact(second)).state == "offered"
    await done(house, "anna", "work.undo", contact_id=first)
    assert (await house.contact(second)).state == "queued"
    anna = await house.store.agent("anna")
    assert anna
    assert anna.presence == "available"
