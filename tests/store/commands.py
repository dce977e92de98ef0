"""Every command on a contact, ready to be run at any stage of its way; and the stages at which it may happen."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from router.journal import EntryData, Outcome
from router.model import OpenContact
from router.store.contact_commands import ANYONE, QueuePlace
from router.store.leg_commands import SideTimes
from tests.store.scene import MEDIA, MINUTE_MS, Scene, asks_of, place_fields, place_of

Call = Callable[[], Awaitable[object]]
Builder = Callable[[Scene, OpenContact, str, int], Call]
Stage = Callable[[Scene], Awaitable[str]]


def data(contact: OpenContact, agent: str = "") -> EntryData:
    """The least that an entry says."""
    return EntryData(contact=contact.id, agent=agent)


def offer_out(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """Offer the contact; the entry says by which channel, as the dispatcher's does."""
    channel, medium = contact.channel or "phone", contact.medium
    said = EntryData(contact=contact.id, agent=agent, channel=channel, medium=medium)
    return lambda: scene.store.contacts.issue_offer(
        contact.id,
        agent,
        contact.bucket or "none",
        expected,
        expires_at=scene.now + 20_000,
        channel=channel,
        medium=medium,
        data=said,
    )


def elsewhere(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """Requeue into the bucket of another queue at the same place."""
    place = place_of(asks_of(contact.channel or "phone", queue="wider"), contact.score, scene.now + MINUTE_MS)
    return lambda: scene.store.contacts.requeue_contact(
        contact.id, contact.bucket, expected, place, 1, data(contact, agent)
    )


def give_back(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """Return a handover to the queue, at the time it was received."""
    del agent, expected
    place = place_of(asks_of(contact.channel or "phone"), contact.received_at, scene.now + MINUTE_MS)
    return lambda: scene.store.handovers.return_handover(contact.handover, place, data(contact), place_fields(place))


def reopen(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """A message that puts an answered contact into a queue."""
    del agent, expected
    place = place_of(asks_of("email"), scene.now, scene.now + MINUTE_MS)
    event = scene.event(f"{contact.id}-reopen")
    return lambda: scene.store.contacts.record_message(
        contact.id, event, contact.contents + 1, b"{}", data(contact), place=place, fields=place_fields(place)
    )


def annotate(name: str) -> Builder:
    """One of the commands that keep a record and change no state."""
    return lambda s, c, a, _: (
        lambda: s.store.contacts.annotate(
            name, c.id, a, data(c, a), number=c.contents + 1, record=b'{"note":"x"}', fields={"topic": "waste"}
        )
    )


def release_parked(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """Queue parked work again in its agent's own bucket, ready from now on."""
    place = own_place(scene, contact, agent)
    return lambda: scene.store.legs.release_parked(
        contact.id, agent, place, data(contact, agent), fields=place_fields(place), expected=expected
    )


def own_place(scene: Scene, contact: OpenContact, agent: str) -> QueuePlace:
    """The agent's own bucket, now."""
    asks = msgspec.structs.replace(asks_of(contact.channel or "phone"), agent=agent)
    return place_of(asks, scene.now, scene.now + MINUTE_MS)


def transfer_cold(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """Pass the contact on to another queue, at its place."""
    place = place_of(asks_of(contact.channel or "phone", queue="wider"), contact.score, scene.now + MINUTE_MS)
    return lambda: scene.store.legs.transfer_contact(
        contact.id,
        agent,
        place,
        data(contact, agent),
        wrap_until=scene.now + MINUTE_MS,
        fields=place_fields(place),
        expected=expected,
    )


def of_legs(contact: OpenContact) -> str:
    """The leg beside that the scene's consult made: the second of the contact."""
    return f"{contact.id}.l2"


def lasting(scene: Scene) -> SideTimes:
    """A leg beside that a sweep looks at in half a minute."""
    return SideTimes(scene.now + 2 * MINUTE_MS, scene.now + MINUTE_MS // 2)


def begin_consult(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """The owner asks the agent called cecilia."""
    del expected
    said = msgspec.structs.replace(data(contact, agent), also=("cecilia",))
    return lambda: scene.store.legs.begin_side_leg(contact.id, "cecilia", agent, "consult", lasting(scene), said)


BUILDERS: Mapping[str, Builder] = {
    "interrupt_leg": lambda s, c, a, _: lambda: s.store.legs.interrupt_leg(c.id, a, data(c, a)),
    "park_contact": lambda s, c, a, x: (
        lambda: s.store.legs.park_contact(
            c.id, a, s.now + MINUTE_MS, data(c, a), fields={"parked_reply": 1}, expected=x
        )
    ),
    "resume_contact": lambda s, c, a, _: lambda: s.store.legs.resume_contact(c.id, a, data(c, a)),
    "release_parked": release_parked,
    "transfer_contact": transfer_cold,
    "transfer_leg": lambda s, c, a, x: (
        lambda: s.store.legs.transfer_leg(
            c.id, a, "cecilia", of_legs(c), data(c, "cecilia"), wrap_until=s.now + MINUTE_MS, expected=x
        )
    ),
    "transfer_out": lambda s, c, a, x: (
        lambda: s.store.legs.transfer_out(c.id, a, "unit:roads", data(c, a), wrap_until=s.now + MINUTE_MS, expected=x)
    ),
    "begin_side_leg": begin_consult,
    "connect_side_leg": lambda s, c, _a, _x: (
        lambda: s.store.legs.connect_side_leg(of_legs(c), "cecilia", lasting(s), data(c))
    ),
    "end_side_leg": lambda s, c, _a, _x: lambda: s.store.legs.end_side_leg(of_legs(c), "cecilia", data(c)),
    "extend_side_leg": lambda s, c, a, _: (
        lambda: s.store.legs.extend_side_leg(f"{c.id}.l1", a, s.now + 2 * MINUTE_MS, data(c, a))
    ),
    "pull_contact": lambda s, c, _a, x: (
        lambda: s.store.legs.pull_contact(c.id, "cecilia", c.bucket or "none", data(c, "cecilia"), expected=x)
    ),
    "pull_by_agent": lambda s, c, a, _: lambda: s.store.legs.pull_contact(c.id, a, c.bucket or "none", data(c, a)),
    "end_wrap_beside": lambda s, c, a, _: lambda: s.store.legs.end_side_leg(f"{c.id}.l{c.legs}", a, data(c, a)),
    "undo_work": lambda s, c, a, _: lambda: s.store.legs.undo_work(c.id, a, c.bucket, s.now - 10_000, data(c, a)),
    "issue_offer": offer_out,
    "accept_offer": lambda s, c, a, x: lambda: s.store.contacts.accept_offer(c.id, a, c.offer, x, data(c, a)),
    "decline_offer": lambda s, c, a, x: (
        lambda: s.store.contacts.decline_offer(c.id, a, c.offer, c.bucket, x, data(c, a), max_declines=3)
    ),
    "expire_offer": lambda s, c, a, _: (
        lambda: s.store.contacts.expire_offer(
            c.id, a, c.offer, c.bucket, data(c, a), medium=c.medium, cool_until=s.now + MINUTE_MS
        )
    ),
    "revoke_offer": lambda s, c, a, _: lambda: s.store.contacts.revoke_offer(c.id, a, c.offer, c.bucket, data(c, a)),
    "hold_leg": lambda s, c, a, _: lambda: s.store.contacts.hold_leg(c.id, a, data(c, a)),
    "resume_leg": lambda s, c, a, _: lambda: s.store.contacts.resume_leg(c.id, a, data(c, a)),
    "connect_leg": lambda s, c, a, _: lambda: s.store.contacts.connect_leg(c.id, a, data(c, a)),
    "end_contact": lambda s, c, a, x: (
        lambda: s.store.contacts.end_contact(c.id, a, c.bucket, x, data(c, a), wrap_until=s.now + MINUTE_MS)
    ),
    "finish_work": lambda s, c, a, x: (
        lambda: s.store.contacts.finish_work(
            c.id, a, EntryData(contact=c.id, agent=a, outcomes=(Outcome("waste", "answered"),)), expected=x
        )
    ),
    "end_wrap_up": lambda s, c, a, _: lambda: s.store.contacts.end_wrap_up(c.id, a, data(c, a), is_forced=False),
    "force_wrap_up": lambda s, c, a, _: lambda: s.store.contacts.end_wrap_up(c.id, a, data(c, a), is_forced=True),
    "close_contact": lambda s, c, _a, _x: lambda: s.store.contacts.close_contact(c.id, data(c)),
    "extend_wrap_up": lambda s, c, a, _: (
        lambda: s.store.contacts.extend_wrap_up(c.id, a, s.now + 2 * MINUTE_MS, data(c, a))
    ),
    "release_contact": lambda s, c, a, _: (
        lambda: s.store.contacts.release_contact(c.id, a, c.bucket, s.now + MINUTE_MS, data(c, a))
    ),
    "requeue_contact": elsewhere,
    "record_message": lambda s, c, _a, _x: (
        lambda: s.store.contacts.record_message(c.id, s.event(f"{c.id}-more"), c.contents + 1, b"{}", data(c))
    ),
    "reopen_by_message": reopen,
    "record_progress": lambda s, c, _a, _x: (
        lambda: s.store.contacts.record_progress(c.id, s.event(f"{c.id}-progress"), c.contents + 1, b"{}", data(c))
    ),
    "add_note": annotate("add_note"),
    "send_message": annotate("send_message"),
    "set_topic": annotate("set_topic"),
    "identify_person": annotate("identify_person"),
    "hand_over_contact": lambda s, c, a, x: (
        lambda: s.store.handovers.hand_over_contact(
            c.id, a, "roads", s.now + MINUTE_MS, data(c, a), expected=x, terms=b"{}"
        )
    ),
    "accept_handover": lambda s, c, _a, _x: (
        lambda: s.store.handovers.accept_handover(c.handover or f"{c.id}.h0", s.now + 5 * MINUTE_MS, data(c))
    ),
    "mark_handover_overdue": lambda s, c, _a, _x: (
        lambda: s.store.handovers.mark_handover_overdue(c.handover or f"{c.id}.h0", s.now + MINUTE_MS, data(c))
    ),
    "finish_handover": lambda s, c, _a, _x: (
        lambda: s.store.handovers.finish_handover(c.handover or f"{c.id}.h0", data(c))
    ),
    "return_handover": give_back,
}


async def prepare(scene: Scene, name: str, contact: str, *, agent: str = "anna", expected: int = ANYONE) -> Call:
    """The command as somebody would send it who has just read the contact."""
    seen = await scene.store.contact(contact) or OpenContact(id=contact, medium=MEDIA["phone"])
    return BUILDERS[name](scene, seen, agent, expected)


# Stages --------------------------------------------------------------------------------------------------------


async def expired(scene: Scene) -> str:
    """Offered, and nobody answered in time."""
    contact = await scene.offered()
    scene.clock.advance_s(20)
    return contact


async def on_hold(scene: Scene) -> str:
    """With the agent, on hold."""
    contact = await scene.taken()
    await scene.store.contacts.hold_leg(contact, "anna", EntryData(contact=contact))
    return contact


async def wrap_up_over(scene: Scene) -> str:
    """In wrap-up, and its time has passed."""
    contact = await scene.wrapped()
    scene.clock.advance_s(60)
    return contact


async def written(scene: Scene) -> str:
    """A mail with the agent."""
    return await scene.taken(channel="email")


async def interrupted(scene: Scene) -> str:
    """A mail that stands still."""
    contact = await written(scene)
    await (await prepare(scene, "interrupt_leg", contact))()
    return contact


async def parked(scene: Scene) -> str:
    """Put aside by the agent, too long ago to be undone."""
    contact = await scene.taken(channel="email")
    await (await prepare(scene, "park_contact", contact))()
    scene.clock.advance_s(11)
    return contact


async def passed_on(scene: Scene) -> str:
    """Queued again by the agent, who wraps up beside it, too long ago to be undone."""
    contact = await scene.taken()
    await (await prepare(scene, "transfer_contact", contact))()
    scene.clock.advance_s(11)
    return contact


async def just_passed_on(scene: Scene) -> str:
    """The same a moment ago."""
    contact = await scene.taken()
    await (await prepare(scene, "transfer_contact", contact))()
    return contact


async def consulting(scene: Scene) -> str:
    """With the agent, and another one is being asked."""
    contact = await scene.taken()
    await (await prepare(scene, "begin_side_leg", contact))()
    return contact


async def consulted(scene: Scene) -> str:
    """With the agent, and another one takes part."""
    contact = await consulting(scene)
    await (await prepare(scene, "connect_side_leg", contact))()
    return contact


async def left_alone(scene: Scene) -> str:
    """Finished by the agent too long ago to be undone."""
    contact = await closed(scene)
    scene.clock.advance_s(11)
    return contact


async def abandoned(scene: Scene) -> str:
    """The resident has gone while waiting."""
    contact = await scene.receive()
    await (await prepare(scene, "end_contact", contact, agent=""))()
    return contact


async def closed(scene: Scene) -> str:
    """Finished by the agent."""
    contact = await scene.taken()
    await scene.finish(contact)
    return contact


async def with_unit(scene: Scene) -> str:
    """Handed over and accepted by the unit."""
    contact = await scene.handed_over()
    await (await prepare(scene, "accept_handover", contact))()
    return contact


async def unit_late(scene: Scene) -> str:
    """Handed over, and the unit's time has passed."""
    contact = await scene.handed_over()
    scene.clock.advance_s(60)
    return contact


async def settled(scene: Scene) -> str:
    """Done by the unit."""
    contact = await with_unit(scene)
    await (await prepare(scene, "finish_handover", contact))()
    return contact


async def answer_over(scene: Scene) -> str:
    """Answered, and nobody came back in time."""
    contact = await scene.receive_answered()
    scene.clock.advance_s(120)
    return contact


async def returned(scene: Scene) -> str:
    """Sent back by the unit and queued again."""
    contact = await scene.handed_over()
    await (await prepare(scene, "return_handover", contact))()
    return contact


STAGES: Mapping[str, Stage] = {
    "queued": lambda s: s.receive(),
    "offered": lambda s: s.offered(),
    "expired": expired,
    "connecting": lambda s: s.taken(needs_setup=True),
    "connected": lambda s: s.taken(),
    "on_hold": on_hold,
    "wrapped": lambda s: s.wrapped(),
    "wrap_up_over": wrap_up_over,
    "closed": closed,
    "left_alone": left_alone,
    "written": written,
    "interrupted": interrupted,
    "parked": parked,
    "passed_on": passed_on,
    "just_passed_on": just_passed_on,
    "consulting": consulting,
    "consulted": consulted,
    "abandoned": abandoned,
    "answered": lambda s: s.receive_answered(),
    "answer_over": answer_over,
    "handed_over": lambda s: s.handed_over(),
    "decided_for_unit": lambda s: s.receive_handed_over(),
    "unit_late": unit_late,
    "with_unit": with_unit,
    "settled": settled,
    "returned": returned,
}
PASSED_ON = {"passed_on", "just_passed_on"}
QUEUED = {"queued", "returned", *PASSED_ON}
OFFERED = {"offered", "expired"}
STEADY = {"connected", "written", "consulting", "consulted"}
"""Stages at which the owner's leg is connected."""
TALKING = {*STEADY, "on_hold", "interrupted"}
WRAPPING = {"wrapped", "wrap_up_over"}
WITH_AGENT = {"connecting", *TALKING, *WRAPPING}
OWN = {*WITH_AGENT, "parked", "closed", "left_alone"}
"""Stages at which the agent may write about the contact: while it is theirs, and afterwards."""
AT_UNIT = {"handed_over", "unit_late", "decided_for_unit"}
ALLOWED: Mapping[str, set[str]] = {
    "interrupt_leg": {"written"},
    "park_contact": {*TALKING, *WRAPPING},
    "resume_contact": {"parked"},
    "release_parked": {"parked"},
    "transfer_contact": {*TALKING, *WRAPPING},
    "transfer_leg": {"consulted"},
    "transfer_out": {*TALKING, *WRAPPING},
    "begin_side_leg": {*WITH_AGENT} - {"consulting", "consulted"},
    "connect_side_leg": {"consulting"},
    "end_side_leg": {"consulting", "consulted"},
    "extend_side_leg": PASSED_ON,
    "pull_contact": QUEUED,
    "undo_work": {"closed", "handed_over", "just_passed_on"},
    "issue_offer": QUEUED - PASSED_ON,
    "accept_offer": OFFERED,
    "decline_offer": OFFERED,
    "expire_offer": {"expired"},
    "revoke_offer": OFFERED,
    "hold_leg": STEADY,
    "resume_leg": {"on_hold", "interrupted"},
    "connect_leg": {"connecting"},
    "end_contact": {*QUEUED, *OFFERED, "connecting", *TALKING},
    "finish_work": {*TALKING, *WRAPPING},
    "end_wrap_up": WRAPPING,
    "force_wrap_up": {"wrap_up_over"},
    "extend_wrap_up": WRAPPING,
    "release_contact": WITH_AGENT,
    "requeue_contact": QUEUED,
    "record_message": set(STAGES),
    "reopen_by_message": {"answered", "answer_over"},
    "close_contact": {"answer_over"},
    "record_progress": set(STAGES),
    "add_note": OWN,
    "send_message": OWN,
    "set_topic": OWN,
    "identify_person": OWN,
    "hand_over_contact": {*TALKING, *WRAPPING, "parked"},
    "accept_handover": AT_UNIT,
    "mark_handover_overdue": {"unit_late"},
    "finish_handover": {"with_unit"},
    "return_handover": {*AT_UNIT, "with_unit"},
}
"""The stages at which a command does something; at every other it is refused or has nothing to do."""
NOTHING_TO_DO: Mapping[str, set[str]] = {
    "accept_offer": WITH_AGENT,
    "interrupt_leg": {"interrupted"},
    "accept_handover": {"with_unit"},
    "finish_handover": {"settled"},
    "end_contact": {
        *WRAPPING,
        "parked",
        "closed",
        "left_alone",
        "abandoned",
        "answered",
        "answer_over",
        *AT_UNIT,
        "with_unit",
        "settled",
    },
}
"""The stages at which a command answers without an entry: what it wants is so already, or is none of its business."""


def agent_at(name: str, stage: str) -> str:
    """Who sends the command: the waiting have no agent yet."""
    return "" if name == "end_contact" and stage in QUEUED else "anna"
