"""A strategy as bit masks: one bit per row of `when`, one mask per value of a fact (`rules.columns`).

Owns what is behind `decide`. Never decides anything that `interpret` would not.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from router.errors import StrategyError
from rules.cells import Cell, kind_of, nearest, parse_row
from rules.columns import (
    TOPIC,
    Asking,
    Columns,
    axis_of,
    code_column,
    mask_of,
    number_column,
    switch_column,
)
from rules.outcome import NOBODY, Decision, Receivers
from rules.strategy import OWNER_OF_PLACE, Rule, Strategy
from rules.topics import TopicBook

ComposedKey = tuple[int, int, int, tuple[str, str, str]]
"""Rows that hit, rows undecided, facts missing; the topic's unit and its duty, the unit of the place."""


@dataclass(frozen=True, slots=True)
class CompiledRow:
    """One row: its rule, its cells and the facts that can leave it undecided."""

    rule: int
    cells: tuple[Cell, ...]
    open_facts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CompiledStrategy:
    """A strategy ready to decide; holds the decisions already composed, by what decided them."""

    strategy: Strategy
    topics: TopicBook
    hash: str
    rules: tuple[Rule, ...]
    rows: tuple[CompiledRow, ...]
    columns: Columns
    every_row: int
    hit_rows: int
    """Rows that hit when undecided."""
    stop_rows: int
    through: tuple[int, ...]
    """Per row, all rows up to the end of its rule."""
    receivers: Receivers = NOBODY
    names_place: bool = False
    """Whether a rule hands over to the owner of the place."""
    composed: dict[ComposedKey, Decision] = field(default_factory=dict[ComposedKey, Decision])

    @property
    def version(self) -> str:
        """The strategy's own version name."""
        return self.strategy.meta.version


def names_place(strategy: Strategy) -> bool:
    """Whether a rule leads to the owner of the place."""
    return any(OWNER_OF_PLACE in rule.then.units_named() for rule in strategy.rules)


def strategy_hash(strategy: Strategy, topics: TopicBook, receivers: Receivers = NOBODY) -> str:
    """Names everything that a decision depends on besides the facts, and the rules of floor and handovers."""
    duties = {rule.then.hand_over.duty for rule in strategy.rules if rule.then.hand_over}
    chains = {chain: unit for chain, unit in receivers.chains.items() if chain in duties}
    units = sorted(receivers.units) if names_place(strategy) else []
    rules = (strategy.meta, strategy.ordered(), strategy.floor_rules, strategy.handover_rules)
    content = (rules, topics.deciding(), units, chains)
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:16]


def compile_strategy(strategy: Strategy, topics: TopicBook, receivers: Receivers = NOBODY) -> CompiledStrategy:
    """The strategy's masks; raises StrategyError for a cell that can't be read."""
    rules = strategy.ordered()
    parsed = [(index, cells) for index, rule in enumerate(rules) for cells in rule_rows(rule, topics)]
    facts = sorted({axis_of(cell.fact) for _, cells in parsed for cell in cells})
    bits = {fact: 1 << number for number, fact in enumerate(facts)}
    rows = tuple(CompiledRow(index, cells, _open_facts(cells, bits)) for index, cells in parsed)
    asking = _asking(rows)
    kinds = {fact: kind_of(fact) for fact in facts}
    return CompiledStrategy(
        strategy=strategy,
        topics=topics,
        hash=strategy_hash(strategy, topics, receivers),
        rules=rules,
        rows=rows,
        columns=Columns(
            tuple(code_column(f, bits[f], asking[f], topics) for f in facts if kinds[f] == "code"),
            tuple(switch_column(f, bits[f], asking[f]) for f in facts if kinds[f] == "switch"),
            tuple(number_column(f, bits[f], asking[f]) for f in facts if kinds[f] == "number"),
        ),
        every_row=(1 << len(rows)) - 1,
        hit_rows=mask_of(index for index, row in enumerate(rows) if rules[row.rule].effect == "hit"),
        stop_rows=mask_of(index for index, row in enumerate(rows) if rules[row.rule].then.stop),
        through=_through(rows),
        receivers=receivers,
        names_place=names_place(strategy),
    )


def _asking(rows: Sequence[CompiledRow]) -> Mapping[str, Asking]:
    """Per fact, its cells in the rows that ask about it; a topic's flags are asked of the topic."""
    found: dict[str, dict[int, list[Cell]]] = {}
    for index, row in enumerate(rows):
        for cell in row.cells:
            found.setdefault(axis_of(cell.fact), {}).setdefault(index, []).append(cell)
    return {fact: Asking(len(rows), cells) for fact, cells in found.items()}


def _through(rows: Sequence[CompiledRow]) -> tuple[int, ...]:
    """Per row, all rows up to the end of its rule; rows stand in the order of their rules."""
    ends = {row.rule: index + 1 for index, row in enumerate(rows)}
    return tuple((1 << ends[row.rule]) - 1 for row in rows)


def rule_rows(rule: Rule, topics: TopicBook) -> tuple[tuple[Cell, ...], ...]:
    """The rule's rows as cells; no `when` is one row that always holds."""
    try:
        rows = tuple(parse_row(row) for row in rule.when) or ((),)
        for cell in (cell for row in rows for cell in row if cell.fact == TOPIC):
            _check_topics(cell, topics)
    except StrategyError as error:
        raise StrategyError(f"rule {rule.id}, cell {error.field}: {error.detail}", field=error.field) from error
    return rows


def _check_topics(cell: Cell, topics: TopicBook) -> None:
    for code in sorted(cell.wanted | cell.refused):
        if topics.get(code) is None:
            raise StrategyError(f'expected a topic code, got "{code}"{nearest(code, topics.codes())}', field=TOPIC)
    for under in (*cell.wanted_under, *cell.refused_under):
        if not any(code.startswith(under) for code in topics.codes()):
            groups = {code.partition(".")[0] + ".*" for code in topics.codes()}
            raise StrategyError(f'no topic is under "{under}*"{nearest(under + "*", groups)}', field=TOPIC)


def _open_facts(cells: Iterable[Cell], bits: dict[str, int]) -> tuple[tuple[str, int], ...]:
    names = {axis_of(cell.fact) for cell in cells if not cell.accepts_unknown}
    return tuple((name, bits[name]) for name in sorted(names))
