"""A contact passed on: cold, warm and out of the house; the first wraps up while the second talks."""

import pytest

from router.errors import NotYours
from tests.desk.day import done, kinds, last, moves, refused, side, taken, where
from tests.laws.house import House

ANSWERED = [{"resolution": "answered"}]


async def pair(house: House) -> str:
    """A call that anna has; berit is available beside her."""
    await house.seat("anna")
    contact = await taken(house)
    await house.seat("berit")
    return contact


async def consulted(house: House) -> tuple[str, str]:
    """Anna's call, and berit takes part in it; the contact and berit's leg."""
    contact = await pair(house)
    leg = (await done(house, "anna", "consult.start", contact_id=contact, to={"agent": "berit"})).leg_id
    await done(house, "berit", "consult.answer", leg_id=leg)
    return contact, leg


async def test_cold_to_a_queue_keeps_the_place(house: House) -> None:
    """It waits there since when it came; the first wraps up beside it, by their own word."""
    contact = await pair(house)
    before = await house.contact(contact)
    house.clock.advance_s(120)
    answer = await done(house, "anna", "work.transfer", contact_id=contact, to={"queue": "barn"}, kind="cold", note="x")
    seen = await house.contact(contact)
    assert (where(seen), seen.queue) == (("queued", ""), "barn")
    assert (seen.ready_at, seen.received_at) == (before.ready_at, before.received_at)
    entry = await last(house)
    assert entry.data.side
    assert (entry.command, entry.data.to, entry.data.status) == ("transfer_contact", "barn", "cold_queue")
    assert (entry.data.side.agent, entry.data.side.role, entry.data.side.leg) == ("anna", "wrap", answer.leg_id)
    assert await kinds(house, "anna") == {answer.leg_id: "wrap"}
    await house.dispatch()
    assert (await house.accept(contact)).agent == "berit"
    assert await house.broken() == []
    await done(house, "anna", "wrap_up.end", leg_id=answer.leg_id)
    assert await kinds(house, "anna") == {}
    assert where(await house.contact(contact)) == ("with_agent", "berit")
    assert (await house.contact(contact)).contents == 2


async def test_the_wrap_up_of_the_first_ends_by_its_limit_or_later(house: House) -> None:
    """Extended it lasts longer; then it ends by itself and the agent is free."""
    contact = await pair(house)
    leg = (await done(house, "anna", "work.transfer", contact_id=contact, to={"queue": "barn"}, kind="cold")).leg_id
    await done(house, "anna", "wrap_up.extend", leg_id=leg, seconds=300)
    await house.pass_time(200)
    assert await side(house, leg)
    await house.pass_time(101)
    assert (await side(house, leg), await kinds(house, "anna")) == (None, {})
    ended = [entry for entry in await house.journal() if entry.command == "end_side_leg"]
    assert [(entry.data.reason, moves(entry)) for entry in ended] == [("limit", {leg: "ended"})]


async def test_cold_to_an_agent_waits_for_them_alone_for_a_minute(house: House) -> None:
    """The other agent gets it before anybody else; not longer than somebody at the other end can bear."""
    contact = await pair(house)
    await done(house, "anna", "work.transfer", contact_id=contact, to={"agent": "berit"}, kind="cold")
    entry = await last(house)
    assert entry.placed
    assert (entry.placed.asks.agent, entry.data.status) == ("berit", "cold_agent")
    assert (await house.contact(contact)).wait_until == entry.at + 60_000


async def test_warm_goes_to_whoever_was_consulted(house: House) -> None:
    """In one step: the second has the contact, the first wraps up, the consult is over; nobody waits in between."""
    contact, leg = await consulted(house)
    answer = await done(house, "anna", "work.transfer", contact_id=contact, to={"agent": "berit"}, kind="warm")
    entry = await last(house)
    assert moves(entry) == {
        contact: "with_agent",
        f"{contact}.l1": "wrapping_up",
        leg: "ended",
        f"{contact}.l3": "connected",
    }
    assert (entry.data.agent, entry.data.also, entry.data.to) == ("berit", ("anna",), "berit")
    assert answer.leg_id == f"{contact}.l1"
    assert await kinds(house, "anna") == {f"{contact}.l1": "wrap"}
    assert await kinds(house, "berit") == {contact: "leg"}
    assert await house.broken() == []
    await done(house, "berit", "work.finish", contact_id=contact, outcomes=ANSWERED)
    assert not await house.store.contacts.forget_contact(contact), "the first still wraps up"
    await house.pass_time(200)
    assert await house.store.contacts.forget_contact(contact)


async def test_out_to_a_number_of_the_phone_book_or_a_unit(house: House) -> None:
    """The contact stays here in wrap-up, and counts as transferred beside what the agent clicks."""
    contact = await pair(house)
    await done(house, "anna", "work.transfer", contact_id=contact, to={"number": "elnat"}, kind="cold")
    entry = await last(house)
    assert (entry.command, entry.data.to, entry.data.reason) == ("transfer_out", "elnat", "transferred")
    assert "4670" not in str(entry)
    seen = await house.contact(contact)
    assert (where(seen), seen.leg_state, seen.transferred_to) == (("with_agent", "anna"), "wrapping_up", "elnat")
    await done(house, "anna", "work.finish", contact_id=contact, outcomes=ANSWERED)
    outcomes = [outcome.resolution for outcome in (await last(house)).data.outcomes]
    assert outcomes == ["answered", "transferred"]


async def test_a_call_that_went_out_and_was_not_coded_is_transferred(house: House) -> None:
    """The limit of wrap-up knows what became of the call."""
    contact = await pair(house)
    unit = {"unit": "socialtjanst_mottagning"}
    await done(house, "anna", "work.transfer", contact_id=contact, to=unit, kind="warm")
    await house.pass_time(200)
    assert [outcome.resolution for outcome in (await last(house)).data.outcomes] == ["transferred"]
    assert await house.broken() == []


BAD_TARGETS: dict[str, tuple[dict[str, str], str, str]] = {
    "nobody": ({}, "cold", "schema-mismatch"),
    "two": ({"agent": "berit", "queue": "barn"}, "cold", "schema-mismatch"),
    "oneself": ({"agent": "anna"}, "cold", "schema-mismatch"),
    "unknown agent": ({"agent": "nobody"}, "cold", "not-found"),
    "unknown queue": ({"queue": "nowhere"}, "cold", "unknown-queue"),
    "unknown unit": ({"unit": "nowhere"}, "cold", "unknown-unit"),
    "unit without a phone": ({"unit": "gata"}, "cold", "schema-mismatch"),
    "number outside the book": ({"number": "+46701740699"}, "cold", "schema-mismatch"),
    "warm to a queue": ({"queue": "barn"}, "warm", "schema-mismatch"),
    "warm without a consult": ({"agent": "berit"}, "warm", "transition-refused"),
}


@pytest.mark.parametrize("case", BAD_TARGETS)
async def test_a_target_that_can_not_be_is_refused(house: House, case: str) -> None:
    """Each with a problem that names the field; the call stays where it is and no note is kept."""
    contact = await pair(house)
    to, kind, slug = BAD_TARGETS[case]
    found = await refused(house, "anna", "work.transfer", contact_id=contact, to=to, kind=kind, note="x")
    assert found[0] == slug
    assert found[1].startswith("$.data.")
    assert (await house.contact(contact)).contents == 1


async def test_restricted_contacts_stay_with_those_who_may(house: House) -> None:
    """Not to an agent without the skill, not into an open queue, not even to be consulted."""
    await house.seat("anna", {"skyddad_id": 1, "soc_mottagning": 2})
    protected = {"protection": "protected_registration"}
    contact = await taken(house, person=protected)
    await house.seat("berit")
    assert (await house.contact(contact)).restricted
    for to in ({"agent": "berit"}, {"queue": "barn"}):
        problem = await refused(house, "anna", "work.transfer", contact_id=contact, to=to, kind="cold")
        assert problem[0] == "forbidden"
    assert (await refused(house, "anna", "consult.start", contact_id=contact, to={"agent": "berit"}))[0] == "forbidden"


# Consults ------------------------------------------------------------------------------------------------------


async def test_who_is_consulted_sees_the_contact_and_writes_notes(house: House) -> None:
    """From the ringing on, until the consult is over; never a word to the resident."""
    contact, leg = await consulted(house)
    entry = await last(house)
    assert entry.data.side
    assert (entry.data.agent, entry.data.also, entry.data.side.role) == ("anna", ("berit",), "consult")
    await done(house, "berit", "note.add", contact_id=contact, text="Gäller även syskon")
    assert (await refused(house, "berit", "message.send", contact_id=contact, text="Hej"))[0] == "not-yours"
    assert (await refused(house, "cecilia", "note.add", contact_id=contact, text="Hej"))[0] == "not-yours"
    assert (await refused(house, "berit", "work.finish", contact_id=contact, outcomes=ANSWERED))[0] == "not-yours"
    await house.command("berit", "history.get", contact_id=contact)
    await done(house, "berit", "consult.end", leg_id=leg)
    assert (await refused(house, "berit", "history.get", contact_id=contact))[0] == "forbidden"
    assert (await refused(house, "berit", "consult.end", leg_id=leg))[0] == "not-found"
    assert await kinds(house, "berit") == {}


async def test_who_does_not_answer_is_asked_no_longer_than_an_offer(house: House) -> None:
    """The leg ends by itself, and the one who asked is told."""
    contact = await pair(house)
    leg = (await done(house, "anna", "consult.start", contact_id=contact, to={"agent": "berit"})).leg_id
    await house.pass_time(19)
    assert await side(house, leg)
    await house.pass_time(2)
    entry = await last(house)
    assert (entry.data.agent, entry.data.also, entry.data.reason) == ("anna", ("berit",), "not_responding")
    assert await kinds(house, "berit") == {}


async def test_a_consult_is_declined_with_a_reason(house: House) -> None:
    """Before it is answered; afterwards it is ended."""
    contact = await pair(house)
    leg = (await done(house, "anna", "consult.start", contact_id=contact, to={"agent": "berit"})).leg_id
    assert (await refused(house, "anna", "consult.answer", leg_id=leg))[0] == "not-yours"
    await done(house, "berit", "consult.decline", leg_id=leg, reason="knowledge")
    assert (await last(house)).data.reason == "knowledge"
    assert (await refused(house, "berit", "consult.decline", leg_id=leg, reason="x"))[0] == "not-found"


async def test_only_who_is_free_can_be_asked(house: House) -> None:
    """Not who is away, busy, asked already, or oneself."""
    contact = await pair(house)
    berit = {"agent": "berit"}
    await house.command("berit", "presence.set", state="away")
    assert (await refused(house, "anna", "consult.start", contact_id=contact, to=berit))[0] == "no-capacity"
    await house.command("berit", "presence.set", state="available")
    await taken(house, "berit")
    assert (await refused(house, "anna", "consult.start", contact_id=contact, to=berit))[0] == "no-capacity"
    assert (await refused(house, "anna", "consult.start", contact_id=contact, to={"agent": "anna"}))[0] == (
        "schema-mismatch"
    )


@pytest.mark.parametrize("how", ["work.finish", "handover.create", "work.park"])
async def test_no_consult_outlives_its_contact(house: House, how: str) -> None:
    """When the owner is done, nobody takes part any more."""
    contact, _ = await consulted(house)
    data = {"work.finish": {"outcomes": ANSWERED}, "handover.create": {"unit": "gata"}, "work.park": {"reply": True}}
    await done(house, "anna", how, contact_id=contact, **data[how])
    assert (await house.store.sides(contact), await kinds(house, "berit")) == ({}, {})


async def test_what_ends_behind_the_desk_ends_its_consult_within_half_a_minute(house: House) -> None:
    """A contact released by a sweep, or an agent whose line is lost: the leg beside has a deadline of its own."""
    contact, leg = await consulted(house)
    await house.disconnect("berit")
    await house.pass_time(16)
    assert await side(house, leg) is None
    await house.connect("berit")
    await house.command("berit", "presence.set", state="available")
    leg = (await done(house, "anna", "consult.start", contact_id=contact, to={"agent": "berit"})).leg_id
    await done(house, "berit", "consult.answer", leg_id=leg)
    await house.disconnect("anna")
    await house.pass_time(16)
    await house.pass_time(5 * 3_600)
    assert await side(house, leg) is None
    assert await house.broken() == []


# Supervisors ---------------------------------------------------------------------------------------------------


async def test_a_supervisor_joins_and_the_agent_is_told(house: House) -> None:
    """Listening or speaking, with a reason, journaled, and never for an ordinary agent."""
    contact = await pair(house)
    join = {"contact_id": contact, "mode": "listen", "reason": "introduction"}
    assert (await refused(house, "berit", "leg.join", **join))[0] == "forbidden"
    answer = await house.desk.command("berit", "leg.join", join, role="supervisor")
    leg = f"{contact}.l2"
    assert getattr(answer, "leg_id", "") == leg
    entry = next(entry for entry in await house.journal() if entry.command == "begin_side_leg")
    assert (entry.data.agent, entry.data.also, entry.data.actor) == ("anna", ("berit",), "supervisor:berit")
    assert (entry.data.status, entry.data.reason) == ("listen", "introduction")
    await house.pass_time(3_600)
    assert await side(house, leg)
    await house.desk.command("berit", "leg.leave", {"leg_id": leg}, role="supervisor")
    assert await house.store.sides(contact) == {}


@pytest.mark.parametrize(
    ("to", "kind"), [({"queue": "barn"}, "cold"), ({"agent": "berit"}, "warm"), ({"number": "elnat"}, "cold")]
)
async def test_a_call_whose_resident_has_gone_is_not_passed_on(house: House, to: dict[str, str], kind: str) -> None:
    """Nobody would be on the line: the work stays with the agent, to be finished, handed over or called back."""
    contact, _ = await consulted(house)
    await house.leave(contact)
    position = await house.store.position()
    answer = await refused(house, "anna", "work.transfer", contact_id=contact, to=to, kind=kind)
    assert answer == ("transition-refused", "$.data.contact_id")
    assert where(await house.contact(contact)) == ("with_agent", "anna")
    assert await house.store.position() == position


async def test_joining_again_changes_the_mode(house: House) -> None:
    """From listening to speaking in the same leg: one entry without a move, told to both; nothing is begun anew."""
    contact = await pair(house)
    join = {"contact_id": contact, "mode": "listen", "reason": "introduction"}
    await house.desk.command("berit", "leg.join", join, role="supervisor")
    before = await side(house, f"{contact}.l2")
    speak = {**join, "mode": "speak", "reason": "resident asks for a supervisor"}
    answer = await house.desk.command("berit", "leg.join", speak, role="supervisor")
    assert getattr(answer, "leg_id", "") == f"{contact}.l2"
    entry = next(entry for entry in await house.journal() if entry.command == "set_leg_mode")
    assert (entry.transitions, entry.data.status, entry.data.reason) == ((), "speak", speak["reason"])
    assert (entry.data.agent, entry.data.also, entry.data.actor) == ("anna", ("berit",), "supervisor:berit")
    assert await house.store.sides(contact) == {f"{contact}.l2": before}
    with pytest.raises(NotYours):
        await house.store.legs.set_leg_mode(f"{contact}.l2", "anna", entry.data)
    assert await house.broken() == []
