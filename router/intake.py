"""Takes contacts in: who, about what, what is known, what is decided, and the one command that makes it durable.

Called by every adapter. Knows no protocol and no queue discipline; never answers before the store has fsynced.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import msgspec

from channels.base import Capabilities
from channels.inbound import InboundContact, Location, files_among
from channels.languages import spoken
from channels.registry import CHANNELS
from router import duty_rounds, placing, replacing
from router.capturing import known_fields
from router.clock import elapsed_s
from router.decisions import ABANDON, Decisions
from router.disturbances import Point
from router.errors import SchemaMismatch, UnknownChannel, UnknownTopic
from router.history import History, protection_fact, repeat_facts, told_facts
from router.identity import Identifier, Identity
from router.journal import EntryData, HandoverTerms, Received
from router.known_persons import HistoryReader, KnownPersons
from router.long_content import BlobStore, by_reference
from router.model import OpenContact, new_contact_id
from router.opening import Opening
from router.protection import stricter
from router.records import (
    Decided,
    first_data,
    first_fields,
    first_record,
    handover_fields,
    place_fields,
)
from router.returning import KNOWN, NOTHING_OPEN, Open, Returning
from router.store.contact_commands import EventName, QueuePlace
from router.store.fault_index import cell_of, point_text
from router.store.redis_store import Store
from router.surroundings import Surroundings, Surveyor
from router.telemetry import Metrics
from rules.city import City
from rules.outcome import Decision
from rules.topics import Suggestion

ANSWERED_MS = 7 * 86_400_000
"""How long an answered contact may be written to before it is closed: the re-contact window."""
TAKEN_MS = 60_000
"""How long a contact that an agent has taken elsewhere waits for them to pull it."""
_encode = msgspec.json.Encoder().encode


class FirstWords(msgspec.Struct, frozen=True):
    """What is read again of a first content record."""

    blob: str = ""
    location: Location | None = None


_first = msgspec.json.Decoder(FirstWords)


class Waits(Protocol):
    """Estimated waits as the floor last published them."""

    def wait_s(self, queue: str) -> int | None:
        """Estimated wait of a queue in seconds; None when unknown."""
        ...

    def ahead(self, queue: str, ready_at: int) -> int | None:
        """How many who wait live in a queue came before somebody; None when unknown."""
        ...

    def abandon_pct(self, queue: str) -> int | None:
        """Per cent who gave up waiting there in the last 15 minutes; None when unknown."""
        ...


class Receipt(NamedTuple):
    """What became of a contact that was handed in."""

    contact: str
    is_new: bool
    related_to: str = ""
    """What says the same already: an open contact, or `disturbance:<id>`."""


class Intake:
    """The way in for every contact."""

    def __init__(
        self,
        store: Store,
        city: City,
        identifier: Identifier,
        metrics: Metrics,
        *,
        decisions: Decisions,
        returning: Returning,
        opening: Opening,
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
        self._decisions = decisions
        self._returning = returning
        self._opening = opening
        self._known = KnownPersons(store, history, timeout_s=facts_timeout_s, shared_after=shared_after)
        self._blobs = blobs
        self._waits = waits
        self._surveyor = Surveyor(store, city, opening, timeout_s=facts_timeout_s)
        self._calendars_at = -1
        self._open_calendars: Mapping[str, str] = {}

    async def receive_contact(
        self, event: EventName, inbound: InboundContact, *, may_backdate: bool, taken_by: str = ""
    ) -> str:
        """The contact's id; see `take`."""
        return (await self.take(event, inbound, may_backdate=may_backdate, taken_by=taken_by)).contact

    async def take(
        self, event: EventName, inbound: InboundContact, *, may_backdate: bool, taken_by: str = ""
    ) -> Receipt:
        """Decide about a contact and make it durable; the same event again gives the same id.

        One that an agent has taken already (`taken_by`) is queued, whatever the strategy would do with it, where only
        they can pull it for a minute.

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
        (history, identity), found, around = await asyncio.gather(
            self._known.of(identity, topic, now),
            self._returning.look(identity),
            self._surveyor.look(inbound.location, topic, now),
        )
        found = found if identity.strength in KNOWN else NOTHING_OPEN
        contact = new_contact_id(now, os.urandom(7))
        facts = self._facts(inbound, channel, identity, topic, suggestion, history, now)
        decided = self._decisions.decide({**facts, **around.facts}, identity.person or contact)
        if decided.decision.require_fields:
            decided = self._decisions.complete(decided, known_fields(msgspec.to_builtins(inbound)))
        if taken_by:
            decided = self._decisions.in_hand(decided)
        received = msgspec.structs.replace(
            first_record(event, inbound, channel, topic, suggestion),
            received_at=received_at,
            person=identity.person,
            person_keys=identity.keys,
            identity=identity.strength,
            protection=stricter(inbound.person.protection, history.protection),
            related_to=around.related_to,
        )
        await self._store.protected.remember(received.person_keys, received.protection)
        accepted = await self._take_in(contact, event, inbound, received, decided, found, now, taken_by, around.point)
        self._metrics.decisions.labels(decided.decision.kind, decided.decision.trace.stopped_by[:1] or "-").inc()
        for rule in decided.decision.trace.hits:
            self._metrics.decision_rules.labels(rule).inc()
        self._metrics.intake_seconds.observe(elapsed_s() - started)
        return Receipt(accepted, accepted == contact, around.related_to)

    async def _take_in(
        self,
        contact: str,
        event: EventName,
        inbound: InboundContact,
        received: Received,
        decided: Decided,
        found: Open,
        now: int,
        taken_by: str,
        point: Point | None,
    ) -> str:
        """Place it and make it durable; a callback that it makes needless ends only afterwards: both, never none."""
        content = await self._content(inbound)
        superseded = found.superseded(received.medium) if decided.decision.kind == "queue" else None
        place = await self._place(received, decided.decision, found, superseded, now, taken_by)
        _, accepted = await self._store_contact(
            contact, event, received, decided, content, place, now, point, has_text=bool(inbound.text.strip())
        )
        if superseded is not None and accepted == contact:
            await self._returning.supersede(superseded, contact)
        return accepted

    async def around_again(self, contact: OpenContact, topic: str) -> Surroundings:
        """What is known around an open contact that turns out to be about this topic."""
        record = (await self._store.content(contact.id)).get(1, b"{}")
        told = _first.decode(record)
        if told.blob:
            told = _first.decode(await self._blobs.get(told.blob))
        return await self._surveyor.look(told.location, topic, self._store.clock.now_ms(), but=contact.id)

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
            **told_facts(inbound.fields),
            "point": "received",
            "channel": channel.code,
            "medium": channel.medium,
            "topic": topic or None,
            "topic_confidence": 100 if inbound.topic else round(suggestion.confidence * 100),
            "severity": inbound.severity or suggestion.severity,
            "identity": identity.strength,
            "loa": person.loa,
            "protection": protection_fact(person.protection, identity, history),
            "language": spoken(f"{inbound.subject} {inbound.text}", person.language) or None,
            **repeat_facts(history),
            "attachments": files_among(inbound.attachments),
            "sensitive_detected": suggestion.sensitive,
            "queue_wait_s": self._waits.wait_s(self._city.strategy.strategy.meta.default_queue),
            ABANDON: self._waits.abandon_pct(self._city.strategy.strategy.meta.default_queue),
            "anonymous": person.anonymous,
            "authority": inbound.authority or None,
            "has_location": inbound.location is not None,
            "crisis": self._opening.orders.crisis(now) or None,
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
        return await by_reference(_encode(record), self._blobs)

    async def _place(
        self,
        received: Received,
        decision: Decision,
        found: Open,
        superseded: OpenContact | None,
        now: int,
        taken_by: str,
    ) -> QueuePlace | None:
        """Where a queued contact waits.

        In the queue that stands in for a diverted one, at the place of the callback that it makes needless, for the
        agent who knows the matter.
        """
        if decision.kind != "queue":
            return None
        queue = self._opening.diverted(decision.queue, received.medium, now)
        if queue != decision.queue:
            decision = msgspec.structs.replace(decision, queue=queue)
        ready_at = min(superseded.ready_at, received.received_at) if superseded else received.received_at
        place = placing.place(self._city, self.channel(received.channel), decision, ready_at)
        if superseded is not None:
            waits = msgspec.structs.replace(place.placed, waits_from=received.received_at)
            wait_until = placing.next_wait(self._city, decision, received.medium, waits, now)
            place = msgspec.structs.replace(place, wait_until=wait_until)
        if taken_by:
            return replacing.in_hand(place.placed, taken_by, now + TAKEN_MS, kept=frozenset(decision.keep))
        return await self._returning.preferred(found, decision, place, now) if found.contacts else place

    def _terms(self, contact: str, decision: Decision, topic: str, now: int) -> tuple[HandoverTerms, str]:
        """What the unit is asked to keep, or the first of the duty chain that it begins, with where that stands."""
        chain = duty_rounds.chain_for(self._city, decision)
        rung = duty_rounds.begin(self._city, chain, f"{contact}.h1", topic, now) if chain else None
        return (rung.terms, rung.duty.text) if rung else (placing.terms(self._city, decision.unit, topic, now), "")

    async def _store_contact(
        self,
        contact: str,
        event: EventName,
        received: Received,
        decided: Decided,
        content: bytes,
        place: QueuePlace | None,
        now: int,
        point: Point | None,
        *,
        has_text: bool,
    ) -> tuple[int, str]:
        agreed: HandoverTerms | None = None
        duty = ""
        fields = first_fields(event, received, decided, has_text=has_text)
        cell = ""
        if point is not None and received.protection == "none":
            fields["point"], cell = point_text(point), str(cell_of(point))
        if place is not None:
            fields.update(place_fields(place))
        elif decided.decision.kind == "hand_over":
            agreed, duty = self._terms(contact, decided.decision, received.topic, now)
            fields.update({**handover_fields(contact, agreed), "duty": duty})
        return await self._store.contacts.receive_contact(
            contact,
            event,
            decided.decision.kind,
            first_data(contact, received, decided, content, agreed, duty=duty_rounds.chain_of(duty)),
            place=place,
            due_by=agreed.accept_by if agreed else now + ANSWERED_MS,
            contents=[(1, content)],
            fields=fields,
            person=received.person if received.identity in KNOWN else "",
            cell=cell,
        )
