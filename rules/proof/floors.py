"""Floor and handover rules that never begin, never end, or end where they begin: figures, never contacts."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from rules.cells import Cell, parse_row
from rules.facts import FLOOR_FACTS, HANDOVER_FACTS, FactKind
from rules.proof.findings import Example, Found
from rules.strategy import Row, Strategy

LEAST = {"overdue": 1}
"""The least a figure can be; 0 for all others."""


def odd_figures(strategy: Strategy) -> Iterator[Found]:
    """Each row of a floor or handover rule that no figures meet, and each stop above its start."""
    for rule in strategy.floor_rules:
        yield from _rows_without_figures(rule.id, "start", rule.start, FLOOR_FACTS)
        yield from _rows_without_figures(rule.id, "stop", rule.stop, FLOOR_FACTS)
        yield from _stops_above_start(rule.id, rule.start, rule.stop)
    for each in strategy.handover_rules:
        yield from _rows_without_figures(each.id, "when", (each.when,), HANDOVER_FACTS)


def _rows_without_figures(rule: str, cell: str, rows: Sequence[Row], facts: dict[str, FactKind]) -> Iterator[Found]:
    for row in rows:
        for each in parse_row(row, facts):
            if each.spans and not each.accepts_unknown and not _figures([each]):
                yield Found("no_such_figure", rule, {"rule": rule, "cell": f"{cell}.{each.fact}"})


def _stops_above_start(rule: str, start: Sequence[Row], stop: Sequence[Row]) -> Iterator[Found]:
    """Figures that meet one row of each on a fact that both name: then the rule ends where it begins."""
    for one, other in product(start, stop):
        begins, ends = parse_row(one, FLOOR_FACTS), parse_row(other, FLOOR_FACTS)
        shared = [(mine, its) for mine, its in product(begins, ends) if mine.fact == its.fact and mine.spans]
        for mine, its in shared:
            if both := _figures([mine, its]):
                arguments = {"rule": rule, "fact": mine.fact, "figure": both[0]}
                yield Found("stop_above_start", rule, {**arguments}, Example({mine.fact: both[0]}))
                return


def _figures(cells: Iterable[Cell]) -> list[int]:
    """Figures that meet all of the cells, one of each stretch."""
    cells = list(cells)
    least = LEAST.get(cells[0].fact, 0)
    edges = {low for cell in cells for low, _ in cell.spans if low is not None}
    edges |= {high for cell in cells for _, high in cell.spans if high is not None}
    return [edge for edge in sorted({least, *edges}) if edge >= least and all(cell.hits(edge) for cell in cells)]
