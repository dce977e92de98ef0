"""A measured figure beside its budget."""

from collections.abc import Sequence

import msgspec


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a bench: `ok` is None where there is no budget."""

    name: str
    value: float
    unit: str
    budget: str = ""
    ok: bool | None = None
    peer: str = ""
    ratio: float | None = None


def at_most(name: str, value: float, unit: str, limit: float) -> Figure:
    """A figure that must not be larger."""
    return Figure(name, round(value, 3), unit, f"<= {limit:g}", value <= limit)


def at_least(name: str, value: float, unit: str, limit: float) -> Figure:
    """A figure that must not be smaller."""
    return Figure(name, round(value, 3), unit, f">= {limit:g}", value >= limit)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie; NaN for none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
