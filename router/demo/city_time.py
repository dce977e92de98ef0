"""The made-up city's own time: it runs faster than ours, and nights and weekends are left out. Pure."""

import msgspec

from router.demo.calibration import CLOSES_S, DAILY, HOURLY, OPEN_S, OPENS_S

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
FIRST_DAY, FIRST_S = 4, 40 * 60
"""The show begins on a Friday at 08:40."""


class Moment(msgspec.Struct, frozen=True):
    """A moment of the city's working week."""

    day: int
    """0 is Monday."""
    of_day_s: int
    """Seconds after midnight."""
    days_gone: int

    @property
    def name(self) -> str:
        """`Friday 08:40`."""
        return f"{DAY_NAMES[self.day]} {self.of_day_s // 3600:02}:{self.of_day_s // 60 % 60:02}"

    @property
    def intensity(self) -> float:
        """Arrivals now over their mean, by hour and day."""
        return HOURLY[self.of_day_s // 3600] * DAILY[self.day]


def moment(city_s: float) -> Moment:
    """The moment after so many seconds of opening hours since the show began."""
    since = FIRST_S + city_s
    days_gone, in_day = divmod(since, OPEN_S)
    of_day = min(CLOSES_S - 1, OPENS_S + int(in_day))
    return Moment((FIRST_DAY + int(days_gone)) % len(DAY_NAMES), of_day, int(days_gone))
