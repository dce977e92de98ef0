"""Text messages through 46elks: those of residents are contacts or go on in an open one, answers go back.

Scorecard
  can: receive, further messages of an open conversation, send, delivery reports
  can't: attachments (MMS), typing; know that a message whose answer was lost has gone out: it is sent again
  46elks retries a webhook for hours: the same message is taken once
  our process dies, our store is away: nothing is confirmed before it is on disk, 46elks tells it again
  46elks is away: what is to be sent waits in the store
Must never answer a webhook with words: 46elks would send them.
"""

import contextlib
from collections.abc import Sequence

import aiohttp
import msgspec
import structlog
from aiohttp import web

from channels.base import Channel, Connection, Health, Inbox, Key, Outgoing, Sent, State
from channels.elks import wire
from channels.elks.settings import ElksNumber, ElksSmsSettings
from channels.elks.webhooks import Webhooks
from channels.numbers import e164
from channels.site import Site
from router.errors import EventConflict, NotFound

log = structlog.get_logger(__name__)
ROOT = "/v1/channels/elks-sms"
LIMIT_S = 15.0
FAULT, TOO_MANY, UNAUTHENTICATED = 500, 429, 401
LONGEST = 2_000
"""Characters of one answer: about fourteen parts."""


class _Made(msgspec.Struct, frozen=True):
    """What 46elks says of a message that it took."""

    id: str = ""


class ElksSms(Channel):
    """Text messages of our numbers."""

    def __init__(self, inbox: Inbox, plan: ElksSmsSettings, public_url: str) -> None:
        self._inbox = inbox
        self._plan = plan
        self._hooks = Webhooks(ROOT, public_url, plan.user, plan.password, plan.numbers)
        self._state: State = "stopped"
        self._reason = ""
        self._http: aiohttp.ClientSession | None = None

    @property
    def name(self) -> str:
        """As the configuration names it."""
        return "elks_sms"

    async def start(self) -> None:
        """Webhooks are answered from now on."""
        self._http = aiohttp.ClientSession(
            headers={"Authorization": aiohttp.encode_basic_auth(self._plan.api_user, self._plan.api_password)},
            timeout=aiohttp.ClientTimeout(total=LIMIT_S),
        )
        self._state = "up"

    async def stop(self) -> None:
        """Nothing is begun that would be lost."""
        self._state = "stopped"
        if self._http is not None:
            await self._http.close()

    def health(self) -> Health:
        """`degraded` while messages can't be sent."""
        return Health(self._state, 0, self._reason)

    async def connect(self, connection: Connection) -> None:
        """Whoever writes is connected when they write."""

    async def end(self, contact: str, reason: str) -> None:
        """A conversation of text messages has no line to close."""

    # In ------------------------------------------------------------------------------------------------------------

    def routes(self) -> Sequence[web.RouteDef]:
        """A message, and what became of one of ours."""
        return [web.post(self._hooks.path("in"), self._receive), web.post(self._hooks.path("report"), self._report)]

    async def _receive(self, request: web.Request) -> web.Response:
        """A message of a resident: on disk when this is answered, with nothing that could be sent back."""
        number, form = await self._hooks.read(request)
        sms = wire.sms_of(form)
        key = Key(f"sms:{number.number}", sms.id, self._inbox.sign("sms", number.number, sms.sender))
        try:
            await self._inbox.message(key, wire.further_of(sms))
        except (NotFound, EventConflict):  # a conflict: it was taken before, as the first of its conversation
            await self._inbox.receive(key, wire.writer_of(sms, self._plan.region))
        return web.Response(status=204)

    async def _report(self, request: web.Request) -> web.Response:
        _, form = await self._hooks.read(request)
        report = wire.report_of(form)
        contact, number = request.query.get("contact", ""), request.query.get("words", "")
        if not number.isascii() or not number.isdecimal() or len(number) > 9:  # noqa: PLR2004 - digits
            raise NotFound(field="words")
        if report.status != "sent":
            reason = "" if report.status == "delivered" else "undelivered"
            # Of words that are long forgotten there is nothing to tell, and nothing to ask 46elks to tell again.
            with contextlib.suppress(NotFound):
                await self._inbox.report(contact, int(number), report.status, reason)
        return web.Response(status=204)

    # Out -----------------------------------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> Sent:
        """One text message; the conversation's own number is the sender."""
        to = e164(message.to, self._plan.region)
        if not to:
            return Sent("failed", "no-address")
        if not message.text.strip() or len(message.text) > LONGEST:
            return Sent("failed", "too-long" if message.text.strip() else "no-text")
        number = next((each for each in self._plan.numbers if message.source == f"sms:{each.number}"), None)
        return await self._post(number or self._plan.numbers[0], to, message)

    async def _post(self, number: ElksNumber, to: str, message: Outgoing) -> Sent:
        told = self._hooks.url(number, "report", contact=message.contact, words=message.number)
        form = {"from": number.number, "to": to, "message": message.text, "whendelivered": told}
        if self._http is None:
            return Sent("later", "unreachable")
        try:
            async with self._http.post(f"{self._plan.api_url.rstrip('/')}/sms", data=form) as answer:
                body, status = await answer.read(), answer.status
        except (aiohttp.ClientError, OSError, TimeoutError):
            return self._later("unreachable")
        if status == UNAUTHENTICATED:
            return self._later("unauthenticated")
        if status >= FAULT or status == TOO_MANY:
            return self._later("unreachable")
        if status >= 400:  # noqa: PLR2004 - refused for what it is
            return Sent("failed", "refused-recipient")
        self._state, self._reason = "up", ""
        return Sent("sent", "", _id_of(body))

    def _later(self, reason: str) -> Sent:
        if (self._state, self._reason) != ("degraded", reason):
            log.warning("sms_not_sent", reason=reason)
        self._state, self._reason = "degraded", reason
        return Sent("later", reason)


def _id_of(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Made).id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""


async def open_elks_sms(site: Site, settings: ElksSmsSettings) -> Channel:
    """The channel that the settings describe.

    Raises:
        ConfigurationError: the settings contradict themselves.
    """
    settings.check("elks_sms")
    return ElksSms(site.inbox, settings, site.public_url)
