"""A socket that does nothing but answer pings: light enough that one process holds ten thousand of them."""

import asyncio
import base64
import os
import struct
from collections.abc import Mapping
from typing import Self, cast
from urllib.parse import urlsplit

import msgspec

from router.errors import Unavailable

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL, MASKED = 0x80, 0x80
SHORT = 126
ZERO_MASK = bytes(4)
"""A mask of zeros is a mask: what is sent stays as it is."""
_encode = msgspec.json.Encoder().encode


class IdleSocket(asyncio.Protocol):
    """One socket; `frames` counts the text frames that came."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._buffer = b""
        self._is_open = False
        self._transport: asyncio.Transport | None = None
        self._arrived = asyncio.Event()
        self.frames = 0
        self.is_lost = False

    @classmethod
    async def connect(cls, url: str, ticket: str) -> Self:
        """An agent's desktop: upgrade, hello, auth, ready.

        Raises:
            Unavailable: the socket was closed before it was ready.
        """
        return await cls.open(url, "/v1/desktop", {"t": "auth", "ticket": ticket})

    @classmethod
    async def open(cls, url: str, path: str, auth: Mapping[str, str]) -> Self:
        """Upgrade, hello, the first frame, and its answer.

        Raises:
            Unavailable: the socket was closed before it was answered.
        """
        parts = urlsplit(url)
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        )
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(
            lambda: cls(head.encode()), parts.hostname or "127.0.0.1", parts.port or 80
        )
        await made.until(1)
        made.tell(auth)
        await made.until(2)
        return made

    def tell(self, frame: object) -> None:
        """Send one JSON frame."""
        self.send(TEXT, _encode(frame))

    async def until(self, frames: int) -> None:
        """Come back when so many frames have come."""
        while self.frames < frames:
            if self.is_lost:
                raise Unavailable("an idle socket was closed")
            self._arrived.clear()
            await self._arrived.wait()

    def send(self, kind: int, body: bytes) -> None:
        """Send one frame."""
        if self._transport is None:
            return
        length = bytes([MASKED | len(body)]) if len(body) < SHORT else struct.pack("!BH", MASKED | SHORT, len(body))
        self._transport.write(bytes([FINAL | kind]) + length + ZERO_MASK + body)

    def close(self) -> None:
        """Say goodbye and close."""
        self.send(CLOSE, b"")
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._head)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server closed it, or we did."""
        del exc
        self.is_lost = True
        self._arrived.set()

    def data_received(self, data: bytes) -> None:
        """Cut frames off the buffer; what comes before the first is the answer to the upgrade."""
        self._buffer += data
        if not self._is_open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self.close()
                return
            self._is_open, self._buffer = True, rest
        while (frame := next_frame(self._buffer)) is not None:
            kind, body, self._buffer = frame
            self._take(kind, body)

    def _take(self, kind: int, body: bytes) -> None:
        if kind == PING:
            self.send(PONG, body)
        elif kind == TEXT:
            self.frames += 1
            self._arrived.set()
        elif kind == CLOSE:
            self.close()


def next_frame(buffer: bytes) -> tuple[int, bytes, bytes] | None:
    """Kind and body of the first whole frame of a server, and what follows it; None for less than one."""
    if len(buffer) < 2:  # noqa: PLR2004 # kind and length
        return None
    length, start = buffer[1] & 0x7F, 2
    if length >= SHORT:
        kind, size = ("!H", 2) if length == SHORT else ("!Q", 8)
        if len(buffer) < start + size:
            return None
        (length,) = struct.unpack_from(kind, buffer, start)
        start += size
    if len(buffer) < start + length:
        return None
    return buffer[0] & 0x0F, buffer[start : start + length], buffer[start + length :]
