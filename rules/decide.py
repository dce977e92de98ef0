"""Decisions: facts in, one explained decision out; the same facts and strategy always give the same one.

`decide` is the fast way over compiled masks, `interpret` the plain definition it must equal. Odd facts never raise.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from rules.cells import Cell, Known, Truth, read_row
from rules.columns import NOT_KNOWN, TOPIC, TOPIC_FLAG, Columns, axis_of
from rules.compile import CompiledStrategy, rule_rows, strategy_hash
from rules.facts import FactValue, fits
from rules.outcome import NOBODY, Around, Decision, Receivers, Trace, compose
from rules.strategy import DEFAULT_TIER, HandOver, Outcome, RouteStep, Rule, Strategy
from rules.topics import TopicBook

__all__ = [
    "DecidedUnder",
    "Decision",
    "FactValue",
    "Facts",
    "HandOver",
    "Outcome",
    "RouteStep",
    "Trace",
    "decide",
    "interpret",
]

Facts = Mapping[str, FactValue]
_Left = tuple[int, int, int]
"""Rows that some facts leave: those that may hold, those that no missing fact leaves open; and the missing facts."""
MOST_COMPOSED = 20_000
"""Composed decisions kept; beyond that the store is emptied and filled anew."""


def decide(compiled: CompiledStrategy, facts: Facts) -> Decision:
    """The decision for these facts; a missing, None or ill-typed fact is unknown."""
    return _decided(compiled, _left(compiled.columns, facts, compiled.every_row), facts)


class DecidedUnder:
    """Decides about facts under each of several states, such as those of the calendars; the states are read once."""

    def __init__(self, compiled: CompiledStrategy, states: Sequence[Facts]) -> None:
        of_states = frozenset[str]().union(*states)
        varying = compiled.columns.of(of_states.__contains__)
        self._compiled = compiled
        self._others = compiled.columns.of(lambda fact: fact not in of_states)
        self._states = [(state, *_left(varying, state, compiled.every_row)) for state in states]

    def decide(self, facts: Facts) -> Iterator[Decision]:
        """In the order of the states; `facts` says nothing that the states say."""
        possible, certain, missing = _left(self._others, facts, self._compiled.every_row)
        for state, may, must, lacks in self._states:
            yield _decided(self._compiled, (possible & may, certain & must, missing | lacks), {**facts, **state})


def _left(columns: Columns, facts: Facts, every_row: int) -> _Left:
    get = facts.get
    possible = certain = every_row
    missing = 0
    for fact, bit, rows_by_word, rows_unknown, rows_other in columns.codes:
        value = get(fact)
        if isinstance(value, str) and (rows := rows_by_word.get(value, rows_other)) != NOT_KNOWN:
            possible &= rows
        else:
            certain &= rows_unknown
            missing |= bit
    for fact, bit, rows_true, rows_false, rows_unknown in columns.switches:
        value = get(fact)
        if value is True or value is False:
            possible &= rows_true if value else rows_false
        else:
            certain &= rows_unknown
            missing |= bit
    for fact, bit, edges, rows_by_edge, rows_unknown in columns.numbers:
        value = get(fact)
        if isinstance(value, int) and value is not True and value is not False:
            possible &= rows_by_edge[bisect_right(edges, value)]
        else:
            certain &= rows_unknown
            missing |= bit
    return possible, certain, missing


def _decided(compiled: CompiledStrategy, left: _Left, facts: Facts) -> Decision:
    possible, certain, missing = left
    place = compiled.receivers.of_place(facts) if compiled.names_place else ""
    return _composed(compiled, possible & certain, possible, missing, facts.get(TOPIC), place)


def _composed(
    compiled: CompiledStrategy, sure: int, possible: int, missing: int, topic: FactValue, place: str
) -> Decision:
    """The decision of these rows, composed once for each set of them."""
    unsure = possible & ~sure
    hits = sure | (unsure & compiled.hit_rows)
    if stopping := hits & compiled.stop_rows:
        reach = compiled.through[(stopping & -stopping).bit_length() - 1]
        hits &= reach
        unsure &= reach
    known = compiled.topics.get(topic) if isinstance(topic, str) else None
    # Of the topic itself, only its unit and its duty can show in a decision: many topics share one.
    names = (known.unit, known.duty, place) if known else ("", "", place)
    key = (hits, unsure, missing if unsure else 0, names)
    decision = compiled.composed.get(key)
    if decision is None:
        if len(compiled.composed) >= MOST_COMPOSED:
            compiled.composed.clear()
        around = Around(known, place, compiled.receivers)
        decision = compiled.composed[key] = _compose_rows(compiled, hits, unsure, missing, around)
    return decision


def _bits(mask: int) -> list[int]:
    bits: list[int] = []
    while mask:
        low = mask & -mask
        bits.append(low.bit_length() - 1)
        mask ^= low
    return bits


def _compose_rows(compiled: CompiledStrategy, hits: int, unsure: int, missing: int, around: Around) -> Decision:
    rows = compiled.rows
    settled = {rows[bit].rule for bit in _bits(hits & ~unsure)}
    hit = settled | {rows[bit].rule for bit in _bits(hits)}
    open_rows = [rows[bit] for bit in _bits(unsure) if rows[bit].rule not in settled]
    undecided = [
        (compiled.rules[row.rule], frozenset(fact for fact, bit in row.open_facts if bit & missing))
        for row in open_rows
    ]
    return _explained(
        [compiled.rules[index] for index in sorted(hit)],
        undecided,
        strategy=compiled.strategy,
        version_hash=compiled.hash,
        around=around,
    )


def _explained(
    hit: Sequence[Rule],
    undecided: Sequence[tuple[Rule, frozenset[str]]],
    *,
    strategy: Strategy,
    version_hash: str,
    around: Around,
) -> Decision:
    """The decision of these rules; the default tier speaks only when no other rule says where."""
    if any(rule.tier != DEFAULT_TIER and rule.then.goes_somewhere for rule in hit):
        hit = [rule for rule in hit if rule.tier != DEFAULT_TIER]
        undecided = [(rule, facts) for rule, facts in undecided if rule.tier != DEFAULT_TIER]
    unknown = frozenset[str]().union(*(facts for _, facts in undecided))
    asked = frozenset[str]().union(*(facts for rule, facts in undecided if rule.effect == "ask"))
    trace = Trace(
        strategy_version=strategy.meta.version,
        strategy_hash=version_hash,
        hits=tuple(rule.id for rule in hit),
        stopped_by=next((rule.id for rule in hit if rule.then.stop), ""),
        unknown=tuple(sorted(unknown)),
    )
    return compose(hit, meta=strategy.meta, around=around, asked=sorted(asked), trace=trace)


def known_facts(facts: Facts, topics: TopicBook) -> dict[str, Known]:
    """The facts that can be read as what they should be, with the topic's flags; everything else is unknown."""
    known: dict[str, Known] = {fact: value for fact, value in facts.items() if value is not None and fits(fact, value)}
    topic = topics.get(str(known.pop(TOPIC, "")))
    if topic:
        known |= {TOPIC: topic.code, TOPIC_FLAG: frozenset(topic.flags)}
    return known


def interpret(strategy: Strategy, topics: TopicBook, facts: Facts, receivers: Receivers = NOBODY) -> Decision:
    """The plain definition of `decide`: reads every rule, row and cell in turn."""
    known = known_facts(facts, topics)
    hit: list[Rule] = []
    undecided: list[tuple[Rule, frozenset[str]]] = []
    for rule in strategy.ordered():
        rows = rule_rows(rule, topics)
        truths = [read_row(cells, known) for cells in rows]
        truth = max(truths)
        if truth is Truth.UNKNOWN:
            open_rows = [cells for cells, read in zip(rows, truths, strict=True) if read is Truth.UNKNOWN]
            undecided += [(rule, _missing(cells, known)) for cells in open_rows]
        if truth is Truth.TRUE or (truth is Truth.UNKNOWN and rule.effect == "hit"):
            hit.append(rule)
            if rule.then.stop:
                break
    around = Around(topics.get(str(known.get(TOPIC, ""))), receivers.of_place(known), receivers)
    version_hash = strategy_hash(strategy, topics, receivers)
    return _explained(hit, undecided, strategy=strategy, version_hash=version_hash, around=around)


def _missing(cells: Sequence[Cell], known: Mapping[str, Known]) -> frozenset[str]:
    names = (cell.fact for cell in cells if cell.read(known) is Truth.UNKNOWN)
    return frozenset(axis_of(name) for name in names)
