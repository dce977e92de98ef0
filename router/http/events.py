"""`POST /v1/events`: CloudEvents in, contact ids out; 202 only when everything accepted is fsynced."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from aiohttp import web

from channels.base import InboundContact, InboundEnd, InboundMessage, InboundProgress
from channels.cloudevents.wire import TYPE_PREFIX, CloudEvent, data_of, decode_json, parse
from router.conversation import Conversation
from router.errors import (
    Forbidden,
    Overloaded,
    Problem,
    SchemaMismatch,
    ServicecenterError,
    TooLarge,
    Unauthenticated,
    UnknownEventType,
    UnknownTopic,
)
from router.http.auth import Caller, Tokens, bearer
from router.http.problems import reply
from router.intake import Intake
from router.store.contact_commands import EventName
from router.telemetry import Metrics
from rules.city import City

_contact = msgspec.json.Decoder(InboundContact)
_message = msgspec.json.Decoder(InboundMessage)
_end = msgspec.json.Decoder(InboundEnd)
_progress = msgspec.json.Decoder(InboundProgress)


class Accepted(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answer to accepted events: the contact's id for each, in order."""

    accepted: int
    ids: list[str | None]
    problems: list[Problem] = []
    """Only for batches: what was refused, `field` naming the event's place."""


Work = Callable[[], Awaitable[str]]


class Pressure(msgspec.Struct):
    """What the store can still take; filled by the watch on memory, disk and register."""

    refuses_written: bool = False
    refuses_all: bool = False


class EventDoor:
    """Checks, decodes and hands on events."""

    def __init__(
        self, intake: Intake, conversation: Conversation, tokens: Tokens, city: City, metrics: Metrics, *, max_batch: int
    ) -> None:
        self._intake = intake
        self._conversation = conversation
        self._tokens = tokens
        self._city = city
        self._metrics = metrics
        self._max_batch = max_batch
        self.pressure = Pressure()

    async def post(self, request: web.Request) -> web.Response:
        """Take one event or a batch."""
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        caller = self._caller(request, headers, body)
        events, is_batch = parse(headers, body)
        if len(events) > self._max_batch:
            raise TooLarge(f"at most {self._max_batch} events in a batch", field="$")
        works = [self._prepare(event, caller, f"$[{i}]" if is_batch else "$") for i, event in enumerate(events)]
        if not is_batch:
            contact = await self._counted(works[0])
            return reply(Accepted(1, [contact]), 202)
        return await self._batch(works, request.path)

    async def _batch(self, works: list[Work], path: str) -> web.Response:
        """All of a batch at once; what the store refuses is told beside what it took."""
        results = await asyncio.gather(*(self._counted(work) for work in works), return_exceptions=True)
        ids: list[str | None] = []
        refused: list[Problem] = []
        for i, result in enumerate(results):
            if isinstance(result, str):
                ids.append(result)
                continue
            if not isinstance(result, ServicecenterError) or result.status >= 500:  # noqa: PLR2004 # try the whole batch again
                raise result
            ids.append(None)
            refused.append(msgspec.structs.replace(result.problem(path), field=f"$[{i}]"))
        accepted = len(ids) - len(refused)
        return reply(Accepted(accepted, ids, refused), 202 if accepted or not ids else 422)

    async def _counted(self, work: Work) -> str:
        try:
            contact = await work()
        except ServicecenterError as error:
            self._metrics.intake_events.labels("-", error.slug).inc()
            raise
        self._metrics.intake_events.labels("-", "accepted").inc()
        return contact

    def _caller(self, request: web.Request, headers: Mapping[str, str], body: bytes) -> Caller:
        if "webhook-signature" in headers:
            return self._tokens.check_signature(headers, body)
        token = bearer(request)
        if not token:
            raise Unauthenticated("sign with Standard Webhooks headers or send a bearer key", field="Authorization")
        caller = self._tokens.check(token)
        if not caller.may("integration"):
            raise Forbidden("needs the role integration")
        return caller

    def _prepare(self, event: CloudEvent, caller: Caller, where: str) -> Work:
        """Decode and check one event before anything of its request is stored."""
        body = data_of(event)
        name = EventName(
            integration=caller.name,
            source=event.source,
            id=event.id,
            body_sha=hashlib.sha256(event.type.encode() + b"\0" + body).hexdigest()[:32],
            subject=event.subject or "",
        )
        kind = event.type.removeprefix(TYPE_PREFIX) if event.type.startswith(TYPE_PREFIX) else ""
        at = f"{where}.data"
        if kind in {"contact.received", "contact.observed"}:
            return self._receiving(name, decode_json(_contact, body, at), caller, is_observed=kind == "contact.observed")
        if kind == "contact.message":
            message = decode_json(_message, body, at)
            self._names_contact(message.contact, name, at)
            return lambda: self._conversation.record_message(name, message)
        if kind == "contact.ended":
            end = decode_json(_end, body, at)
            self._names_contact(end.contact, name, at)
            return lambda: self._conversation.end_contact(name, end)
        if kind in {"case.updated", "delivery.updated"}:
            progress = decode_json(_progress, body, at)
            self._names_contact(progress.contact or progress.case, name, at)
            return lambda: self._conversation.record_progress(name, progress, kind)
        raise UnknownEventType(f"got {event.type[:80]!r}", field=f"{where}.type")

    def _receiving(self, name: EventName, inbound: InboundContact, caller: Caller, *, is_observed: bool) -> Work:
        channel = self._intake.channel(inbound.channel)
        if inbound.topic and self._city.topics.get(inbound.topic) is None:
            raise UnknownTopic("not in the city's topics file", field="$.data.topic")
        if self.pressure.refuses_all or (self.pressure.refuses_written and channel.medium == "written"):
            raise Overloaded("the store is nearly full")
        may_backdate = "backdate" in caller.rights
        if is_observed:
            return lambda: self._intake.observe_contact(name, inbound, may_backdate=may_backdate)
        return lambda: self._intake.receive_contact(name, inbound, may_backdate=may_backdate)

    @staticmethod
    def _names_contact(given: str, name: EventName, where: str) -> None:
        if not given and not name.subject:
            raise SchemaMismatch("name the contact by its id, or by the event's subject", field=f"{where}.contact")
