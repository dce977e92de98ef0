"""A strategy as bit masks: one bit per row of `when`, one mask per value of a fact.

Owns the tables behind `decide`. Never decides anything that `interpret` would not.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from router.errors import StrategyError
from rules.cells import Cell, kind_of, nearest, parse_row
from rules.facts import closed_words
from rules.outcome import NOBODY, Decision, Receivers
from rules.strategy import OWNER_OF_PLACE, Rule, Strategy
from rules.topics import TopicBook

TOPIC, TOPIC_FLAG = "topic", "topic_flag"
ComposedKey = tuple[int, int, int, str, str]
"""Rows that hit, rows undecided, facts missing, the topic, the unit of the place."""
NOT_KNOWN = -1
"""In place of a mask: this word is none of a closed list, so the fact counts as missing."""


class CodeColumn(NamedTuple):
    """Rows left by a word."""

    fact: str
    bit: int
    rows_by_word: dict[str, int]
    rows_unknown: int
    rows_other: int


class SwitchColumn(NamedTuple):
    """Rows left by true and by false."""

    fact: str
    bit: int
    rows_true: int
    rows_false: int
    rows_unknown: int


class NumberColumn(NamedTuple):
    """Rows left by a number: `rows[i]` holds below `edges[i]`."""

    fact: str
    bit: int
    edges: tuple[int, ...]
    rows: tuple[int, ...]
    rows_unknown: int


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
    codes: tuple[CodeColumn, ...]
    switches: tuple[SwitchColumn, ...]
    numbers: tuple[NumberColumn, ...]
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
    facts = sorted({TOPIC if c.fact == TOPIC_FLAG else c.fact for _, cells in parsed for c in cells})
    bits = {fact: 1 << number for number, fact in enumerate(facts)}
    rows = tuple(CompiledRow(index, cells, _open_facts(cells, bits)) for index, cells in parsed)
    kinds = {fact: kind_of(fact) for fact in facts}
    return CompiledStrategy(
        strategy=strategy,
        topics=topics,
        hash=strategy_hash(strategy, topics, receivers),
        rules=rules,
        rows=rows,
        codes=tuple(_code_column(fact, bits[fact], rows, topics) for fact in facts if kinds[fact] == "code"),
        switches=tuple(_switch_column(fact, bits[fact], rows) for fact in facts if kinds[fact] == "switch"),
        numbers=tuple(_number_column(fact, bits[fact], rows) for fact in facts if kinds[fact] == "number"),
        every_row=(1 << len(rows)) - 1,
        hit_rows=_mask(rows, lambda row: rules[row.rule].effect == "hit"),
        stop_rows=_mask(rows, lambda row: rules[row.rule].then.stop),
        through=tuple(_mask(rows, lambda row, last=row.rule: row.rule <= last) for row in rows),
        receivers=receivers,
        names_place=names_place(strategy),
    )


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


def _mask(rows: Sequence[CompiledRow], holds: Callable[[CompiledRow], bool]) -> int:
    return sum(1 << index for index, row in enumerate(rows) if holds(row))


def _open_facts(cells: Iterable[Cell], bits: dict[str, int]) -> tuple[tuple[str, int], ...]:
    names = {TOPIC if cell.fact == TOPIC_FLAG else cell.fact for cell in cells if not cell.accepts_unknown}
    return tuple((name, bits[name]) for name in sorted(names))


def _cells(row: CompiledRow, fact: str) -> list[Cell]:
    return [cell for cell in row.cells if cell.fact == fact]


def _unknown_mask(rows: Sequence[CompiledRow], facts: tuple[str, ...]) -> int:
    return _mask(rows, lambda row: all(cell.accepts_unknown for fact in facts for cell in _cells(row, fact)))


def _value_mask(rows: Sequence[CompiledRow], fact: str, value: str | int | bool) -> int:
    return _mask(rows, lambda row: all(cell.hits(value) for cell in _cells(row, fact)))


def _code_column(fact: str, bit: int, rows: Sequence[CompiledRow], topics: TopicBook) -> CodeColumn:
    if fact == TOPIC:
        return _topic_column(bit, rows, topics)
    listed = closed_words(fact)
    words = listed or {word for row in rows for cell in _cells(row, fact) for word in cell.wanted | cell.refused}
    masks = {word: _value_mask(rows, fact, word) for word in words}
    other = NOT_KNOWN if listed else _value_mask(rows, fact, "")
    return CodeColumn(fact, bit, masks | {"": NOT_KNOWN}, _unknown_mask(rows, (fact,)), other)


def _topic_column(bit: int, rows: Sequence[CompiledRow], topics: TopicBook) -> CodeColumn:
    """The topic's code and its flags in one look-up."""

    def holds(row: CompiledRow, code: str, flags: frozenset[str]) -> bool:
        return all(c.hits(code) for c in _cells(row, TOPIC)) and all(c.hits(flags) for c in _cells(row, TOPIC_FLAG))

    masks = {
        topic.code: _mask(rows, lambda row, t=topic: holds(row, t.code, frozenset(t.flags))) for topic in topics.topics
    }
    return CodeColumn(TOPIC, bit, masks, _unknown_mask(rows, (TOPIC, TOPIC_FLAG)), NOT_KNOWN)


def _switch_column(fact: str, bit: int, rows: Sequence[CompiledRow]) -> SwitchColumn:
    return SwitchColumn(
        fact, bit, _value_mask(rows, fact, True), _value_mask(rows, fact, False), _unknown_mask(rows, (fact,))
    )


def _number_column(fact: str, bit: int, rows: Sequence[CompiledRow]) -> NumberColumn:
    spans = [span for row in rows for cell in _cells(row, fact) for span in cell.spans]
    edges = sorted({low for low, _ in spans if low is not None} | {high + 1 for _, high in spans if high is not None})
    samples = [(edges[0] if edges else 0) - 1, *edges]
    masks = tuple(_value_mask(rows, fact, sample) for sample in samples)
    return NumberColumn(fact, bit, tuple(edges), masks, _unknown_mask(rows, (fact,)))
