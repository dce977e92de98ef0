"""`POST /v1/events`: CloudEvents in, contact ids out; 202 only when everything accepted is fsynced."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from aiohttp import web

from channels.cloudevents.wire import TYPE_PREFIX, CloudEvent, data_of, decode_json, parse
from channels.door import come
from channels.inbound import Attachment, InboundContact, InboundEnd, InboundMessage, InboundProgress
from router.conversation import Conversation
from router.errors import (
    Forbidden,
    InputError,
    Problem,
    SchemaMismatch,
    ServicecenterError,
    StaleRevision,
    StoreUnavailable,
    TooLarge,
    Unauthenticated,
    UnknownChannel,
    UnknownEventType,
    UnknownTopic,
)
from router.http.auth import Caller, Tokens, bearer
from router.http.problems import reply
from router.intake import Intake
from router.pressure import Pressure, refuse_nul
from router.store.contact_commands import EventName
from router.store.keys import contact_of
from router.telemetry import Metrics
from rules.city import City

TRIES = 20
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


class Refusals(Problem, frozen=True, omit_defaults=True):
    """A problem that lists the problems of a batch."""

    problems: list[Problem] = msgspec.field(default_factory=list[Problem])


class BatchRefused(InputError):
    """Nothing of the batch was accepted; `problems` says why for each event."""

    slug = "batch-refused"
    status = 422

    def __init__(self, refused: list[Problem] | None = None) -> None:
        super().__init__()
        self.refused = refused or []

    def problem(self, instance: str = "") -> Problem:
        """The problem with those of the events."""
        return Refusals(**msgspec.structs.asdict(super().problem(instance)), problems=self.refused)


class Prepared(msgspec.Struct, frozen=True):
    """An event that was read: what it is about, and the work it asks for."""

    about: tuple[str, ...]
    """Events about the same conversation are done in their order."""
    work: Callable[[], Awaitable[str]]


class EventDoor:
    """Checks, decodes and hands on events."""

    def __init__(
        self,
        intake: Intake,
        conversation: Conversation,
        tokens: Tokens,
        city: City,
        metrics: Metrics,
        pressure: Pressure,
        *,
        max_batch: int,
    ) -> None:
        self._intake = intake
        self._conversation = conversation
        self._tokens = tokens
        self._city = city
        self._metrics = metrics
        self._max_batch = max_batch
        self.pressure = pressure

    async def post(self, request: web.Request) -> web.Response:
        """Take one event or a batch."""
        body = await come(request.read())
        headers = {name.lower(): value for name, value in request.headers.items()}
        caller = self._caller(request, headers, body)
        refuse_nul(body)
        events, is_batch = parse(headers, body)
        if len(events) > self._max_batch:
            raise TooLarge(f"at most {self._max_batch} events in a batch", field="$")
        prepared = [self._prepare(event, caller, f"$[{i}]" if is_batch else "$") for i, event in enumerate(events)]
        if not is_batch:
            contact = await self._counted(prepared[0])
            return reply(Accepted(1, [contact or None]), 202)
        return await self._batch(prepared, request.path)

    async def _batch(self, prepared: list[Prepared], path: str) -> web.Response:
        """Conversations beside each other, each in its order; what the store refuses is told beside what it took."""
        results: dict[int, str | BaseException] = {}
        chains: dict[tuple[str, ...], list[int]] = {}
        for i, each in enumerate(prepared):
            chains.setdefault(each.about, []).append(i)

        async def in_order(places: list[int]) -> None:
            for i in places:
                (results[i],) = await asyncio.gather(self._counted(prepared[i]), return_exceptions=True)

        await asyncio.gather(*(in_order(places) for places in chains.values()))
        ids: list[str | None] = []
        refused: list[Problem] = []
        for i, result in sorted(results.items()):
            if isinstance(result, str):
                ids.append(result or None)
                continue
            if not isinstance(result, ServicecenterError) or result.status >= 500:  # noqa: PLR2004 # try the whole batch again
                raise result
            ids.append(None)
            refused.append(msgspec.structs.replace(result.problem(path), field=f"$[{i}]"))
        if refused and len(refused) == len(ids):
            raise BatchRefused(refused)
        return reply(Accepted(len(ids) - len(refused), ids, refused), 202)

    async def _counted(self, prepared: Prepared) -> str:
        try:
            contact = await _settled(prepared.work)
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

    def _prepare(self, event: CloudEvent, caller: Caller, where: str) -> Prepared:
        """Decode and check one event before anything of its request is stored."""
        body = data_of(event)
        refuse_nul(body)
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
            inbound = decode_json(_contact, body, at)
            return self._receiving(name, inbound, caller, at, is_observed=kind == "contact.observed")
        if kind == "contact.message":
            message = decode_json(_message, body, at)
            for i, attachment in enumerate(message.attachments):
                _refuse_kept(attachment, f"{at}.attachments[{i}]")
            about = _about(message.contact, name, at)
            return Prepared(about, lambda: self._conversation.record_message(name, message))
        if kind == "contact.ended":
            end = decode_json(_end, body, at)
            return Prepared(_about(end.contact, name, at), lambda: self._conversation.end_contact(name, end))
        if kind in {"case.updated", "delivery.updated"}:
            progress = decode_json(_progress, body, at)
            about = _about(progress.contact or contact_of(progress.case), name, at)
            return Prepared(about, lambda: self._conversation.record_progress(name, progress, kind))
        raise UnknownEventType(f"got {event.type[:80]!r}", field=f"{where}.type")

    def _receiving(
        self, name: EventName, inbound: InboundContact, caller: Caller, where: str, *, is_observed: bool
    ) -> Prepared:
        try:
            channel = self._intake.channel(inbound.channel)
        except UnknownChannel as error:
            raise UnknownChannel(error.detail, field=f"{where}.channel") from None
        for i, attachment in enumerate(inbound.attachments):
            _refuse_kept(attachment, f"{where}.attachments[{i}]")
        if inbound.topic and self._city.topics.get(inbound.topic) is None:
            raise UnknownTopic("not in the city's topics file", field=f"{where}.topic")
        self.pressure.check(channel.medium)
        take = self._intake.observe_contact if is_observed else self._intake.receive_contact
        about = (name.source, name.subject) if name.subject else (name.source, "", name.id)
        return Prepared(about, lambda: take(name, inbound, may_backdate="backdate" in caller.rights))


def _refuse_kept(attachment: Attachment, where: str) -> None:
    """Bytes kept here are named by our own adapters alone: nobody else's word opens what another resident sent."""
    if attachment.blob:
        raise SchemaMismatch("give a url", field=f"{where}.blob")


def _about(contact: str, name: EventName, where: str) -> tuple[str, ...]:
    """The conversation that an event names."""
    if contact:
        return (contact,)
    if not name.subject:
        raise SchemaMismatch("name the contact by its id, or by the event's subject", field=f"{where}.contact")
    return (name.source, name.subject)


async def _settled(work: Callable[[], Awaitable[str]]) -> str:
    """Another event of the same contact came between reading and writing: read again."""
    for _ in range(TRIES):
        try:
            return await work()
        except StaleRevision:
            continue
    raise StoreUnavailable("the contact changes faster than it can be read")
