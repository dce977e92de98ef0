"""Journal entries as the events an agent's desktop gets: one for each entry, and one for presence. Pure.

An event's type is the entry's chief move, `<machine>.<state>`; `moves` lists all of them. The chief move is the
offer's, otherwise the contact's, the leg's, the handover's and so on: one frame tells all of what one command did.
"""

from collections.abc import Iterator, Mapping

import msgspec

from router.activations import Activation, read_changed
from router.journal import AgentRecord, Entry, Outcome, Side
from router.lifecycle import MACHINES, NEW, Transition
from router.orders import Order, read_order

BY_COMMAND: Mapping[str, str] = {
    "record_message": "message.recorded",
    "send_message": "message.sent",
    "record_progress": "progress.recorded",
    "set_form": "form.set",
    "set_topic": "topic.set",
    "put_agent": "profile.put",
    "set_order": "order.set",
    "decide_contact": "decision.made",
    "no_one_possible": "contact.no_one_possible",
    "detach_person": "person.detached",
    "amend_outcome": "outcome.amended",
    "set_leg_mode": "leg.mode_set",
    "activate_strategy": "strategy.activated",
    "end_strategy": "strategy.ended",
    "restore_activations": "strategy.restored",
}
"""Commands that move no machine and are told all the same."""
OF_STRATEGY = frozenset({"activate_strategy", "end_strategy", "restore_activations"})
TOLD_TO_ALL = OF_STRATEGY | {"set_order"}
"""Commands that concern every desktop."""
SUGGESTED = "suggestion.made"
"""A decision that waits for the agent's word."""
DECIDED = frozenset({"decision.made", SUGGESTED})
_CHIEF = ("offer", "contact", "leg", "handover", "callback", "sending")
_TOLD = ("presence", *_CHIEF)


class EventData(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an event says; which fields are set depends on its type."""

    at: int
    """Epoch ms."""
    by: str = ""
    """Who did it, such as `agent:<id>`, `supervisor:<id>`, `unit:<id>`, `integration:<name>`, `timer` or `dispatch`."""
    contact_id: str = ""
    offer_id: str = ""
    leg_id: str = ""
    handover_id: str = ""
    case_id: str = ""
    callback_id: str = ""
    sending_id: str = ""
    """Words on their way to the resident: `<contact>.m<number of their record>`."""
    to_contact: str = ""
    """The contact that this one was attached to, or superseded by."""
    generation: int = 0
    """Of the decision; what `suggestion.answer` must name."""
    rev: int = 0
    """The contact's revision after this; with an offer it is what `offer.accept` must name."""
    medium: str = ""
    channel: str = ""
    queue: str = ""
    expires_at: int = 0
    until: int = 0
    reason: str = ""
    status: str = ""
    to: str = ""
    """Where the contact goes: an agent, a queue, a unit, an entry of the phone book; `status` tells which."""
    side: Side | None = None
    """The leg beside the owner's that this is about: a consult, a supervisor, a wrap-up of who passed it on."""
    form: str = ""
    profile: AgentRecord | None = None
    """What the agent can from now on; only in `profile.put`."""
    order: Order | None = None
    """The standing order; only in `order.set`."""
    activations: tuple[Activation, ...] = ()
    """Strategy versions as they stand now, the one that this is about first; only in `strategy.*`."""
    topic: str = ""
    state: str = ""
    """The state that the event's type names."""
    moves: tuple[str, ...] = ()
    """Every move of the entry, `<machine>.<state>`, in order."""
    contact: object = None
    """The contact's card; in `offer.issued`, after a new decision, and to somebody who is consulted or joins."""
    number: int = 0
    """Number of the content record that was added."""
    outcomes: tuple[Outcome, ...] = ()
    """How the contact's matters ended, as it was said last; only in `outcome.amended`."""
    message: object = None
    """The resident's new words in `message.recorded`, the agent's in `message.sent`; the cards hold all of them."""


def event_types() -> list[str]:
    """Every event type there can be, from the state tables."""
    states = {f"{machine}.{state}" for machine in _TOLD for state in MACHINES[machine] if state != NEW}
    return sorted(states | set(BY_COMMAND.values()) | {SUGGESTED})


def needs_card(kind: str) -> bool:
    """Whether the event always carries the contact's card."""
    return kind == "offer.issued"


def brings_in(kind: str, data: EventData, agent: str) -> bool:
    """Whether the event carries the card too: this agent takes part from now on, or what may be shown has changed."""
    if kind in DECIDED and data.status != "refused":
        return True
    return kind in {"leg.connecting", "leg.connected"} and data.side is not None and data.side.agent == agent


def needs_words(kind: str) -> bool:
    """Whether the event carries what was just said."""
    return kind in {"message.recorded", "message.sent"}


def events_of(entry: Entry) -> Iterator[tuple[str, EventData]]:
    """The events of one entry: the chief move, then the agent's presence when it moved as well."""
    moves = tuple(f"{moved.machine}.{moved.after}" for moved in entry.transitions)
    chief = min(
        (moved for moved in entry.transitions if moved.machine in _CHIEF),
        key=lambda moved: _CHIEF.index(moved.machine),
        default=None,
    )
    if entry.command == "decide_contact" and entry.data.status == "suggested":
        yield SUGGESTED, _data(entry, moves)
    elif entry.command in BY_COMMAND:
        yield BY_COMMAND[entry.command], _data(entry, moves)
    elif chief is not None:
        yield f"{chief.machine}.{chief.after}", _named(entry, chief, moves)
    for moved in entry.transitions:
        if moved.machine == "presence":
            yield f"presence.{moved.after}", msgspec.structs.replace(_data(entry, moves), state=moved.after)


def _named(entry: Entry, chief: Transition, moves: tuple[str, ...]) -> EventData:
    named: dict[str, str] = {"state": chief.after}
    if chief.machine != "contact":
        named[f"{chief.machine}_id"] = chief.id
    return msgspec.structs.replace(_data(entry, moves), **named)


def _data(entry: Entry, moves: tuple[str, ...]) -> EventData:
    data = entry.data
    return EventData(
        at=entry.at,
        by=data.actor,
        moves=moves,
        rev=next((moved.rev for moved in reversed(entry.transitions) if moved.machine == "contact"), 0),
        contact_id=data.contact,
        offer_id=data.offer,
        leg_id=data.leg,
        handover_id=data.handover,
        case_id=data.case,
        medium=data.medium,
        channel=data.channel,
        queue=data.queue,
        expires_at=data.expires_at,
        until=data.until,
        reason=data.reason,
        status=data.status,
        generation=data.generation,
        callback_id=data.callback,
        to_contact=data.to_contact,
        to=data.to,
        side=data.side,
        form=data.form,
        profile=data.profile,
        order=read_order(bytes(data.order), entry.at) if entry.command == "set_order" else None,
        activations=read_changed(bytes(data.activations)).records if entry.command in OF_STRATEGY else (),
        topic=data.topic,
        outcomes=data.outcomes if entry.command == "amend_outcome" else (),
        number=data.content[0].number if data.content and entry.command != "receive_contact" else 0,
    )
