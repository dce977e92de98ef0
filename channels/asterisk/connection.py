"""One websocket to Asterisk, whoever opened it: reads, decodes and lines up; does nothing with what it reads.

An Asterisk whose frames are not read at once drops the connection: nobody may be waited for here.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
import structlog
from aiohttp import web

from channels.asterisk.requests import Ask, Reply
from channels.asterisk.wire import Event, RestResponse, decode
from router.errors import MalformedBody

Socket = aiohttp.ClientWebSocketResponse | web.WebSocketResponse
log = structlog.get_logger(__name__)


class Connection:
    """Frames in, in order; requests out over the same socket, where that is the only way."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._asked: dict[str, asyncio.Future[Reply]] = {}
        self._numbers = itertools.count(1)
        self._is_greeted = asyncio.Event()
        self.malformed = 0
        """Frames that were no events, or not as they should be: left out."""

    @property
    def backlog(self) -> int:
        """Events that nobody has looked at."""
        return self._events.qsize()

    async def read(self) -> None:
        """Until the socket is closed."""
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
                elif message.type is aiohttp.WSMsgType.BINARY:
                    self.malformed += 1
        finally:
            self._events.put_nowait(None)
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_result(Reply(0))

    async def greeted(self, limit_s: float) -> None:
        """Until something has come in: an Asterisk that has dialled us loses what is said before it has spoken."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._is_greeted.wait()

    def _take(self, frame: str) -> None:
        self._is_greeted.set()
        try:
            said = decode(frame)
        except MalformedBody:
            self.malformed += 1
            log.warning("ari_event_malformed", size=len(frame))
            return
        if isinstance(said, RestResponse):
            asked = self._asked.pop(said.request_id, None)
            if asked is not None and not asked.done():
                asked.set_result(Reply(said.status_code, said.message_body.encode()))
        elif said is not None:
            self._events.put_nowait(said)

    async def next(self) -> Event | None:
        """The next event; None when the socket is closed."""
        return await self._events.get()

    async def ask(self, asked: Ask, limit_s: float) -> Reply:
        """Ask over this socket."""
        number = str(next(self._numbers))
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_str(msgspec.json.encode(_request(number, asked)).decode())
            async with asyncio.timeout(limit_s):
                return await answer
        except (TimeoutError, ConnectionError, aiohttp.ClientError):
            return Reply(0)
        finally:
            self._asked.pop(number, None)

    async def close(self) -> None:
        """Hang up."""
        await self._socket.close()


def _request(number: str, asked: Ask) -> Mapping[str, Any]:
    """A request as a frame."""
    frame: dict[str, Any] = {
        "type": "RESTRequest",
        "transaction_id": number,
        "request_id": number,
        "method": asked.method,
        "uri": asked.path.lstrip("/"),
        "query_strings": [{"name": name, "value": value} for name, value in asked.query.items()],
    }
    if asked.body:
        frame |= {"content_type": "application/json", "message_body": msgspec.json.encode(asked.body).decode()}
    return frame
