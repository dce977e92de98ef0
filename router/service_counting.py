"""Keeps the service level of today on every router: from the register at first, then from the journal.

So a router that starts, or begins to lead, goes on where the day stands. Writes nothing.
"""

from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from router.errors import RegisterUnavailable
from router.journal import Entry
from router.measures.service_level import ServiceMeter
from router.reading import Reading
from router.register.service import ServiceDay, read_service
from rules.calendars import day_span

RETRY_S = 0.5
REST_S = 5.0
PATIENCE = 60
"""Looks at a register that has not caught up, before counting begins with what there is."""
MOST_KEPT = 200_000
_log = structlog.get_logger(__name__)


class ServiceCounting:
    """A listener of the tail; until the register has been read, entries are kept and nothing is known."""

    def __init__(self, reading: Reading, tz: str, short_ms: int, *, now_ms: Callable[[], int]) -> None:
        self._reading = reading
        self._tz = tz
        self._short_ms = short_ms
        self._now_ms = now_ms
        self._kept: deque[Entry] = deque(maxlen=MOST_KEPT)
        self._position = 0
        self._looks = 0
        self.meter: ServiceMeter | None = None
        """None while nothing is known."""
        self.counted_from = 0
        """0 when the whole day is counted; otherwise from when on (epoch ms): the register could not say more."""

    def begin(self, position: int) -> None:
        """The journal is followed from here; after a gap, from here again."""
        self._position = position
        self._looks = 0
        self._kept.clear()
        self.meter = None

    def follow(self, entry: Entry) -> None:
        """Take in one entry of the journal."""
        if self.meter is None:
            self._kept.append(entry)
        else:
            self.meter.follow(entry)

    async def catch_up(self) -> float:
        """Read the day as soon as the register has come to where the journal is followed from; seconds until next."""
        if self.meter is not None:
            return REST_S
        self._looks += 1
        try:
            day = await self._read()
        except RegisterUnavailable:
            if self._looks < PATIENCE:
                return RETRY_S
            self._start(ServiceDay(self._position, (), ()), counted_from=self._now_ms())
            return REST_S
        if day.position < self._position and self._looks < PATIENCE:
            return RETRY_S
        self._start(day, counted_from=0)
        return REST_S

    def _read(self) -> Awaitable[ServiceDay]:
        now = self._now_ms()
        return self._reading.ask(read_service, day_span(now, self._tz)[0], now, self._short_ms)

    def _start(self, day: ServiceDay, *, counted_from: int) -> None:
        meter = ServiceMeter(lambda at: day_span(at, self._tz)[1], self._short_ms)
        meter.load(day.happened, day.waiters)
        for entry in self._kept:
            if entry.n > day.position:
                meter.follow(entry)
        self._kept.clear()
        self.meter, self.counted_from = meter, counted_from
        _log.info("service_counted", position=day.position, waiting=len(day.waiters))
