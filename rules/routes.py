"""Routes: the steps of waiting that several rules and the queue ask for, merged into one.

Pools only grow and exits keep their time, whatever the order in which the steps were given. Knows no clock.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from rules.strategy import ExitWay, RouteStep

WAYS: tuple[ExitWay, ...] = ("callback", "written", "unit")
"""Exits of the same moment are tried in this order."""


@lru_cache(maxsize=10_000)
def merge(steps: tuple[RouteStep, ...]) -> tuple[RouteStep, ...]:
    """The steps in order of time, each at least as wide as the one before; steps that change nothing are left out.

    Exits of one moment stand beside each other, in the order in which they are to be tried.
    """
    merged: list[RouteStep] = []
    pool = RouteStep(0)
    for at_s, now in sorted(_by_time(steps).items()):
        wider = RouteStep(
            at_s,
            min(pool.level, *(step.level for step in now)),
            pool.drop or any(step.drop for step in now),
            tuple(sorted({*pool.teams, *(team for step in now for team in step.teams)})),
        )
        exits = sorted({(WAYS.index(step.exit), step.unit) for step in now if step.exit})
        if not exits and not is_wider(wider, pool):
            continue
        pool = wider
        merged += [_leaving(wider, WAYS[way], unit) for way, unit in exits] or [wider]
    return tuple(merged)


def is_wider(step: RouteStep, before: RouteStep) -> bool:
    """Whether a merged step lets more agents in than one before it."""
    return (step.level, step.drop, step.teams) != (before.level, before.drop, before.teams)


def _by_time(steps: Iterable[RouteStep]) -> Mapping[int, list[RouteStep]]:
    moments: dict[int, list[RouteStep]] = {}
    for step in steps:
        moments.setdefault(step.at_s, []).append(step)
    return moments


def _leaving(pool: RouteStep, way: ExitWay, unit: str) -> RouteStep:
    """An exit; where it is not possible, the contact waits on in this pool."""
    return RouteStep(pool.at_s, pool.level, pool.drop, pool.teams, way, unit)
