"""Who comes onto the simulated floor and when: the history's queued contacts, under each strategy, by working day.

A resident's patience and the work they bring are drawn from their contact's own number, so that both strategies meet
the same people. Durations are the plan's of `router.demo.calibration`: the history rarely has any.
"""

import random
import zlib
from typing import NamedTuple

from channels.registry import CHANNELS
from router.demo import calibration
from router.journal import LIVE
from router.simulation.day import Coming
from rules.calendars import day_span
from rules.city import City
from rules.decide import Decision
from rules.replay.comparing import Compared
from rules.replay.history import CHANNEL, Recorded

DAY_MS, MINUTE_MS = 86_400_000, 60_000
DAYS_AHEAD = 30


class Hours(NamedTuple):
    """One working day (epoch ms)."""

    opens_ms: int
    closes_ms: int


class Plan:
    """The comings of one strategy, collected while the history is decided about."""

    def __init__(self) -> None:
        self.days: dict[Hours, list[Coming]] = {}
        self.outside = 0

    def add(self, hours: Hours, coming: Coming) -> None:
        """One contact more on that day."""
        self.days.setdefault(hours, []).append(coming)


class Plans:
    """Both plans, and the working days of the city: the hours of its default queue."""

    def __init__(self, city: City, seed: int) -> None:
        self.before, self.after = Plan(), Plan()
        self._calendar = city.queue_calendar(city.strategy.strategy.meta.default_queue)
        self._tz = city.info.tz
        self._seed = seed
        self._dice = random.Random(seed)  # noqa: S311 # repeatable, no secret
        self._hours: dict[int, Hours | None] = {}
        self._days: dict[int, tuple[int, int]] = {}

    def follow(self, contact: Recorded, compared: Compared) -> None:
        """A contact that was decided about: onto the floor, or past it."""
        queued = (compared.before.kind == "queue", compared.after.kind == "queue")
        channel = str(contact.facts.get(CHANNEL) or "")
        if not any(queued) or channel not in CHANNELS:
            return
        is_live = CHANNELS[channel].medium in LIVE
        hours = self._on_floor(contact.received_at, is_live=is_live)
        if hours is None:
            self.before.outside += queued[0]
            self.after.outside += queued[1]
            return
        patience_ms, service_ms = self._drawn(contact.id, channel)
        at_ms = contact.received_at if hours.opens_ms <= contact.received_at else hours.opens_ms - MINUTE_MS
        for plan, is_queued, decision in zip((self.before, self.after), queued, _pair(compared), strict=True):
            if is_queued:
                coming = Coming(at_ms, contact.id, channel, decision, patience_ms, service_ms, contact.received_at)
                plan.add(hours, coming)

    def _on_floor(self, at_ms: int, *, is_live: bool) -> Hours | None:
        """The working day it is met on; None for somebody who calls while nobody is at work."""
        today = self._working(at_ms)
        if today and at_ms < today.closes_ms and (at_ms >= today.opens_ms or not is_live):
            return today
        if is_live:
            return None
        later = (self._working(at_ms + number * DAY_MS) for number in range(1, DAYS_AHEAD))
        return next((hours for hours in later if hours), None)

    def _working(self, at_ms: int) -> Hours | None:
        """From the first opening of the local day to its last closing."""
        begin, end = self._local_day(at_ms)
        if begin not in self._hours:
            self._hours[begin] = self._read(begin, end)
        return self._hours[begin]

    def _local_day(self, at_ms: int) -> tuple[int, int]:
        hour = at_ms // 900_000
        if hour not in self._days:
            self._days[hour] = day_span(at_ms, self._tz)
        return self._days[hour]

    def _read(self, begin: int, end: int) -> Hours | None:
        opens = self._calendar.next_open(begin)
        if opens >= end:
            return None
        closes = self._calendar.closes_at(opens) or end
        while (again := self._calendar.next_open(closes)) < end and closes < end:
            closes = self._calendar.closes_at(again) or end
        return Hours(opens, min(closes, end))

    def _drawn(self, contact: str, channel: str) -> tuple[int | None, int]:
        """Patience and work of this contact (ms), the same under every strategy."""
        dice = self._dice
        dice.seed(zlib.crc32(contact.encode("utf-8", "surrogatepass"), self._seed & 0xFFFFFFFF))
        patience_s = calibration.patience_s(channel, dice)
        work_s = calibration.HANDLING[channel].draw_s(dice) + calibration.WRAP_UP.draw_s(dice)
        return None if patience_s is None else round(patience_s * 1000), round(work_s * 1000)


def _pair(compared: Compared) -> tuple[Decision, Decision]:
    return compared.before, compared.after
