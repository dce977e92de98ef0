"""Space: every contact that a strategy can tell apart, its rules' rows as boxes in it, and boxes as contacts again.

Each fact has one value for every way in which the rules tell its values apart, and unknown. Moments are one fact: the
calendars are never unknown to the service, and only combinations that occur are possible.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from rules.cells import Cell, Known, Truth, read_row
from rules.columns import TOPIC, TOPIC_FLAG, axis_of
from rules.compile import CompiledRow, CompiledStrategy
from rules.proof.boxes import Box, outside
from rules.proof.findings import Example
from rules.proof.moments import Moment
from rules.strategy import CALENDAR, DEFAULT_TIER, FactValue
from rules.supposing import ANOTHER, asked_facts, values_of
from rules.topics import TopicBook

MOMENT = "moment"
OTHERS: Mapping[str, tuple[str, ...]] = {
    "language": ("so", "ar", "pl", "uk", "es", "tr"),
    "channel": ("phone", "email", "chat", "web", "letter"),
}
"""Natural words for one that no rule names."""

MEDIUM_OF: Mapping[str | None, str] = {
    "phone": "voice",
    "chat": "messaging",
    "email": "written",
    "web": "written",
    "letter": "written",
    "visit": "in_person",
}
"""Channels that have one medium only."""


class Lane(NamedTuple):
    """One row of a rule, as the contacts that it can hold for."""

    rule: int
    row: int
    """Which row of the rule, from 0."""
    true: Box | None
    """Where every cell is true."""
    hits: Box | None
    """Where the row hits, undecided or not."""
    speaks: Box | None
    """Where it hits, or asks."""


class Space:
    """The contacts of one strategy at these moments."""

    def __init__(self, compiled: CompiledStrategy, moments: Sequence[Moment]) -> None:
        self.compiled: CompiledStrategy = compiled
        self.rules = compiled.rules
        self.moments = moments
        self._topics: TopicBook = compiled.topics
        self._values: dict[str, list[FactValue]] = {
            fact: [None, *_natural(compiled, fact)]
            for fact in {*asked_facts(compiled), TOPIC}
            if not fact.startswith(CALENDAR)
        }
        self.full: dict[str, int] = {fact: (1 << len(values)) - 1 for fact, values in self._values.items()}
        self.full[MOMENT] = (1 << len(moments)) - 1
        self.lanes = tuple(self._lane(row, number) for row, number in _numbered(compiled.rows))
        self.of_rule: dict[int, list[Lane]] = {}
        for lane in self.lanes:
            self.of_rule.setdefault(lane.rule, []).append(lane)

    def before(self, rule: int) -> list[Lane]:
        """Rows that keep a contact from this rule: earlier stops, and before the default tier all that say where."""
        is_default = self.rules[rule].tier == DEFAULT_TIER
        return [
            lane
            for lane in self.lanes
            if lane.rule != rule and lane.hits is not None and self._keeps(lane.rule, rule, is_default=is_default)
        ]

    def _keeps(self, other: int, rule: int, *, is_default: bool) -> bool:
        said = self.rules[other]
        goes = is_default and said.tier != DEFAULT_TIER and said.then.goes_somewhere
        return goes or (other < rule and said.then.stop)

    def holds(self, rule: int, known: Mapping[str, Known]) -> bool:
        """Whether a row of the rule hits by itself, whoever comes before."""
        least = Truth.UNKNOWN if self.rules[rule].effect == "hit" else Truth.TRUE
        return any(read_row(row.cells, known) >= least for row in self.compiled.rows if row.rule == rule)

    def free(self, box: Box, others: Iterable[Lane]) -> Box | None:
        """A part of the box in which none of the others hits.

        Raises:
            UndecidedError: the search took too long.
        """
        return outside(box, [lane.hits for lane in others if lane.hits is not None], self.full)

    def narrowed(self, box: Box, fact: str, keep: Callable[[FactValue], bool]) -> Box | None:
        """The part of the box with these values of a fact."""
        if fact not in self._values:
            return box
        mask = sum(1 << number for number, value in enumerate(self._values[fact]) if keep(value))
        shared = mask & box.get(fact, self.full[fact])
        return {**box, fact: shared} if shared else None

    def contact(self, box: Box, named: Iterable[str] = ()) -> tuple[dict[str, FactValue], Moment]:
        """One contact of the box: facts stay unknown where they may, except those of `named`."""
        told = {*named}
        facts: dict[str, FactValue] = {}
        for fact, mask in sorted(box.items()):
            if fact != MOMENT:
                value = self._pick(fact, mask, is_told=fact in told)
                if value is not None:
                    facts[fact] = value
        mask = box.get(MOMENT, self.full[MOMENT])
        return facts, self.moments[(mask & -mask).bit_length() - 1]

    def example(self, box: Box, named: Iterable[str] = ()) -> Example:
        """One contact of the box, as it is shown."""
        facts, moment = self.contact(box, named)
        return Example(facts, moment.at)

    def named(self, *rules: int) -> set[str]:
        """The facts that these rules ask about."""
        rows = [row for row in self.compiled.rows if row.rule in rules]
        return {axis_of(cell.fact) for row in rows for cell in row.cells}

    def _pick(self, fact: str, mask: int, *, is_told: bool) -> FactValue:
        if mask & 1 and not (is_told and mask > 1):
            return None
        known = mask & ~1
        return self._values[fact][(known & -known).bit_length() - 1]

    def _lane(self, row: CompiledRow, number: int) -> Lane:
        effect = self.compiled.rules[row.rule].effect
        true = self.box_of(row.cells)
        open_too = self._box(row.cells, lambda truth: truth is not Truth.FALSE)
        return Lane(
            row.rule,
            number,
            true,
            open_too if effect == "hit" else true,
            true if effect == "skip" else open_too,
        )

    def box_of(self, cells: Sequence[Cell]) -> Box | None:
        """Where all of these cells are true."""
        return self._box(cells, lambda truth: truth is Truth.TRUE)

    def _box(self, cells: Sequence[Cell], holds: Callable[[Truth], bool]) -> Box | None:
        by_fact: dict[str, list[Cell]] = {}
        for cell in cells:
            by_fact.setdefault(_axis(cell.fact), []).append(cell)
        box = {fact: self._mask(fact, asked, holds) for fact, asked in by_fact.items()}
        return box if all(box.values()) and self._has_medium(box) else None

    def _has_medium(self, box: Box) -> bool:
        """Whether one of the box's channels has one of its media: nobody writes by phone."""
        if not {"channel", "medium"} <= box.keys():
            return True
        channels, media = ({*self._named(fact, box[fact])} for fact in ("channel", "medium"))
        return any(word not in MEDIUM_OF or None in media or MEDIUM_OF[word] in media for word in channels)

    def _named(self, fact: str, mask: int) -> list[str | None]:
        values = self._values[fact]
        return [str(values[n]) if values[n] else None for n in range(len(values)) if mask >> n & 1]

    def _mask(self, fact: str, cells: Sequence[Cell], holds: Callable[[Truth], bool]) -> int:
        return sum(1 << number for number, known in enumerate(self._known(fact)) if holds(read_row(cells, known)))

    def _known(self, fact: str) -> list[Mapping[str, Known]]:
        """What cells see of each value of a fact."""
        if fact == MOMENT:
            return [moment.states for moment in self.moments]
        if fact != TOPIC:
            return [{} if value is None else {fact: value} for value in self._values[fact]]
        flags = [frozenset(topic.flags) for topic in self._topics.topics]
        return [{}, *({TOPIC: code, TOPIC_FLAG: each} for code, each in zip(self._topics.codes(), flags, strict=True))]


def _axis(fact: str) -> str:
    return MOMENT if fact.startswith(CALENDAR) else axis_of(fact)


def _numbered(rows: Sequence[CompiledRow]) -> Iterable[tuple[CompiledRow, int]]:
    counts: dict[int, int] = {}
    for row in rows:
        yield row, counts.get(row.rule, 0)
        counts[row.rule] = counts.get(row.rule, 0) + 1


def _natural(compiled: CompiledStrategy, fact: str) -> list[FactValue]:
    """The values that the rules tell apart, with a natural word in place of one that no rule names."""
    values = [value for value, _ in values_of(compiled, fact)]
    other = next((word for word in (*OTHERS.get(fact, ()), "other") if word not in values), ANOTHER)
    return [other if value == ANOTHER else value for value in values]
