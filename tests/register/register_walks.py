"""Random valid journals: a walk over the state tables, command by command, with everything the service's data holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from hypothesis import strategies as st

from router.journal import AgentRecord, EntryData, Outcome, Received
from tests.register.register_journals import START_MS, Journal

TOPICS = ("BAR.FSK", "KOM.FEL", "KOM.SÖK", "INT.SUP", "GAT.BEL", "")
CHANNELS = ("phone", "email", "web")
RESOLUTIONS = (
    "answered",
    "decided",
    "booked",
    "guided",
    "referred_external",
    "self_service_hint",
    "message_taken",
    "asked_to_return",
    "unresolved",
    "internal",
    "named_person",
    "spam",
    "misdialled",
    "line_lost",
    "handed_over",
    "follower",
    "uncoded",
)
CRITERIA = ("registered_complete", "REGISTERED_COMPLETE", "answered", "")
PERSONS = (("p1", "k1"), ("p2", "k1"), ("k2",), ())


@dataclass(frozen=True)
class Step:
    """One drawn step: which contact, which action, which of its variants, how much later."""

    contact: int
    action: int
    variant: int
    later_ms: int


STEPS = st.lists(
    st.builds(
        Step, st.integers(0, 2), st.integers(0, 99), st.integers(0, 9_999), st.sampled_from((0, 7, 60_000, 3_599_000))
    ),
    min_size=20,
    max_size=80,
)


def walk(steps: Sequence[Step]) -> Journal:
    """The journal of a walk; a step that the contact's state does not allow is left out."""
    journal = Journal(START_MS + 1_234)
    for step in steps:
        journal.at += step.later_ms
        contact = f"c{step.contact}"
        actions = ACTIONS[journal.state("contact", contact)] + ALWAYS
        actions[step.action % len(actions)](journal, contact, step.variant)
    return journal


Action = Callable[[Journal, str, int], object]


def outcomes(variant: int) -> tuple[Outcome, ...]:
    """No, one or two outcomes."""
    pairs = [(TOPICS[variant // k % len(TOPICS)], RESOLUTIONS[variant // k % len(RESOLUTIONS)]) for k in (1, 7)]
    return tuple(Outcome(topic, resolution) for topic, resolution in pairs[: variant % 3])


def receive(journal: Journal, contact: str, variant: int) -> None:
    """A contact comes in, at times received earlier than written, at times abandoned before it was taken in."""
    if (journal.state("contact", contact), contact) != ("", contact) or f"{contact}?" in journal.counts:
        return
    path = ("queue", "queue", "hand_over", "answer", "observe")[variant % 5]
    journal.receive(
        contact,
        path,
        channel=CHANNELS[variant % len(CHANNELS)],
        topic=TOPICS[variant // 3 % len(TOPICS)],
        keys=PERSONS[variant // 2 % len(PERSONS)],
        criterion=CRITERIA[variant // 5 % len(CRITERIA)],
        received_at=journal.at - variant * 100,
    )
    if path == "observe":
        journal.counts[f"{contact}?"] = 1


def simple(command: str, *events: str) -> Action:
    """A command that moves the contact only."""

    def act(journal: Journal, contact: str, _variant: int) -> None:
        moves = [("contact", contact, event) for event in events]
        is_queued = events[-1] in {"requeue", "reopen"}
        journal.write(command, moves, EntryData(contact=contact, reason="why"), journal.placed() if is_queued else None)

    return act


def offer(journal: Journal, contact: str, variant: int) -> None:
    """The contact is offered."""
    journal.offer(contact, f"a{variant % 3}")


def accept(journal: Journal, contact: str, variant: int) -> None:
    """The offer is accepted."""
    journal.accept(contact, f"a{variant % 3}")


def withdraw(journal: Journal, contact: str, variant: int) -> None:
    """The offer is declined, expires or is revoked; an expired one may send the agent away."""
    event = ("decline", "expire", "revoke")[variant % 3]
    name, agent = journal.latest(contact, "o"), f"a{variant % 3}"
    moves = [("offer", name, event), ("contact", contact, "withdraw")]
    if event == "expire" and journal.can("presence", agent, "go_away"):
        moves.append(("presence", agent, "go_away"))
    data = EntryData(contact=contact, agent=agent, offer=name, reason="not_responding")
    journal.write(f"{event}_offer", moves, data, journal.placed())


def leg(journal: Journal, contact: str, variant: int) -> None:
    """The leg is held, resumed, interrupted or wrapped up, whatever it may do now."""
    thing = journal.latest(contact, "l")
    events = [e for e in ("hold", "resume", "interrupt", "wrap_up", "extend") if journal.can("leg", thing, e)]
    event = events[variant % len(events)]
    journal.write(f"{event}_leg", [("leg", thing, event)], EntryData(contact=contact, agent="a1", leg=thing))


def finish(journal: Journal, contact: str, variant: int) -> None:
    """The work is finished, with or without outcomes."""
    journal.finish(contact, *outcomes(variant))


def hand_over(journal: Journal, contact: str, variant: int) -> None:
    """The contact is handed over, with or without a word about its matters."""
    topic = TOPICS[variant % len(TOPICS)]
    journal.hand_over(contact, *outcomes(variant // 5), topic=topic, criterion=CRITERIA[variant % len(CRITERIA)])


def release(journal: Journal, contact: str, _variant: int) -> None:
    """The contact returns to its queue."""
    moves = [("leg", journal.latest(contact, "l"), "end"), ("contact", contact, "release")]
    journal.write("release_contact", moves, EntryData(contact=contact, agent="a1", reason="lost"), journal.placed())


def unit(journal: Journal, contact: str, variant: int) -> None:
    """The unit does what it may do now."""
    thing = journal.latest(contact, "h")
    events = [e for e in ("accept", "return", "mark_overdue", "finish") if journal.can("handover", thing, e)]
    event = events[variant % len(events)]
    journal.handover(contact, event, reason="not ours", outcomes=outcomes(variant) if event == "finish" else ())


def note(journal: Journal, contact: str, variant: int) -> None:
    """Something is noted, read, identified, amended or given a topic; no state changes."""
    if journal.state("contact", contact) == "":
        return
    about = EntryData(contact=contact, agent="a1")
    change = msgspec.structs.replace
    number = 2 + variant
    match variant % 6:
        case 0:
            journal.write("set_topic", (), change(about, topic=TOPICS[variant // 6 % len(TOPICS)]))
        case 1:
            journal.write("add_note", (), change(about, content=(journal.content(contact, number, b"note"),)))
        case 2:
            journal.write("record_access", (), change(about, purpose="search"))
        case 3:
            keys = PERSONS[variant // 6 % len(PERSONS)]
            person = Received("phone", "voice", 0, person=keys[0] if keys else "", person_keys=keys, identity="likely")
            journal.write("identify_person", (), change(about, received=person))
        case 4 if outcomes(variant // 6):
            journal.write("amend_outcome", (), change(about, outcomes=outcomes(variant // 6)))
        case _:
            journal.write("record_message", (), change(about, content=(journal.content(contact, number, b"more"),)))


def agent(journal: Journal, _contact: str, variant: int) -> None:
    """An agent's presence, lease, form or profile changes."""
    name = f"a{variant % 3}"
    presence = [e for e in ("go_available", "go_away", "drain", "go_offline") if journal.can("presence", name, e)]
    lease = [e for e in ("take", "lose") if journal.can("lease", name, e)]
    match variant % 4:
        case 0:
            moves = [("presence", name, presence[variant // 4 % len(presence)])]
            journal.write("set_presence", moves, EntryData(agent=name, reason=("", "lunch")[variant % 2]))
        case 1:
            data = EntryData(agent=name, session=f"r1/{variant}")
            journal.write("open_session", [("lease", name, lease[variant // 4 % len(lease)])], data)
        case 2:
            journal.write("set_form", (), EntryData(agent=name, form=("live", "both")[variant // 4 % 2]))
        case _:
            journal.write("put_agent", (), EntryData(agent=name, profile=AgentRecord({"general": 3}, {"phone": 1})))


ALWAYS: tuple[Action, ...] = (note, agent)
NOTHING: tuple[Action, ...] = ()
ACTIONS: dict[str, tuple[Action, ...]] = {
    "": (receive,) * 6,
    "queued": (
        offer,
        offer,
        simple("end_contact", "abandon"),
        simple("cancel", "cancel"),
        simple("requeue_contact", "requeue"),
        simple("answer_contact", "answer"),
        simple("call_back", "call_back"),
    ),
    "offered": (accept, accept, accept, withdraw, simple("end_contact", "abandon")),
    "with_agent": (leg, finish, finish, hand_over, release, simple("park_contact", "park")),
    "parked": (simple("resume_contact", "resume"),),
    "callback": (simple("callback_due", "fall_due"), simple("callback_given_up", "give_up")),
    "handed_over": (unit, unit, unit, simple("record_message", "reopen")),
    "answered": (simple("record_message", "reopen"), simple("close_contact", "close")),
    "closed": NOTHING,
    "abandoned": NOTHING,
    "cancelled": NOTHING,
}
