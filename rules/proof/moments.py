"""Moments: every combination of opening hours that occurs while a strategy is valid, each with the first time it does.

Two contacts at moments of the same combination are decided alike, so a proof looks at each combination once. Days on
which everything keeps the same hours are looked at once, too.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from router.errors import StrategyError
from rules.calendars import FULL_DAY_MINUTES, Minutes, is_on_clock, local_ms, parse_date, second_time, zone
from rules.city import STRATEGY, City
from rules.strategy import CALENDAR
from rules.tables import Place

DEFAULT_FROM = "2026-01-01"
"""For a strategy that does not say from when it is valid."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Between which the holidays are known."""
DAYS = 366
NIGHT = range(60, 240)
"""Minutes in which the clock may be moved: there the calendars themselves are asked."""

DayHours = tuple[Minutes, Minutes]
"""The hours that begin the day before, and those of the day itself."""


class Moment(NamedTuple):
    """What is open at a moment."""

    states: Mapping[str, str]
    """`calendar.<id>` -> open or closed; a calendar that is not named is unknown."""
    queues: frozenset[str] = frozenset()
    """Queues that are open, with the days of their own."""
    at: str = ""
    """Local time `YYYY-MM-DD HH:MM`."""

    def is_open(self, calendar: str) -> bool:
        """Whether the calendar is open."""
        return self.states.get(f"{CALENDAR}.{calendar}") == "open"


def validity(city: City) -> tuple[date, date]:
    """The first and the last day of the year from which the strategy is valid.

    Raises:
        StrategyError: that day can't be read.
    """
    try:
        first = parse_date(city.strategy.strategy.meta.valid_from or DEFAULT_FROM)
    except StrategyError as error:
        raise Place(STRATEGY, "meta").mistake("valid_from", error.detail) from error
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise Place(STRATEGY, "meta").mistake(
            "valid_from", f"expected a day from {FIRST_YEAR} to {LAST_YEAR}, got {first}"
        )
    return first, first + timedelta(days=DAYS - 1)


def moments_of(city: City) -> tuple[Moment, ...]:
    """The combinations of the year of validity: weeks, holidays, exceptions and own days of queues."""
    hours = [*city.calendars.values(), *city.hours.values()]
    found: dict[tuple[bool, ...], str] = {}
    for day, of_day in _kinds_of_day(city):
        for minute in _changes(of_day):
            at = f"{day} {minute // 60:02d}:{minute % 60:02d}"
            if minute in NIGHT and _moves_clock(city, day):
                for told, at_ms in _on_clock(city, at):
                    _ = found.setdefault(tuple(each.is_open(at_ms) for each in hours), told)
            else:
                _ = found.setdefault(tuple(_is_open(each, minute) for each in of_day), at)
    count = len(city.calendars)
    names = [each.id for each in hours[:count]]
    return tuple(
        Moment(
            {
                f"{CALENDAR}.{name}": "open" if is_open else "closed"
                for name, is_open in zip(names, states, strict=False)
            },
            frozenset(queue for queue, is_open in zip(city.hours, states[count:], strict=True) if is_open),
            at,
        )
        for states, at in found.items()
    )


def _on_clock(city: City, at: str) -> Iterator[tuple[str, int]]:
    """The moments at which clocks show this time: none, one or two."""
    tz = city.info.tz
    for told in (at, second_time(at, tz)):
        if told and is_on_clock(told, at_ms := local_ms(told, tz), tz):
            yield told, at_ms


def _kinds_of_day(city: City) -> Iterator[tuple[date, tuple[DayHours, ...]]]:
    """The first day of each kind: days of one kind have the same hours everywhere."""
    hours = [*city.calendars.values(), *city.hours.values()]
    first, _ = validity(city)
    seen: set[tuple[DayHours, ...]] = set()
    for number in range(DAYS):
        day = first + timedelta(days=number)
        kind = tuple((each.day_minutes(day - timedelta(days=1)), each.day_minutes(day)) for each in hours)
        if kind not in seen:
            seen.add(kind)
            yield day, kind


def _changes(of_day: tuple[DayHours, ...]) -> list[int]:
    """The minutes of the day at which anything opens or closes, and its beginning."""
    edges = {edge for _, today in of_day for span in today for edge in span}
    edges |= {end - FULL_DAY_MINUTES for yesterday, _ in of_day for _, end in yesterday}
    return sorted({0, *(edge for edge in edges if 0 <= edge < FULL_DAY_MINUTES)})


def _is_open(hours: DayHours, minute: int) -> bool:
    yesterday, today = hours
    late = minute + FULL_DAY_MINUTES
    return any(begins <= minute < ends for begins, ends in today) or any(
        begins <= late < ends for begins, ends in yesterday
    )


def _moves_clock(city: City, day: date) -> bool:
    tz = zone(city.info.tz)
    night, noon = (datetime(day.year, day.month, day.day, hour, tzinfo=tz) for hour in (0, 12))
    return night.utcoffset() != noon.utcoffset()
