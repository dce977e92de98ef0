"""Keeps files that are handed in, and lets go of those that nobody has referred to for a day.

What was uploaded for a message that was never sent, or a report that was never made, is somebody's and has no business
here. A file is noted in the store before it is on disk; whether it was used is asked of the register, which has copied
everything that happened since. Called by whatever takes files in, and by the leader's loop.
"""

import hashlib

from router.reading import Blobs, Reading
from router.register.references import referred_to
from router.store.redis_store import Store
from router.timers import Leadership

UNUSED_MS = 24 * 3_600_000
"""Longer than any upload may wait to be named."""
LOOK_S, LEAD_S = 3_600.0, 5.0


class FileCare:
    """Files on their way to being used."""

    def __init__(self, store: Store, blobs: Blobs, reading: Reading, leadership: Leadership) -> None:
        self._store = store
        self._blobs = blobs
        self._reading = reading
        self._leadership = leadership

    async def put(self, body: bytes) -> str:
        """Durable on return; its name. A file that somebody refers to already needs no note."""
        name = hashlib.sha256(body).hexdigest()
        if not await self._blobs.is_there(name) or await self._store.uploads.is_noted(name):
            await self._store.uploads.note(name, await self._store.position())
        return await self._blobs.put(body)

    async def get(self, name: str) -> bytes:
        """The bytes under a name."""
        return await self._blobs.get(name)

    async def look(self) -> float:
        """Who leads lets go; how long to pause, in seconds."""
        if not self._leadership.is_leader:
            return LEAD_S
        await self.let_go()
        return LOOK_S

    async def let_go(self) -> int:
        """Remove what nobody has referred to for a day, once the register knows all that happened; how many went.

        Raises:
            RegisterUnavailable: there is the next time.
        """
        before_ms = self._store.clock.now_ms() - UNUSED_MS
        old = await self._store.uploads.older_than(before_ms)
        if not old:
            return 0
        position = await self._store.position()
        used, copied_n = await self._reading.ask(referred_to, self._blobs.on_disk, min(each.since_n for each in old))
        if copied_n < position:
            return 0
        unused = [each.blob for each in old if each.blob not in used]
        gone = await self._blobs.remove(unused, before_ms)
        await self._store.uploads.forget([each.blob for each in old])
        return gone
