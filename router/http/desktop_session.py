"""One agent's desktop session: numbered events, a ring to resume from, a bounded queue in front of a slow socket.

The session outlives its socket for the resume time. Nobody but its own writer ever waits for the socket.
"""

import asyncio
import contextlib
from collections import OrderedDict, deque
from typing import NamedTuple

import msgspec
import structlog
from aiohttp import web

from router.cards import Cards
from router.config import DesktopConfig
from router.errors import ServicecenterError
from router.http.desktop_events import EventData, brings_in, events_of, needs_card, needs_words
from router.http.frames import CLOSE_RESTART, CLOSE_SLOW, Event, Result, ToDesktop
from router.journal import Entry
from router.sockets.frame_ring import FrameRing
from router.telemetry import Metrics

KEPT_RESULTS = 32
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger(__name__)


class Told(NamedTuple):
    """An event that no journal entry tells."""

    id: str
    kind: str
    data: object


class Beside(NamedTuple):
    """An entry of a contact in which the agent takes part beside its owner."""

    entry: Entry


Outgoing = Entry | Beside | Told | bytes


class Session:
    """Events and answers on their way to one desktop."""

    def __init__(self, sid: str, agent: str, cards: Cards, config: DesktopConfig, metrics: Metrics) -> None:
        self.sid = sid
        self.agent = agent
        self.role = "agent"
        self.ring = FrameRing(config.ring_bytes)
        self.expires_at = 0
        """When it can't be resumed any more (epoch ms); 0 while a socket is attached."""
        self.socket: web.WebSocketResponse | None = None
        self.holder: web.WebSocketResponse | None = None
        """The socket that the session belongs to; `socket` from the moment on that events go to it."""
        self._transport: asyncio.Transport | None = None
        self.results: OrderedDict[str, bytes] = OrderedDict()
        self._cards = cards
        self._config = config
        self._metrics = metrics
        self._queue: deque[Outgoing] = deque()
        self._queued_bytes = 0
        self._floor: bytes | None = None
        """The newest floor frame that has not been sent."""
        self._arrived = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    # Socket ----------------------------------------------------------------------------------------------------

    def attach(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        """A socket is here: what is queued goes to it."""
        self.socket = socket
        self._transport = transport
        self.expires_at = 0
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="desktop-writer")

    def detach(self, expires_at: int) -> None:
        """The socket is gone; events go on into the ring until the session expires."""
        self.socket = None
        self._transport = None
        self.expires_at = expires_at

    def stop(self) -> None:
        """The session is over."""
        if self._writer is not None:
            self._writer.cancel()

    async def close(self, code: int) -> None:
        """Close the socket, at the latest in a second."""
        socket, transport = self.socket, self._transport
        if socket is None:
            return
        self.socket = None
        self._metrics.desktop_closed.labels(str(code)).inc()
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(1):
                await socket.close(code=code, drain=False)
        if transport is not None and transport.get_write_buffer_size():
            transport.abort()

    async def leave(self, frame: ToDesktop) -> None:
        """Say goodbye and close."""
        if self.socket is not None:
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(1):
                    await self.socket.send_str(_encode(frame).decode())
        await self.close(CLOSE_RESTART)

    # Queue -----------------------------------------------------------------------------------------------------

    def tell(self, item: Outgoing) -> None:
        """Queue an entry or an encoded frame; a desktop that does not read is closed, never waited for."""
        self._queue.append(item)
        self._queued_bytes += len(item) if isinstance(item, bytes) else 0
        if len(self._queue) > self._config.max_queued_frames or self._queued_bytes > self._config.max_queued_bytes:
            self._overflow()
        self._arrived.set()

    def tell_floor(self, frame: bytes) -> None:
        """Send the floor when nothing else waits; a frame that was not sent yet is out of date and dropped."""
        self._floor = frame
        self._arrived.set()

    def tell_frame(self, frame: ToDesktop) -> None:
        """Queue a frame that is no event."""
        self.tell(_encode(frame))

    def tell_result(self, result: Result) -> bytes:
        """Queue a command's answer and keep it for a repeat."""
        encoded = _encode(result)
        self.results[result.id] = encoded
        while len(self.results) > KEPT_RESULTS:
            self.results.popitem(last=False)
        self.tell(encoded)
        return encoded

    def _overflow(self) -> None:
        _log.info("desktop_slow", agent=self.agent, queued=len(self._queue))
        self._drop_queue()
        if self._writer is not None:
            self._writer.cancel()
            self._writer = None
        asyncio.get_running_loop().create_task(self.close(CLOSE_SLOW))  # ends within a second by itself

    def _drop_queue(self) -> None:
        """What is dropped is missing from the ring as well: the next resume must begin anew."""
        self._queue.clear()
        self._queued_bytes = 0
        self.ring.drop()

    # Writer ----------------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        while True:
            while not self._queue and self._floor is None:
                self._arrived.clear()
                await self._arrived.wait()
            if not self._queue:
                frame, self._floor = self._floor, None
                await self._send(frame or b"")
                continue
            item = self._queue.popleft()
            if isinstance(item, bytes):
                self._queued_bytes -= len(item)
                await self._send(item)
            elif isinstance(item, Told):
                await self._send_event(item)
            elif isinstance(item, Beside):
                await self._send_entry(item.entry, is_beside=True)
            else:
                await self._send_entry(item)

    async def _send_entry(self, entry: Entry, *, is_beside: bool = False) -> None:
        for part, (kind, data) in enumerate(events_of(entry)):
            if is_beside and kind.startswith("presence."):
                continue  # the owner's, not this agent's
            if kind == "message.sent" and not is_beside:
                continue  # whoever wrote it knows
            is_told_words = not is_beside or not await self._is_guarded(data.contact_id)
            filled = await self._filled(kind, data) if is_told_words else data
            await self._send_event(Told(f"{entry.n}-{part}", kind, filled))

    async def _is_guarded(self, contact_id: str) -> bool:
        """Whether the contact has become one that not everybody may see, or can't be read."""
        try:
            return await self._cards.is_guarded(contact_id)
        except ServicecenterError:
            return True

    async def _send_event(self, told: Told) -> None:
        frame = _encode(Event(self.ring.seq + 1, told.id, told.kind, told.data))
        self.ring.keep(frame)
        await self._send(frame)

    async def _filled(self, kind: str, data: EventData) -> EventData:
        """The event with the content that its kind carries; content that can't be read is left out."""
        try:
            if needs_card(kind) or brings_in(kind, data, self.agent):
                return msgspec.structs.replace(data, contact=await self._cards.card(data.contact_id))
            if needs_words(kind):
                words = await self._cards.words(data.contact_id, data.number)
                return msgspec.structs.replace(data, message=words)
        except (ServicecenterError, OSError) as error:
            _log.warning("content_unread", contact=data.contact_id, error=type(error).__name__)
        return data

    async def _send(self, frame: bytes) -> None:
        if self.socket is None or self.socket.closed:
            return
        with contextlib.suppress(ConnectionError):
            await self.socket.send_str(frame.decode())
            self._metrics.desktop_frames.inc()
