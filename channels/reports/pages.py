"""The addresses of the report pages: the form, the check, sending, following. No page needs a script.

Whatever is refused comes back with all that was typed; nothing is answered before it is durable.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import structlog
from aiohttp import web
from msgspec.structs import replace

from channels.abuse import Buckets, check_stamp, same, stamp
from channels.base import Inbox, Key
from channels.catalogues import LANGS, Catalogue, Lang
from channels.door import Bodies, address_of
from channels.form_body import Form, parse
from channels.inbound import InboundContact, InboundMessage, Location
from channels.keeping import keep_uploads
from channels.public_state import Nearby, PublicState
from channels.public_status import status_of
from channels.reports.controls import SUBMIT, told_of
from channels.reports.form_page import form_page
from channels.reports.layout import BASE, HEADERS, Look, Topics
from channels.reports.settings import ReportsSettings
from channels.reports.told_pages import check_page, follow_page, hidden_page, wrong_page
from channels.reports.wire import (
    MOST_TEXT,
    Draft,
    Fault,
    contact_of,
    draft_of,
    faults_of,
    identity_of,
    numbered,
    point_of,
)
from channels.uploads import MOST_FILES
from router.errors import InfectedFile, InputError, NotFound, ServicecenterError, TooLarge, UnsupportedMediaType

OLDEST_S = 43_200.0
CHECKS_FOR_EACH = 6
"""How many times as often as sending a report may be checked: photos are kept then."""
STATIC: Mapping[str, str] = {"style.css": "text/css", "position.js": "text/javascript", "icon.svg": "image/svg+xml"}
SOURCE = "/reports"
Handler = Callable[[web.Request, Look], Awaitable[web.StreamResponse]]
_log = structlog.get_logger(__name__)


class ReportPages:
    """Gives out the form, takes reports, tells how they stand."""

    def __init__(
        self,
        inbox: Inbox,
        now_ms: Callable[[], int],
        topics: Topics,
        settings: ReportsSettings,
        words: Mapping[Lang, Catalogue],
        city: str,
    ) -> None:
        self._inbox = inbox
        self._now_ms = now_ms
        self._topics = topics
        self._settings = settings
        self._looks = {lang: Look(words[lang], city, settings) for lang in LANGS}
        self._sends = Buckets(settings.burst, settings.refill_s)
        self._checks = Buckets(settings.burst * CHECKS_FOR_EACH, settings.refill_s / CHECKS_FOR_EACH)
        self._bodies = Bodies(settings.max_body_bytes)
        folder = Path(__file__).parent / "static"
        self._static = {name: (folder / name).read_bytes() for name in STATIC}

    def routes(self) -> Sequence[web.RouteDef]:
        """Each address."""
        return [
            web.get(BASE, self._paged(self._blank)),
            web.post(BASE, self._paged(self._posted)),
            web.get(BASE + "/static/{name}", self._file),
            web.get(BASE + "/{contact}", self._paged(self._follow)),
            web.post(BASE + "/{contact}", self._paged(self._more)),
        ]

    def _paged(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The page's language is found; a refusal that no form can show becomes a page of its own."""

        async def told(request: web.Request) -> web.StreamResponse:
            look = self._looks[lang_of(request)]
            try:
                return await handler(request, look)
            except ServicecenterError as error:
                _log.info("report_page_refused", slug=error.slug)
                return _page(wrong_page(look, _sentence(error)), error.status, error.retry_after_s)

        return told

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in self._static:
            raise NotFound
        headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=self._static[name], content_type=STATIC[name], charset="utf-8", headers=headers)

    # Reporting -------------------------------------------------------------------------------------------------

    async def _blank(self, request: web.Request, look: Look) -> web.StreamResponse:
        topic = request.query.get("topic", "")
        draft = Draft(stamp=self._new_stamp(), tell_by="none", topic=topic if topic in self._topics else "")
        return _page(form_page(look, self._topics, draft, {}, self._inbox.sign))

    async def _posted(self, request: web.Request, look: Look) -> web.StreamResponse:
        async with self._bodies.read(request) as body:
            return await self._read(request, look, parse(request.headers.get("Content-Type", ""), body))

    async def _read(self, request: web.Request, look: Look, form: Form) -> web.StreamResponse:
        draft = draft_of(form, self._inbox.sign)
        if form.get("do") == "edit":
            return self._form_again(look, draft, [], 200)
        faults = faults_of(draft, self._topics)
        draft, late = self._stamped(draft)
        if faults or late:
            return self._form_again(look, draft, [*faults, *late], 422)
        address = address_of(request, self._settings.proxies)
        if form.get("do") == "send":
            return await self._send(look, draft, address)
        return await self._check(look, draft, form, address)

    async def _check(self, look: Look, draft: Draft, form: Form, address: str) -> web.StreamResponse:
        """Keep the photos, look what is known, show everything once more."""
        if not self._checks.take(address, self._now_ms()):
            return self._form_again(look, draft, [Fault(SUBMIT, "fault-too-many")], 429)
        if len(form.files) + len(draft.photos) > MOST_FILES:
            return self._form_again(look, draft, [Fault("photo", "fault-photo")], 422)
        try:
            photos = await keep_uploads(self._inbox, form.files, refuses_infected=True)
        except InfectedFile:
            return self._form_again(look, draft, [Fault("photo", "fault-infected")], 422)
        except (TooLarge, UnsupportedMediaType):
            return self._form_again(look, draft, [Fault("photo", "fault-photo")], 422)
        except ServicecenterError as error:
            return self._form_again(look, draft, [Fault(SUBMIT, "fault-unavailable")], error.status)
        draft = replace(draft, photos=numbered((*draft.photos, *photos)))
        nearby = await self._nearby(draft.topic, point_of(draft))
        return _page(check_page(look, self._topics, draft, nearby, {}, self._inbox.sign))

    async def _nearby(self, topic: str, location: Location | None) -> Nearby:
        """What is known there; a hint, so nobody is kept from anything by its absence."""
        if location is None:
            return Nearby()
        try:
            return await self._inbox.nearby(topic, location)
        except ServicecenterError as error:
            _log.info("nearby_unknown", slug=error.slug)
            return Nearby()

    async def _send(self, look: Look, draft: Draft, address: str) -> web.StreamResponse:
        if not self._sends.take(address, self._now_ms()):
            return self._check_again(look, draft, "fault-too-many", 429)
        once = identity_of(draft)
        try:
            taken = await self._inbox.receive(Key(SOURCE, f"report-{once}", once), contact_of(draft, look.words.lang))
        except InputError:
            return self._check_again(look, draft, "fault-refused", 422)
        except ServicecenterError as error:
            return self._check_again(look, draft, "fault-unavailable", error.status)
        raise web.HTTPSeeOther(self._link(taken.contact, look, "sent"), headers=HEADERS)

    # Following -------------------------------------------------------------------------------------------------

    async def _follow(self, request: web.Request, look: Look) -> web.StreamResponse:
        news = request.query.get("news", "")
        state = await self._state(request, request.query.get("key", ""))
        if state is None:
            return _page(hidden_page(look, request.match_info["contact"], news))
        return await self._told(look, state, news=news)

    async def _more(self, request: web.Request, look: Look) -> web.StreamResponse:
        """More words about a report; about one that is over they are a new one that answers it."""
        async with self._bodies.read(request) as body:
            form = parse(request.headers.get("Content-Type", ""), body)
        state = await self._state(request, form.get("key"))
        if state is None:
            raise NotFound
        text, given = form.get("more"), form.get("stamp")
        key = ""
        if not text or len(text) > MOST_TEXT:
            key = "fault-more"
        elif self._verdict(given) in {"forged", "too_old"}:
            key = "fault-too_old"
        elif not self._sends.take(address_of(request, self._settings.proxies), self._now_ms()):
            key = "fault-too-many"
        if key:
            return await self._told(look, state, fault=key, text=text)
        once = identity_of(Draft(text=text, stamp=given))
        try:
            contact = await self._inbox.message(Key(SOURCE, f"more-{once}"), InboundMessage(state.contact, text=text))
        except NotFound:
            again = InboundContact(
                "web", topic=state.topic, text=text, location=state.location, in_reply_to=state.contact
            )
            contact = (await self._inbox.receive(Key(SOURCE, f"again-{once}", once), again)).contact
        except ServicecenterError:
            return await self._told(look, state, fault="fault-unavailable", text=text)
        raise web.HTTPSeeOther(self._link(contact, look, "more"), headers=HEADERS)

    async def _told(
        self, look: Look, state: PublicState, *, news: str = "", fault: str = "", text: str = ""
    ) -> web.StreamResponse:
        said = await self._inbox.said(state.contact)
        nearby = await self._nearby(state.topic, state.location if status_of(state) == "known" else None)
        faults = [Fault("more" if fault == "fault-more" else SUBMIT, fault)] if fault else []
        told = told_of(look, faults, {"seconds": self._sends.wait_s()})
        key = self._inbox.sign("report", state.contact)
        html = follow_page(
            look, self._topics, state, said, key, told, nearby=nearby, news=news, stamp=self._new_stamp(), text=text
        )
        return _page(html, 422 if fault else 200)

    async def _state(self, request: web.Request, key: str) -> PublicState | None:
        """The report that an address and its key name; None when nothing may be told of it any more, or to anybody.

        Raises:
            NotFound: the key is not its own.
        """
        contact = request.match_info["contact"]
        if not same(key, self._inbox.sign("report", contact)):
            raise NotFound
        return await self._inbox.public_state(contact)

    # Both ------------------------------------------------------------------------------------------------------

    def _stamped(self, draft: Draft) -> tuple[Draft, list[Fault]]:
        """What the stamp says of a post; one that is not good any more is changed for a new one."""
        verdict = self._verdict(draft.stamp)
        if verdict in {"forged", "too_old"}:
            return replace(draft, stamp=self._new_stamp()), [Fault(SUBMIT, f"fault-{verdict}")]
        return draft, [Fault(SUBMIT, "fault-too_fast")] if verdict == "too_fast" else []

    def _verdict(self, given: str) -> str:
        return check_stamp(
            self._inbox.sign,
            "report",
            given,
            self._now_ms(),
            at_least_s=self._settings.at_least_s,
            at_most_s=OLDEST_S,
        )

    def _new_stamp(self) -> str:
        return stamp(self._inbox.sign, "report", self._now_ms(), secrets.token_hex(4))

    def _form_again(self, look: Look, draft: Draft, faults: Sequence[Fault], status: int) -> web.Response:
        told = told_of(look, faults, {"seconds": self._checks.wait_s()})
        return _page(form_page(look, self._topics, draft, told, self._inbox.sign), status)

    def _check_again(self, look: Look, draft: Draft, key: str, status: int) -> web.Response:
        told = told_of(look, [Fault(SUBMIT, key)], {"seconds": self._sends.wait_s()})
        return _page(check_page(look, self._topics, draft, Nearby(), told, self._inbox.sign), status)

    def _link(self, contact: str, look: Look, news: str) -> str:
        key = self._inbox.sign("report", contact)
        return f"{BASE}/{contact}?key={key}&lang={look.words.lang}&news={news}"


def lang_of(request: web.Request) -> Lang:
    """What the address says, else the first language of ours that the browser wants."""
    asked = request.query.get("lang", "")
    wanted = (part.strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(","))
    for each in (asked, *wanted):
        for lang in LANGS:
            if each == lang:
                return lang
    return "sv"


def _sentence(error: ServicecenterError) -> str:
    if isinstance(error, NotFound):
        return "wrong-not-found"
    if isinstance(error, TooLarge):
        return "wrong-too-large"
    return "wrong-other" if isinstance(error, InputError) else "wrong-unavailable"


def _page(html: str, status: int = 200, retry_after_s: int | None = None) -> web.Response:
    headers = dict(HEADERS) | ({"Retry-After": str(retry_after_s)} if retry_after_s else {})
    headers["Vary"] = "Accept-Language"
    return web.Response(text=html, status=status, content_type="text/html", headers=headers)
