"""Lets go of what buckets asked for that nobody needs any more; each strategy, each agent asked for by name adds some.

The leader's chore. Needed is a bucket while somebody waits in it or an open contact comes from it: an offer that is
taken back, a park that ends, an undo lead there again. Never decides where anybody waits.
"""

import asyncio
from typing import cast

from router.journal import decode
from router.store.redis_store import Store

LEAST = 1_000
"""With fewer known buckets nothing is looked at: they do no harm."""
READ_PART = 500
TRIES = 20
"""So often the journal is read on, until a moment is met in which nothing happens; else there is the next time."""


class BucketCare:
    """Looks for buckets that nobody needs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def look(self, least: int = LEAST) -> int:
        """Forget them; how many there were."""
        store = self._store
        seen = await store.position()
        known = [bucket.decode() for bucket in await store.runner.read_hash(store.keys.buckets)]
        if len(known) < least:
            return 0
        spare = set(known) - {bucket for bucket, _, _ in await store.waiting_in(known)}
        async for contacts in store.contact_ids():
            spare -= {(bucket or b"").decode() for (bucket,) in await store.read_fields(contacts, "bucket")}
        return await self._forget(spare, seen)

    async def _forget(self, spare: set[str], seen: int) -> int:
        """Of the spare buckets, those that are so still; what was placed after the entry that was seen is not."""
        forgotten = 0
        for _ in range(TRIES):
            seen, placed = await self._placed_since(seen)
            spare -= placed
            some = sorted(spare)[:READ_PART]
            if not some:
                break
            queued = self._store.queued
            replies = await asyncio.gather(*(queued.forget_bucket(bucket, seen) for bucket in some))
            done = {bucket for bucket, reply in zip(some, replies, strict=True) if reply is not None}
            forgotten += sum(reply is True for reply in replies)
            spare -= done
        return forgotten

    async def _placed_since(self, seen: int) -> tuple[int, set[str]]:
        """The journal's last entry, and every bucket in which somebody was placed up to it."""
        placed: set[str] = set()
        while True:
            reply = await self._store.runner.read(
                "XRANGE", self._store.keys.journal, f"({seen}-0", "+", "COUNT", READ_PART
            )
            found = cast("list[tuple[bytes, list[bytes]]]", reply)
            for _, fields in found:
                entry = decode(fields[1])
                seen = entry.n
                if entry.placed is not None:
                    placed.add(entry.placed.bucket)
            if len(found) < READ_PART:
                return seen, placed
