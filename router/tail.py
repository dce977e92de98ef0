"""Follows the tenant's journal and hands every entry, in order, to whoever listens on this router.

Owns one blocking connection. Never writes. A listener that fails is logged and does not stop the others.
"""

import asyncio
from collections.abc import Callable
from typing import cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.journal import Entry, decode
from router.store.keys import Keys
from router.store.redis_store import connection_pool

BLOCK_MS = 2_000
BATCH = 500
Listener = Callable[[Entry], None]
_log = structlog.get_logger(__name__)


class Tail:
    """The journal from a position on.

    Listeners are called synchronously, in the order they were added, once for each entry; `after_batch` once for
    each batch, for what is worth doing once.
    """

    def __init__(self, url: str, keys: Keys) -> None:
        self._redis: Redis = Redis(connection_pool=connection_pool(url, timeout_s=None))
        self._keys = keys
        self.position = 0
        self.listeners: list[Listener] = []
        self.after_batch: list[Callable[[], None]] = []
        self.on_gap: list[Callable[[], None]] = []
        """Called when entries were trimmed before they were read here."""

    async def run(self, position: int) -> None:
        """Follow until cancelled; a lost store is waited for."""
        self.position = position
        pause_s = 0.05
        while True:
            try:
                entries = await self._next()
                pause_s = 0.05
            except (RedisError, OSError) as error:
                _log.warning("tail_lost", error=type(error).__name__)
                await self._redis.connection_pool.disconnect()
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, 1.0)
                continue
            for raw in entries:
                self._tell(raw)
            if entries:
                for call in self.after_batch:
                    call()

    async def close(self) -> None:
        """Give the connection back."""
        await self._redis.aclose()

    async def _next(self) -> list[bytes]:
        reply = cast(
            "object",
            await self._redis.execute_command(  # pyright: ignore[reportUnknownMemberType] # untyped in redis-py
                "XREAD", "COUNT", BATCH, "BLOCK", BLOCK_MS, "STREAMS", self._keys.journal, f"{self.position}-0"
            ),
        )
        return _entries(reply)

    def _tell(self, raw: bytes) -> None:
        entry = decode(raw)
        if entry.n != self.position + 1:
            _log.warning("tail_gap", expected=self.position + 1, n=entry.n)
            for call in self.on_gap:
                call()
        self.position = entry.n
        for listener in self.listeners:
            try:
                listener(entry)
            except Exception as error:  # noqa: BLE001 # one listener's defect must not hide entries from the others
                _log.error(
                    "listener_failed", command=entry.command, n=entry.n, error=type(error).__name__, exc_info=True
                )


def _entries(reply: object) -> list[bytes]:
    """The `e` fields of an XREAD reply in the shapes of both protocol versions."""
    if not reply:
        return []
    if isinstance(reply, dict):
        streams = list(cast("dict[bytes, list[object]]", reply).values())
    else:
        streams = [cast("tuple[bytes, list[object]]", each)[1] for each in cast("list[object]", reply)]
    return [_field(item) for stream in streams for item in stream]


def _field(item: object) -> bytes:
    """The one field of an entry, given as (id, fields) or as [(id, fields)]."""
    pair = cast("list[object]", item)
    if isinstance(pair[0], list | tuple):
        pair = cast("list[object]", pair[0])
    fields = pair[1]
    if isinstance(fields, dict):
        return cast("dict[bytes, bytes]", fields)[b"e"]
    return cast("list[bytes]", fields)[1]
