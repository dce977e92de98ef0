"""How sure a share and its change are: days are the sample, because contacts of one day resemble each other.

The change is measured on the same contacts before and after, so most of a day's chance cancels out. Pure arithmetic.
"""

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Literal, NamedTuple

import msgspec

FEWEST_DAYS = 5
"""With fewer days the contacts themselves are the sample."""
LEVEL = 0.95
Sample = Literal["days", "contacts", "none"]


class Day(NamedTuple):
    """One day's sums: contacts that count, and how many of them are resolved (or can be) before and after."""

    total: float
    before: float
    after: float
    flipped: float
    """How many count on one side only."""


class Change(msgspec.Struct, frozen=True):
    """A share before and after, and the change in percentage points with its 95 % interval."""

    total: int
    before: float
    """How many; a number that is expected, not counted, may be broken."""
    after: float
    share_before: float | None
    share_after: float | None
    points: float | None
    points_low: float | None
    points_high: float | None
    before_low: float | None
    before_high: float | None
    after_low: float | None
    after_high: float | None
    sample: Sample
    """What the interval takes as independent."""


def change(days: Mapping[str, Day]) -> Change:
    """The change over all days."""
    total = sum(day.total for day in days.values())
    before, after = sum(day.before for day in days.values()), sum(day.after for day in days.values())
    if not total:
        return Change(0, 0, 0, *[None] * 9, sample="none")
    shares = (before / total, after / total)
    sample: Sample = "days" if len(days) >= FEWEST_DAYS else "contacts"
    if sample == "days":
        halves = [_by_days([(day.total, part(day)) for day in days.values()]) for part in (_before, _after, _moved)]
    else:
        halves = [*(_by_contacts(share * (1 - share), total) for share in shares)]
        flipped = sum(day.flipped for day in days.values()) / total
        halves.append(_by_contacts(max(0.0, flipped - (shares[1] - shares[0]) ** 2), total))
    points = shares[1] - shares[0]
    return Change(
        total=round(total),
        before=round(before, 3),
        after=round(after, 3),
        share_before=shares[0],
        share_after=shares[1],
        points=100 * points,
        points_low=100 * (points - halves[2]),
        points_high=100 * (points + halves[2]),
        before_low=max(0.0, shares[0] - halves[0]),
        before_high=min(1.0, shares[0] + halves[0]),
        after_low=max(0.0, shares[1] - halves[1]),
        after_high=min(1.0, shares[1] + halves[1]),
        sample=sample,
    )


def _before(day: Day) -> float:
    return day.before


def _after(day: Day) -> float:
    return day.after


def _moved(day: Day) -> float:
    return day.after - day.before


def _by_days(pairs: list[tuple[float, float]]) -> float:
    """Half the interval of a ratio of sums over days (Cochran, Sampling Techniques, 1977, 6.3)."""
    total = sum(size for size, _ in pairs)
    ratio = sum(part for _, part in pairs) / total
    count = len(pairs)
    spread = sum((part - ratio * size) ** 2 for size, part in pairs) * count / (count - 1)
    return student(count - 1) * math.sqrt(spread) / total


def _by_contacts(variance: float, total: float) -> float:
    return NormalDist().inv_cdf((1 + LEVEL) / 2) * math.sqrt(variance / total)


def student(freedom: int) -> float:
    """Student's quantile for the interval (Abramowitz and Stegun 26.7.5); within 0.5 % from four degrees on."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom ** (number + 1) for number, term in enumerate(terms))
