"""A measured figure beside its budget."""

from collections.abc import Sequence

import msgspec


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a bench: `ok` is null where there is no budget."""

    name: str
    value: float
    unit: str
    budget: str | None
    ok: bool | None
    peer: str = ""
    """What was measured in the same run to compare with."""
    ratio: float | None = None


def told(name: str, value: float, unit: str) -> Figure:
    """A figure without a budget."""
    return Figure(name, round(value, 3), unit, None, None)


def at_most(name: str, value: float, unit: str, limit: float) -> Figure:
    """A figure that must not be larger."""
    return Figure(name, round(value, 3), unit, f"<= {limit:g}", value <= limit)


def at_least(name: str, value: float, unit: str, limit: float) -> Figure:
    """A figure that must not be smaller."""
    return Figure(name, round(value, 3), unit, f">= {limit:g}", value >= limit)


def against(name: str, value: float, unit: str, *, peer: str, ratio: float, limit: float) -> Figure:
    """A figure that must be so many times its peer's, measured in the same run."""
    return Figure(name, round(value, 3), unit, f">= {limit:g} x peer", ratio >= limit, peer, round(ratio, 3))


def as_flat(name: str, value: float, unit: str, *, peer: str, ratio: float, share: float = 0.2) -> Figure:
    """A figure that may grow by no more than a share of its peer's; one that is smaller is fine."""
    return Figure(name, round(value, 3), unit, f"<= {1 + share:g} x peer", ratio <= 1 + share, peer, round(ratio, 3))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie; NaN for none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
