"""Floor rules: which hold for which queue, from the figures of a moment and from what held before. Pure.

A rule that has started goes on until its time is over and it is told to stop: figures that swing do not make it swing.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rules.cells import Cell, Known, Truth, parse_row, read_row
from rules.facts import FLOOR_FACTS
from rules.strategy import FloorRule

EVERYWHERE = ""
"""In place of a queue: the rule acts on all of them."""


class Holding(NamedTuple):
    """A rule that holds because of a queue."""

    rule: str
    queue: str


Rows = tuple[tuple[Cell, ...], ...]
Figures = Mapping[str, Mapping[str, Known]]
"""Queue -> the floor facts that are known of it."""


class CompiledFloorRule(NamedTuple):
    """A floor rule whose rows are read."""

    rule: FloorRule
    start: Rows
    stop: Rows

    def looks_at(self, queue: str) -> bool:
        """Whether the rule is about this queue."""
        return not self.rule.queues or queue in self.rule.queues

    def holds(self, known: Mapping[str, Known], since: int | None, now_ms: int) -> bool:
        """Whether it holds now; `since` is when it started, None when it does not hold yet."""
        starts = _any_holds(self.start, known)
        if since is None or starts:
            return starts
        if now_ms - since < self.rule.min_s * 1000:
            return True
        return bool(self.stop) and not _any_holds(self.stop, known)


def compile_floor_rules(rules: Sequence[FloorRule]) -> tuple[CompiledFloorRule, ...]:
    """The rules with their rows read.

    Raises:
        StrategyError: a cell can't be read.
    """
    return tuple(CompiledFloorRule(rule, _rows(rule.start), _rows(rule.stop)) for rule in rules)


def _rows(rows: Sequence[Mapping[str, object]]) -> Rows:
    return tuple(parse_row(dict(row), FLOOR_FACTS) for row in rows)  # pyright: ignore[reportArgumentType] (a Row)


def _any_holds(rows: Rows, known: Mapping[str, Known]) -> bool:
    """Whether a row is true; what is not known starts nothing and stops nothing."""
    return any(read_row(cells, known) is Truth.TRUE for cells in rows)


def next_holding(
    rules: Sequence[CompiledFloorRule], figures: Figures, holding: Mapping[Holding, int], now_ms: int
) -> dict[Holding, int]:
    """The rules that hold now, with the time they started (epoch ms); one whose rule or queue has gone is over."""
    after: dict[Holding, int] = {}
    for compiled in rules:
        for queue, known in figures.items():
            key = Holding(compiled.rule.id, queue)
            since = holding.get(key)
            if compiled.looks_at(queue) and compiled.holds(known, since, now_ms):
                after[key] = now_ms if since is None else since
    return after


class Restraint(NamedTuple):
    """What floor rules do to the floor: written work held, of all queues or of some, and agents kept idle by queue."""

    holds_written: bool
    reserves: Mapping[str, int]
    """An empty name is every queue."""
    held_queues: frozenset[str] = frozenset()


def restraint_of(rules: Mapping[str, FloorRule], holding: Sequence[Holding]) -> Restraint:
    """What the rules that hold do together: the greatest reserve of each queue, and all the queues that are held."""
    reserves: dict[str, int] = {}
    held: set[str] = set()
    for each in holding:
        rule = rules.get(each.rule)
        if rule is None:
            continue
        queue = EVERYWHERE if rule.scope == "city" else each.queue
        reserves[queue] = max(rule.then.reserve, reserves.get(queue, 0))
        if "written" in rule.then.hold_media:
            held.add(queue)
    kept = {queue: agents for queue, agents in reserves.items() if agents}
    return Restraint(EVERYWHERE in held, kept, frozenset(held - {EVERYWHERE}))
