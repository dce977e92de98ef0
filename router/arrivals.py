"""Who came before whom: since when those who wait live in each queue have been ready. Pure.

Counted by arrival, nothing else: skills, priority and agents of one's own decide who is next, and are not looked at.
"""

from bisect import bisect_left
from collections.abc import Mapping
from heapq import merge
from itertools import islice

import msgspec

from router.floor import FloorState

MOST = 200
"""Of a queue so many are told; further back nobody is told a number."""
STALE_MS = 10_000
"""Older than this, nothing is known."""


class Arrivals(msgspec.Struct, frozen=True):
    """How it stood at a moment."""

    at: int = 0
    """Epoch ms; 0 while nothing is known."""
    by_queue: Mapping[str, tuple[int, ...]] = {}
    """When the first of each queue got their places (epoch ms), the earliest first."""

    def ahead(self, queue: str, ready_at: int, now_ms: int) -> int | None:
        """How many of the queue came before; None for whoever came since, stands too far back, or when it is old."""
        if not self.at or ready_at > self.at or now_ms - self.at > STALE_MS:
            return None
        places = self.by_queue.get(queue, ())
        before = bisect_left(places, ready_at)
        return None if before >= MOST else before


def arrivals_of(floor: FloorState, at: int) -> Arrivals:
    """From the floor as it stands: the heads of its lanes, which are in order already."""
    lanes: dict[str, list[list[int]]] = {}
    for asks, lane in floor.queue_lengths():
        if asks.is_live:
            shift_ms = asks.head_start_s * 1000
            lanes.setdefault(asks.queue, []).append([score + shift_ms for score, _ in islice(lane, MOST)])
    return Arrivals(at, {queue: tuple(islice(merge(*rows), MOST)) for queue, rows in lanes.items()})
