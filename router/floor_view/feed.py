"""The floor from a running service: ticket, desktop socket, `floor.watch`; comes back by itself when it is cut off.

Keeps the newest picture and how the connection stands. Never writes its token anywhere.
"""

import asyncio
import contextlib
import random
from typing import Literal, cast

import aiohttp
import msgspec

from router.alarms import CLEARED, RAISED, key_of
from router.clock import elapsed_s
from router.errors import PROBLEM_BASE, Problem
from router.floor_figures import Alarm, FloorDocument

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 20.0
TIMEOUT_S = 10.0
REPLACED = 4009
FINAL = frozenset({4003, REPLACED})
"""Close codes after which nobody comes back by themselves; a ticket that has run out is no reason to stay away."""
REFUSALS = frozenset({401, 403})


class Ended(Exception):  # an answer of the service, not a defect here
    """The service does not want us: trying again would change nothing."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        super().__init__(slug)


class Lost(Exception):  # the network's word, not a defect here
    """There is no connection; another attempt may help."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class Snapshot(msgspec.Struct, frozen=True):
    """What this view reads of a supervisor's snapshot."""

    floor: FloorDocument | None = None


class Frame(msgspec.Struct, frozen=True):
    """Any frame from the service; which fields are set depends on `t`."""

    t: str
    hb: int = 25
    seq: int = 0
    type: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")
    ok: bool = True
    snapshot: Snapshot = Snapshot()
    floor: FloorDocument | None = None
    problem: Problem | None = None


class _Ticket(msgspec.Struct, frozen=True):
    ticket: str


_frame = msgspec.json.Decoder(Frame)
_alarm = msgspec.json.Decoder(Alarm)


class Feed:
    """One connection's view of the floor."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._token = token
        self._seq = 0
        self._is_supervisor = False
        self.floor: FloorDocument | None = None
        self.state: Literal["connecting", "connected", "lost"] = "connecting"
        self.why = ""
        """Why the connection was lost."""
        self.retry_at_s = 0.0
        """When the next attempt begins, by `elapsed_s`."""
        self.seen_at_s = 0.0
        """When the last figures came, by `elapsed_s`."""
        self.changed = asyncio.Event()

    @property
    def now_ms(self) -> int:
        """The service's time: that of the last figures and what has passed since; 0 before the first."""
        return self.floor.at + int((elapsed_s() - self.seen_at_s) * 1000) if self.floor else 0

    async def run(self) -> None:
        """Follow until cancelled.

        Raises:
            Ended: the service refused us for good.
        """
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with self._session() as session:
                    await self._follow(session)
            except (Lost, aiohttp.ClientError, TimeoutError, OSError) as error:
                self.why = error.why if isinstance(error, Lost) else _name(error)
            if self.state == "connected":
                pause_s = FIRST_PAUSE_S  # it did work
            wait_s = random.uniform(pause_s / 2, pause_s)  # noqa: S311 # jitter, no secret
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            self.state, self.retry_at_s = "lost", elapsed_s() + wait_s
            self.changed.set()
            await asyncio.sleep(wait_s)

    async def once(self) -> FloorDocument | None:
        """The floor as it is now; None when nobody leads.

        Raises:
            Ended: the service refused us for good.
            Lost: there is no connection.
        """
        try:
            async with self._session() as session, await self._open(session) as socket:
                await self._greeted(socket)
                if self.floor is None and not self._is_supervisor:
                    raise Ended("forbidden")
                return self.floor
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Lost(_name(error)) from None

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(connect=TIMEOUT_S, sock_connect=TIMEOUT_S))

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        async with await self._open(session) as socket:
            every_s = await self._greeted(socket)
            await socket.send_json({"t": "cmd", "id": "watch", "name": "floor.watch", "data": {"agents": True}})
            self.state, self.why = "connected", ""
            beats = asyncio.create_task(self._beat(socket, every_s), name="floor-view-heartbeat")
            try:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        self._take(_frame.decode(cast("str", message.data)))
            except msgspec.DecodeError:
                raise Lost("unknown frame") from None
            finally:
                beats.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await beats
            _refuse_final(socket)
            raise Lost(str(socket.close_code or 1006))

    async def _open(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with session.post(f"{self.url}/v1/ws-tickets", headers=headers) as answer:
            body = await answer.read()
        if answer.status >= 400:  # noqa: PLR2004 # a refusal
            slug = _slug(body)
            if answer.status in REFUSALS:
                raise Ended(slug)
            raise Lost(slug or str(answer.status))
        self._ticket = msgspec.json.decode(body, type=_Ticket).ticket
        return await session.ws_connect(self.url.replace("http", "ws", 1) + "/v1/desktop", max_msg_size=0)

    async def _greeted(self, socket: aiohttp.ClientWebSocketResponse) -> float:
        """Say who we are and take the snapshot; seconds between heartbeats."""
        try:
            hello = _frame.decode(await socket.receive_str(timeout=TIMEOUT_S))
            await socket.send_json({"t": "auth", "ticket": self._ticket})
            self._take(_frame.decode(await socket.receive_str(timeout=TIMEOUT_S)))
        except (aiohttp.WSMessageTypeError, msgspec.DecodeError):
            _refuse_final(socket)
            raise Lost(str(socket.close_code or 1006)) from None
        return hello.hb

    def _take(self, frame: Frame) -> None:
        match frame.t:
            case "ready":
                self._seq = frame.seq
                self._is_supervisor = frame.snapshot.floor is not None
                self._show(frame.snapshot.floor)
            case "floor":
                self._show(frame.floor)
            case "ev":
                self._seq = frame.seq
                if frame.type in {RAISED, CLEARED}:
                    self._take_alarm(_alarm.decode(frame.data), is_raised=frame.type == RAISED)
            case "res" if not frame.ok:
                raise Ended(frame.problem.type.removeprefix(PROBLEM_BASE) if frame.problem else "refused")
            case _:
                pass

    def _show(self, floor: FloorDocument | None) -> None:
        if floor is not None and floor.at:
            self.floor, self.seen_at_s = floor, elapsed_s()
        self.changed.set()

    def _take_alarm(self, alarm: Alarm, *, is_raised: bool) -> None:
        """Alarms come before the figures that know them."""
        if self.floor is not None:
            others = tuple(each for each in self.floor.alarms if key_of(each) != key_of(alarm))
            self.floor = msgspec.structs.replace(self.floor, alarms=(*others, alarm) if is_raised else others)
            self.changed.set()

    async def _beat(self, socket: aiohttp.ClientWebSocketResponse, every_s: float) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(every_s)
                await socket.send_json({"t": "hb", "seq": self._seq})


def _refuse_final(socket: aiohttp.ClientWebSocketResponse) -> None:
    if socket.close_code in FINAL:
        raise Ended("replaced" if socket.close_code == REPLACED else str(socket.close_code))


def _slug(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=Problem).type.removeprefix(PROBLEM_BASE)
    except msgspec.DecodeError:
        return ""


def _name(error: Exception) -> str:
    """What kind of error it is, never its words: these may hold anything."""
    return type(error).__name__
