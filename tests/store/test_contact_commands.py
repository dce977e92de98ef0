"""What single commands on a contact promise beyond their stage: taken in once, offered once, kept at its place."""

import asyncio
from collections.abc import Iterable

import msgspec
import pytest

from router.errors import EventConflict, NoCapacity, NotFound, OfferGone, StaleRevision, StateError
from router.journal import EntryData, Placement
from router.lifecycle import Transition
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.commands import prepare
from tests.store.keyspace import dump
from tests.store.scene import MINUTE_MS, Scene, asks_of, place_of
from tests.store.stages import STAGES


@pytest.fixture
async def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A floor with two agents."""
    scene = Scene(store, manual_clock)
    await scene.desk("anna")
    await scene.desk("berit")
    return scene


def events_of(moves: Iterable[Transition]) -> list[str]:
    """`machine.event` of an entry's moves."""
    return [f"{move.machine}.{move.event}" for move in moves]


# Receiving -----------------------------------------------------------------------------------------------------


async def test_the_same_event_is_taken_in_once(scene: Scene) -> None:
    """A webhook that is sent again gives the same contact and no second entry."""
    first = await scene.receive("c1")
    after = await dump(scene.store)
    data = EntryData(contact="c2")
    assert await scene.store.contacts.receive_contact("c2", scene.event(first), "queue", data) == (0, first)
    assert await dump(scene.store) == after


async def test_another_body_under_the_same_name_is_refused(scene: Scene) -> None:
    """What was accepted is not replaced by something else."""
    contact = await scene.receive()
    before = await dump(scene.store)
    with pytest.raises(EventConflict, match=contact):
        await scene.store.contacts.receive_contact("c9", scene.event(contact, "other"), "queue", EntryData())
    with pytest.raises(EventConflict, match=contact):
        await scene.store.contacts.record_message(contact, scene.event(contact, "other"), 2, b"{}", EntryData())
    assert await dump(scene.store) == before


@pytest.mark.parametrize(
    ("stage", "state", "events"),
    [
        ("queued", "queued", ["contact.receive", "contact.decide", "contact.queue"]),
        ("answered", "answered", ["contact.receive", "contact.decide", "contact.answer"]),
        (
            "decided_for_unit",
            "handed_over",
            ["contact.receive", "contact.decide", "contact.hand_over", "handover.offer", "case.open"],
        ),
    ],
)
async def test_a_decision_and_its_contact_are_one_entry(
    scene: Scene, stage: str, state: str, events: list[str]
) -> None:
    """Received and decided is one command: nobody sees a contact that nobody has decided about."""
    position = await scene.store.position()
    contact = await STAGES[stage](scene)
    (entry,) = await scene.journal(position)
    assert events_of(entry.transitions) == events
    assert (await scene.contact(contact)).state == state
    assert (entry.placed is not None) == (state == "queued")


async def test_an_observed_contact_is_counted_and_never_routed(scene: Scene) -> None:
    """It leaves an entry without moves, and nothing that waits for anybody."""
    position = await scene.store.position()
    data = EntryData(contact="c1")
    await scene.store.contacts.receive_contact("c1", scene.event("seen"), "observe", data)
    (entry,) = await scene.journal(position)
    assert entry.transitions == ()
    assert await scene.store.contact("c1") is None


async def test_who_left_before_being_received_is_abandoned_at_once(scene: Scene) -> None:
    """The end that overtook its contact waits for it, and the contact never rings anywhere."""
    gone = scene.event("gone", subject="call-1")
    await scene.store.contacts.bury_event(gone, "ended")
    await scene.store.contacts.bury_event(gone, "ended")
    contact = await scene.receive(subject="call-1")
    assert (await scene.contact(contact)).state == "abandoned"
    assert await scene.store.contact_by_subject("switch", "sip", "call-1") == contact


async def test_an_end_that_comes_just_behind_its_contact_is_not_buried(scene: Scene) -> None:
    """Between looking the contact up and burying its end it may have come: the caller has to look again."""
    contact = await scene.receive(subject="call-1")
    before = await dump(scene.store)
    with pytest.raises(StaleRevision):
        await scene.store.contacts.bury_event(scene.event("gone", subject="call-1"), "ended")
    assert await dump(scene.store) == before
    assert (await scene.contact(contact)).state == "queued"


async def test_two_messages_with_the_same_number_are_both_kept(scene: Scene) -> None:
    """Two that were counted at the same moment: the second is told to count again, neither is lost."""
    contact = await scene.receive()
    store = scene.store.contacts
    await store.record_message(contact, scene.event("one"), 2, b'"one"', EntryData(contact=contact))
    with pytest.raises(StaleRevision):
        await store.record_message(contact, scene.event("two"), 2, b'"two"', EntryData(contact=contact))
    await store.record_message(contact, scene.event("two"), 3, b'"two"', EntryData(contact=contact))
    assert await scene.store.content(contact) == {1: b'{"text":"hello"}', 2: b'"one"', 3: b'"two"'}


async def test_only_what_is_over_can_be_forgotten(scene: Scene) -> None:
    """An open contact stays whatever the register says; a closed one leaves with its content."""
    contact = await scene.taken()
    assert not await scene.store.contacts.forget_contact(contact)
    await scene.finish(contact)
    assert not await scene.store.contacts.forget_contact(contact), "the agent may still undo it"
    scene.clock.advance_s(15)
    assert await scene.store.contacts.forget_contact(contact)
    assert not await scene.store.contacts.forget_contact(contact)
    assert (await scene.store.contact(contact), await scene.store.content(contact)) == (None, {})


# Offering ------------------------------------------------------------------------------------------------------


async def test_of_two_planners_one_offers(scene: Scene) -> None:
    """Two dispatchers offer the same contact to two agents at the same moment: one offer, one refusal."""
    contact = await scene.receive()
    rev = (await scene.contact(contact)).rev
    results = await asyncio.gather(
        scene.offer(contact, "anna", expected=rev), scene.offer(contact, "berit", expected=rev), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "StaleRevision"]


async def test_an_offer_is_accepted_at_most_once(scene: Scene) -> None:
    """Accepting twice under two names is one leg; a colleague who tries is refused."""
    contact = await scene.offered()
    seen = await scene.contact(contact)
    data = EntryData(contact=contact, agent="anna")
    accept = scene.store.contacts.accept_offer
    replies = await asyncio.gather(*(accept(contact, "anna", seen.offer, seen.rev, data) for _ in range(5)))
    assert sorted(reply.n > 0 for reply in replies) == [False] * 4 + [True]
    assert {reply.number for reply in replies} == {1}
    assert (await scene.contact(contact)).legs == 1


async def test_an_offer_of_somebody_who_has_gone_is_gone(scene: Scene) -> None:
    """The agent hears the same, whatever they click, when the resident hung up while it rang."""
    contact = await scene.offered()
    accept = await prepare(scene, "accept_offer", contact)
    decline = await prepare(scene, "decline_offer", contact)
    await (await prepare(scene, "end_contact", contact))()
    for call in (accept, decline):
        with pytest.raises(OfferGone):
            await call()


async def test_who_has_lost_the_lease_accepts_nothing(scene: Scene) -> None:
    """A click that was on its way when the lease was lost: no leg begins that nobody watches over."""
    contact = await scene.offered()
    await scene.lose()
    with pytest.raises(OfferGone):
        await scene.accept(contact)
    await (await prepare(scene, "revoke_offer", contact))()


@pytest.mark.parametrize(
    ("why", "detail"),
    [
        ("away", "presence"),
        ("lost", "presence"),
        ("busy", "capacity"),
        ("form", "capacity"),
        ("cooling", "cooling_down"),
    ],
)
async def test_an_agent_who_cannot_take_it_is_not_offered_it(scene: Scene, why: str, detail: str) -> None:
    """The store itself refuses what the plan could not know; the contact stays where it was."""
    channel = "email" if why == "cooling" else "phone"
    if why == "away":
        await scene.store.agents.set_presence("anna", "go_away")
    elif why == "lost":
        await scene.lose()
    elif why == "busy":
        await scene.taken()
    elif why == "form":
        await scene.store.agents.set_form("anna", "written")
    else:
        mail = await scene.offered(channel="email")
        scene.clock.advance_s(20)
        await (await prepare(scene, "expire_offer", mail))()
    contact = await scene.receive(channel=channel)
    before = await dump(scene.store)
    with pytest.raises(NoCapacity, match=detail):
        await scene.offer(contact)
    assert await dump(scene.store) == before


async def test_an_expired_written_offer_cools_for_its_time_only(scene: Scene) -> None:
    """Afterwards the agent may be offered written work again, and live work all along."""
    mail = await scene.offered(channel="email")
    scene.clock.advance_s(20)
    await (await prepare(scene, "expire_offer", mail))()
    assert (await scene.agent()).presence == "available"
    await scene.finish(await scene.taken())
    scene.clock.advance_s(60)
    await scene.offer(mail)


async def test_an_expired_live_offer_sets_the_agent_away(scene: Scene) -> None:
    """Who does not answer the phone is not asked again until they say that they are back."""
    contact = await STAGES["expired"](scene)
    position = await scene.store.position()
    await (await prepare(scene, "expire_offer", contact))()
    anna = await scene.agent()
    assert (anna.presence, anna.reason) == ("away", "not_responding")
    (entry,) = await scene.journal(position)
    assert events_of(entry.transitions) == ["offer.expire", "contact.withdraw", "presence.go_away"]


async def test_an_offer_does_not_expire_before_its_time(scene: Scene) -> None:
    """One millisecond early is too early."""
    contact = await scene.offered()
    scene.clock.advance_s(19.999)
    with pytest.raises(OfferGone):
        await (await prepare(scene, "expire_offer", contact))()
    scene.clock.advance_s(0.001)
    await (await prepare(scene, "expire_offer", contact))()


async def test_the_third_live_decline_in_a_row_sets_the_agent_away(scene: Scene) -> None:
    """Two declines are a choice, three are an absence; an accepted offer in between starts the count again."""
    for accepts_at, presence in [(1, "available"), (None, "away")]:
        for attempt in range(3):
            contact = await scene.offered()
            await (await prepare(scene, "accept_offer" if attempt == accepts_at else "decline_offer", contact))()
            if attempt == accepts_at:
                await scene.finish(contact)
        assert (await scene.agent()).presence == presence
        if presence == "available":
            await scene.finish(await scene.taken())


async def test_a_written_offer_beside_a_live_one_is_told_on_accepting(scene: Scene) -> None:
    """The reply says that a written offer is still out, so that it can be taken back without blame."""
    await scene.offered(channel="email")
    call = await scene.receive()
    await scene.offer(call)
    seen = await scene.contact(call)
    accept = scene.store.contacts.accept_offer
    done = await accept(call, "anna", seen.offer, seen.rev, EntryData(contact=call))
    assert done.beside == 1
    await scene.finish(call)


# Keeping the place ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["decline_offer", "expire_offer", "revoke_offer", "release_contact", "return_handover"])
async def test_a_contact_keeps_its_place_whatever_happens_to_it(scene: Scene, how: str) -> None:
    """After a decline, an expiry, a lost socket, a release or a return it stands before who came later."""
    stage = {"release_contact": "connected", "return_handover": "handed_over"}.get(how, "expired")
    contact = await STAGES[stage](scene)
    before = await scene.contact(contact)
    scene.clock.advance_s(30)
    later = await scene.receive()
    position = await scene.store.position()
    await (await prepare(scene, how, contact))()
    seen = await scene.contact(contact)
    assert (seen.state, seen.agent, seen.received_at, seen.ready_at, seen.score) == (
        "queued",
        "",
        before.received_at,
        before.ready_at,
        before.score,
    )
    assert [each for _, each, _ in await scene.store.waiting_in([seen.bucket])] == [contact, later]
    (entry,) = await scene.journal(position)
    assert entry.placed == msgspec.json.decode(seen.placed, type=Placement)
    assert entry.placed
    assert entry.placed.score == before.score


async def test_a_wider_bucket_keeps_the_place_and_moves_the_deadline(scene: Scene) -> None:
    """Requeuing changes who may take it, not since when it waits."""
    contact = await scene.receive()
    before = await scene.contact(contact)
    scene.clock.advance_s(30)
    await (await prepare(scene, "requeue_contact", contact, agent=""))()
    seen = await scene.contact(contact)
    assert (seen.score, seen.received_at, seen.step) == (before.score, before.received_at, 1)
    assert seen.bucket != before.bucket
    assert await scene.store.waiting_in([before.bucket]) == []
    assert dict(await scene.store.due(scene.now + MINUTE_MS, 10)) == {f"contact:{contact}": scene.now + MINUTE_MS}


@pytest.mark.parametrize("name", ["issue_offer", "requeue_contact", "end_contact"])
async def test_who_names_another_bucket_has_read_too_early(scene: Scene, name: str) -> None:
    """A contact that was widened meanwhile is not left behind in the bucket that the caller did not know of."""
    contact = await scene.receive()
    call = await prepare(scene, name, contact, agent="" if name == "end_contact" else "anna")
    await (await prepare(scene, "requeue_contact", contact, agent=""))()
    with pytest.raises(StaleRevision):
        await call()


async def test_after_release_the_new_waiting_limit_stays(scene: Scene) -> None:
    """A later decline restores the limit that the release set, not the one from before."""
    contact = await scene.taken()
    scene.clock.advance_s(600)
    await (await prepare(scene, "release_contact", contact))()
    limit = (await scene.contact(contact)).wait_until
    assert limit == scene.now + MINUTE_MS
    await scene.offer(contact)
    await (await prepare(scene, "decline_offer", contact))()
    assert dict(await scene.store.due(limit, 10)) == {f"contact:{contact}": limit}


# Ending --------------------------------------------------------------------------------------------------------


async def test_who_hangs_up_before_the_line_is_connected_is_abandoned(scene: Scene) -> None:
    """The agent took it but the conversation never began: nobody is queued again for somebody who has gone."""
    contact = await STAGES["connecting"](scene)
    position = await scene.store.position()
    await (await prepare(scene, "end_contact", contact))()
    (entry,) = await scene.journal(position)
    assert events_of(entry.transitions) == ["offer.fail_setup", "leg.fail", "contact.release", "contact.abandon"]
    assert (await scene.contact(contact)).state == "abandoned"
    assert await scene.store.work("anna") == {}


async def test_an_end_for_another_agents_contact_has_read_too_early(scene: Scene) -> None:
    """The contact was offered on meanwhile: the end must not leave it in that agent's hands."""
    contact = await scene.receive()
    call = await prepare(scene, "end_contact", contact, agent="")
    await scene.offer(contact)
    with pytest.raises(StaleRevision):
        await call()
    await (await prepare(scene, "end_contact", contact))()
    assert await scene.store.work("anna") == {}


async def test_forcing_a_wrap_up_waits_for_its_time(scene: Scene) -> None:
    """The limit ends it, an extension moves the limit."""
    contact = await scene.wrapped()
    await (await prepare(scene, "extend_wrap_up", contact))()
    scene.clock.advance_s(60)
    with pytest.raises(StateError):
        await (await prepare(scene, "force_wrap_up", contact))()
    scene.clock.advance_s(60)
    await (await prepare(scene, "force_wrap_up", contact))()
    assert (await scene.contact(contact)).state == "closed"


async def test_a_second_handover_is_a_new_contract(scene: Scene) -> None:
    """After a return the next handover has its own number; the first can't be accepted any more."""
    contact = await STAGES["returned"](scene)
    await scene.offer(contact)
    await scene.accept(contact)
    await (await prepare(scene, "hand_over_contact", contact))()
    seen = await scene.contact(contact)
    assert (seen.handover, seen.handovers, seen.case) == (f"{contact}.h2", 2, f"{contact}.k2")
    with pytest.raises(NotFound):
        await scene.store.handovers.accept_handover(f"{contact}.h1", scene.now, EntryData(contact=contact))


async def test_a_bucket_is_known_by_what_it_asks(scene: Scene) -> None:
    """Where contacts wait, the asks of their bucket can be read."""
    contact = await scene.receive()
    bucket = (await scene.contact(contact)).bucket
    asked = await scene.store.runner.read_hash(scene.store.keys.buckets)
    assert asked == {bucket.encode(): place_of(asks_of(), 0, 0).asks_json.encode()}
