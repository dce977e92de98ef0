from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars import (
    DAYS,
    MINUTE_MS,
    Calendar,
    CalendarTable,
    Exceptional,
    build_calendar,
    exceptional_days,
    local_ms,
)

OFFICE = build_calendar(CalendarTable("office", "Kontor", dict.fromkeys(DAYS[:5], ("08:00-17:00",))))
NIGHT = build_calendar(CalendarTable("night", "Natt", dict.fromkeys(DAYS, ("22:00-02:30",)), holidays="weekday"))
ALWAYS = build_calendar(CalendarTable("always", "Jämt", dict.fromkeys(DAYS, ("00:00-24:00",)), holidays="weekday"))
HOUR_MS = 60 * MINUTE_MS
moments = st.integers(local_ms("2024-01-01 00:00"), local_ms("2028-01-01 00:00"))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([OFFICE, NIGHT]), moments)
def test_it_is_open_until_it_closes_and_closed_from_then_on(each: Calendar, at_ms: int) -> None:
    """The closing ahead is the end of the opening of now, the closing behind the end of the one before."""
    ahead, behind = each.closes_at(at_ms), each.last_closed(at_ms)

    assert ahead is not None
    assert behind is not None
    assert behind <= at_ms
    assert each.is_open(behind - 1)
    assert not each.is_open(behind)
    if each.is_open(at_ms):
        assert each.is_open(ahead - 1)
        assert not each.is_open(ahead)
        assert each.open_ms_between(at_ms, ahead) == ahead - at_ms
        assert each.last_closed(ahead) == ahead
    else:
        assert ahead == at_ms
        assert each.open_ms_between(behind, at_ms) == 0


def test_what_is_always_open_never_closes() -> None:
    """The end of a stretch of days that is counted at once is no closing time."""
    now = local_ms("2026-02-03 12:00")

    assert ALWAYS.closes_at(now) is None
    assert ALWAYS.last_closed(now) is None


@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        ("2026-10-23 23:00", 3.5),
        ("2026-03-28 23:00", 3.5),  # 02:30 is not on the clock of that night: it is read as before the switch
        ("2026-10-24 23:00", 4.5),  # 02:30 comes twice: the second one closes
    ],
)
def test_closing_time_at_the_switches_of_the_clock(evening: str, hours: float) -> None:
    """A closing time that comes twice is the second one; one that never comes is where it would have been."""
    begun = local_ms(evening)
    closes = begun + round(hours * HOUR_MS)

    assert NIGHT.closes_at(begun) == closes
    assert NIGHT.last_closed(closes) == closes
    assert not NIGHT.is_open(closes)


def test_days_of_its_own_change_a_calendar_and_leave_the_other_as_it_was() -> None:
    """A copy with other hours on a day opens, closes and counts by them."""
    noon, day = local_ms("2026-02-03 12:00"), "2026-02-03"
    early = OFFICE.with_exceptions(exceptional_days((Exceptional(day, "Mötesdag", open=("08:00-11:00",)),)))

    assert OFFICE.is_open(noon)
    assert not early.is_open(noon)
    assert early.last_closed(noon) == local_ms("2026-02-03 11:00")
    assert early.next_open(noon) == local_ms("2026-02-04 08:00")
    assert early.exceptions == {**OFFICE.exceptions, date(2026, 2, 3): ((480, 660),)}
    assert OFFICE.with_exceptions({}) is OFFICE


def test_an_opening_that_joins_two_days_closes_once() -> None:
    """Round the clock on Tuesday and Wednesday closes on Thursday at midnight, or where that day's hours end."""
    days = {**dict.fromkeys(DAYS[:2], ("00:00-24:00",)), "wed": ("00:00-10:00",)}
    each = build_calendar(CalendarTable("c", "C", days))

    assert each.closes_at(local_ms("2026-02-02 09:00")) == local_ms("2026-02-04 10:00")
