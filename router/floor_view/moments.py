"""Times as a supervisor reads them: a clock in the city, and how long something has lasted. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


def clock(at_ms: int, tz: str, *, with_seconds: bool = False) -> str:
    """`16:05` in the city's time; on another day with the date."""
    moment = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(tz or "UTC"))
    return f"{moment:%H:%M:%S}" if with_seconds else f"{moment:%H:%M}"


def moment(at_ms: int, now_ms: int, tz: str) -> str:
    """`16:05`, or `27/11 08:00` on another day."""
    zone = ZoneInfo(tz or "UTC")
    there, here = (datetime.fromtimestamp(each / 1000, zone) for each in (at_ms, now_ms))
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there.day}/{there.month} {there:%H:%M}"


def lasted(seconds: float) -> str:
    """`4:05` up to an hour, then `2 h 05`, then `3 d 4 h`; a minus where it is still to come."""
    sign, left = ("-", -seconds) if seconds < 0 else ("", seconds)
    whole = int(left)
    if whole < HOUR_S:
        return f"{sign}{whole // MINUTE_S}:{whole % MINUTE_S:02}"
    if whole < DAY_S:
        return f"{sign}{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S:02}"
    return f"{sign}{whole // DAY_S} d {whole % DAY_S // HOUR_S} h"


def share(value: float | None) -> str:
    """`83 %`, rounded down from 99.5 up, so that 100 is all of it; a dash when nothing was measured."""
    return "-" if value is None else f"{int(value * 100 + 0.5) if value < 0.995 or value >= 1 else 99} %"  # noqa: PLR2004
