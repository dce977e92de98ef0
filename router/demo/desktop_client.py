"""A desktop as an agent's browser runs it: ticket, socket, auth, acknowledgements, heartbeats, resume after a loss.

Hands events to one listener and answers to whoever asked. Knows nothing of what the agent does with them.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import cast

import aiohttp
import msgspec

from router.demo.api import Api, Refused
from router.errors import Problem

ACK_S = 1.0
COMMAND_TIMEOUT_S = 10.0
NEVER_AGAIN = frozenset({4001, 4003, 4009})
"""Close codes after which a desktop does not come back by itself."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0


class CommandRefused(Exception):  # an answer of the service, not a defect here
    """The service refused a command, or could not be asked."""

    def __init__(self, slug: str, command: str = "", detail: str = "") -> None:
        self.slug = slug
        self.detail = detail
        self.command = command
        super().__init__(slug)


class Frame(msgspec.Struct, frozen=True):
    """Any frame from the server; which fields are set depends on `t`."""

    t: str
    id: str = ""
    seq: int = 0
    sid: str = ""
    hb: int = 25
    type: str = ""
    ok: bool = False
    data: msgspec.Raw = msgspec.Raw(b"null")
    snapshot: msgspec.Raw = msgspec.Raw(b"null")
    problem: Problem | None = None


class Ticket(msgspec.Struct, frozen=True):
    """Answer of `POST /v1/ws-tickets`."""

    ticket: str


def _refusal(problem: Problem | None) -> CommandRefused:
    if problem is None:
        return CommandRefused("refused")
    return CommandRefused(problem.type.rpartition(":")[2], detail=problem.detail or problem.title)


Listener = Callable[[str, bytes], None]
"""Called with an event's type and data; `ready` with the snapshot when a session begins."""
_frame = msgspec.json.Decoder(Frame)
_encode = msgspec.json.Encoder().encode


class DesktopClient:
    """One agent's connection; comes back by itself until it is closed."""

    def __init__(self, api: Api, token: str, listener: Listener, dice: random.Random) -> None:
        self._api = api
        self._token = token
        self._listener = listener
        self._dice = dice
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._sid = ""
        self._seq = 0
        self._told = 0
        self._commands = 0
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self.resumes = 0
        """Sessions that went on after a loss."""
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Connect, serve, come back; ends when cancelled or sent away for good."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                code = await self._connect()
                pause_s = FIRST_PAUSE_S
                if code in NEVER_AGAIN:
                    return
            except (aiohttp.ClientError, Refused, TimeoutError, OSError):
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            finally:
                self._lost()
            await asyncio.sleep(self._dice.uniform(0.1, pause_s))

    async def command(self, name: str, /, **data: object) -> bytes:
        """Send a command and wait for its answer.

        Raises:
            CommandRefused: the service said no, or there is no connection.
        """
        socket = self._socket
        if socket is None or socket.closed:
            raise CommandRefused("not-connected", name)
        self._commands += 1
        name_id = f"{name}-{self._commands}"
        answer = self._waiting[name_id] = asyncio.get_running_loop().create_future()
        try:
            await self._send(socket, {"t": "cmd", "id": name_id, "name": name, "data": data})
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                return await answer
        except (TimeoutError, ConnectionError):
            raise CommandRefused("no-answer", name) from None
        except CommandRefused as refused:
            raise CommandRefused(refused.slug, name, refused.detail) from None
        finally:
            self._waiting.pop(name_id, None)

    async def drop(self) -> None:
        """Lose the connection for a moment, as a laptop does on its way between two rooms."""
        if self._socket is not None:
            await self._socket.close(code=aiohttp.WSCloseCode.GOING_AWAY)

    # One socket ------------------------------------------------------------------------------------------------

    async def _connect(self) -> int:
        """Serve one socket until it closes; returns the close code."""
        ticket = msgspec.json.decode(await self._api.send("POST", "/v1/ws-tickets", self._token), type=Ticket).ticket
        address = self._api.url.replace("http", "ws", 1) + "/v1/desktop"
        async with self._api.session.ws_connect(address, max_msg_size=0) as socket:
            hello = await self._receive(socket)
            resume = {"resume": {"sid": self._sid, "seq": self._seq}} if self._sid else {}
            await self._send(socket, {"t": "auth", "ticket": ticket, **resume})
            self._socket = socket
            beats = asyncio.create_task(self._beat(socket, hello.hb), name="desktop-heartbeat")
            try:
                async for message in socket:
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        break
                    self._take(_frame.decode(cast("str", message.data)))
            finally:
                beats.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await beats
            return socket.close_code or 0

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse) -> Frame:
        try:
            return _frame.decode(await socket.receive_str())
        except (aiohttp.WSMessageTypeError, msgspec.DecodeError) as error:
            raise aiohttp.ClientError("no hello") from error

    def _take(self, frame: Frame) -> None:
        match frame.t:
            case "ev":
                self._seq = frame.seq
                self._listener(frame.type, bytes(frame.data))
            case "res":
                waiting = self._waiting.get(frame.id)
                if waiting is not None and not waiting.done():
                    if frame.ok:
                        waiting.set_result(bytes(frame.data))
                    else:
                        waiting.set_exception(_refusal(frame.problem))
            case "ready":
                self._sid, self._seq, self._told = frame.sid, frame.seq, frame.seq
                self.connected.set()
                self._listener("ready", bytes(frame.snapshot))
            case "resumed":
                self.resumes += 1
                self.connected.set()
                self._listener("resumed", b"null")
            case _:
                pass

    async def _beat(self, socket: aiohttp.ClientWebSocketResponse, every_s: float) -> None:
        """Acknowledge each second what has come, and ask now and then whether anybody is there."""
        since_s = 0.0
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(ACK_S)
                since_s += ACK_S
                if since_s >= every_s:
                    since_s = 0.0
                    await self._send(socket, {"t": "hb", "seq": self._seq})
                elif self._seq != self._told:
                    await self._send(socket, {"t": "ack", "seq": self._seq})
                self._told = self._seq

    @staticmethod
    async def _send(socket: aiohttp.ClientWebSocketResponse, frame: dict[str, object]) -> None:
        await socket.send_str(_encode(frame).decode())

    def _lost(self) -> None:
        self._socket = None
        self.connected.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(CommandRefused("not-connected"))
