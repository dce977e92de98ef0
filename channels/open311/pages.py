"""The addresses of GeoReport v2: who asks, what for, and the answer in the format of the address' ending.

Every answer of its own, refusals too, has the protocol's shape. Nothing is answered before it is durable.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from channels.abuse import same
from channels.base import Inbox, Key
from channels.belonging import belonging
from channels.catalogues import Catalogue
from channels.door import Bodies
from channels.form_body import Form, parse
from channels.inbound import Attachment, InboundContact, InboundMessage
from channels.keeping import keep_uploads
from channels.open311.documents import CONTENT_TYPE, Content, Format, written
from channels.open311.records import (
    definition_record,
    discovery_record,
    error_records,
    request_record,
    service_record,
    status_code,
    update_record,
)
from channels.open311.services import Services
from channels.open311.settings import Open311Settings
from channels.open311.wire import Asked, Update, asked_of, identity_of, report_of, service_named, update_of
from channels.public_state import Period, PublicState
from channels.public_status import is_over, status_of
from router.errors import Forbidden, NotFound, SchemaMismatch, ServicecenterError

BASE = "/open311/v2"
LOOKS_AT_ONCE = 20
UPDATES_DAYS = 1
Answering = Callable[[web.Request], Awaitable[tuple[str, Content]]]
"""A handler gives the root's name and what it holds."""


class Open311Pages:
    """Answers every address of the protocol."""

    def __init__(
        self,
        inbox: Inbox,
        now_ms: Callable[[], int],
        services: Services,
        settings: Open311Settings,
        words: Catalogue,
        url: str,
    ) -> None:
        self._inbox = inbox
        self._now_ms = now_ms
        self._services = services
        self._settings = settings
        self._words = words
        self._url = url + BASE
        self._bodies = Bodies(settings.max_body_bytes)

    def routes(self) -> Sequence[web.RouteDef]:
        """Each address, its ending being the format."""
        answers: Mapping[tuple[str, str], Answering] = {
            ("GET", "discovery"): self._discovery,
            ("GET", "services"): self._list_services,
            ("GET", "services/{id}"): self._definition,
            ("POST", "requests"): self._receive,
            ("GET", "requests"): self._requests,
            ("GET", "requests/{id}"): self._request,
            ("GET", "tokens/{id}"): self._token,
            ("POST", "servicerequestupdates"): self._receive_update,
            ("GET", "servicerequestupdates"): self._updates,
        }
        return [
            web.route(method, f"{BASE}/{path}.{{format:xml|json}}", self._answered(answer))
            for (method, path), answer in answers.items()
        ]

    def _answered(self, answer: Answering) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def told(request: web.Request) -> web.StreamResponse:
            form: Format = "json" if request.match_info["format"] == "json" else "xml"
            try:
                root, content = await answer(request)
            except ServicecenterError as error:
                status = status_code(error)
                headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else None
                return _response("errors", error_records(error, status), form, status, headers)
            return _response(root, content, form, 200, None)

        return told

    # What is offered -------------------------------------------------------------------------------------------

    async def _discovery(self, request: web.Request) -> tuple[str, Content]:
        self._jurisdiction(request.query.get("jurisdiction_id", ""))
        return "discovery", discovery_record(self._url, self._settings.contact)

    async def _list_services(self, request: web.Request) -> tuple[str, Content]:
        self._jurisdiction(request.query.get("jurisdiction_id", ""))
        return "services", [service_record(each) for each in self._services.values()]

    async def _definition(self, request: web.Request) -> tuple[str, Content]:
        self._jurisdiction(request.query.get("jurisdiction_id", ""))
        return "service_definition", definition_record(service_named(self._services, request.match_info["id"]))

    # What comes in ---------------------------------------------------------------------------------------------

    async def _receive(self, request: web.Request) -> tuple[str, Content]:
        async with self._bodies.read(request) as body:
            return await self._take(*self._form(request, body))

    async def _take(self, form: Form, source: str) -> tuple[str, Content]:
        service = service_named(self._services, form.get("service_code"))
        by_email = self._settings.notices_by_email
        report_of(form, service, (), by_email=by_email)  # what is wrong is told before anything is kept
        uploads = await keep_uploads(self._inbox, form.files, documents=True)
        contact = report_of(form, service, uploads, by_email=by_email)
        blobs = [each.blob for each in uploads]
        identity = identity_of(form, blobs, self._now_ms())
        taken = await self._inbox.receive(Key(source, f"request-{identity}", identity), contact)
        answer = {"service_request_id": taken.contact, "service_notice": taken.answer or None, "account_id": None}
        return "service_requests", [answer]

    async def _receive_update(self, request: web.Request) -> tuple[str, Content]:
        async with self._bodies.read(request) as body:
            return await self._take_update(*self._form(request, body))

    async def _take_update(self, form: Form, source: str) -> tuple[str, Content]:
        update = update_of(form)
        state = await belonging(self._inbox, update.request, source, "service_request_id")
        uploads = await keep_uploads(self._inbox, form.files)
        await self._tell(source, state, update, (*update.photos, *uploads))
        return "service_request_updates", [{"update_id": f"{state.contact}-{update.update_id}"}]

    async def _tell(self, source: str, state: PublicState, update: Update, photos: tuple[Attachment, ...]) -> None:
        """A further message; about a request that is over it is a new contact that answers the old one."""
        key = Key(source, f"update-{state.contact}-{update.update_id}")
        try:
            await self._inbox.message(key, InboundMessage(state.contact, "", update.text, photos))
        except NotFound:
            again = InboundContact(
                "web",
                topic=state.topic,
                text=update.text,
                location=state.location,
                attachments=photos,
                in_reply_to=state.contact,
            )
            await self._inbox.receive(Key(source, f"again-{state.contact}-{update.update_id}"), again)

    def _form(self, request: web.Request, body: bytes) -> tuple[Form, str]:
        """The posted form, and the source that its key stands for."""
        form = parse(request.headers.get("Content-Type", ""), body)
        self._jurisdiction(form.get("jurisdiction_id") or request.query.get("jurisdiction_id", ""))
        return form, self._source(form.get("api_key") or request.query.get("api_key", ""))

    # What is told ----------------------------------------------------------------------------------------------

    async def _requests(self, request: web.Request) -> tuple[str, Content]:
        asked = asked_of(request.query, self._now_ms())
        source = self._reader(request, names=bool(asked.ids))
        states = await self._by_id(asked.ids, source) if asked.ids else await self._by_period(asked, source)
        return "service_requests", [await self._record(each) for each in states]

    async def _request(self, request: web.Request) -> tuple[str, Content]:
        source = self._reader(request, names=True)
        found = await self._by_id((request.match_info["id"],), source)
        if not found:
            raise NotFound("no such request", field="service_request_id")
        return "service_requests", [await self._record(found[0])]

    async def _token(self, request: web.Request) -> tuple[str, Content]:
        """Requests get their id at once, so a token is that id."""
        source = self._reader(request, names=True)
        found = await self._by_id((request.match_info["id"],), source)
        if not found:
            raise NotFound("no such token", field="token")
        return "service_requests", [{"service_request_id": found[0].contact, "token": found[0].contact}]

    async def _updates(self, request: web.Request) -> tuple[str, Content]:
        self._jurisdiction(request.query.get("jurisdiction_id", ""))
        source = self._source(request.query.get("api_key", ""))
        if ("start_date" in request.query) != ("end_date" in request.query):
            raise SchemaMismatch("start_date and end_date come together", field="start_date")
        asked = asked_of(request.query, self._now_ms(), default_days=UPDATES_DAYS)
        states = await self._inbox.public_states(Period(asked.since, asked.until, "changed", source))
        extended = self._settings.extended_statuses
        return "service_request_updates", [
            update_record(each, await self._notes(each), extended=extended) for each in states
        ]

    async def _by_period(self, asked: Asked, source: str) -> Sequence[PublicState]:
        topics = tuple(self._services[code].topic for code in asked.codes if code in self._services)
        if asked.codes and not topics:
            return ()
        return await self._inbox.public_states(
            Period(asked.since, asked.until, "received", source, topics, asked.is_open)
        )

    async def _by_id(self, ids: Sequence[str], source: str) -> Sequence[PublicState]:
        found: list[PublicState | None] = []
        for i in range(0, len(ids), LOOKS_AT_ONCE):
            found += await asyncio.gather(*map(self._inbox.public_state, ids[i : i + LOOKS_AT_ONCE]))
        return [each for each in found if each is not None and source in {"", each.source}]

    async def _record(self, state: PublicState) -> Content:
        return request_record(state, self._services, await self._notes(state))

    async def _notes(self, state: PublicState) -> str:
        """How it stands in a sentence; with the agent's last answer when that may be public."""
        unit = state.unit or self._words.say("the-unit")
        said = self._words.say(f"status-{status_of(state)}", unit=unit[:1].upper() + unit[1:])
        if not (self._settings.publish_replies and is_over(state)):
            return said
        answers = [each.text for each in await self._inbox.said(state.contact) if each.by == "agent"]
        return answers[-1] if answers else said

    # Who asks --------------------------------------------------------------------------------------------------

    def _source(self, key: str) -> str:
        """The source of the integration whose key this is; every key is compared, found or not."""
        found = [name for name, secret in self._settings.keys.items() if same(key, secret)]
        if not found:
            raise Forbidden("the key is missing or not known", field="api_key")
        return f"/open311/{found[0]}"

    def _reader(self, request: web.Request, *, names: bool) -> str:
        """Whose requests are shown; '' for everybody's. Who names one by its id, which nobody guesses, needs no key."""
        self._jurisdiction(request.query.get("jurisdiction_id", ""))
        key = request.query.get("api_key", "")
        if self._settings.reading == "anyone" or (names and not key):
            return ""
        return self._source(key)

    def _jurisdiction(self, given: str) -> None:
        if given and self._settings.jurisdiction_id and given != self._settings.jurisdiction_id:
            raise NotFound("no such jurisdiction", field="jurisdiction_id")


def _response(
    root: str, content: Content, form: Format, status: int, headers: Mapping[str, str] | None
) -> web.Response:
    return web.Response(
        body=written(root, content, form),
        status=status,
        content_type=CONTENT_TYPE[form],
        charset="utf-8",
        headers=headers,
    )
