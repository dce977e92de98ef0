"""Opening hours: weekly patterns, named exceptions and Swedish holidays in the city's own time zone.

The only room that knows local time. Takes and gives epoch milliseconds; never reads a clock.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import msgspec

from router.errors import StrategyError

MINUTE_MS = 60_000
DAY_MS = 86_400_000
CHUNK_MS = 8 * DAY_MS
MOST_CHUNKS = 4_096
MOST_READINGS = 10_000
"""Of wall clocks: many calendars open and close alike."""
SIGHT_CHUNKS = 46
"""How far an opening or closing is looked for: a year."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL_DAY_MINUTES = 1_440
MOST_RUN_DAYS = 3_660
"""Of one exception: ten years."""
_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")

Minutes = tuple[tuple[int, int], ...]
"""Spans of one day in minutes after its midnight; beyond 1440 they reach into the next day."""


class Exceptional(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named day, or a run of days, with its own hours; no hours means closed."""

    date: str
    name: str
    until: str = ""
    open: tuple[str, ...] = ()


class CalendarTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A calendar as it is written in `calendars.toml`."""

    id: str
    name_sv: str
    weekly: dict[str, tuple[str, ...]]
    holidays: Literal["closed", "weekday"] | tuple[str, ...] = "closed"
    """On Swedish holidays: closed, as any such weekday, or these hours."""
    exceptions: tuple[Exceptional, ...] = ()
    name_en: str = ""


def parse_spans(spans: tuple[str, ...]) -> Minutes:
    """`08:00-17:00` and `22:00-06:00` (over midnight) as minutes."""
    return tuple(sorted(_parse_span(span) for span in spans))


def _parse_span(span: str) -> tuple[int, int]:
    parts = _SPAN.match(span)
    if parts is None:
        raise StrategyError(f'expected hours such as "08:00-17:00", got "{span}"', field="hours")
    start, end = int(parts[1]) * 60 + int(parts[2]), int(parts[3]) * 60 + int(parts[4])
    if start >= FULL_DAY_MINUTES or end > FULL_DAY_MINUTES or start == end:
        raise StrategyError(f'expected hours between 00:00 and 24:00, got "{span}"', field="hours")
    return start, end if end > start else end + FULL_DAY_MINUTES


@cache
def swedish_holidays(year: int) -> frozenset[date]:
    """Public holidays and the eves that are kept as such."""
    return frozenset(holidays.country_holidays("SE", years=year, categories=("public", "de_facto")))


def parse_date(text: str) -> date:
    """An ISO date; anything else is a mistake."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StrategyError(f'expected a date such as "2026-12-24", got "{text}"', field="date") from error


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise StrategyError(f'expected a time zone such as "Europe/Stockholm", got "{name}"', field="tz") from error


def local_ms(text: str, tz: str = "Europe/Stockholm") -> int:
    """Epoch milliseconds of a local `YYYY-MM-DD HH:MM`; an offset tells which, where clocks show a time twice."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise StrategyError(f'expected local time such as "2026-02-06 18:40", got "{text}"', field="at") from error
    return _ms(local if local.tzinfo else local.replace(tzinfo=zone(tz)))


def is_on_clock(text: str, at_ms: int, tz: str) -> bool:
    """Whether clocks show this local time at its moment: not in the hour that is skipped in spring."""
    local = datetime.fromisoformat(text)
    return datetime.fromtimestamp(at_ms / 1000, zone(tz)).replace(tzinfo=None) == local.replace(tzinfo=None)


def second_time(text: str, tz: str) -> str:
    """The local time with its offset, the second time that clocks show it; empty where they show it once or never."""
    local = datetime.fromisoformat(text).replace(tzinfo=zone(tz))
    again = local.replace(fold=1)
    is_twice = _ms(again) > _ms(local) and is_on_clock(text, _ms(local), tz)
    return again.isoformat(" ", "minutes") if is_twice else ""


def local_stamp(at_ms: int, tz: str = "Europe/Stockholm") -> str:
    """A moment as local `YYYY-MM-DD HH:MM`, as cases write it."""
    return f"{datetime.fromtimestamp(at_ms / 1000, zone(tz)):%Y-%m-%d %H:%M}"


def day_span(at_ms: int, tz: str) -> tuple[int, int]:
    """The local day of a moment: its midnight and the next one (epoch ms), 23 to 25 hours apart."""
    today = datetime.fromtimestamp(at_ms / 1000, zone(tz)).date()
    return local_ms(f"{today} 00:00", tz), local_ms(f"{today + timedelta(days=1)} 00:00", tz)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When something is open."""

    id: str
    weekly: tuple[Minutes, ...]
    tz: ZoneInfo
    name_sv: str = ""
    holiday_minutes: Minutes | None = ()
    """Hours on Swedish holidays; None means as any such weekday."""
    exceptions: Mapping[date, Minutes] = field(default_factory=dict[date, Minutes])
    name_en: str = ""
    _chunks: dict[int, tuple[int, ...]] = field(init=False, repr=False, default_factory=dict[int, tuple[int, ...]])

    def is_open(self, at_ms: int) -> bool:
        """Whether it is open at this moment; the closing moment itself is closed."""
        edges = self._chunks.get(at_ms // CHUNK_MS) or self._edges(at_ms // CHUNK_MS)
        return bisect_right(edges, at_ms) & 1 == 1

    def open_ms_between(self, start_ms: int, end_ms: int) -> int:
        """Open time from start to end; 0 when end is not after start."""
        total = 0
        for chunk in range(start_ms // CHUNK_MS, (end_ms - 1) // CHUNK_MS + 1):
            edges = self._edges(chunk)
            for opens, closes in zip(edges[::2], edges[1::2], strict=True):
                total += max(0, min(closes, end_ms) - max(opens, start_ms))
        return total

    def add_open_ms(self, at_ms: int, duration_ms: int) -> int:
        """The moment when `duration_ms` of open time has passed since `at_ms`."""
        if duration_ms <= 0:
            return at_ms
        left, chunk = duration_ms, at_ms // CHUNK_MS
        while True:
            edges = self._edges(chunk)
            for opens, closes in zip(edges[::2], edges[1::2], strict=True):
                begins = max(opens, at_ms)
                if closes - begins >= left:
                    return begins + left
                left -= max(0, closes - begins)
            chunk += 1

    def next_open(self, at_ms: int) -> int:
        """The first moment from `at_ms` on when it is open."""
        if self.is_open(at_ms):
            return at_ms
        chunk = at_ms // CHUNK_MS
        while True:
            edges = self._edges(chunk)
            index = bisect_right(edges, at_ms)
            if index < len(edges):
                return edges[index]
            chunk += 1

    def closes_at(self, at_ms: int) -> int | None:
        """When the opening of this moment ends; the moment itself when it is closed, None when no end is in sight."""
        if not self.is_open(at_ms):
            return at_ms
        chunk = at_ms // CHUNK_MS
        ends = (edge for each in range(chunk, chunk + SIGHT_CHUNKS) for edge in self._closings(each))
        return next((edge for edge in ends if edge > at_ms), None)

    def last_closed(self, at_ms: int) -> int | None:
        """When it last closed, up to this moment; None when that is out of sight."""
        chunk = at_ms // CHUNK_MS
        ends = (edge for each in range(chunk, chunk - SIGHT_CHUNKS, -1) for edge in reversed(self._closings(each)))
        return next((edge for edge in ends if edge <= at_ms), None)

    def with_exceptions(self, exceptions: Mapping[date, Minutes]) -> "Calendar":
        """The same calendar with the hours of some days set anew."""
        return replace(self, exceptions={**self.exceptions, **exceptions}) if exceptions else self

    def minute_of_week(self, at_ms: int) -> int:
        """Local minutes since Monday 00:00, 0 to 10079."""
        local = datetime.fromtimestamp(at_ms / 1000, self.tz)
        return local.weekday() * FULL_DAY_MINUTES + local.hour * 60 + local.minute

    def day_minutes(self, day: date) -> Minutes:
        """The hours that begin on this local day."""
        if day in self.exceptions:
            return self.exceptions[day]
        if self.holiday_minutes is not None and day in swedish_holidays(day.year):
            return self.holiday_minutes
        return self.weekly[day.weekday()]

    def _closings(self, chunk: int) -> tuple[int, ...]:
        """The closing moments inside one stretch; where it ends open and the next begins so, nothing closes."""
        closings = self._edges(chunk)[1::2]
        end = (chunk + 1) * CHUNK_MS
        goes_on = closings[-1:] == (end,) and self._edges(chunk + 1)[:1] == (end,)
        return closings[:-1] if goes_on else closings

    def _edges(self, chunk: int) -> tuple[int, ...]:
        """Opening and closing moments by turns inside one stretch of eight days, kept once computed."""
        edges = self._chunks.get(chunk)
        if edges is None:
            if len(self._chunks) >= MOST_CHUNKS:
                self._chunks.clear()
            edges = self._chunks[chunk] = self._computed(chunk * CHUNK_MS, (chunk + 1) * CHUNK_MS)
        return edges

    def _computed(self, start_ms: int, end_ms: int) -> tuple[int, ...]:
        # Two days of margin: a span may have begun yesterday, and local days are not UTC days.
        first = datetime.fromtimestamp(start_ms / 1000, UTC).date() - timedelta(days=2)
        days = [first + timedelta(days=n) for n in range(CHUNK_MS // DAY_MS + 4)]
        spans = sorted(self._span_ms(day, span) for day in days for span in self.day_minutes(day))
        merged: list[tuple[int, int]] = []
        for opens, closes in spans:
            if merged and opens <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
            elif opens < closes:
                merged.append((opens, closes))
        inside = [(max(opens, start_ms), min(closes, end_ms)) for opens, closes in merged]
        return tuple(edge for opens, closes in inside if opens < closes for edge in (opens, closes))

    def _span_ms(self, day: date, span: tuple[int, int]) -> tuple[int, int]:
        return _wall_ms(self.tz, day, span[0], 0), _wall_ms(self.tz, day, span[1], 1)


@lru_cache(maxsize=MOST_READINGS)
def _wall_ms(tz: ZoneInfo, day: date, minutes: int, fold: int) -> int:
    """A wall clock reading as a moment: an opening takes the first of two, a closing the second."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 (zone is set below)
    moment = wall.replace(tzinfo=tz, fold=fold)
    if fold and moment.utcoffset() != wall.replace(tzinfo=tz).utcoffset():
        # Twice or never on the clock. In the gap of spring both folds differ too: count from before it.
        there = moment.astimezone(UTC).astimezone(tz).replace(tzinfo=None)
        moment = moment if there == wall else wall.replace(tzinfo=tz)
    return _ms(moment)


def build_calendar(
    table: CalendarTable, tz: str = "Europe/Stockholm", closed_days: tuple[Exceptional, ...] = ()
) -> Calendar:
    """A calendar from its table, the city's own closed days kept as holidays; unreadable hours are a mistake."""
    unknown = sorted(set(table.weekly) - set(DAYS))
    if unknown:
        raise StrategyError(f'expected days {", ".join(DAYS)}, got "{unknown[0]}"', field="weekly")
    weekly = tuple(parse_spans(table.weekly.get(day, ())) for day in DAYS)
    if not any(weekly):
        raise StrategyError("expected hours on at least one weekday", field="weekly")
    for today, tomorrow in pairwise((*weekly, weekly[0])):
        _refuse_overlap(today, tomorrow)
    holiday_minutes = _holiday_minutes(table.holidays)
    own_holidays = {} if holiday_minutes is None else dict.fromkeys(exceptional_days(closed_days), holiday_minutes)
    return Calendar(
        id=table.id,
        weekly=weekly,
        tz=zone(tz),
        name_sv=table.name_sv,
        holiday_minutes=holiday_minutes,
        exceptions=own_holidays | exceptional_days(table.exceptions),
        name_en=table.name_en,
    )


def _refuse_overlap(today: Minutes, tomorrow: Minutes) -> None:
    spans = sorted([*today, *((start + FULL_DAY_MINUTES, end + FULL_DAY_MINUTES) for start, end in tomorrow)])
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise StrategyError("expected hours that do not overlap", field="weekly")


def _holiday_minutes(rule: Literal["closed", "weekday"] | tuple[str, ...]) -> Minutes | None:
    if isinstance(rule, tuple):
        return parse_spans(rule)
    return None if rule == "weekday" else ()


def exceptional_days(tables: tuple[Exceptional, ...]) -> dict[date, Minutes]:
    """The hours of each named day, runs of days spelled out; unreadable ones are a mistake."""
    days: dict[date, Minutes] = {}
    single: set[date] = set()
    for table in tables:
        first, last = parse_date(table.date), parse_date(table.until or table.date)
        if last < first:
            raise StrategyError(f'expected an end after {table.date}, got "{table.until}"', field="exceptions")
        if (last - first).days >= MOST_RUN_DAYS:
            raise StrategyError(f'expected at most {MOST_RUN_DAYS} days, got "{table.until}"', field="exceptions")
        if first == last and first in single:
            raise StrategyError(f'expected each day once, got "{table.date}" twice', field="exceptions")
        single |= {first} if first == last else set()
        for number in range((last - first).days + 1):
            days[first + timedelta(days=number)] = parse_spans(table.open)
    return days
