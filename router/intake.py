"""Takes contacts in: who, about what, what is known, what is decided, and the one command that makes it durable.

Called by every adapter. Knows no protocol and no queue discipline; never answers before the store has fsynced.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import Protocol

import msgspec
import structlog

from channels.base import Capabilities, InboundContact
from channels.registry import CHANNELS
from router import placing
from router.clock import elapsed_s
from router.errors import SchemaMismatch, UnknownChannel, UnknownTopic
from router.identity import Identifier, Identity
from router.journal import EntryData, HandoverTerms, Received
from router.model import OpenContact, new_contact_id
from router.records import (
    Decided,
    DecisionRecord,
    content_ref,
    first_fields,
    first_record,
    handover_fields,
    place_fields,
)
from router.store.contact_commands import EventName, QueuePlace
from router.store.redis_store import Store
from router.telemetry import Metrics
from rules.city import City
from rules.decide import decide
from rules.outcome import Decision, Trace
from rules.topics import Suggestion

ANSWERED_MS = 7 * 86_400_000
"""How long an answered contact may be written to before it is closed: the re-contact window."""
INLINE_BYTES = 1024
"""Longer content goes to the blobs and is named by its hash."""
_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode
_record = msgspec.json.Decoder(DecisionRecord)


class History(msgspec.Struct, frozen=True):
    """What the register knows of a person; None is unknown, never zero."""

    repeats_7d: int | None = None
    repeats_30d: int | None = None
    open_promise: bool | None = None
    persons_using: int | None = None
    protection: str | None = None


UNKNOWN_HISTORY = History()


class HistoryReader(Protocol):
    """Answers from the register, or says that it does not know in time."""

    async def read(self, keys: tuple[str, ...], topic: str, now_ms: int) -> History:
        """Repeats and promises of a person."""
        ...


class BlobStore(Protocol):
    """Keeps long content, durable when `put` returns."""

    async def put(self, body: bytes) -> str:
        """Store and name by hash."""
        ...

    async def get(self, name: str) -> bytes:
        """The bytes under a name."""
        ...


class Waits(Protocol):
    """Estimated waits as the floor last published them."""

    def wait_s(self, queue: str) -> int | None:
        """Estimated wait of a queue in seconds; None when unknown."""
        ...


class Intake:
    """The way in for every contact."""

    def __init__(
        self,
        store: Store,
        city: City,
        identifier: Identifier,
        metrics: Metrics,
        *,
        history: HistoryReader,
        blobs: BlobStore,
        waits: Waits,
        facts_timeout_s: float,
        shared_after: int,
    ) -> None:
        self._store = store
        self._city = city
        self._identifier = identifier
        self._metrics = metrics
        self._history = history
        self._blobs = blobs
        self._waits = waits
        self._facts_timeout_s = facts_timeout_s
        self._shared_after = shared_after
        self._calendars_at = -1
        self._open_calendars: Mapping[str, str] = {}

    async def receive_contact(self, event: EventName, inbound: InboundContact, *, may_backdate: bool) -> str:
        """Decide about a contact and make it durable; the same event again gives the same id.

        Raises:
            UnknownChannel: no adapter registers the channel.
            UnknownTopic: the topic code is not in the topics file.
            EventConflict: the event was accepted before with another body.
            StoreUnavailable: nothing was promised; send again.
        """
        started = elapsed_s()
        channel = self.channel(inbound.channel)
        now = self._store.clock.now_ms()
        received_at = self._received_at(inbound, now, may_backdate=may_backdate)
        identity = self._identifier.identify(inbound.person)
        topic, suggestion = self._topic(inbound)
        history, identity = await self._known(identity, topic, now)
        decided = self.decide(self._facts(inbound, channel, identity, topic, suggestion, history, now))
        received = msgspec.structs.replace(
            first_record(event, inbound, channel, topic, suggestion),
            received_at=received_at,
            person=identity.person,
            person_keys=identity.keys,
            identity=identity.strength,
            protection=_stricter(inbound.person.protection, history.protection),
        )
        contact = new_contact_id(now, os.urandom(7))
        content = await self._content(inbound)
        _, accepted = await self._store_contact(contact, event, received, decided, content, now)
        self._metrics.decisions.labels(decided.decision.kind, decided.decision.trace.stopped_by[:1] or "-").inc()
        self._metrics.intake_seconds.observe(elapsed_s() - started)
        return accepted

    async def observe_contact(self, event: EventName, inbound: InboundContact, *, may_backdate: bool) -> str:
        """Count a contact that reached the city elsewhere; it is never routed and its words are not kept."""
        channel = self.channel(inbound.channel)
        now = self._store.clock.now_ms()
        topic, _ = self._topic(inbound)
        received = Received(
            channel=channel.code,
            medium=channel.medium,
            received_at=self._received_at(inbound, now, may_backdate=may_backdate),
            integration=event.integration,
            source=event.source,
            event_id=event.id,
            topic=topic,
            is_observed=True,
        )
        contact = new_contact_id(now, os.urandom(7))
        data = EntryData(contact=contact, received=received, actor=f"integration:{event.integration}")
        _, accepted = await self._store.contacts.receive_contact(contact, event, "observe", data)
        return accepted

    def channel(self, code: str) -> Capabilities:
        """The registered channel."""
        try:
            return CHANNELS[code]
        except KeyError:
            raise UnknownChannel(f"known: {', '.join(sorted(CHANNELS))}", field="$.data.channel") from None

    def decide(self, facts: Mapping[str, str | int | bool | None]) -> Decided:
        """Ask the strategy; if it fails, a person looks at the contact."""
        started = elapsed_s()
        try:
            decision = decide(self._city.strategy, facts)
        except Exception as error:  # noqa: BLE001 # whatever breaks in deciding, the contact goes to a person
            _log.error("decision_failed", error=type(error).__name__)
            decision = self.fallback("decision_failed")
        self._metrics.decide_seconds.observe(elapsed_s() - started)
        known = {name: value for name, value in facts.items() if value is not None}
        return Decided(decision, _encode(DecisionRecord(decision, known)))

    def decide_again(self, contact: OpenContact, point: str, reason: str) -> Decided:
        """A decision for a contact that needs a person now, from its own facts as they have become.

        What the strategy would send elsewhere waits for an agent, as protected and restricted as it was decided.
        """
        facts = dict(_record.decode(contact.decision.encode()).facts)
        if contact.topic != (facts.get("topic") or ""):
            facts |= {"topic": contact.topic or None, "topic_confidence": 100}
        facts |= {**self._city.calendar_facts(self._store.clock.now_ms()), "point": point}
        decided = self.decide(facts)
        if decided.decision.kind == "queue":
            return decided
        queue = self._city.strategy.strategy.meta.default_queue
        decision = msgspec.structs.replace(decided.decision, kind="queue", queue=queue, unit="", reason=reason)
        known = {name: value for name, value in facts.items() if value is not None}
        return Decided(decision, _encode(DecisionRecord(decision, known)))

    def fallback(self, reason: str) -> Decision:
        """The generalist queue, with the reason why."""
        trace = Trace(self._city.strategy.version, self._city.strategy.hash)
        return Decision(
            kind="queue",
            queue=self._city.strategy.strategy.meta.default_queue,
            require={},
            keep=(),
            route=(),
            emergency=False,
            head_start_s=0,
            unit="",
            reason=reason,
            restricted=False,
            mask=False,
            offers=(),
            notices=(),
            suggestions=(),
            warm_transfer="",
            fallback=self._city.strategy.strategy.meta.default_queue,
            trace=trace,
        )

    def _received_at(self, inbound: InboundContact, now: int, *, may_backdate: bool) -> int:
        """When it was received: never in the future, and in the past only for who may say so.

        Raises:
            SchemaMismatch: before 1970, where no calendar here reaches.
        """
        if inbound.received_at is None or not may_backdate:
            return now
        received_at = int(inbound.received_at.timestamp() * 1000)
        if received_at < 0:
            raise SchemaMismatch("expected an instant from 1970 on", field="$.data.received_at")
        return min(now, received_at)

    def _topic(self, inbound: InboundContact) -> tuple[str, Suggestion]:
        """The topic given, or the one that the words suggest with enough confidence."""
        suggestion = self._city.topics.suggest(f"{inbound.subject}\n{inbound.text[:2000]}")
        if not inbound.topic:
            return suggestion.code or "", suggestion
        if self._city.topics.get(inbound.topic) is None:
            raise UnknownTopic("not in the city's topics file", field="$.data.topic")
        return inbound.topic, suggestion

    async def _known(self, identity: Identity, topic: str, now: int) -> tuple[History, Identity]:
        """What the register knows, if it answers in time; a key that many use identifies nobody."""
        if not identity.keys:
            return UNKNOWN_HISTORY, identity
        try:
            async with asyncio.timeout(self._facts_timeout_s):
                history = await self._history.read(identity.keys, topic, now)
        except TimeoutError:
            return UNKNOWN_HISTORY, identity
        if identity.strength == "likely" and (history.persons_using or 0) > self._shared_after:
            return History(protection=history.protection), Identity(identity.keys, "shared")
        return history, identity

    def _facts(
        self,
        inbound: InboundContact,
        channel: Capabilities,
        identity: Identity,
        topic: str,
        suggestion: Suggestion,
        history: History,
        now: int,
    ) -> dict[str, str | int | bool | None]:
        person = inbound.person
        return {
            "point": "received",
            "channel": channel.code,
            "medium": channel.medium,
            "topic": topic or None,
            "topic_confidence": 100 if inbound.topic else round(suggestion.confidence * 100),
            "severity": inbound.severity or suggestion.severity,
            "identity": identity.strength,
            "loa": person.loa,
            "protection": _protection_fact(person.protection, identity, history),
            "language": person.language or None,
            "repeats_7d": history.repeats_7d,
            "repeats_30d": history.repeats_30d,
            "open_promise": history.open_promise,
            "attachments": len(inbound.attachments),
            "sensitive_detected": suggestion.sensitive,
            "queue_wait_s": self._waits.wait_s(self._city.strategy.strategy.meta.default_queue),
            "anonymous": person.anonymous,
            "authority": inbound.authority or None,
            "has_location": inbound.location is not None,
            **self._calendars(now),
        }

    def _calendars(self, now: int) -> Mapping[str, str]:
        """Which calendars are open; hours begin and end at whole minutes, so a minute's answer holds for the minute."""
        minute = now // 60_000
        if minute != self._calendars_at:
            self._calendars_at, self._open_calendars = minute, self._city.calendar_facts(now)
        return self._open_calendars

    async def _content(self, inbound: InboundContact) -> bytes:
        """The first content record: everything a person said or is called by; long bodies by reference."""
        record = msgspec.structs.replace(inbound, received_at=None)
        encoded = _encode(record)
        if len(encoded) <= INLINE_BYTES:
            return encoded
        return _encode({"blob": await self._blobs.put(encoded), "bytes": len(encoded)})

    async def _store_contact(
        self, contact: str, event: EventName, received: Received, decided: Decided, content: bytes, now: int
    ) -> tuple[int, str]:
        decision = decided.decision
        ref = content_ref(1, content)
        place: QueuePlace | None = None
        agreed: HandoverTerms | None = None
        fields = first_fields(event, received, decided)
        if decision.kind == "queue":
            place = placing.place(self._city, self.channel(received.channel), decision, received.received_at)
            fields.update(place_fields(place))
        elif decision.kind == "hand_over":
            agreed = placing.terms(self._city, decision.unit, received.topic, now)
            fields.update(handover_fields(contact, agreed))
        data = EntryData(
            contact=contact,
            actor="strategy",
            received=received,
            decision=msgspec.Raw(decided.record),
            generation=1,
            content=(ref,),
            terms=agreed,
            handover=f"{contact}.h1" if agreed else "",
            case=f"{contact}.k1" if agreed else "",
        )
        return await self._store.contacts.receive_contact(
            contact,
            event,
            decision.kind,
            data,
            place=place,
            due_by=agreed.accept_by if agreed else now + ANSWERED_MS,
            contents=[(1, content)],
            fields=fields,
        )


PROTECTION_LEVELS = ("none", "marked", "protected_registration", "assumed_identity")


def _protection_fact(given: str, identity: Identity, history: History) -> str | None:
    """The protection level; unknown, not none, when it could not be read of somebody who may have one."""
    if given == "none" and identity.keys and history.protection is None:
        return None
    return _stricter(given, history.protection)


def _stricter(given: str, known: str | None) -> str:
    """The stricter of two protection levels: once protected, a quiet channel does not lift it."""
    return max((given, known or "none"), key=PROTECTION_LEVELS.index)
