"""What an address that strangers call does first: the body within its caps, and whose address it is.

Owns the way from a request to bytes, and how many bytes of strangers are held at once; decides nothing about them.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from aiohttp import web

from router.errors import MalformedBody, Overloaded, TooLarge

ROOM = 4
"""How many of the largest bodies are held at once; smaller ones share the same room."""
SLOWEST_S = 300.0
"""For bodies with pictures over a poor network; FixMyStreet waits as long."""
SMALL_S = 30.0
"""For bodies of a few kilobytes."""
T = TypeVar("T")


class Bodies:
    """Reads bodies, and knows how much of them is in memory."""

    def __init__(self, most: int, *, room: int | None = None, slowest_s: float = SLOWEST_S) -> None:
        self._most = most
        self._room = room if room is not None else most * ROOM
        self._slowest_s = slowest_s
        self._held = 0

    @asynccontextmanager
    async def read(self, request: web.Request) -> AsyncGenerator[bytes]:
        """The whole body, unpacked; it counts as held until the context ends.

        Raises:
            TooLarge: it is larger than this address takes.
            MalformedBody: it ends before its end, is not packed as it says, or does not come.
            Overloaded: too much is held for others already.
        """
        if (request.content_length or 0) > self._most:
            raise TooLarge(f"at most {self._most} bytes", field="Content-Length")
        body = bytearray()
        try:
            await self._fill(request, body)
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def _fill(self, request: web.Request, body: bytearray) -> None:
        try:
            async with asyncio.timeout(self._slowest_s):
                async for chunk in request.content.iter_any():
                    body += chunk
                    self._held += len(chunk)
                    if len(body) > self._most:
                        raise TooLarge(f"at most {self._most} bytes", field="$")
                    if self._held > self._room:
                        raise Overloaded
        except web.RequestPayloadError:
            raise MalformedBody("the body is cut off or badly packed", field="$") from None
        except TimeoutError:
            raise MalformedBody("the body does not come", field="$") from None


async def come(reading: Awaitable[T]) -> T:
    """A small body, if it comes: whoever stops in the middle of one is not waited for.

    Raises:
        MalformedBody: it does not.
    """
    try:
        async with asyncio.timeout(SMALL_S):
            return await reading
    except TimeoutError:
        raise MalformedBody("the body does not come", field="$") from None


def address_of(request: web.Request, proxies: int) -> str:
    """The caller's address, believing as many proxies in front as the operator says there are."""
    peer = request.remote or ""
    if not proxies:
        return peer
    said = [each.strip() for line in request.headers.getall("X-Forwarded-For", []) for each in line.split(",")]
    chain = [*said, peer]
    return chain[max(0, len(chain) - 1 - proxies)]
