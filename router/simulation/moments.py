"""Clocks and lengths of time as people write them in a scene: `08:00:05`, `tue 13:00`, `1h 30m`. Pure."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(
    r"(?:(?P<date>\d{4}-\d{2}-\d{2})\s+|(?P<day>[a-z]{3})\s+)?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
)
_PART = re.compile(r"\s*(\d+)\s*(ms|s|min|m|h|d)")
_UNIT_MS = {"ms": 1, "s": 1_000, "min": 60_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Clocks:
    """Reads and writes local time of one city; a clock without a day is that of the day it is read on."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def moment(self, text: str, since_ms: int | None = None) -> int:
        """Epoch ms of a clock; `since_ms` says which day a clock without a date means, and a weekday is the next such.

        Raises:
            ValueError: it is no clock.
        """
        found = _CLOCK.fullmatch(text.strip().lower())
        if found is None or (found["date"] is None and since_ms is None):
            raise ValueError(f'expected a clock such as "{_example(since_ms)}", got "{text}"')
        if found["date"]:
            day = datetime.fromisoformat(found["date"])
        else:
            day = datetime.fromtimestamp((since_ms or 0) / 1000, self._zone).replace(tzinfo=None)
            day = _next_weekday(day, found["day"], text)
        hour = int(found["hour"])
        if hour > 23 or int(found["minute"]) > 59 or int(found["second"] or 0) > 59:  # noqa: PLR2004
            raise ValueError(f'expected a clock from 00:00 to 23:59, got "{text}"')
        local = day.replace(
            hour=hour, minute=int(found["minute"]), second=int(found["second"] or 0), microsecond=0, tzinfo=self._zone
        )
        return int(local.timestamp()) * 1000

    def text(self, at_ms: int) -> str:
        """Weekday and clock, as people read it."""
        local = datetime.fromtimestamp(at_ms / 1000, self._zone)
        part = f".{at_ms % 1000:03d}" if at_ms % 1000 else ""
        return f"{DAYS[local.weekday()]} {local:%H:%M:%S}{part}"

    def date(self, at_ms: int) -> str:
        """The local day, as an ISO date."""
        return datetime.fromtimestamp(at_ms / 1000, self._zone).date().isoformat()

    def instant(self, at_ms: int) -> str:
        """RFC 3339 with the city's offset, as commands take it."""
        return datetime.fromtimestamp(at_ms / 1000, self._zone).isoformat()


def _example(since_ms: int | None) -> str:
    return "2026-03-02 08:00" if since_ms is None else "08:00:05"


def _next_weekday(day: datetime, wanted: str | None, text: str) -> datetime:
    if wanted is None:
        return day
    if wanted not in DAYS:
        raise ValueError(f'expected one of {", ".join(DAYS)}, got "{text}"')
    return day + timedelta(days=(DAYS.index(wanted) - day.weekday()) % 7)


def length_ms(text: str) -> int:
    """A length of time: `30s`, `5 min`, `1h 30m`.

    Raises:
        ValueError: it is none.
    """
    at, total = 0, 0
    stripped = text.strip().lower()
    while at < len(stripped):
        found = _PART.match(stripped, at)
        if found is None:
            break
        total += int(found[1]) * _UNIT_MS[found[2]]
        at = found.end()
    if not stripped or at != len(stripped):
        raise ValueError(f'expected a length of time such as "30s", "5 min" or "1h 30m", got "{text}"')
    return total
