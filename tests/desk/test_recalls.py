"""Transfers and phones that nobody answers: the caller is never lost and never forgotten."""

from dataclasses import replace

import pytest

from router.desk.desk import Desk
from router.desk.ground import TogetherAtOnce
from router.errors import NotFound
from router.leg_care import LegCare
from router.resident_callbacks import ResidentCallbacks
from router.setups import Setups
from tests.desk.day import done, kinds, last, moves, side, taken, where
from tests.laws.house import House

PBX = "integration:asterisk"
"""Who tells of phones."""
UNREACHED = "agent_unreachable"
ANSWERED = [{"resolution": "answered"}]


class PhonesRing(TogetherAtOnce):
    """An adapter that rings phones."""

    @property
    def sets_up(self) -> bool:
        """It does."""
        return True

    def setup_s(self, integration: str, calls_out: str = "") -> float:
        """A minute."""
        del integration, calls_out
        return 60


@pytest.fixture
def setups(house: House) -> Setups:
    """What a channel tells of phones arrives here; whoever takes a contact is rung from now on."""
    house.desk = Desk(replace(house.ground, ways=PhonesRing()))
    legs = LegCare(house.store, house.city, house.config)
    return Setups(house.store, house.care, legs, ResidentCallbacks(house.store, house.callbacks, legs))


async def talking(house: House, setups: Setups) -> str:
    """A call that anna talks in; berit is available beside her."""
    await house.seat("anna")
    contact = await taken(house)
    await setups.connect(f"{contact}.l1")
    await house.seat("berit")
    return contact


async def consulted(house: House, setups: Setups) -> tuple[str, str]:
    """Anna's call, and berit takes part in it by her desktop; the contact and berit's leg."""
    contact = await talking(house, setups)
    leg = (await done(house, "anna", "consult.start", contact_id=contact, to={"agent": "berit"})).leg_id
    await done(house, "berit", "consult.answer", leg_id=leg)
    return contact, leg


async def given(house: House, setups: Setups) -> tuple[str, str]:
    """Passed on warm while berit's phone still rings; the contact and berit's leg."""
    contact, _ = await consulted(house, setups)
    await done(house, "anna", "work.transfer", contact_id=contact, to={"agent": "berit"}, kind="warm")
    return contact, f"{contact}.l3"


async def presence(house: House, agent: str) -> tuple[str, str]:
    """How an agent is, and why."""
    known = await house.store.agent(agent)
    assert known
    return known.presence, known.reason


async def sent_out(house: House, setups: Setups) -> str:
    """Anna has sent the call on to a number outside, and wraps up."""
    contact = await talking(house, setups)
    await done(house, "anna", "work.transfer", contact_id=contact, to={"number": "elnat"}, kind="cold")
    return contact


# Taking part beside ----------------------------------------------------------------------------------------------


async def test_a_consulted_agent_whose_phone_is_not_answered_is_away(house: House, setups: Setups) -> None:
    """The consult is over, both are told why; the caller stays with the first."""
    contact, leg = await consulted(house, setups)
    await setups.fail(leg, UNREACHED, PBX)
    entry = await last(house)
    assert (entry.command, entry.data.reason, entry.data.agent, entry.data.also) == (
        "end_side_leg",
        UNREACHED,
        "anna",
        ("berit",),
    )
    assert await presence(house, "berit") == ("away", "not_responding")
    assert (await side(house, leg), await kinds(house, "berit")) == (None, {})
    assert where(await house.contact(contact)) == ("with_agent", "anna")
    await setups.fail(leg, UNREACHED, PBX)
    assert (await last(house)).n == entry.n
    assert await house.broken() == []


async def test_who_hangs_up_takes_part_no_more(house: House, setups: Setups) -> None:
    """A consulted agent's phone put down ends the consult, without blame."""
    contact, leg = await consulted(house, setups)
    await setups.leave(leg, PBX)
    assert ((await last(house)).data.reason, await side(house, leg)) == ("hung_up", None)
    assert await presence(house, "berit") == ("available", "")
    assert where(await house.contact(contact)) == ("with_agent", "anna")


async def test_a_wrap_up_has_no_phone(house: House, setups: Setups) -> None:
    """What is told late of the phone of somebody who wraps up by now changes nothing."""
    contact, _ = await given(house, setups)
    before = (await last(house)).n
    await setups.leave(f"{contact}.l1", PBX)
    await setups.fail(f"{contact}.l1", UNREACHED, PBX)
    assert (await last(house)).n == before


@pytest.mark.parametrize("is_taken_back", [False, True])
async def test_a_phone_put_down_on_hold_and_not_answered_again(
    house: House, setups: Setups, *, is_taken_back: bool
) -> None:
    """The caller waits at their place for the next agent; the first is away, and their consult is over."""
    contact, beside = await consulted(house, setups)
    before = await house.contact(contact)
    await done(house, "anna", "work.hold", contact_id=contact)
    if is_taken_back:
        await done(house, "anna", "work.resume", contact_id=contact)
    await setups.fail(f"{contact}.l1", UNREACHED, PBX)
    await setups.fail(f"{contact}.l1", UNREACHED, PBX)
    seen = await house.contact(contact)
    assert (seen.ready_at, seen.received_at) == (before.ready_at, before.received_at)
    assert await presence(house, "anna") == ("away", "not_responding")
    assert await side(house, beside) is None
    await house.dispatch()
    assert where(await house.contact(contact)) == ("offered", "berit")
    assert await house.broken() == []


# Warm ------------------------------------------------------------------------------------------------------------


async def test_a_warm_transfer_is_made_when_the_phone_is_answered(house: House, setups: Setups) -> None:
    """Until then the new owner's leg is connecting."""
    contact, leg = await given(house, setups)
    assert moves(await last(house))[leg] == "connecting"
    await setups.connect(leg)
    seen = await house.contact(contact)
    assert (where(seen), seen.leg, seen.leg_state) == (("with_agent", "berit"), leg, "connected")
    await house.pass_time(61)
    assert where(await house.contact(contact)) == ("with_agent", "berit")
    assert await house.broken() == []


async def test_the_caller_goes_back_to_whoever_passed_them_on(house: House, setups: Setups) -> None:
    """The second does not answer: away; the first, who wraps up, is rung and has the call again, at no place lost."""
    contact, leg = await given(house, setups)
    before = await house.contact(contact)
    await setups.fail(leg, UNREACHED, PBX)
    seen, entry = await house.contact(contact), await last(house)
    assert (where(seen), seen.leg, seen.leg_state) == (("with_agent", "anna"), f"{contact}.l4", "connecting")
    assert (entry.command, entry.data.reason, entry.data.status) == ("recall_contact", UNREACHED, "recall")
    assert (entry.data.agent, entry.data.also, entry.data.to) == ("anna", ("berit",), "anna")
    assert moves(entry) == {
        contact: "with_agent",
        leg: "ended",
        f"{contact}.l1": "ended",
        f"{contact}.l4": "connecting",
    }
    assert (await kinds(house, "anna"), await kinds(house, "berit")) == ({contact: "leg"}, {})
    assert await presence(house, "berit") == ("away", "not_responding")
    assert (seen.ready_at, seen.received_at) == (before.ready_at, before.received_at)
    await setups.connect(seen.leg)
    await done(house, "anna", "work.finish", contact_id=contact, outcomes=ANSWERED)
    assert await house.broken() == []


@pytest.mark.parametrize("gone", ["wrap_up ended", "away", "lost"])
async def test_without_the_first_it_waits_at_its_place(house: House, setups: Setups, gone: str) -> None:
    """Who passed it on is not there any more: the next agent gets it, before those who came later."""
    contact, leg = await given(house, setups)
    if gone == "wrap_up ended":
        await done(house, "anna", "wrap_up.end", leg_id=f"{contact}.l1")
    elif gone == "away":
        await house.command("anna", "presence.set", state="away", reason="lunch")
    else:
        await house.disconnect("anna")
        await house.pass_time(16)
    house.clock.advance_s(1)
    later = await house.receive()
    await setups.fail(leg, UNREACHED, PBX)
    assert where(await house.contact(contact)) == ("queued", "")
    await house.seat("cecilia")
    await house.dispatch()
    offered = await house.contact(contact)
    assert offered.state == "offered"
    assert (gone == "wrap_up ended") or (offered.agent, where(await house.contact(later))[0]) == ("cecilia", "queued")
    assert await house.broken() == []


async def test_when_nobody_tells_time_does(house: House, setups: Setups) -> None:
    """The adapter is gone: after a minute the first has it again, after another the queue."""
    contact, _ = await given(house, setups)
    await house.command("berit", "presence.set", state="away", reason="lunch")
    await house.pass_time(61)
    seen = await house.contact(contact)
    assert where(seen) in {("with_agent", "anna"), ("queued", "")}
    await house.command("anna", "presence.set", state="away", reason="lunch")
    await house.pass_time(61)
    assert where(await house.contact(contact)) == ("queued", "")
    assert await house.broken() == []


async def test_the_first_does_not_answer_either(house: House, setups: Setups) -> None:
    """Then both are away and the caller waits at their place."""
    contact, leg = await given(house, setups)
    await setups.fail(leg, UNREACHED, PBX)
    await setups.fail(f"{contact}.l4", UNREACHED, PBX)
    assert where(await house.contact(contact)) == ("queued", "")
    assert await presence(house, "anna") == ("away", "not_responding")
    assert await house.broken() == []


# Outside ---------------------------------------------------------------------------------------------------------


async def test_nobody_answers_outside(house: House, setups: Setups) -> None:
    """The agent who sent them on has them again, and may send them on again; what counts as transferred is the last."""
    contact = await sent_out(house, setups)
    await setups.fail_transfer(contact, "no_answer", PBX)
    seen = await house.contact(contact)
    assert (where(seen), seen.leg_state, seen.transferred_to) == (("with_agent", "anna"), "connecting", "")
    assert await kinds(house, "anna") == {contact: "leg"}
    entry = await last(house)
    await setups.fail_transfer(contact, "no_answer", PBX)
    assert (await last(house)).n == entry.n
    await setups.connect(seen.leg)
    await house.pass_time(200)
    assert where(await house.contact(contact)) == ("with_agent", "anna")
    await done(house, "anna", "work.finish", contact_id=contact, outcomes=ANSWERED)
    assert [outcome.resolution for outcome in (await last(house)).data.outcomes] == ["answered"]
    assert await house.broken() == []


async def test_nobody_answers_outside_and_who_sent_them_is_away(house: House, setups: Setups) -> None:
    """They wait at their place for the next."""
    contact = await sent_out(house, setups)
    await house.command("anna", "presence.set", state="away", reason="lunch")
    await setups.fail_transfer(contact, "no_answer", PBX)
    seen = await house.contact(contact)
    assert (where(seen), seen.transferred_to) == (("queued", ""), "")
    assert await kinds(house, "anna") == {}
    assert await house.broken() == []


async def test_nobody_answers_outside_and_the_contact_is_over(house: House, setups: Setups) -> None:
    """The channel hears so, and hands the caller in anew."""
    contact = await sent_out(house, setups)
    await done(house, "anna", "work.finish", contact_id=contact, outcomes=ANSWERED)
    with pytest.raises(NotFound):
        await setups.fail_transfer(contact, "no_answer", PBX)


# Taken unasked -----------------------------------------------------------------------------------------------------


async def test_what_was_taken_back_rings_like_an_offer(house: House, setups: Setups) -> None:
    """A cold transfer undone: the phone rings once more; not answered, the caller is back at their place."""
    contact = await talking(house, setups)
    await done(house, "anna", "work.transfer", contact_id=contact, to={"queue": "barn"}, kind="cold")
    await done(house, "anna", "work.undo", contact_id=contact)
    seen = await house.contact(contact)
    assert (where(seen), seen.leg_state) == (("with_agent", "anna"), "connecting")
    await setups.fail(seen.leg, UNREACHED, PBX)
    assert where(await house.contact(contact)) == ("queued", "")
    assert await presence(house, "anna") == ("away", "not_responding")
    assert await house.broken() == []


async def test_a_resident_who_does_not_answer_is_called_again_later(house: House, setups: Setups) -> None:
    """The attempt counts; the agent is free and not blamed; the next one is ten minutes off, not at once."""
    await house.seat("anna")
    contact = await taken(house, person={"phone": "+46701740605"})
    await setups.connect(f"{contact}.l1")
    await done(house, "anna", "callback.schedule", contact_id=contact, keep_place=True, by="queue")
    await house.dispatch()
    dialling = await house.accept(contact)
    assert dialling.callback_state == "dialling"
    await setups.fail(dialling.leg, "no_answer", PBX)
    seen = await house.contact(contact)
    assert (seen.state, seen.callback_state, seen.attempts) == ("callback", "no_answer", 1)
    assert seen.callback_at >= house.clock.now_ms() + 600_000
    assert await presence(house, "anna") == ("available", "")
    assert await house.broken() == []
