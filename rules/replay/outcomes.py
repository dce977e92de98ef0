"""What is resolved, where the history knows outcomes: matters that stay keep theirs, those that move get a known rate.

The rate is the topic's own, among matters that were decided alike; a topic with too few lends that of its group, then
of all. That moved matters are as easy as those that were there already is an assumption, and the report says so.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from router.measures.goal import exclusion, is_resolved, is_resolved_strict
from rules.replay.intervals import Change, Day, change
from rules.replay.tallying import Counted, Rules

FEWEST_MATTERS = 20
"""A rate from fewer is not used."""


class Rate(NamedTuple):
    """Shares of matters that were resolved."""

    strict: float
    resolved: float


class Done(msgspec.Struct, frozen=True):
    """What is resolved, strict and with what was registered completely."""

    strict: Change
    registered: Change
    matters: int
    """Eligible ones with a known outcome."""
    moved: int
    """Matters that would be decided elsewhere: only these are estimated."""
    without_rate: int
    """Moved matters for which not even a general rate is known: taken as not resolved."""
    borrowed: int
    """Moved matters whose topic has too few outcomes of its own."""


class _Rates:
    """Known rates by place (here or handed over) and topic."""

    def __init__(self, rows: Iterable[Counted], rules: Rules) -> None:
        self._counts: dict[tuple[bool, str], Counter[str]] = {}
        for cell, compared, count in rows:
            is_here = rules.can(compared.before)
            for topic, resolution in cell.matters:
                if not exclusion(topic, resolution):
                    self._add(is_here, topic, resolution, count)

    def _add(self, is_here: bool, topic: str, resolution: str, count: int) -> None:
        for name in (topic, _group(topic), "*"):
            counts = self._counts.setdefault((is_here, name), Counter())
            counts["all"] += count
            counts["strict"] += count * is_resolved_strict(topic, resolution)
            counts["resolved"] += count * is_resolved(topic, resolution)

    def rate(self, topic: str, *, is_here: bool) -> tuple[Rate, int]:
        """The rate, and from how far it was borrowed: 0 the topic's own, 1 its group's or all's, 2 unknown."""
        for distance, name in ((0, topic), (1, _group(topic)), (1, "*")):
            counts = self._counts.get((is_here, name))
            if counts and counts["all"] >= FEWEST_MATTERS:
                return Rate(counts["strict"] / counts["all"], counts["resolved"] / counts["all"]), distance
        return Rate(0.0, 0.0), 2


def _group(topic: str) -> str:
    return topic.partition(".")[0] + ".*"


def done_change(rows: list[Counted], rules: Rules) -> Done | None:
    """The change in what is resolved; None when the history has no outcomes."""
    rates = _Rates(rows, rules)
    strict: dict[str, list[float]] = {}
    resolved: dict[str, list[float]] = {}
    seen: Counter[str] = Counter()
    for cell, compared, count in rows:
        here = (rules.can(compared.before), rules.can(compared.after))
        for topic, resolution in cell.matters:
            if exclusion(topic, resolution):
                continue
            known = Rate(is_resolved_strict(topic, resolution), is_resolved(topic, resolution))
            after, distance = (known, -1) if here[0] == here[1] else rates.rate(topic, is_here=here[1])
            for days, own, new in ((strict, known.strict, after.strict), (resolved, known.resolved, after.resolved)):
                day = days.setdefault(cell.day, [0.0, 0.0, 0.0, 0.0])
                for place, part in enumerate((1.0, own, new, abs(own - new))):
                    day[place] += count * part
            seen["matters"] += count
            seen["moved"] += count * (distance >= 0)
            seen["borrowed"] += count * (distance == 1)
            seen["without"] += count * (distance > 1)
    if not seen["matters"]:
        return None
    return Done(
        strict=change({name: Day(*day) for name, day in strict.items()}),
        registered=change({name: Day(*day) for name, day in resolved.items()}),
        matters=seen["matters"],
        moved=seen["moved"],
        without_rate=seen["without"],
        borrowed=seen["borrowed"],
    )
