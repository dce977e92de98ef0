"""The projector's side of the store: reads the journal stream and content records, says how far it has come.

It writes nothing but its own mark, its lease, and what retention allows to remove; it never reads an open contact.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol, cast

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.errors import StoreUnavailable
from router.store.keys import Keys
from router.store.redis_store import connection_pool
from router.store.scripts import load_scripts

CALL_TIMEOUT_S = 10
LEASE_MS = 5_000


class Raw(NamedTuple):
    """An entry as it stands in the stream."""

    n: int
    entry: bytes


class Wanted(NamedTuple):
    """A content record that an entry refers to."""

    contact: str
    number: int


class Mark(msgspec.Struct):
    """How far a register has stored the journal, as every router may read it."""

    n: int
    at: int


class JournalSource(Protocol):
    """Where stage 1 reads from."""

    async def read(self, start: int, count: int) -> list[Raw]:
        """Entries from number `start` on, that one included."""
        ...

    async def records(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        """The content records asked for, in the same order; None for one that is not there."""
        ...

    async def barrier(self) -> None:
        """Come back when what was read can't be lost by a failover any more."""
        ...


class JournalStream:
    """One tenant's journal in Redis or Valkey."""

    def __init__(self, url: str, tenant: str, *, replicas: int = 0, barrier_ms: int = 1_000) -> None:
        # A blocking read must outlive any socket timeout; `_asking` bounds every call instead.
        self._redis = Redis(connection_pool=connection_pool(url, timeout_s=None))
        self._keys = Keys(tenant)
        self._replicas, self._barrier_ms = replicas, barrier_ms
        self._forget = load_scripts(max_skew_ms=0)["forget_contact"]

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose(close_connection_pool=True)

    async def read(self, start: int, count: int) -> list[Raw]:
        """Entries from number `start` on, that one included."""
        async with _asking():
            reply = await self._redis.xrange(self._keys.journal, f"{start}-0", "+", count=count)
        return [Raw(int(name.split(b"-")[0]), fields[b"e"]) for name, fields in cast("Any", reply)]

    async def wait(self, after: int, block_ms: int) -> None:
        """Come back when there is an entry after `after`, or when `block_ms` have passed."""
        async with _asking():
            await self._redis.xread({self._keys.journal: f"{after}-0"}, count=1, block=block_ms)

    async def last(self) -> int:
        """Number of the newest entry; 0 for an empty stream."""
        async with _asking():
            reply = cast("Any", await self._redis.xrevrange(self._keys.journal, "+", "-", count=1))
        return int(reply[0][0].split(b"-")[0]) if reply else 0

    async def records(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        """The content records asked for, in the same order; None for one that is not there."""
        if not wanted:
            return []
        async with _asking():
            pipe = self._redis.pipeline(transaction=False)
            for contact, number in wanted:
                pipe.hget(self._keys.content(contact), str(number))
            return cast("list[bytes | None]", await pipe.execute())

    async def barrier(self) -> None:
        """Come back when the replicas have fsynced everything that was read; at once when none are asked for.

        Raises:
            StoreUnavailable: they did not in time; what was read may still be lost by a failover.
        """
        if not self._replicas:
            return
        async with _asking():
            pipe = cast("Any", self._redis.pipeline(transaction=False))
            # WAIT counts this connection's own writes: this one lies after every entry that was read.
            pipe.set(self._keys.lease("projector"), "barrier", px=LEASE_MS)
            pipe.wait(self._replicas, self._barrier_ms)
            pipe.waitaof(1, self._replicas, self._barrier_ms)
            reply = await pipe.execute()
        if reply[1] < self._replicas or reply[2][1] < self._replicas:
            raise StoreUnavailable("replicas are behind")

    async def mark(self, register_id: str, n: int, now_ms: int) -> None:
        """Say that the register has stored everything up to `n`."""
        async with _asking():
            value = msgspec.json.encode(Mark(n, now_ms))
            await cast("Any", self._redis.hset(self._keys.projected, register_id, value))

    async def stored_everywhere(self) -> int:
        """The number up to which every register has stored the journal; 0 when one of the marks can't be read."""
        async with _asking():
            marks = cast("dict[bytes, bytes]", await cast("Any", self._redis.hgetall(self._keys.projected)))
        try:
            return min((msgspec.json.decode(mark, type=Mark).n for mark in marks.values()), default=0)
        except msgspec.MsgspecError:
            return 0

    async def trim(self, first: int) -> None:
        """Let the stream begin at `first`, or a little before."""
        async with _asking():
            await self._redis.xtrim(self._keys.journal, minid=f"{first}-0", approximate=True)

    async def forget_contacts(self, contact_ids: Sequence[str], now_ms: int) -> set[str]:
        """Drop contacts that are over and stored in every register; returns those that must be tried again later."""
        async with _asking():
            pipe = self._redis.pipeline(transaction=False)
            for contact in contact_ids:
                keys = self._keys
                names = keys.contact(contact), keys.content(contact), keys.sides(contact), keys.faults
                pipe.eval(self._forget.text, len(names), *names, now_ms, contact)
            replies = cast("list[list[int]]", await pipe.execute())
        return {contact for contact, reply in zip(contact_ids, replies, strict=True) if reply[0] < 0}


@asynccontextmanager
async def _asking() -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(CALL_TIMEOUT_S):
            yield
    except (RedisError, OSError) as error:
        raise StoreUnavailable(type(error).__name__) from error
