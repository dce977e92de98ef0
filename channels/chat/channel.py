"""The chat: residents' conversations on this router, between their sockets and the inbox.

Scorecard
  can       wait (band of minutes, announcement), typing both ways, delivered and read marks (signals, not kept), files
            both ways, resume after network loss, reload and a change of router, transcript by e-mail, callback instead
  can't     hold, transfer to a number, a second agent's name beside the first, a resident without JavaScript
  limits    text 4,000 characters, frame 64 kB, 10 frames a second (burst 20), 256 frames or 1 MiB behind: closed 4008
  page gone the chat waits `resume_ttl_s` for it, then the inbox is told that the resident has left
  store gone commands answer 503 and are sent again by the page under the same id; what was accepted is never lost
  we die    pages come back with a signed token, to any router; what was said comes from the inbox. Who never comes back
            is met by the agent: no router ends a chat that it has not served itself
Owns nothing that must not be lost.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import structlog
from aiohttp import web

from channels.base import Channel, Connection, FileLimits, Health, Inbox, Key, Outgoing, Seen, Sent
from channels.chat.chats import Chats
from channels.chat.commands import SOURCE
from channels.chat.pages import Pages
from channels.chat.session import Session
from channels.chat.settings import ChatSettings
from channels.chat.silence import due
from channels.chat.sockets import Sockets, origins_of
from channels.chat.uploads import Uploads
from channels.chat.wire import Message, Why, files_of
from channels.inbound import InboundEnd
from channels.site import Site
from router.errors import ConfigurationError, InputError, ServicecenterError
from router.sockets.frames import CLOSE_IDLE, Bye

SWEEP_S = 2.0
MOST_FILES = 10
"""Of one message of an agent."""
_log = structlog.get_logger(__name__)


class ChatChannel(Channel):
    """All chats of this router."""

    def __init__(
        self, inbox: Inbox, now_ms: Callable[[], int], settings: ChatSettings, *, public_url: str, city: str, zone: str
    ) -> None:
        self._inbox = inbox
        self._now_ms = now_ms
        self._settings = settings
        self._sweeper: asyncio.Task[None] | None = None
        self.chats = Chats(inbox, now_ms, settings, city, zone)
        origins = origins_of(settings, public_url)
        self.sockets = Sockets(self.chats, settings, origins, now_ms)
        self.uploads = Uploads(inbox, now_ms, settings, origins, self.chats)
        self._pages = Pages(settings, city)

    @property
    def name(self) -> str:
        """`[channels.chat]`."""
        return "chat"

    def routes(self) -> Sequence[web.RouteDef]:
        """Socket, files, widget."""
        return [
            web.get("/v1/chat", self.sockets.connect),
            web.post("/v1/chat/uploads", self.uploads.take),
            web.post("/v1/chat/files", self.uploads.give),
            *self._pages.routes(),
        ]

    async def start(self) -> None:
        """Look after the silent from now on."""
        if self._settings.queue:
            try:
                self._inbox.admits(self._settings.queue)
            except (InputError, KeyError) as error:
                raise ConfigurationError(
                    f"no such queue: {self._settings.queue}", field="$.channels.chat.queue"
                ) from error
        self.sockets.is_draining = False
        self._sweeper = asyncio.create_task(self._sweep_for_ever(), name="chat-sweep")

    async def stop(self) -> None:
        """Every page is told to come back in a moment, to whoever serves then."""
        self.sockets.is_draining = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        await asyncio.gather(*(session.leave(Bye("drain", 1_000)) for session in self.chats.all()))

    def health(self) -> Health:
        """Degraded while the inbox refuses what residents say."""
        trouble = self.chats.trouble
        if self._sweeper is None or self.sockets.is_draining:
            return Health("stopped")
        return Health("degraded" if trouble else "up", reason=trouble)

    @property
    def open_chats(self) -> int:
        """Chats with a contact that are not over."""
        return sum(session.is_open for session in self.chats.all())

    # What the service decides ---------------------------------------------------------------------------------------

    async def connect(self, connection: Connection) -> None:
        """An agent is there. The words are on disk either way, so a page that is away for a moment changes nothing."""
        session = self.chats.of(connection.contact)
        if session is not None:
            session.stand("agent", agent=self.chats.shown_name(connection.agent_name))
        with contextlib.suppress(ServicecenterError):
            # A leg of a chat is connected at once; this says it to whoever waits for it all the same.
            await self._inbox.connected(connection.leg)

    async def send(self, message: Outgoing) -> Sent:
        """Show it to whoever has the page open here; others find it when they come back."""
        if message.kind == "transcript":
            return Sent("failed", "no-mail-channel")
        session = self.chats.of(message.contact)
        if session is not None:
            by = "agent" if message.kind == "reply" else "service"
            shown = Message(message.number, by, message.text, self._now_ms(), files=files_of(message.attachments))
            if session.show(shown) and by == "agent":
                session.asked(self._now_ms())
        return Sent("sent", external_id=f"{message.contact}:{message.number}")

    def file_limits(self) -> FileLimits:
        """As many and as large as a resident may send, in one message."""
        most = MOST_FILES if self._settings.attachment_bytes else 0
        return FileLimits(most, self._settings.attachment_bytes, most * self._settings.attachment_bytes)

    async def end(self, contact: str, reason: str) -> None:
        """The agent has finished, or it goes on another way."""
        session = self.chats.of(contact)
        if session is not None and session.is_open:
            session.stand("ended", _WHY.get(reason, "agent"))

    async def wait(self, seen: Seen) -> None:
        """They wait, or wait for something else."""
        session = self.chats.of(seen.contact)
        if session is not None and session.is_open:
            self.chats.stand_as(session, seen)

    async def typing(self, contact: str, *, is_typing: bool) -> None:
        """The agent writes."""
        session = self.chats.of(contact)
        if session is not None and session.phase == "agent":
            session.type(is_typing=is_typing)

    # Silence --------------------------------------------------------------------------------------------------------

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await self.sweep()

    async def sweep(self) -> None:
        """Remind, end, close and forget what is due."""
        now = self._now_ms()
        for session in self.chats.all():
            what = due(session, self._settings, now)
            if not what:
                continue
            try:
                await self._care(session, what)
            except ServicecenterError as error:
                self.chats.trouble = error.slug

    async def _care(self, session: Session, what: str) -> None:
        match what:
            case "remind":
                session.is_reminded = True
                ends_in_s = self._settings.end_after_s - self._settings.remind_after_s
                session.event("chat.reminder", {"ends_in_s": int(ends_in_s)})
            case "end_idle":
                await self._leave(session, "idle")
            case "end_away":
                if await self.chats.is_elsewhere(session):
                    self.chats.forget(session)
                else:
                    await self._leave(session, "away")
            case "close":
                await session.close(CLOSE_IDLE)
            case _:
                self.chats.forget(session)

    async def _leave(self, session: Session, why: Why) -> None:
        await self._inbox.end(Key(SOURCE, f"{session.chat}:end", session.chat), InboundEnd(session.contact, "left"))
        session.stand("ended", why)


_WHY: dict[str, Why] = {"callback": "callback", "handed_over": "handed_over"}


async def open_chat(site: Site, settings: ChatSettings) -> Channel:
    """The channel that the settings describe."""
    return ChatChannel(site.inbox, site.now_ms, settings, public_url=site.public_url, city=site.city, zone=site.zone)
