"""What residents and agents do meanwhile, from one side to the other, on whichever routers they are: kept nowhere.

Who is on this router is told at once; for others a signal is published through the store. It may be dropped: when too
many wait, when the store is away, and all but one typing a second of each contact. Never waits, never raises.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import cast

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from channels.base import Signal
from router.store.keys import Keys
from router.store.redis_store import connection_pool

WAITING = 256
"""Signals that wait to be published; further ones are dropped."""
TYPING_MS = 1_000
KNOWN = 10_000
RETRY_S = 1.0
Listener = Callable[[str, str, Signal, int], bool]
"""Told agent, contact, signal and number; says whether the agent's desktop is on this router."""
Typing = Callable[[str, str], None]
"""Told integration and contact: the agent writes."""
_log = structlog.get_logger(__name__)


class _Told(msgspec.Struct, frozen=True, array_like=True):
    """A signal on its way to other routers: to an agent, or to an integration's resident."""

    router: str
    contact: str
    agent: str = ""
    integration: str = ""
    signal: Signal = "typing"
    number: int = 0


_encode = msgspec.json.Encoder().encode
_told = msgspec.json.Decoder(_Told)


def nobody(agent: str, contact: str, signal: Signal, number: int) -> bool:
    """Nobody listens yet."""
    del agent, contact, signal, number
    return False


def no_channel(integration: str, contact: str) -> None:
    """No channel listens yet."""
    del integration, contact


class Signals:
    """Between inboxes, which are built first, desktops and channels, and other routers."""

    def __init__(self, url: str, keys: Keys, router_id: str, now_ms: Callable[[], int]) -> None:
        self.listener: Listener = nobody
        self.typing: Typing = no_channel
        self._redis: Redis = Redis(connection_pool=connection_pool(url, timeout_s=None))
        self._channel = keys.signals
        self._router_id = router_id
        self._now_ms = now_ms
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._typed: OrderedDict[str, int] = OrderedDict()
        """Contact and side -> when typing was last told."""
        self._tasks: list[asyncio.Task[None]] = []
        self.is_listening = asyncio.Event()
        """Set while other routers are heard."""

    def tell(self, agent: str, contact: str, signal: Signal, number: int) -> None:
        """To the agent who has the contact, wherever their desktop is."""
        if signal == "typing" and not self._is_due(contact, "agent"):
            return
        if not self.listener(agent, contact, signal, number):
            self._publish(_Told(self._router_id, contact, agent=agent, signal=signal, number=number))

    def tell_typing(self, integration: str, contact: str) -> None:
        """To the resident, wherever their page is: the agent writes."""
        if self._is_due(contact, "resident"):
            self.typing(integration, contact)
            self._publish(_Told(self._router_id, contact, integration=integration))

    def start(self) -> None:
        """Hear other routers, and be heard."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(each, name="signals") for each in (self._write(), self._read())]

    async def stop(self) -> None:
        """Fall silent."""
        pending = set(self._tasks)
        while pending:
            for task in pending:
                task.cancel()
            # The store's client may lose a cancellation (see `Coalescer.stop`).
            _, pending = await asyncio.wait(pending, timeout=RETRY_S)
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    def _is_due(self, contact: str, side: str) -> bool:
        now, name = self._now_ms(), f"{contact} {side}"
        if now - self._typed.get(name, -TYPING_MS) < TYPING_MS:
            return False
        self._typed[name] = now
        self._typed.move_to_end(name)
        while len(self._typed) > KNOWN:
            self._typed.popitem(last=False)
        return True

    def _publish(self, told: _Told) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._waiting.put_nowait(_encode(told))

    async def _write(self) -> None:
        while True:
            told = await self._waiting.get()
            try:
                await self._redis.publish(self._channel, told)  # pyright: ignore[reportUnknownMemberType] # half typed
            except (RedisError, OSError):
                await asyncio.sleep(RETRY_S)

    async def _read(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                _log.info("signals_lost", error=type(error).__name__)
            finally:
                self.is_listening.clear()
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        async with self._redis.pubsub() as line:  # pyright: ignore[reportUnknownMemberType] # half typed
            await line.subscribe(self._channel)
            messages = cast("AsyncIterator[dict[str, object]]", line.listen())  # pyright: ignore[reportUnknownMemberType] # half typed
            async for message in messages:
                data = message["data"]
                if message["type"] == "subscribe":
                    self.is_listening.set()
                elif isinstance(data, bytes):
                    self._hear(data)

    def _hear(self, data: bytes) -> None:
        """What another router tells; of a newer version, what can't be read is nothing."""
        try:
            told = _told.decode(data)
        except msgspec.MsgspecError:
            return
        if told.router == self._router_id:
            return
        if told.integration:
            self.typing(told.integration, told.contact)
        else:
            self.listener(told.agent, told.contact, told.signal, told.number)
