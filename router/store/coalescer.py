"""Sends the store's commands in batches: what arrives while one batch is on its way makes up the next.

redis-py takes one connection and one round trip for each call; with fsync on every batch that is a fsync for each
command. A batch that lost its connection is sent again, which is safe because every command is idempotent.
Nothing a caller hands in can stop a lane.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, cast

import hiredis
import structlog
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as StoreTimeoutError

from router.errors import Overloaded, StoreUnavailable

Argument = str | bytes | int | float
Reply = object


class Now:
    """Stands in a command for the time at which it is sent."""


NOW: Final = Now()


class _Pending(NamedTuple):
    """A command in wire form; between `head` and a `tail` the time is set when it is sent."""

    head: bytes
    tail: bytes | None
    future: asyncio.Future[Reply]

    def packed(self, now_ms: int) -> bytes:
        """The bytes to send now."""
        if self.tail is None:
            return self.head
        digits = b"%d" % now_ms
        return b"%b$%d\r\n%b\r\n%b" % (self.head, len(digits), digits, self.tail)


CANCEL_AGAIN_S = 0.2
_PROBE_S = 0.5
"""How long a store that has been given up may take to answer, so that callers hear of it soon."""
_LOST = (StoreConnectionError, StoreTimeoutError, OSError, TimeoutError)
_log = structlog.get_logger(__name__)


class Coalescer:
    """One queue of commands in front of `lanes` connections.

    Args:
        pool: makes the connections.
        lanes: batches on their way at a time.
        limit: commands that may wait; beyond it callers get `Overloaded`.
        give_up_s: how long a batch is tried again before callers get `StoreUnavailable`.
        barrier: commands that end each batch; a `WAIT` or `WAITAOF` must report as many as it asks for.
        now_ms: the time for commands that hold `NOW`.
    """

    def __init__(
        self,
        pool: ConnectionPool,
        *,
        lanes: int = 2,
        batch: int = 200,
        limit: int = 20_000,
        give_up_s: float = 5.0,
        barrier: Sequence[tuple[Argument, ...]] = (),
        now_ms: Callable[[], int] = int,
    ) -> None:
        self._pool = pool
        self._lanes = lanes
        self._batch = batch
        self._limit = limit
        self._give_up_s = give_up_s
        self._barrier = tuple(barrier)
        self._now_ms = now_ms
        self._is_down = False
        self._waiting: deque[_Pending] = deque()
        self._arrived = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.on_batch: Callable[[int, float], None] = lambda _commands, _seconds: None
        """Told of every answered batch: how many commands, and how long the exchange took."""
        self.scripts: dict[str, str] = {}
        """Lua text by SHA-1, loaded again when a restarted store does not know it."""

    def start(self) -> None:
        """Open the lanes."""
        self._tasks = [asyncio.create_task(self._lane(), name=f"store-lane-{i}") for i in range(self._lanes)]

    async def stop(self) -> None:
        """Close the lanes; commands that still wait fail with `StoreUnavailable`."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            # Until Python 3.12 `wait_for`, which the client library sends with, may lose a cancellation: ask again.
            _, pending = await asyncio.wait(self._tasks, timeout=CANCEL_AGAIN_S)
            self._tasks = list(pending)
        while self._waiting:
            _fail(self._waiting.popleft().future, StoreUnavailable("stopping"))

    @property
    def depth(self) -> int:
        """Commands that wait for a lane."""
        return len(self._waiting)

    def call(self, *command: Argument | Now) -> asyncio.Future[Reply]:
        """Queue one command; the future gives its reply or raises.

        Raises:
            Overloaded: too many commands wait already.
            TypeError: an argument is no text, bytes or number.
        """
        if len(self._waiting) >= self._limit:
            raise Overloaded("the store's queue is full")
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append(_pack(command, future))
        self._arrived.set()
        return future

    async def _lane(self) -> None:
        connection = self._pool.make_connection()
        try:
            while True:
                while not self._waiting:
                    self._arrived.clear()
                    await self._arrived.wait()
                batch = [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]
                try:
                    await self._deliver(connection, batch)
                except Exception as error:  # noqa: BLE001 # a lane that ends would leave its callers waiting for ever
                    _log.error("store_lane_failed", error=type(error).__name__, commands=len(batch))
                    await connection.disconnect(nowait=True)
                    _fail_all(batch, type(error).__name__)
                except BaseException:
                    _fail_all(batch, "stopping")
                    raise
        finally:
            await connection.disconnect(nowait=True)

    async def _deliver(self, connection: AbstractConnection, batch: list[_Pending]) -> None:
        """Send one batch until it is answered, or give up."""
        loop = asyncio.get_running_loop()
        patience_s = _PROBE_S if self._is_down else self._give_up_s
        deadline = loop.time() + (0 if self._is_down else self._give_up_s)
        pause_s = 0.02
        while True:
            sent_at = loop.time()
            try:
                async with asyncio.timeout(patience_s):
                    replies = await self._exchange(connection, batch)
            except _LOST as error:
                await connection.disconnect(nowait=True)
                if loop.time() > deadline:
                    if not self._is_down:
                        _log.warning("store_unavailable", error=type(error).__name__, commands=len(batch))
                    self._is_down = True
                    _fail_all(batch, "")
                    return
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, 0.5)
                continue
            if self._is_down:
                _log.info("store_available")
            self._is_down = False
            self.on_batch(len(batch), loop.time() - sent_at)
            for pending, reply in zip(batch, replies, strict=True):
                _settle(pending.future, reply)
            return

    async def _exchange(
        self, connection: AbstractConnection, batch: list[_Pending], *, is_loaded: bool = False
    ) -> list[Reply]:
        """Replies in order; a command's own error stands in its place."""
        await connection.connect()
        now = self._now_ms()
        packed = [pending.packed(now) for pending in batch]
        await connection.send_packed_command(b"".join([*packed, *map(_pack_command, self._barrier)]))
        replies = [await self._read(connection) for _ in batch]
        reached = [await self._read(connection) for _ in self._barrier]
        unknown = [i for i, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if unknown and not is_loaded:
            await self._load_scripts(connection)
            again = await self._exchange(connection, [batch[i] for i in unknown], is_loaded=True)
            for i, reply in zip(unknown, again, strict=True):
                replies[i] = reply
        if not all(map(_is_reached, self._barrier, reached)):
            return [StoreUnavailable("no replica has confirmed") for _ in replies]
        return replies

    async def _load_scripts(self, connection: AbstractConnection) -> None:
        texts = [_pack_command(("SCRIPT", "LOAD", text)) for text in self.scripts.values()]
        await connection.send_packed_command(b"".join(texts))
        for _ in texts:
            await self._read(connection)

    @staticmethod
    async def _read(connection: AbstractConnection) -> Reply:
        try:
            return await connection.read_response(disable_decoding=True)  # pyright: ignore[reportUnknownVariableType] # untyped in redis-py
        except ResponseError as error:
            if str(error).startswith("LOADING"):
                raise StoreConnectionError("loading") from error
            return error


_pack_command = cast("Callable[[tuple[Argument, ...]], bytes]", hiredis.pack_command)


def _pack(command: tuple[Argument | Now, ...], future: asyncio.Future[Reply]) -> _Pending:
    """Wire form, made where the caller can still be told that an argument is wrong."""
    at = next((i for i, part in enumerate(command) if part is NOW), None)
    if at is None:
        return _Pending(_pack_command(cast("tuple[Argument, ...]", command)), None, future)
    before, after = (_pack_command(cast("tuple[Argument, ...]", part)) for part in (command[:at], command[at + 1 :]))
    return _Pending(b"*%d\r\n%b" % (len(command), _body(before)), _body(after), future)


def _body(packed: bytes) -> bytes:
    """A packed command without its length."""
    return packed[packed.index(b"\n") + 1 :]


def _is_reached(command: tuple[Argument, ...], reply: Reply) -> bool:
    """Whether a barrier command reports what it asks for."""
    if command[0] not in {"WAIT", "WAITAOF"}:
        return not isinstance(reply, Exception)
    counts = cast("list[object]", reply) if isinstance(reply, list) else [reply]
    wanted = command[1:-1]
    return len(counts) == len(wanted) and all(
        isinstance(count, int) and isinstance(least, int) and count >= least
        for count, least in zip(counts, wanted, strict=True)
    )


def _fail_all(batch: list[_Pending], detail: str) -> None:
    for pending in batch:
        _fail(pending.future, StoreUnavailable(detail))


def _fail(future: asyncio.Future[Reply], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


def _settle(future: asyncio.Future[Reply], reply: Reply) -> None:
    if future.done():
        return
    if isinstance(reply, (RedisError, StoreUnavailable)):
        future.set_exception(reply)
    else:
        future.set_result(reply)
