"""The only door to time.

Time is epoch milliseconds as int everywhere. The service's clock is the store's TIME, sampled, plus the local
monotonic clock since the sample, so several routers agree and a stepped wall clock changes nothing.
"""

import time
from typing import Protocol

Millis = int
MAX_HOLD_MS = 500
"""How far back a correction may reach for the clock to stand still instead."""


class Clock(Protocol):
    """Tells what time it is; tests hand in one that stands still."""

    def now_ms(self) -> Millis:
        """Epoch milliseconds."""
        ...


class SystemClock:
    """Local wall clock; used before a store answers and by commands without one."""

    def now_ms(self) -> Millis:
        """Epoch milliseconds of this machine."""
        return time.time_ns() // 1_000_000


class StoreClock:
    """The store's time carried forward by the local monotonic clock.

    `sync` is called at start and every few seconds with a fresh sample. A small correction never lets time run
    backwards: the clock holds still until the store has caught up.
    """

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - time.monotonic_ns()
        self._last_ms = 0

    def sync(self, store_ms: Millis) -> None:
        """Adopt `store_ms`, the store's TIME halfway through the round trip that fetched it.

        A store that has stepped back by more than `MAX_HOLD_MS` is followed at once: it refuses every command of a
        clock that stands still for so long.
        """
        self._offset_ns = store_ms * 1_000_000 - time.monotonic_ns()
        if self._last_ms - store_ms > MAX_HOLD_MS:
            self._last_ms = store_ms

    def now_ms(self) -> Millis:
        """Epoch milliseconds of the store, never running backwards."""
        now = (time.monotonic_ns() + self._offset_ns) // 1_000_000
        if now < self._last_ms:
            return self._last_ms
        self._last_ms = now
        return now


def elapsed_s() -> float:
    """Seconds of the local monotonic clock; for measuring durations, never for stamping."""
    return time.perf_counter()
