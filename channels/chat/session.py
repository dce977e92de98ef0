"""One chat on this router: numbered events, a ring to resume from, a bounded queue in front of a slow socket.

It outlives its socket for the resume time. Nobody but its own writer ever waits for the socket.
"""

import asyncio
import contextlib
import secrets
from collections import OrderedDict, deque

from aiohttp import web

from channels.chat.settings import ChatSettings, Lang
from channels.chat.wire import OPEN, Message, Phase, Typing, Why, encode
from router.sockets.frame_ring import FrameRing
from router.sockets.frames import CLOSE_REPLACED, CLOSE_RESTART, CLOSE_SLOW, Bye, Event, Result

KEPT_RESULTS = 16
CLOSING_S = 1


class Session:
    """What a router knows of one chat."""

    def __init__(self, chat: str, settings: ChatSettings, now_ms: int) -> None:
        self.chat = chat
        self.sid = secrets.token_hex(8)
        self.ring = FrameRing(settings.ring_bytes)
        self.contact = ""
        self.phase: Phase = "none"
        self.why: Why = ""
        self.changes = 0
        """How often it came to stand otherwise."""
        self.language: Lang = "sv"
        self.wait: tuple[int, int] | None = None
        self.ahead: int | None = None
        self.announcement = ""
        self.agent = ""
        self.answer = ""
        self.is_reminded = False
        self.quiet_since = now_ms
        """When the resident last wrote, or was written to: whoever is silent longer is asked."""
        self.is_asked = False
        """Whether the last words were the agent's: only then is silence the resident's."""
        self.gone_since = now_ms
        """When the socket was lost; 0 while there is one."""
        self.token_at = 0
        self.shown: set[int] = set()
        """Numbers of the records above `shown_up_to` that this page has been sent."""
        self.shown_up_to = 0
        self.written = 0
        """Records that the resident made here above `shown_up_to`."""
        self.unreported: deque[tuple[int, int]] = deque()
        """(event, record) of an agent's words whose arrival the page has not acknowledged."""
        self.files = 0
        self.results: OrderedDict[str, bytes] = OrderedDict()
        self.socket: web.WebSocketResponse | None = None
        self._settings = settings
        self._transport: asyncio.Transport | None = None
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._writer: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Whether there is a conversation."""
        return self.phase in OPEN

    # Socket ---------------------------------------------------------------------------------------------------------

    def attach(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, *first: bytes) -> None:
        """A socket is here: it gets these frames first, then what happens. One that was here before is closed."""
        self._shut(CLOSE_REPLACED)
        self.socket, self._transport = socket, transport
        self.gone_since = 0
        self._queue.extend(first)
        self._queued_bytes = 0
        self._start_writing()

    def detach(self, socket: web.WebSocketResponse, now_ms: int) -> None:
        """This socket is gone, unless another one has taken its place."""
        if self.socket is socket:
            self._let_go()
        if self.socket is None:
            self.gone_since = self.gone_since or now_ms

    async def close(self, code: int) -> None:
        """Close the socket, at the latest in a second."""
        socket, transport = self._let_go()
        if socket is not None:
            await _close(socket, transport, code)

    def _let_go(self) -> tuple[web.WebSocketResponse | None, asyncio.Transport | None]:
        held = self.socket, self._transport
        self.socket = self._transport = None
        self._forget_queue()
        return held

    async def leave(self, bye: Bye) -> None:
        """Say goodbye and close."""
        if self.socket is not None:
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(CLOSING_S):
                    await self.socket.send_str(encode(bye).decode())
        await self.close(CLOSE_RESTART)

    # How it stands --------------------------------------------------------------------------------------------------

    def stand(
        self,
        phase: Phase,
        why: Why = "",
        *,
        wait: tuple[int, int] | None = None,
        ahead: int | None = None,
        announcement: str = "",
        agent: str = "",
    ) -> None:
        """This is how the chat stands; the page is told what is new to it. What is over stays over."""
        if self.phase == "ended":
            return
        was = self.phase, self.why, self.wait, self.ahead, self.announcement, self.agent
        self.phase, self.why, self.wait, self.ahead = phase, why, wait, ahead
        self.announcement, self.agent = announcement, agent
        if was == (phase, why, wait, ahead, announcement, agent):
            return
        self.changes += 1
        match phase:
            case "agent":
                self.event("agent.joined", {"name": agent})
            case "ended":
                self.event("chat.ended", {"why": why})
            case _:
                told = {"phase": phase, "wait": wait, "announcement": announcement}
                self.event("chat.waiting", told if ahead is None else {**told, "ahead": ahead})

    def asked(self, now_ms: int) -> None:
        """The agent has written: it is the resident's turn."""
        if not self.is_asked:
            self.quiet_since = now_ms
        self.is_asked = True

    def heard(self, now_ms: int) -> None:
        """The resident has written."""
        self.quiet_since, self.is_asked, self.is_reminded = now_ms, False, False
        self.written += 1

    # What is told ---------------------------------------------------------------------------------------------------

    def event(self, kind: str, data: object, ident: str = "") -> int:
        """Number an event, keep it for a resume, and send it if a socket is here; its number."""
        frame = encode(Event(self.ring.seq + 1, ident or f"{self.sid}-{self.ring.seq + 1}", kind, data))
        self.ring.keep(frame)
        self.tell(frame)
        return self.ring.seq

    def show(self, message: Message) -> bool:
        """Send words that were not shown yet; whether they were new."""
        if message.n and (message.n <= self.shown_up_to or message.n in self.shown):
            return False
        seq = self.event("message", message, f"m{message.n}")
        if message.n:
            self.shown.add(message.n)
        if message.by == "agent":
            self.unreported.append((seq, message.n))
        return True

    def caught_up(self, number: int) -> None:
        """Everything up to this record has been shown."""
        self.shown_up_to = max(self.shown_up_to, number)
        self.written = 0
        self.shown = {each for each in self.shown if each > self.shown_up_to}

    def is_told_by_snapshot(self, number: int) -> None:
        """The agent's last words among those that a snapshot shows: they arrive with it."""
        self.unreported.clear()
        if number:
            self.unreported.append((self.ring.seq, number))

    def arrived(self, seq: int) -> int:
        """The page has everything up to `seq`: the record of the agent's last words among it, 0 for none."""
        self.ring.acknowledge(seq)
        number = 0
        while self.unreported and self.unreported[0][0] <= seq:
            number = self.unreported.popleft()[1]
        return number

    def type(self, *, is_typing: bool) -> None:
        """Show that the agent writes, if nothing else waits to be sent."""
        if not self._queue:
            self.tell(encode(Typing(is_typing)))

    def answer_command(self, result: Result) -> None:
        """Send a command's answer; kept for a repeat, unless it may turn out otherwise next time."""
        encoded = encode(result)
        if result.ok:
            self.results[result.id] = encoded
            while len(self.results) > KEPT_RESULTS:
                self.results.popitem(last=False)
        self.tell(encoded)

    def tell(self, frame: bytes) -> None:
        """Queue a frame; a page that does not read is closed, never waited for."""
        if self.socket is None:
            return
        self._queue.append(frame)
        self._queued_bytes += len(frame)
        limits = self._settings
        if len(self._queue) > limits.max_queued_frames or self._queued_bytes > limits.max_queued_bytes:
            self._overflow()
        else:
            self._start_writing()

    def _start_writing(self) -> None:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write(), name="chat-writer")

    def _overflow(self) -> None:
        """What is dropped is missing from the ring as well: the next resume begins anew."""
        self.ring.drop()
        self._shut(CLOSE_SLOW)

    def _shut(self, code: int) -> None:
        """Let go of the socket now; it is closed meanwhile."""
        socket, transport = self._let_go()
        if socket is not None:
            task = asyncio.get_running_loop().create_task(_close(socket, transport, code))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _forget_queue(self) -> None:
        self._queue.clear()
        self._queued_bytes = 0
        if self._writer is not None:
            self._writer.cancel()
            self._writer = None

    async def _write(self) -> None:
        """Runs while something is queued, so that a silent chat costs no task."""
        socket = self.socket
        with contextlib.suppress(ConnectionError):
            while self._queue and socket is not None and not socket.closed:
                frame = self._queue.popleft()
                self._queued_bytes = max(0, self._queued_bytes - len(frame))
                await socket.send_str(frame.decode())
        if self._writer is asyncio.current_task():
            self._writer = None


async def _close(socket: web.WebSocketResponse, transport: asyncio.Transport | None, code: int) -> None:
    """A page that does not read can't keep anybody waiting."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(CLOSING_S):
            await socket.close(code=code, drain=False)
    if transport is not None and transport.get_write_buffer_size():
        transport.abort()
