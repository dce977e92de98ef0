"""What an entry means for the derived rows: its transitions drive states and times, its data the other columns.

Pure: the same entries on the same rows give the same rows. An entry that does not follow from the rows is `Poison`;
the rows are then spoilt, and the batch must be folded again without it.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import msgspec

from router.activations import read_changed
from router.journal import Entry, Received
from router.lifecycle import Transition, is_final
from router.register.matters import handed_over_moved, settle
from router.register.rows import (
    AccessRow,
    ActivationMoveRow,
    AgentRow,
    AgentStateRow,
    CaseRow,
    ContactRow,
    DecisionRow,
    EventRow,
    HandoverRow,
    LegRow,
    MessageRow,
    OfferRow,
    PersonLinkRow,
    ThingRow,
)
from router.register.working import WorkingSet
from router.store.keys import contact_of

KEPT_FROM_RECEIVED = tuple(
    name
    for name in ContactRow.__struct_fields__
    if name in Received.__struct_fields__ and name not in {"person_keys", "received_at"}
)
PERSON_FIELDS = ("person", "identity", "protection", "language")
TAKING = frozenset({"accept", "pull", "resume", "transfer"})
"""Events of a contact after which an agent has it."""
SETTLING = frozenset({"hand_over", "answer", "close", "finish", "attach", "supersede", "give_up", "undo"})
"""Events of contacts and handovers that may make an outcome."""
MESSAGES: Mapping[str, str] = MappingProxyType({"record_message": "message", "add_note": "note"})

Handler = Callable[[WorkingSet, Entry, Transition], None]
Stateful = ContactRow | LegRow | OfferRow | CaseRow | HandoverRow | ThingRow


class Poison(Exception):
    """The entry can't follow from what was read before it."""

    state = "poison"


class UnknownVersion(Poison):
    """The entry was written by a newer router."""

    state = "unknown_version"


def fold(work: WorkingSet, entry: Entry) -> None:
    """Apply one entry.

    Raises:
        Poison: a revision is not the next one, or a machine is unknown.
    """
    data = entry.data
    if data.received is not None:
        _received(work, entry, data.received)
    for transition in entry.transitions:
        handler = HANDLERS.get(transition.machine)
        if handler is None:
            raise Poison(f"unknown machine {transition.machine}")
        handler(work, entry, transition)
    _agent_facts(work, entry)
    contact_id = contact_named(entry)
    if contact_id and contact_id in work.contacts.rows:
        _contact_facts(work, entry, contact_id)
    _settle(work, entry, contact_id)


def contact_named(entry: Entry) -> str:
    """The contact an entry is about; empty when it is about none, or an agent only."""
    if entry.data.contact:
        return entry.data.contact
    return next((owner(t, entry) for t in entry.transitions if t.machine not in AGENT_MACHINES), "")


def owner(transition: Transition, entry: Entry) -> str:
    """The contact that a transition's thing belongs to."""
    if transition.machine == "contact":
        return transition.id
    return contact_of(transition.id) if "." in transition.id else entry.data.contact


def _move(row: Stateful, transition: Transition) -> None:
    machine, thing, rev, before, _event, after = transition
    if rev != row.rev + 1 or before != row.state:
        raise Poison(f"{machine} {thing}: revision {rev} from {before!r}, expected {row.rev + 1} from {row.state!r}")
    row.rev, row.state = rev, after


def _received(work: WorkingSet, entry: Entry, received: Received) -> None:
    """A new contact's facts, or what has been learnt of its person since."""
    is_new = received.is_observed or any(t.machine == "contact" and t.rev == 1 for t in entry.transitions)
    row = work.contact(contact_named(entry) or f"observed-{entry.n}")
    for name in KEPT_FROM_RECEIVED if is_new else PERSON_FIELDS:
        setattr(row, name, getattr(received, name))
    _set_keys(work, row, received.person_keys)
    if is_new:
        row.received_at, row.changed_at, row.changed_n = received.received_at, entry.at, entry.n
        if received.event_id:
            work.events.append(EventRow(received.integration, received.source, received.event_id, row.id))


def _set_keys(work: WorkingSet, row: ContactRow, keys: Iterable[str]) -> None:
    """Keep the keys that a contact's person has now, and who was seen using the weaker ones."""
    known = list(dict.fromkeys(keys))
    row.person_keys = msgspec.json.encode(known).decode()
    for key in known:
        if key != row.person and not row.is_observed:
            work.person_links[key, row.person] = PersonLinkRow(key, row.person)


def _identified(work: WorkingSet, row: ContactRow, person: str, identity: str) -> None:
    """An agent said who it is: that key leads, those of other kinds stay; without one nobody is known any more."""
    row.person, row.identity = person, identity
    former = msgspec.json.decode(row.person_keys, type=list[str])
    # The first two characters of a key are its kind: a corrected party or number replaces the former one.
    _set_keys(work, row, [person, *(key for key in former if key[:2] != person[:2])] if person else [])


def _contact(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    row = work.contact(transition.id)
    _move(row, transition)
    row.reason = entry.data.reason
    if transition.event == "offer":
        row.offers += 1
        row.offered_at = row.offered_at or entry.at
    elif transition.event in TAKING:
        row.agent = entry.data.to if transition.event == "transfer" else entry.data.agent
        row.accepted_at = row.accepted_at or entry.at
    elif transition.event == "hand_over" and entry.data.terms:
        row.unit = entry.data.terms.unit
    if row.state == "queued":
        row.agent = ""
    if is_final("contact", row.state):
        row.closed_at = entry.at
        row.ended_at = row.ended_at or entry.at
    elif transition.event == "undo":
        row.closed_at = row.ended_at = None
        row.agent = entry.data.agent


def _leg(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    row = work.legs.change(transition.id)
    if transition.before == "":
        row.contact, row.began_at = owner(transition, entry), entry.at
        row.agent, row.role = _participant(entry, transition)
        work.contact(row.contact).legs += 1
    left, since = row.state, row.since
    _move(row, transition)
    row.since = entry.at
    if left == "on_hold":
        row.hold_ms += entry.at - since
    elif left == "interrupted":
        row.interrupted_ms += entry.at - since
    if transition.event == "connected":
        row.connected_at = row.connected_at or entry.at
    elif transition.event == "wrap_up":
        row.wrapping_at = entry.at
    elif row.state == "ended":
        row.ended_at, row.reason = entry.at, entry.data.reason
    if row.role == "owner" and (row.wrapping_at or row.ended_at) == entry.at:
        work.contact(row.contact).ended_at = entry.at


def _participant(entry: Entry, transition: Transition) -> tuple[str, str]:
    """Who a new leg is, and as what: a side leg says so itself; a warm transfer's leg is the new owner's."""
    side = entry.data.side
    if side is not None and side.leg == transition.id:
        return side.agent, side.role
    is_transfer = any(moved.machine == "contact" and moved.event == "transfer" for moved in entry.transitions)
    return (entry.data.to if is_transfer else entry.data.agent), "owner"


def _offer(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    row = work.offers.change(transition.id)
    _move(row, transition)
    data = entry.data
    if transition.event == "issue":
        row.contact, row.agent, row.issued_at = owner(transition, entry), data.agent, entry.at
        row.medium, row.queue, row.expires_at, row.chosen = data.medium, data.queue, data.expires_at, _text(data.chosen)
    else:
        row.ended_at, row.reason = entry.at, data.reason


def _handover(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    row = work.handovers.change(transition.id)
    if transition.before == "":
        _offered(work, entry, transition, row)
    _move(row, transition)
    row.changed_at = entry.at
    row.status = entry.data.status or row.status
    match transition.event:
        case "accept":
            row.accepted_at = entry.at
        case "ring":
            _asked_of(entry, row)
        case "mark_overdue":
            row.overdue_at = row.overdue_at or entry.at
        case "return":
            row.returned_at, row.reason = entry.at, entry.data.reason
            work.contact(row.contact).open_promises -= 1
        case "withdraw":
            row.reason = entry.data.reason
            work.contact(row.contact).open_promises -= 1
        case "finish":
            row.done_at, row.outcomes = entry.at, msgspec.json.encode(entry.data.outcomes).decode()
            work.contact(row.contact).open_promises -= 1
        case _:
            pass
    handed_over_moved(work, row, transition.event)


def _offered(work: WorkingSet, entry: Entry, transition: Transition, row: HandoverRow) -> None:
    row.contact, row.case_id, row.offered_at = owner(transition, entry), entry.data.case, entry.at
    contact = work.contact(row.contact)
    contact.open_promises += 1
    contact.handover = row.id
    _asked_of(entry, row)


def _asked_of(entry: Entry, row: HandoverRow) -> None:
    """Which unit is asked now, and until when."""
    terms = entry.data.terms
    if terms:
        row.unit, row.agreement, row.topic, row.generation = terms.unit, terms.agreement, terms.topic, terms.generation
        row.accept_by, row.contact_by, row.finish_by = terms.accept_by, terms.contact_by, terms.finish_by
        row.criterion = terms.criterion


def _case(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    row = work.cases.change(transition.id)
    terms = entry.data.terms
    if transition.before == "":
        row.contact, row.opened_at = owner(transition, entry), entry.at
    _move(row, transition)
    if terms:
        row.unit, row.topic = terms.unit, terms.topic or row.topic
    row.changed_at = entry.at
    row.status = entry.data.status or row.status
    if transition.event == "start":
        row.started_at = row.started_at or entry.at
    row.closed_at = entry.at if row.state == "closed" else None


def _callback(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    _thing(work.callbacks.change(transition.id), entry, transition)


def _closure_notice(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    _thing(work.closure_notices.change(transition.id), entry, transition)


def _sending(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    _thing(work.sendings.change(transition.id), entry, transition)


def _thing(row: ThingRow, entry: Entry, transition: Transition) -> None:
    if transition.before == "":
        row.contact, row.began_at = owner(transition, entry), entry.at
    _move(row, transition)
    row.changed_at, row.reason = entry.at, entry.data.reason


def _presence(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    row = work.agents.change(transition.id)
    if transition.rev != row.presence_rev + 1 or transition.before != row.presence:
        raise Poison(f"presence {transition.id}: revision {transition.rev}, expected {row.presence_rev + 1}")
    form = entry.data.form or row.form
    row.presence_rev = transition.rev
    if (transition.after, entry.data.reason, form) != (row.presence, row.reason, row.form):
        _new_interval(work, row, entry, AgentStateRow(row.id, entry.n, transition.after, entry.data.reason, form))


def _new_interval(work: WorkingSet, row: AgentRow, entry: Entry, new: AgentStateRow) -> None:
    """Close the running interval, of which the agent's row holds everything, and open the next."""
    if row.interval_n is not None and row.since is not None:
        old = AgentStateRow(row.id, row.interval_n, row.presence, row.reason, row.form, row.since, entry.at)
        work.agent_states[row.id, row.interval_n] = old
    new.from_at = entry.at
    row.presence, row.reason, row.form, row.since, row.interval_n = new.state, new.reason, new.form, entry.at, new.n
    work.agent_states[row.id, new.n] = new


def _lease(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    row = work.agents.change(transition.id)
    if transition.rev != row.lease_rev + 1 or transition.before != row.lease:
        raise Poison(f"lease {transition.id}: revision {transition.rev}, expected {row.lease_rev + 1}")
    row.lease_rev, row.lease, row.lease_at = transition.rev, transition.after, entry.at
    row.session = entry.data.session or row.session


def _activation(work: WorkingSet, entry: Entry, transition: Transition) -> None:
    """A strategy version moved; whoever moved one moved with it what it replaced."""
    records = read_changed(bytes(entry.data.activations)).records
    record = next((each for each in records if each.id == transition.id), None)
    if record is None:
        raise Poison(f"activation {transition.id}: the entry does not say what it is")
    _, strategy, _, before, event, after = transition
    text = msgspec.json.encode(record).decode()
    work.activation_moves.append(
        ActivationMoveRow(entry.n, strategy, entry.at, event, before, after, entry.data.actor, entry.data.reason, text)
    )


def _agent_facts(work: WorkingSet, entry: Entry) -> None:
    data = entry.data
    if not data.agent or not (data.profile or data.form):
        return
    row = work.agents.change(data.agent)
    if data.profile:
        row.profile = msgspec.json.encode(data.profile).decode()
    if data.form and data.form != row.form:
        if row.since is None:
            row.form = data.form
        else:
            _new_interval(work, row, entry, AgentStateRow(row.id, entry.n, row.presence, row.reason, data.form))


def _contact_facts(work: WorkingSet, entry: Entry, contact_id: str) -> None:
    data, row = entry.data, work.contact(contact_id)
    row.changed_at, row.changed_n = entry.at, entry.n
    if entry.command == "set_topic":
        row.topic = data.topic
    if entry.command in {"identify_person", "detach_person"} and data.received is None:
        _identified(work, row, data.reason, data.status or row.identity)
    if entry.placed:
        asks = entry.placed.asks
        row.queue, row.bucket, row.order_class = asks.queue, entry.placed.bucket, asks.order_class
        row.ready_at, row.due_at = entry.placed.ready_at, entry.placed.due_at
    if bytes(data.decision):
        row.generation = data.generation or row.generation + 1
        work.decisions[contact_id, row.generation] = DecisionRow(
            contact_id, row.generation, entry.n, entry.at, entry.command, _text(data.decision)
        )
    if entry.command in MESSAGES:
        number = data.content[0].number if data.content else 0
        kind = MESSAGES[entry.command]
        work.messages[entry.n] = MessageRow(contact_id, entry.n, number, kind, data.actor, entry.at)
    if data.purpose or entry.command == "record_access":
        work.access_records.append(AccessRow(entry.n, contact_id, data.agent, data.actor, data.purpose, entry.at))


def _settle(work: WorkingSet, entry: Entry, named: str) -> None:
    happened: dict[str, set[str]] = {named: set()} if entry.data.outcomes else {}
    for transition in entry.transitions:
        if transition.event in SETTLING and transition.machine in {"contact", "handover"}:
            events = happened.setdefault(owner(transition, entry), set())
            events.add(f"{transition.machine}.{transition.event}")
    for contact_id, events in happened.items():
        if contact_id in work.contacts.rows:
            settle(work, entry, work.contact(contact_id), events)


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode()


AGENT_MACHINES = frozenset({"presence", "lease"})
HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "contact": _contact,
        "leg": _leg,
        "offer": _offer,
        "presence": _presence,
        "lease": _lease,
        "callback": _callback,
        "handover": _handover,
        "closure_notice": _closure_notice,
        "sending": _sending,
        "case": _case,
        "activation": _activation,
    }
)
