"""What comes after a contact was received: further messages, the resident leaving, progress told by others.

Called by adapters. Names contacts by our id or by the integration's own (source, subject).
"""

import contextlib
from collections.abc import Mapping

import msgspec

from channels.inbound import InboundEnd, InboundMessage, InboundProgress, files_among
from channels.registry import CHANNELS
from router import placing
from router.decisions import Decisions, Fact, facts_in_words, language_of
from router.errors import NotFound, StateError
from router.exits import can_take
from router.journal import EntryData
from router.leaving import Leaving
from router.leg_care import LegCare
from router.long_content import BlobStore, by_reference
from router.model import OpenContact
from router.records import content_ref, decision_fields, place_fields
from router.redeciding import Redeciding
from router.store.coalescer import Argument
from router.store.contact_commands import EventName
from router.store.fresh import on_fresh
from router.store.keys import contact_of
from router.store.redis_store import Store
from rules.city import City
from rules.organisation import Exit
from rules.topics import Suggestion

_encode = msgspec.json.Encoder().encode
WRITTEN = Exit("written")
MOST_READ = 2_000
"""Characters of a message that are read for what it is about."""


class Conversation:
    """The further life of a contact, as its channel tells it."""

    def __init__(
        self,
        store: Store,
        city: City,
        decisions: Decisions,
        blobs: BlobStore,
        *,
        leaving: Leaving,
        redeciding: Redeciding,
        parked: LegCare,
        short_abandon_s: float,
    ) -> None:
        self._store = store
        self._city = city
        self._decisions = decisions
        self._blobs = blobs
        self._leaving = leaving
        self._redeciding = redeciding
        self._parked = parked
        self._short_ms = int(short_abandon_s * 1000)

    async def end_contact(self, event: EventName, end: InboundEnd) -> str:
        """The resident has gone. An end that comes before its contact waits ten minutes for it."""
        return await on_fresh(lambda: self._end(event, end))

    async def _end(self, event: EventName, end: InboundEnd) -> str:
        contact_id = end.contact or await self._named(event)
        if not contact_id:
            await self._store.contacts.bury_event(event, f"ended {self._store.clock.now_ms()}")
            return ""
        contact = await self._store.contact(contact_id)
        if contact is None:
            return await self._gone(contact_id, is_named_by_id=bool(end.contact))
        if end.reason == "cancelled":
            return await self._cancel(event, contact)
        if contact.medium == "messaging" and contact.state in {"queued", "offered"} and can_take(WRITTEN, contact):
            await self._leaving.write(
                contact, "left_chat", actor=f"integration:{event.integration}", status=end.reason or "left"
            )
            return contact.id
        wrap_up_s = self._city.queue(contact.queue).wrap_up_s if contact.queue else 0
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            medium=contact.medium,
            reason=self._left(contact),
            status=end.reason or "left",
            queue=contact.queue,
            actor=f"integration:{event.integration}",
        )
        await self._store.contacts.end_contact(
            contact.id,
            contact.agent,
            contact.bucket,
            contact.rev,
            data,
            wrap_until=self._store.clock.now_ms() + wrap_up_s * 1000,
        )
        return contact.id

    def _left(self, contact: OpenContact) -> str:
        """How long somebody waited who has left: a short abandonment says nothing about the service."""
        if contact.state == "with_agent":
            return "left"
        waited_ms = self._store.clock.now_ms() - (contact.ready_at or contact.received_at)
        return "left_short" if waited_ms < self._short_ms else "left_long"

    async def _cancel(self, event: EventName, contact: OpenContact) -> str:
        """The resident needs no answer any more."""
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            medium=contact.medium,
            queue=contact.queue,
            reason="cancelled",
            actor=f"integration:{event.integration}",
        )
        await self._store.callbacks.cancel_contact(contact.id, contact.agent, contact.bucket, contact.rev, data)
        return contact.id

    async def record_message(self, event: EventName, message: InboundMessage) -> str:
        """Keep a further message; one to an answered contact puts it into a queue, any may change what is decided."""
        said = self._city.topics.suggest(f"{message.subject}\n{message.text[:MOST_READ]}")
        n, accepted = await on_fresh(lambda: self._message(event, message, said))
        contact = await self._store.contact(accepted) if n else None
        if contact is not None and contact.decision and not message.is_automatic:
            changes = _changes(contact, message, said)
            if changes and contact.state != "answered":
                await self._decide_again(contact, "fact_changed", changes)
        return accepted

    async def _message(self, event: EventName, message: InboundMessage, said: Suggestion) -> tuple[int, str]:
        name = message.contact or await self._named(event)
        contact = await self._store.contact(name) if name else None
        if contact is None:
            # Sent again because the answer was lost, and the contact is over and gone meanwhile: nothing new.
            if kept := await self._store.contact_of_event(event):
                return 0, kept
            raise NotFound("no open contact has this name", field="$.data.contact")
        words = _encode({"message": msgspec.structs.replace(message, contact=""), "at": self._store.clock.now_ms()})
        record = await by_reference(words, self._blobs)
        number = contact.contents + 1
        place, fields = None, dict[str, Argument]()
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            actor=f"integration:{event.integration}",
            content=(content_ref(number, record),),
        )
        if contact.state == "answered" and not message.is_automatic:
            changes = _changes(contact, message, said)
            await self._decisions.prepare(contact)
            decided = self._decisions.for_a_person(contact, "fact_changed", "reopened", changes)
            now = self._store.clock.now_ms()
            place = placing.place(self._city, CHANNELS[contact.channel], decided.decision, now)
            generation = contact.generation + 1
            data = msgspec.structs.replace(data, decision=msgspec.Raw(decided.record), generation=generation)
            fields = {**place_fields(place), **decision_fields(decided, generation)}
        n, accepted = await self._store.contacts.record_message(
            contact.id, event, number, record, data, place=place, fields=fields
        )
        if contact.state == "parked" and not message.is_automatic:
            await self._resume(contact.id, "reply", event)
        return n, accepted

    async def _resume(self, contact_id: str, why: str, event: EventName) -> None:
        """What the work was parked for has come: it returns, and is decided about as it is now."""
        if await self._parked.return_parked(contact_id, why, actor=f"integration:{event.integration}"):
            contact = await self._store.contact(contact_id)
            if contact is not None:
                await self._decide_again(contact, "resumed", {})

    async def _decide_again(self, contact: OpenContact, point: str, changes: Mapping[str, Fact]) -> None:
        """What was told is kept already: if others change the contact all the time, they decide."""
        with contextlib.suppress(StateError):
            await self._redeciding.at(point, contact, changes)

    async def record_progress(self, event: EventName, progress: InboundProgress, kind: str) -> str:
        """Keep what a department or a message provider reports."""
        return await on_fresh(lambda: self._progress(event, progress, kind))

    async def _progress(self, event: EventName, progress: InboundProgress, kind: str) -> str:
        contact_id = progress.contact or contact_of(progress.case) or await self._named(event)
        contact = await self._contact(contact_id)
        number = contact.contents + 1
        record = _encode({"note": progress.note}) if progress.note else b""
        data = EntryData(
            contact=contact.id,
            case=progress.case or contact.case,
            agent=contact.agent,
            status=progress.status,
            reason=kind,
            actor=f"integration:{event.integration}",
            content=(content_ref(number, record),) if record else (),
        )
        _, accepted = await self._store.contacts.record_progress(contact.id, event, number, record, data)
        if contact.state == "parked":
            await self._resume(contact.id, "unit", event)
        return accepted

    async def _named(self, event: EventName) -> str:
        return await self._store.contact_by_subject(event.integration, event.source, event.subject)

    async def _gone(self, contact_id: str, *, is_named_by_id: bool) -> str:
        """A contact that is over and has left the store has nothing left to end."""
        if is_named_by_id and not contact_id.startswith("c"):
            raise NotFound(field="$.data.contact")
        return contact_id

    async def _contact(self, contact_id: str) -> OpenContact:
        contact = await self._store.contact(contact_id) if contact_id else None
        if contact is None:
            raise NotFound("no open contact has this name", field="$.data.contact")
        return contact


def _changes(contact: OpenContact, message: InboundMessage, said: Suggestion) -> Mapping[str, Fact]:
    """What a message's words and files change of what is known."""
    found = facts_in_words(contact, said, files_among(message.attachments))
    return {**found, **language_of(contact, f"{message.subject} {message.text}")}
