"""`GET /v1/chat`, the residents' websocket: hello, auth with a resume token or none, then frames both ways.

Owns what every socket must do before it has a chat. Never lets one socket wait for another.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Generator
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from aiohttp import WSMsgType, web

from channels.chat.session import Session
from channels.chat.settings import ChatSettings
from channels.chat.wire import VERSION, Auth, FromPage, encode, read_frame
from router.errors import Forbidden, MalformedBody, Overloaded, ServicecenterError, TooManyRequests, Unavailable
from router.sockets.bucket import Bucket
from router.sockets.frames import (
    CLOSE_AUTH,
    CLOSE_PROTOCOL,
    CLOSE_RATE,
    CLOSE_TRY_LATER,
    Ack,
    Cmd,
    Heartbeat,
    HeartbeatAck,
    Hello,
    Result,
)

STARTS = frozenset({"chat.start", "message.leave"})
"""What makes new work for people."""
_log = structlog.get_logger(__name__)


class Talks(Protocol):
    """What a socket needs of the chat behind it."""

    async def open(self, auth: Auth, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> Session:
        """The chat that the page may have, with this socket attached."""
        ...

    async def command(self, session: Session, frame: Cmd) -> None:
        """Carry a command out and answer it."""
        ...

    async def acknowledge(self, session: Session, seq: int) -> None:
        """The page has everything up to `seq`."""
        ...

    async def look_after(self, session: Session) -> None:
        """A sign of life: see whether anything was missed."""
        ...

    def left(self, session: Session, socket: web.WebSocketResponse) -> None:
        """The socket is gone."""
        ...


def origins_of(settings: ChatSettings, public_url: str) -> frozenset[str]:
    """Whose pages may carry the chat."""
    own = urlsplit(public_url)
    return frozenset({*settings.origins, f"{own.scheme}://{own.netloc}"})


def check_origin(request: web.Request, origins: frozenset[str]) -> str:
    """Where a page came from; browsers say it, aiohttp does not look.

    Raises:
        Forbidden: this page may not carry the chat.
    """
    origin = request.headers.get("Origin", "")
    # A page of this very address is ours, whatever it is called there: nothing here trusts a cookie.
    if origin and origin not in origins and urlsplit(origin).netloc != request.host:
        raise Forbidden("add the page's origin to [channels.chat] origins", field="Origin")
    return origin


class Sockets:
    """All chat sockets of this router."""

    def __init__(
        self, talks: Talks, settings: ChatSettings, origins: frozenset[str], now_ms: Callable[[], int]
    ) -> None:
        self._talks = talks
        self._settings = settings
        self._origins = origins
        self._now_ms = now_ms
        self._open: Counter[str] = Counter()
        """Sockets by address."""
        self._unauthenticated: Counter[str] = Counter()
        self._starts: dict[str, Bucket] = {}
        """How many more chats each address may begin."""
        self.count = 0
        self.is_draining = False

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one page until its socket closes."""
        check_origin(request, self._origins)
        address = request.remote or ""
        self._check_room(address)
        socket = web.WebSocketResponse(
            heartbeat=self._settings.heartbeat_s,
            max_msg_size=self._settings.max_frame_bytes,
            compress=False,
            writer_limit=65_536,
        )
        self.count += 1
        try:
            with _counted(self._open, address):
                await socket.prepare(request)
                await self._speak(request, socket, address)
        except ServicecenterError as error:
            # The handshake is over: no problem document can be sent any more, only a code.
            _log.warning("chat_failed", slug=error.slug)
            await socket.close(code=CLOSE_TRY_LATER)
        finally:
            self.count -= 1
        return socket

    def _check_room(self, address: str) -> None:
        if self.is_draining:
            raise Unavailable("going down")
        if self.count >= self._settings.max_sockets:
            raise Overloaded("as many chats as this router takes")
        most = self._settings.max_sockets_per_address
        if most and self._open[address] >= most:
            raise TooManyRequests("too many chats from one address")

    async def _speak(self, request: web.Request, socket: web.WebSocketResponse, address: str) -> None:
        with _counted(self._unauthenticated, address) as waiting:
            if waiting > self._settings.max_unauthenticated_per_address:
                await socket.close(code=CLOSE_RATE)
                return
            hello = Hello(VERSION, self._settings.app_heartbeat_s, self._settings.max_frame_bytes)
            await socket.send_str(encode(hello).decode())
            auth = await self._auth(socket)
        if auth is None:
            await socket.close(code=CLOSE_AUTH)
            return
        transport = request.transport
        session = await self._talks.open(auth, socket, transport if isinstance(transport, asyncio.Transport) else None)
        try:
            await self._read(socket, session, address)
        finally:
            self._talks.left(session, socket)

    async def _auth(self, socket: web.WebSocketResponse) -> Auth | None:
        with contextlib.suppress(TimeoutError, MalformedBody):
            async with asyncio.timeout(self._settings.auth_timeout_s):
                message = await socket.receive()
            if message.type is WSMsgType.TEXT:
                frame = read_frame(str(message.data))
                return frame if isinstance(frame, Auth) else None
        return None

    async def _read(self, socket: web.WebSocketResponse, session: Session, address: str) -> None:
        bucket = Bucket(self._settings.frames_per_s, self._settings.frames_burst, self._now_ms())
        async for message in socket:
            left = bucket.take(self._now_ms())
            if left < -self._settings.frames_burst:
                await self._shut(socket, session, CLOSE_RATE)
                return
            if session.socket is not socket:
                return
            try:
                frame = read_frame(str(message.data) if message.type is WSMsgType.TEXT else "")
                is_flooding = left < 0 or (isinstance(frame, Cmd) and self._starts_too_many(frame, address))
                await self._handle(session, frame, is_flooding=is_flooding)
            except MalformedBody as error:
                _log.info("chat_frame_refused", error=error.detail)
                await self._shut(socket, session, CLOSE_PROTOCOL)
                return

    def _starts_too_many(self, frame: Cmd, address: str) -> bool:
        per_minute = self._settings.starts_per_minute
        if not per_minute or frame.name not in STARTS:
            return False
        now = self._now_ms()
        self._starts = {each: bucket for each, bucket in self._starts.items() if not bucket.is_full(now)}
        bucket = self._starts.setdefault(address, Bucket(per_minute / 60, max(1, int(per_minute)), now))
        return bucket.take(now) < 0

    async def _shut(self, socket: web.WebSocketResponse, session: Session, code: int) -> None:
        if session.socket is socket:
            await session.close(code)

    async def _handle(self, session: Session, frame: FromPage, *, is_flooding: bool) -> None:
        match frame:
            case Cmd():
                if is_flooding:
                    problem = TooManyRequests().problem(frame.name)
                    session.tell(encode(Result(frame.id, ok=False, problem=problem)))
                else:
                    await self._talks.command(session, frame)
            case Ack():
                await self._talks.acknowledge(session, frame.seq)
            case Heartbeat():
                session.tell(encode(HeartbeatAck()))
                await self._talks.acknowledge(session, frame.seq)
                await self._talks.look_after(session)
            case Auth():
                raise MalformedBody("said already")


@contextlib.contextmanager
def _counted(by: Counter[str], address: str) -> Generator[int]:
    by[address] += 1
    try:
        yield by[address]
    finally:
        by[address] -= 1
        if not by[address]:
            del by[address]
