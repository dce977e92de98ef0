"""When a month's figure freezes."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.measures.freeze import amendable_from, freezes_at

TZ = "Europe/Stockholm"


def ms(text: str) -> int:
    """A moment of the city's wall clock."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TZ)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("received", "days", "frozen"),
    [
        ("2026-11-01T00:00:00", 7, "2026-12-08T00:00:00"),
        ("2026-11-30T23:59:59", 7, "2026-12-08T00:00:00"),
        ("2026-12-31T23:59:59", 7, "2027-01-08T00:00:00"),
        ("2026-10-25T02:30:00", 7, "2026-11-08T00:00:00"),
        ("2027-01-31T12:00:00", 0, "2027-02-01T00:00:00"),
        ("2027-02-28T12:00:00", 31, "2027-04-01T00:00:00"),
    ],
)
def test_a_month_freezes_some_days_after_its_end(received: str, days: int, frozen: str) -> None:
    """The city's month and the city's days, over the year's end and over changed clocks."""
    assert freezes_at(ms(received), TZ, days) == ms(frozen)


@given(st.integers(1_500_000_000, 2_500_000_000), st.integers(-90, 90), st.integers(0, 60))
def test_both_questions_have_one_answer(now_s: int, day: int, days: int) -> None:
    """What was received from `amendable_from` on is exactly what is not frozen yet."""
    now_ms, received_at = now_s * 1000, (now_s + day * 86_400) * 1000
    assert (received_at >= amendable_from(now_ms, TZ, days)) == (now_ms < freezes_at(received_at, TZ, days))
