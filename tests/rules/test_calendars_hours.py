import csv
import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import StrategyError
from rules.calendars import (
    DAY_MS,
    MINUTE_MS,
    Calendar,
    CalendarTable,
    Exceptional,
    build_calendar,
    local_ms,
    swedish_holidays,
)

HOUR_MS = 60 * MINUTE_MS
HOLIDAYS = Path(__file__).parents[3] / "shared/data/swedish/holidays_SE_2005-2035.csv.gz"
WORKDAYS: dict[str, tuple[str, ...]] = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-17:00",))
NIGHTS: dict[str, tuple[str, ...]] = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("22:00-02:30",))


def calendar(weekly: dict[str, tuple[str, ...]], **changes: object) -> Calendar:
    """A calendar with these weekly hours."""
    return build_calendar(msgspec.structs.replace(CalendarTable("c", "Kalender", weekly), **changes))


office = calendar(WORKDAYS)
night = calendar(NIGHTS, holidays="weekday")


def test_opens_and_closes_on_the_minute() -> None:
    """The opening moment is open, the closing moment is closed."""
    opens, closes = local_ms("2026-02-03 08:00"), local_ms("2026-02-03 17:00")

    assert [office.is_open(at) for at in (opens - 1, opens, closes - 1, closes)] == [False, True, True, False]


def test_weekends_and_holidays_are_closed() -> None:
    """Saturday, midsummer's eve, Christmas Eve and New Year's Eve are closed; the day before them is open."""
    for closed in ("2026-02-07 10:00", "2026-06-19 10:00", "2026-12-24 10:00", "2026-12-31 10:00", "2026-05-14 10:00"):
        assert not office.is_open(local_ms(closed)), closed
    for opened in ("2026-06-18 10:00", "2026-12-23 10:00", "2026-12-30 10:00", "2026-05-15 10:00"):
        assert office.is_open(local_ms(opened)), opened


def test_named_exceptions_go_before_holidays_and_weekdays() -> None:
    """A run of exceptional days has its own hours, or none."""
    summer = Exceptional("2026-07-06", "Sommartid", until="2026-07-10", open=("09:00-15:00",))
    eve = Exceptional("2026-12-24", "Julöppet", open=("10:00-12:00",))
    staff_day = Exceptional("2026-02-03", "Planeringsdag")
    special = calendar(WORKDAYS, exceptions=(summer, eve, staff_day))

    assert not special.is_open(local_ms("2026-07-08 08:30"))
    assert special.is_open(local_ms("2026-07-13 08:30"))
    assert special.is_open(local_ms("2026-12-24 11:00"))
    assert not special.is_open(local_ms("2026-02-03 11:00"))


def test_the_citys_own_closed_days_are_kept_as_holidays() -> None:
    """A closed day closes what closes on holidays, gives a duty its holiday hours, leaves `weekday` calendars be."""
    closed = (Exceptional("2026-05-15", "Klämdag"),)
    at_ms = local_ms("2026-05-15 12:00")
    table = CalendarTable("c", "Kalender", WORKDAYS)
    on_duty = msgspec.structs.replace(table, holidays=("00:00-24:00",))
    always = msgspec.structs.replace(table, holidays="weekday")

    assert not build_calendar(table, closed_days=closed).is_open(at_ms)
    assert build_calendar(on_duty, closed_days=closed).is_open(local_ms("2026-05-15 23:00"))
    assert build_calendar(always, closed_days=closed).is_open(at_ms)


def test_hours_over_midnight_belong_to_the_day_they_begin_on() -> None:
    """Friday's night lasts until Saturday morning, also where one stretch of eight days ends and the next begins."""
    friday = calendar({"fri": ("22:00-06:00",)}, holidays="weekday")
    for week in range(10):
        saturday = local_ms("2026-02-07 05:59") + week * 7 * DAY_MS - (HOUR_MS if week > 7 else 0)

        assert friday.is_open(saturday), week
        assert not friday.is_open(saturday + MINUTE_MS), week


def test_spring_forward_at_night_keeps_the_length_of_the_night() -> None:
    """On 29 March 2026 the clock skips 02-03: a closing at 02:30 comes four and a half hours after opening, as ever."""
    opens = local_ms("2026-03-28 22:00")

    assert night.open_ms_between(opens, opens + 12 * HOUR_MS) == 4.5 * HOUR_MS
    assert night.is_open(local_ms("2026-03-29 01:59"))
    assert night.is_open(local_ms("2026-03-29 03:29"))
    assert not night.is_open(local_ms("2026-03-29 03:30"))


def test_fall_back_at_night_stays_open_until_the_clock_shows_closing_the_second_time() -> None:
    """On 25 October 2026 02-03 comes twice: the night is an hour longer and has no gap."""
    opens = local_ms("2026-10-24 22:00")

    assert night.open_ms_between(opens, opens + 12 * HOUR_MS) == 5.5 * HOUR_MS
    assert all(night.is_open(opens + minute * MINUTE_MS) for minute in range(330))


def test_days_without_midnight_in_between_are_whole_on_both_changes_of_clock() -> None:
    """Around the clock is 23 hours in spring and 25 in autumn, without a gap at midnight."""
    always = calendar(dict.fromkeys(NIGHTS, ("00:00-24:00",)), holidays="weekday")
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-19", 24)):
        begins = local_ms(f"{day} 00:00")

        assert always.open_ms_between(begins, begins + hours * HOUR_MS) == hours * HOUR_MS
        assert local_ms(f"{date.fromisoformat(day) + timedelta(days=1)} 00:00") == begins + hours * HOUR_MS


def test_adding_open_time_skips_what_is_closed() -> None:
    """One working day from Friday afternoon is Monday afternoon; over a holiday it is a day later."""
    assert office.add_open_ms(local_ms("2026-02-06 16:00"), 9 * HOUR_MS) == local_ms("2026-02-09 16:00")
    assert office.add_open_ms(local_ms("2026-04-02 16:00"), 9 * HOUR_MS) == local_ms("2026-04-07 16:00")
    assert office.add_open_ms(local_ms("2026-02-07 12:00"), HOUR_MS) == local_ms("2026-02-09 09:00")
    assert office.add_open_ms(local_ms("2026-02-07 12:00"), 0) == local_ms("2026-02-07 12:00")


def test_the_next_opening_is_now_or_later() -> None:
    """Open now: now; on Friday evening: Monday morning; before a long Easter: Tuesday."""
    assert office.next_open(local_ms("2026-02-03 10:00")) == local_ms("2026-02-03 10:00")
    assert office.next_open(local_ms("2026-02-06 17:00")) == local_ms("2026-02-09 08:00")
    assert office.next_open(local_ms("2026-04-02 17:00")) == local_ms("2026-04-07 08:00")


def test_minute_of_week_is_local() -> None:
    """Monday 00:00 in Stockholm is minute 0, summer and winter."""
    assert office.minute_of_week(local_ms("2026-02-02 00:00")) == 0
    assert office.minute_of_week(local_ms("2026-07-06 00:01")) == 1
    assert office.minute_of_week(local_ms("2026-07-12 23:59")) == 10_079


moments = st.integers(local_ms("2020-01-01 00:00"), local_ms("2035-01-01 00:00"))


@settings(max_examples=150, deadline=None)
@given(moments, st.integers(0, 40 * DAY_MS))
def test_adding_open_time_is_the_inverse_of_measuring_it(at_ms: int, duration_ms: int) -> None:
    """Exactly the added time is open between the two moments, and the moment reached is the first such one."""
    for each in (office, night):
        reached = each.add_open_ms(at_ms, duration_ms)

        assert each.open_ms_between(at_ms, reached) == duration_ms
        assert duration_ms == 0 or each.open_ms_between(at_ms, reached - 1) == duration_ms - 1


@settings(max_examples=150, deadline=None)
@given(moments)
def test_open_now_agrees_with_the_wall_clock(at_ms: int) -> None:
    """Office hours read off the wall clock and the list of holidays are the calendar's answer."""
    wall = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(office.tz)
    expected = wall.weekday() < 5 and 8 <= wall.hour < 17 and wall.date() not in swedish_holidays(wall.year)

    assert office.is_open(at_ms) is expected


def test_holidays_are_those_of_an_independent_list() -> None:
    """Public holidays and the three eves of 2005-2035 are the ones of a published list."""
    if not HOLIDAYS.exists():
        pytest.skip("../shared/data is not here")
    with gzip.open(HOLIDAYS, "rt", encoding="utf-8", newline="") as rows:
        kept = [row["date"] for row in csv.DictReader(rows) if row["category"] in {"public", "de_facto"}]
    listed = {date.fromisoformat(day) for day in kept}
    ours = {day for year in sorted({day.year for day in listed}) for day in swedish_holidays(year)}

    assert len(listed) > 250
    assert {day for day in ours if day in listed or day.year in {2010, 2026}} - listed == set()
    assert listed <= ours


@pytest.mark.parametrize(
    ("weekly", "changes", "expected"),
    [
        ({"mon": ("8-17",)}, {}, '"8-17"'),
        ({"mon": ("08:00-25:00",)}, {}, '"08:00-25:00"'),
        ({"mon": ("08:00-08:00",)}, {}, '"08:00-08:00"'),
        ({"monday": ("08:00-17:00",)}, {}, '"monday"'),
        ({}, {}, "at least one weekday"),
        ({"mon": ("08:00-12:00", "11:00-13:00")}, {}, "overlap"),
        ({"mon": ("20:00-08:00",), "tue": ("07:00-09:00",)}, {}, "overlap"),
        (WORKDAYS, {"exceptions": (Exceptional("24/12", "Jul"),)}, '"24/12"'),
        (WORKDAYS, {"exceptions": (Exceptional("2026-12-24", "Jul", until="2026-12-23"),)}, "2026-12-23"),
    ],
)
def test_hours_that_cannot_be_are_refused(
    weekly: dict[str, tuple[str, ...]], changes: dict[str, object], expected: str
) -> None:
    """A calendar with a mistake in it is not made, and the mistake is quoted."""
    with pytest.raises(StrategyError) as error:
        _ = calendar(weekly, **changes)

    assert expected in error.value.detail


def test_an_unknown_time_zone_is_refused() -> None:
    """The zone's name is checked when the calendar is made."""
    with pytest.raises(StrategyError, match="Europe/Stockholm"):
        _ = build_calendar(CalendarTable("c", "Kalender", WORKDAYS), "Europe/Ekeby")
