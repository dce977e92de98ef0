"""What happened in the show, counted by those who did it: residents, agents, departments. Knows no service."""

import math
from collections import Counter, deque

import msgspec

MOST_SAMPLES = 50_000
TOLD = 12


class Percentiles(msgspec.Struct, frozen=True):
    """Milliseconds; null when nothing was measured."""

    p50: int | None
    p99: int | None
    measured: int


class Scoreboard:
    """Counters and measured times."""

    def __init__(self) -> None:
        self.posted = 0
        self.accepted = 0
        self.observed = 0
        self.abandoned = 0
        self.messages = 0
        self.answered = 0
        """Contacts that an agent took."""
        self.offers: Counter[str] = Counter()
        """issued, accepted, declined, ignored, too_late."""
        self.refused: Counter[str] = Counter()
        """Problem slugs of events and commands that the service refused."""
        self.by_channel: Counter[str] = Counter()
        self.finished: Counter[str] = Counter()
        """By resolution."""
        self.handed_over = 0
        """By agents; the strategy's own come on top."""
        self.units: Counter[str] = Counter()
        """accepted, returned, done: what departments did."""
        self.recent: deque[str] = deque(maxlen=TOLD)
        """The last contacts accepted."""
        self._offer_ms: deque[int] = deque(maxlen=MOST_SAMPLES)

    def offered_after(self, ms: int) -> None:
        """From the service's 202 to the first offer on a desktop."""
        self._offer_ms.append(ms)

    def offer_times(self) -> Percentiles:
        """Of the first offers, waiting for a free agent included."""
        times = sorted(self._offer_ms)
        return Percentiles(nearest_rank(times, 0.5), nearest_rank(times, 0.99), len(times))


def nearest_rank(ordered: list[int], share: float) -> int | None:
    """The value that so large a share does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
