"""Keeps the store's knowledge of who is protected whole: loaded from the register at start, after a loss, hourly."""

from collections.abc import Awaitable, Callable, Mapping

from router.store.redis_store import Store
from router.timers import Leadership

LOOK_S, LEAD_S = 15.0, 1.0
LOAD_EVERY_MS = 3_600_000
Protections = Callable[[], Awaitable[Mapping[str, str]]]
"""Person key -> level, of everybody whom the register knows; raises RegisterUnavailable."""


class Guarding:
    """The loop's step of one router."""

    def __init__(self, store: Store, leadership: Leadership, protections: Protections) -> None:
        self._store = store
        self._leadership = leadership
        self._protections = protections
        self._loaded_at = 0

    async def look(self) -> float:
        """Who leads loads when it is time, or when the store has lost it; how long to pause, in seconds.

        Raises:
            RegisterUnavailable: tried again by whoever calls; until then what the store lacks is unknown.
        """
        if not self._leadership.is_leader:
            return LEAD_S
        now_ms = self._store.clock.now_ms()
        if now_ms - self._loaded_at > LOAD_EVERY_MS or not await self._store.protected.is_loaded():
            await self._store.protected.load(await self._protections(), now_ms)
            self._loaded_at = now_ms
        return LOOK_S
