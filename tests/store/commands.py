"""Every command on a contact, ready to be run at any stage of its way; and the stages at which it may happen."""

from collections.abc import Awaitable, Callable, Mapping

from router.journal import EntryData, Outcome
from router.model import OpenContact
from router.store.contact_commands import ANYONE
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


BUILDERS: Mapping[str, Builder] = {
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
QUEUED = {"queued", "returned"}
OFFERED = {"offered", "expired"}
TALKING = {"connected", "on_hold"}
WRAPPING = {"wrapped", "wrap_up_over"}
WITH_AGENT = {"connecting", *TALKING, *WRAPPING}
OWN = {*WITH_AGENT, "closed"}
"""Stages at which the agent may write about the contact: while it is theirs, and afterwards."""
AT_UNIT = {"handed_over", "unit_late", "decided_for_unit"}
ALLOWED: Mapping[str, set[str]] = {
    "issue_offer": QUEUED,
    "accept_offer": OFFERED,
    "decline_offer": OFFERED,
    "expire_offer": {"expired"},
    "revoke_offer": OFFERED,
    "hold_leg": {"connected"},
    "resume_leg": {"on_hold"},
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
    "hand_over_contact": {*TALKING, *WRAPPING},
    "accept_handover": AT_UNIT,
    "mark_handover_overdue": {"unit_late"},
    "finish_handover": {"with_unit"},
    "return_handover": {*AT_UNIT, "with_unit"},
}
"""The stages at which a command does something; at every other it is refused or has nothing to do."""
NOTHING_TO_DO: Mapping[str, set[str]] = {
    "accept_offer": WITH_AGENT,
    "accept_handover": {"with_unit"},
    "finish_handover": {"settled"},
    "end_contact": {*WRAPPING, "closed", "abandoned", "answered", "answer_over", *AT_UNIT, "with_unit", "settled"},
}
"""The stages at which a command answers without an entry: what it wants is so already, or is none of its business."""


def agent_at(name: str, stage: str) -> str:
    """Who sends the command: the waiting have no agent yet."""
    return "" if name == "end_contact" and stage in {"queued", "returned"} else "anna"
