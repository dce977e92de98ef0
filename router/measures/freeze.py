"""When a month's figure freezes: some days after the city's month has ended. Pure; knows no clock.

Days are counted on the city's wall clock, so a change of daylight saving moves nothing.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def freezes_at(received_at: int, tz: str, days: int) -> int:
    """From when on the matters of a contact received at `received_at` can't be amended any more (epoch ms)."""
    next_month = _month(_local(received_at, tz)) + timedelta(days=32)
    return _ms(_month(next_month) + timedelta(days=days))


def amendable_from(now_ms: int, tz: str, days: int) -> int:
    """What was received before this is frozen by now (epoch ms)."""
    return _ms(_month(_local(now_ms, tz) - timedelta(days=days)))


def _local(at_ms: int, tz: str) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(tz))


def _month(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
