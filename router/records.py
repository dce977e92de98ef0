"""What is kept of a contact when it comes, in the forms of journal and store. Pure."""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from channels.base import Capabilities
from channels.inbound import InboundContact
from router.journal import ContentRef, EntryData, HandoverTerms, Outcome, Received
from router.store.coalescer import Argument
from router.store.contact_commands import EventName, Fields, QueuePlace
from rules.outcome import Decision
from rules.topics import Suggestion

FOLLOWER = "follower"
"""Answer of the strategy, and outcome of the matter: the same is reported already."""
DISTURBANCE = "disturbance:"
"""Begins what a contact is related to that is no contact."""
_encode = msgspec.json.Encoder().encode


class DecisionRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision with the facts it was made from: enough to make it again."""

    decision: Decision
    facts: Mapping[str, str | int | bool | None]
    instead_of: str = ""
    """Hash of the strategy version that should have decided, when it could not be had."""


class Decided(msgspec.Struct, frozen=True):
    """A decision with its record in journal form."""

    decision: Decision
    record: bytes


def first_record(
    event: EventName, inbound: InboundContact, channel: Capabilities, topic: str, suggestion: Suggestion
) -> Received:
    """What the channel said, in journal form; the person is set by who knows them."""
    return Received(
        channel=channel.code,
        medium=channel.medium,
        received_at=0,
        integration=event.integration,
        source=event.source,
        event_id=event.id,
        topic=topic,
        topic_confidence=100 if inbound.topic else round(suggestion.confidence * 100),
        severity=inbound.severity or suggestion.severity or "",
        language=inbound.person.language,
        authority=inbound.authority,
        lat=inbound.location.lat if inbound.location else None,
        lon=inbound.location.lon if inbound.location else None,
        preferred_notice=inbound.preferred_notice,
    )


def place_fields(place: QueuePlace) -> Fields:
    """A place as fields of the contact's hash."""
    placed = place.placed
    return {
        "queue": placed.asks.queue,
        "bucket": placed.bucket,
        "score": placed.score,
        "ready_at": placed.ready_at,
        "due_at": placed.due_at,
        "wait_until": place.wait_until,
        "step": 0,
        "placed": place.placed_json,
    }


def decision_fields(decided: Decided, generation: int) -> dict[str, Argument]:
    """A new decision as fields of the contact's hash; what was suggested before is over."""
    return {
        "generation": generation,
        "decision": decided.record.decode(),
        "restricted": int(decided.decision.restricted),
        "suggested": "",
    }


def handover_fields(contact: str, agreed: HandoverTerms) -> Fields:
    """A first handover as fields of the contact's hash."""
    return {
        "handover": f"{contact}.h1",
        "handovers": 1,
        "handover_state": "offered",
        "handover_rev": 1,
        "unit": agreed.unit,
        "terms": _encode(agreed).decode(),
        "case": f"{contact}.k1",
        "case_state": "new_case",
        "case_rev": 1,
    }


def content_ref(number: int, record: bytes) -> ContentRef:
    """Names a content record by number and hash."""
    return ContentRef(number, hashlib.sha256(record).hexdigest()[:32])


def ways_of(keys: Iterable[str], known: str = "") -> str:
    """How the resident can be reached beside this contact; the second letter of a person key is its kind."""
    kinds, ways = {key[:2] for key in keys}, set(known.split(","))
    return ",".join(way for way, kind in (("phone", "pn"), ("email", "pe")) if kind in kinds or way in ways)


def first_data(
    contact: str, received: Received, decided: Decided, content: bytes, agreed: HandoverTerms | None, *, duty: str = ""
) -> EntryData:
    """What the journal says of a new contact; the matter of one that only follows another has its outcome already."""
    follows = is_follower(decided.decision, received.related_to)
    return EntryData(
        contact=contact,
        actor="strategy",
        received=received,
        decision=msgspec.Raw(decided.record),
        generation=1,
        content=(content_ref(1, content),),
        terms=agreed,
        handover=f"{contact}.h1" if agreed else "",
        case=f"{contact}.k1" if agreed else "",
        outcomes=(Outcome(received.topic, FOLLOWER),) if follows else (),
        to_contact=received.related_to if follows else "",
        duty=duty,
    )


def is_follower(decision: Decision, related_to: str) -> bool:
    """Whether the strategy answers with the news of another open contact, which has the work."""
    named = related_to and not related_to.startswith(DISTURBANCE)
    return bool(named) and decision.kind == "answer" and decision.reason == FOLLOWER


def first_fields(event: EventName, received: Received, decided: Decided, *, has_text: bool) -> dict[str, Argument]:
    """A new contact as fields of its hash, without its place or handover."""
    return {
        "channel": received.channel,
        "medium": received.medium,
        "work": f"{received.channel}:{received.medium}",
        "topic": received.topic,
        "received_at": received.received_at,
        "person": received.person,
        "identity": received.identity,
        "protection": received.protection,
        "restricted": int(decided.decision.restricted),
        "ways": ways_of(received.person_keys),
        "has_text": int(has_text),
        "integration": event.integration,
        "source": event.source,
        "subject": event.subject,
        "contents": 1,
        "generation": 1,
        "decision": decided.record.decode(),
    }
