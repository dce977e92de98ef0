"""Journal entries as the events an agent's desktop gets: `<machine>.<state>` for each move. Pure."""

from collections.abc import Iterator, Mapping

import msgspec

from router.journal import Entry
from router.lifecycle import MACHINES, NEW, Transition
from router.store.keys import contact_of

BY_COMMAND: Mapping[str, str] = {
    "record_message": "message.recorded",
    "record_progress": "progress.recorded",
    "set_form": "form.set",
    "set_topic": "topic.set",
    "put_agent": "profile.put",
}
"""Commands that move no machine and are told all the same."""
_TOLD = ("presence", "offer", "leg", "contact", "handover", "case")


class EventData(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an event says; which fields are set depends on its type."""

    at: int
    """Epoch ms."""
    contact_id: str = ""
    offer_id: str = ""
    leg_id: str = ""
    handover_id: str = ""
    case_id: str = ""
    rev: int = 0
    """The contact's revision after this; with an offer it is what `offer.accept` must name."""
    medium: str = ""
    channel: str = ""
    queue: str = ""
    expires_at: int = 0
    until: int = 0
    reason: str = ""
    form: str = ""
    topic: str = ""
    state: str = ""
    contact: object = None
    """The contact's card; only in `offer.issued` and `message.recorded`."""


def event_types() -> list[str]:
    """Every event type there can be, from the state tables."""
    states = {f"{machine}.{state}" for machine in _TOLD for state in MACHINES[machine] if state != NEW}
    return sorted(states | set(BY_COMMAND.values()))


def needs_card(kind: str) -> bool:
    """Whether the event carries the contact's content."""
    return kind in {"offer.issued", "message.recorded"}


def events_of(entry: Entry) -> Iterator[tuple[str, EventData]]:
    """The events of one entry, in the order of its moves."""
    revs = {moved.id: moved.rev for moved in entry.transitions if moved.machine == "contact"}
    if entry.command in BY_COMMAND:
        yield BY_COMMAND[entry.command], _data(entry, entry.data.contact, 0)
    for moved in entry.transitions:
        if moved.machine in _TOLD:
            contact = contact_of(moved.id) if moved.machine != "presence" else ""
            yield f"{moved.machine}.{moved.after}", _named(entry, moved, contact, revs.get(contact, 0))


def _named(entry: Entry, moved: Transition, contact: str, rev: int) -> EventData:
    data = _data(entry, contact, rev)
    named: dict[str, str] = {"state": moved.after}
    if moved.machine in {"offer", "leg", "handover", "case"}:
        named[f"{moved.machine}_id"] = moved.id
    return msgspec.structs.replace(data, **named)


def _data(entry: Entry, contact: str, rev: int) -> EventData:
    data = entry.data
    return EventData(
        at=entry.at,
        contact_id=contact,
        offer_id=data.offer,
        leg_id=data.leg,
        handover_id=data.handover,
        case_id=data.case,
        rev=rev,
        medium=data.medium,
        channel=data.channel,
        queue=data.queue,
        expires_at=data.expires_at,
        until=data.until,
        reason=data.reason,
        form=data.form,
        topic=data.topic,
    )
