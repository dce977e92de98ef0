"""The addresses of posted forms: `POST /v1/forms/{form}`, its stamp, how a contact of it stands.

202 with the contact's id is sent only when it is durable; browsers are sent on to a page instead.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec
from aiohttp import web

from channels.abuse import network_of, stamp
from channels.base import Inbox, Key, Said
from channels.belonging import belonging
from channels.door import Bodies, address_of
from channels.inbound import InboundContact, InboundMessage
from channels.keeping import keep_uploads
from channels.posted.doors import Doors, bearer_of, origin_of
from channels.posted.settings import FormSettings, PostedSettings, rule_of, source_of
from channels.posted.wire import Posted, contact_of, files_of, id_of, message_of, read
from channels.public_state import PublicState
from channels.public_status import PublicStatus, is_over, status_of
from router.errors import NotFound, ServicecenterError

BASE = "/v1/forms"
AGAIN_MS = 600_000
"""The same body without an id, posted again within this time, is the same post."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_encode = msgspec.json.Encoder().encode


class Accepted(msgspec.Struct, frozen=True, omit_defaults=True):
    """A post that was taken."""

    id: str
    answer: str = ""
    """What is known already, for the resident to read."""


class Told(msgspec.Struct, frozen=True):
    """How a contact stands."""

    id: str
    status: PublicStatus
    is_over: bool
    received_at: int
    changed_at: int
    unit: str
    said: tuple[Said, ...]
    """What resident and service have written; numbers count on."""


class FormPages:
    """Takes posts and tells how they stand."""

    def __init__(self, inbox: Inbox, settings: PostedSettings, doors: Doors, now_ms: Callable[[], int]) -> None:
        self._inbox = inbox
        self._settings = settings
        self._doors = doors
        self._bodies = Bodies(settings.max_body_bytes)
        self._now_ms = now_ms

    def routes(self) -> Sequence[web.RouteDef]:
        """Each address."""
        return [
            web.post(BASE + "/{form}", self._browsers(self._post)),
            web.options(BASE + "/{form}", self._preflight),
            web.get(BASE + "/{form}/stamp", self._browsers(self._stamp)),
            web.get(BASE + "/{form}/contacts/{contact}", self._told),
        ]

    async def _post(self, request: web.Request) -> web.StreamResponse:
        async with self._bodies.read(request) as body:
            return await self._read(request, body)

    async def _read(self, request: web.Request, body: bytes) -> web.StreamResponse:
        form_id, form = self._form(request)
        signed = self._doors.open(request, body, form_id)
        posted = read(request.headers.get("Content-Type", ""), body)
        if form.origins and not signed and not bearer_of(request):
            self._doors.check_visitor(posted, form_id)
        accepted = await self._take(form_id, form, posted, self._once(request, posted, form, body, signed))
        if form.thanks and _is_browser(request):
            raise web.HTTPSeeOther(form.thanks)
        return web.Response(body=_encode(accepted), status=202, content_type="application/json")

    async def _take(self, form_id: str, form: FormSettings, posted: Posted, once: str) -> Accepted:
        source = source_of(form_id, form)
        files = files_of(posted, form)
        if form.says == "message":
            message = message_of(posted, form, ())
            state = await belonging(self._inbox, message.contact, source, rule_of(form.map["contact"]).field)
            uploads = await keep_uploads(self._inbox, files, documents=True)
            message = msgspec.structs.replace(message, attachments=uploads)
            return Accepted(await self._more(Key(source, f"{form_id}-{once}"), message, form.channel, state))
        contact_of(posted, form, ())  # what is wrong is told before anything is kept
        contact = contact_of(posted, form, await keep_uploads(self._inbox, files, documents=True))
        taken = await self._inbox.receive(Key(source, f"{form_id}-{once}", once), contact)
        return Accepted(taken.contact, taken.answer)

    async def _more(self, key: Key, message: InboundMessage, channel: str, state: PublicState) -> str:
        """More of a contact; of one that is over it is a new one that answers it."""
        try:
            return await self._inbox.message(key, message)
        except NotFound:
            again = InboundContact(
                channel,
                topic=state.topic,
                subject=message.subject,
                text=message.text,
                location=state.location,
                attachments=message.attachments,
                in_reply_to=state.contact,
            )
            return (await self._inbox.receive(Key(key.source, f"again-{key.id}"), again)).contact

    def _once(self, request: web.Request, posted: Posted, form: FormSettings, body: bytes, signed: str) -> str:
        """What makes two posts the same: the sender's id, the signed one, or the same bytes soon again."""
        given = id_of(posted, form) or signed or request.headers.get("Idempotency-Key", "").strip('" ')
        if given:
            return given if len(given) <= 100 and given.isprintable() else hashlib.sha256(given.encode()).hexdigest()  # noqa: PLR2004 # leaves room for the form's name
        who = "" if bearer_of(request) else network_of(address_of(request, self._settings.proxies))
        soon = str(self._now_ms() // AGAIN_MS)
        return hashlib.sha256(b"\0".join((who.encode(), soon.encode(), body))).hexdigest()[:40]

    async def _stamp(self, request: web.Request) -> web.StreamResponse:
        """A stamp for a page's form to carry."""
        form_id, form = self._form(request)
        if not form.at_least_s:
            raise NotFound("this form carries no stamp", field="form")
        made = stamp(self._inbox.sign, form_id, self._now_ms(), secrets.token_hex(4))
        return web.json_response({"stamp": made}, headers={"Cache-Control": "no-store"})

    async def _told(self, request: web.Request) -> web.StreamResponse:
        form_id, form = self._form(request)
        self._doors.check_key(bearer_of(request), form)
        if not form.answers:
            raise NotFound("this form tells nothing", field="form")
        state = await self._inbox.public_state(request.match_info["contact"])
        if state is None or state.source != source_of(form_id, form):
            raise NotFound("no contact of this form has this id", field="id")
        said = await self._inbox.said(state.contact)
        told = Told(
            state.contact, status_of(state), is_over(state), state.received_at, state.changed_at, state.unit, said
        )
        return web.Response(body=_encode(told), content_type="application/json", headers={"Cache-Control": "no-store"})

    async def _preflight(self, request: web.Request) -> web.StreamResponse:
        """A browser asks before its script posts JSON."""
        _, form = self._form(request)
        headers = _allowing(request, form)
        if headers:
            headers |= {
                "Access-Control-Allow-Methods": "POST",
                "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key",
                "Access-Control-Max-Age": "600",
            }
        return web.Response(status=204 if headers else 403, headers=headers)

    def _browsers(self, handler: Handler) -> Handler:
        """Scripts of allowed pages may read the answer; a refused form post is sent to the page that says so."""

        async def told(request: web.Request) -> web.StreamResponse:
            _, form = self._form(request)
            try:
                response = await handler(request)
            except ServicecenterError as error:
                if request.method == "POST" and form.sorry and _is_browser(request):
                    raise web.HTTPSeeOther(_with(form.sorry, problem=error.slug, field=error.field)) from None
                if not _allowing(request, form):
                    raise
                response = _refusal(error, request.path)
            response.headers.update(_allowing(request, form))
            return response

        return told

    def _form(self, request: web.Request) -> tuple[str, FormSettings]:
        form_id = request.match_info["form"]
        if form_id not in self._settings.forms:
            raise NotFound("no such form", field="form")
        return form_id, self._settings.forms[form_id]


def _refusal(error: ServicecenterError, path: str) -> web.Response:
    """As the service itself would say it: raised, it would lose what lets the page's script read it."""
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else None
    body = _encode(error.problem(path))
    return web.Response(body=body, status=error.status, content_type="application/problem+json", headers=headers)


def _is_browser(request: web.Request) -> bool:
    """Whether a person waits for a page."""
    return "text/html" in request.headers.get("Accept", "")


def _allowing(request: web.Request, form: FormSettings) -> dict[str, str]:
    origin = origin_of(request.headers)
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin in form.origins else {}


def _with(url: str, **said: str) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode({k: v for k, v in said.items() if v})) if part)
    return urlunsplit(parts._replace(query=query))
