"""Every command on a contact, ready to be run at any stage of its way; the stages stand in stages.py."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from router.journal import EntryData, Outcome
from router.model import OpenContact
from router.store.contact_commands import ANYONE, QueuePlace
from router.store.leg_commands import SideTimes
from router.store.sending_commands import SendingEvent
from tests.store.scene import MEDIA, MINUTE_MS, Scene, asks_of, place_fields, place_of

Call = Callable[[], Awaitable[object]]
Builder = Callable[[Scene, OpenContact, str, int], Call]


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


def write(*, is_owed: bool) -> Builder:
    """An agent's words to the resident."""
    return lambda s, c, a, _: (
        lambda: s.store.sendings.send_message(c.id, a, c.contents + 1, b"{}", data(c, a), is_owed=is_owed)
    )


def owe(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """Words of the service's own."""
    del agent, expected
    return lambda: scene.store.sendings.owe_message(contact.id, "reply", contact.contents + 1, b"{}", data(contact))


def settle(event: SendingEvent) -> Builder:
    """What became of the words that stage `owing` owes."""
    return lambda s, c, _a, _x: (
        lambda: s.store.sendings.record_sending(c.id, c.contents, event, data(c), retry_at=s.now + MINUTE_MS)
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


def on_phone(scene: Scene, contact: OpenContact, queue: str = "centre") -> QueuePlace:
    """The contact's own place in time, as a call."""
    return place_of(asks_of("phone", queue=queue), contact.ready_at, scene.now + MINUTE_MS)


def promise_callback(*, in_s: int = 0, notice_kind: str = "") -> Builder:
    """Promise a call in some seconds, or, when 0, in the contact's turn."""

    def build(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
        place = on_phone(scene, contact)
        return lambda: scene.store.callbacks.promise_callback(
            contact.id,
            agent,
            contact.bucket,
            expected,
            place,
            data(contact, agent),
            slot_at=scene.now + in_s * 1000 if in_s else 0,
            notice_kind=notice_kind,
            fields={**place_fields(place), "channel": "phone", "medium": "voice", "work": "phone:voice"},
        )

    return build


def fall_due(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """The time of the callback has come."""
    del agent
    place = on_phone(scene, contact)
    return lambda: scene.store.callbacks.fall_due_callback(
        contact.id, expected, place, data(contact), fields=place_fields(place)
    )


def miss_callback(*, is_last: bool) -> Builder:
    """Nobody answered: again in ten minutes, or given up with a notice owed, as a matter left to the resident."""

    def build(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
        unreached = (Outcome("waste", "unresolved", cause="resident", evidence="no_answer"),) if is_last else ()
        return lambda: scene.store.callbacks.miss_callback(
            contact.id,
            agent,
            expected,
            msgspec.structs.replace(data(contact, agent), reason="no_answer", outcomes=unreached),
            next_at=0 if is_last else scene.now + 10 * MINUTE_MS,
            notice_kind="callback_missed" if is_last else "",
        )

    return build


def place_elsewhere(scene: Scene, contact: OpenContact, agent: str, expected: int) -> Call:
    """Take the contact from whoever has it and let it wait in another queue."""
    place = place_of(asks_of(contact.channel or "phone", queue="wider"), contact.ready_at, scene.now + MINUTE_MS)
    return lambda: scene.store.queued.place_contact(
        contact.id, agent, contact.bucket or "none", expected, place, data(contact, agent), place_fields(place)
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
            c.id,
            a,
            "cecilia",
            of_legs(c),
            msgspec.structs.replace(data(c, a), to="cecilia"),
            wrap_until=s.now + MINUTE_MS,
            expected=x,
        )
    ),
    "give_ringing": lambda s, c, a, _: (
        lambda: s.store.legs.transfer_leg(
            c.id,
            a,
            "cecilia",
            of_legs(c),
            msgspec.structs.replace(data(c, "cecilia"), to="cecilia"),
            wrap_until=s.now + MINUTE_MS,
            setup_until=s.now + MINUTE_MS,
        )
    ),
    "recall_outside": lambda s, c, a, x: (
        lambda: s.store.legs.recall_contact(
            c.id,
            a,
            a,
            msgspec.structs.replace(data(c, a), to=a),
            wrap_leg="",
            setup_until=s.now + MINUTE_MS,
            expected=x,
        )
    ),
    "recall_given": lambda s, c, _a, x: (
        lambda: s.store.legs.recall_contact(
            c.id,
            "cecilia",
            "anna",
            msgspec.structs.replace(data(c, "anna"), to="anna"),
            wrap_leg=f"{c.id}.l1",
            setup_until=s.now + MINUTE_MS,
            expected=x,
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
    "send_message": write(is_owed=False),
    "owe_by_agent": write(is_owed=True),
    "owe_message": owe,
    "send_owed": settle("send"),
    "put_off_owed": settle("put_off"),
    "deliver_owed": settle("deliver"),
    "fail_owed": settle("fail"),
    "set_topic": annotate("set_topic"),
    "detach_person": annotate("detach_person"),
    "identify_person": annotate("identify_person"),
    "hand_over_contact": lambda s, c, a, x: (
        lambda: s.store.handovers.hand_over_contact(
            c.id, a, "roads", s.now + MINUTE_MS, data(c, a), expected=x, terms=b"{}", bucket=c.bucket
        )
    ),
    "accept_handover": lambda s, c, _a, _x: (
        lambda: s.store.handovers.accept_handover(c.handover or f"{c.id}.h0", s.now + 5 * MINUTE_MS, data(c))
    ),
    "mark_handover_overdue": lambda s, c, _a, _x: (
        lambda: s.store.handovers.mark_handover_overdue(c.handover or f"{c.id}.h0", s.now + MINUTE_MS, data(c))
    ),
    "ring_duty": lambda s, c, _a, _x: (
        lambda: s.store.handovers.ring_duty(
            c.handover or f"{c.id}.h0", "night", s.now + MINUTE_MS, data(c), terms=b"{}", duty="{}"
        )
    ),
    "finish_handover": lambda s, c, _a, _x: (
        lambda: s.store.handovers.finish_handover(c.handover or f"{c.id}.h0", data(c))
    ),
    "return_handover": give_back,
    "promise_callback": promise_callback(in_s=60),
    "promise_in_turn": promise_callback(notice_kind="callback_moved"),
    "fall_due_callback": fall_due,
    "move_callback": lambda s, c, _a, x: (
        lambda: s.store.callbacks.move_callback(
            c.id, x, data(c), slot_at=s.now + 10 * MINUTE_MS, notice_kind="callback_moved"
        )
    ),
    "connect_callback": lambda s, c, a, x: lambda: s.store.callbacks.connect_callback(c.id, a, x, data(c, a)),
    "miss_callback": miss_callback(is_last=False),
    "miss_at_last": miss_callback(is_last=True),
    "attach_contact": lambda s, c, a, x: (
        lambda: s.store.callbacks.attach_contact(
            c.id, a, c.bucket, x, "c-main", msgspec.structs.replace(data(c, a), to_contact="c-main", reason="attached")
        )
    ),
    "cancel_contact": lambda s, c, a, x: lambda: s.store.callbacks.cancel_contact(c.id, a, c.bucket, x, data(c, a)),
    "place_contact": place_elsewhere,
    "decide_contact": lambda s, c, _a, x: lambda: s.store.queued.decide_contact(c.id, x, data(c), {"suggested": "{}"}),
    "no_one_possible": lambda s, c, _a, x: lambda: s.store.queued.no_one_possible(c.id, c.bucket or "none", x, data(c)),
}
ENTRY_NAMES: Mapping[str, str] = {
    "force_wrap_up": "end_wrap_up",
    "recall_outside": "recall_contact",
    "reopen_by_message": "record_message",
    "promise_in_turn": "promise_callback",
    "miss_at_last": "miss_callback",
    "owe_by_agent": "send_message",
    "send_owed": "record_sending",
    "put_off_owed": "record_sending",
    "deliver_owed": "record_sending",
    "fail_owed": "record_sending",
}
"""Builders whose command has another name than their own."""


async def prepare(scene: Scene, name: str, contact: str, *, agent: str = "anna", expected: int = ANYONE) -> Call:
    """The command as somebody would send it who has just read the contact."""
    seen = await scene.store.contact(contact) or OpenContact(id=contact, medium=MEDIA["phone"])
    return BUILDERS[name](scene, seen, agent, expected)
