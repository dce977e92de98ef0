"""Conditions: how one cell, one row and one rule read a set of facts, in three-valued logic.

A missing fact makes a cell UNKNOWN unless the cell accepts `unknown`. AND is the least, OR the greatest of the three.
"""

import difflib
import enum
import re
from collections.abc import Iterable, Mapping

import msgspec

from router.errors import StrategyError
from rules.facts import CALENDAR, FACTS, UNKNOWN, FactKind, closed_words
from rules.strategy import CellScalar, CellValue, Row

Flags = frozenset[str]
Known = str | int | bool | Flags
"""A fact's value as a cell reads it; `topic_flag` is the topic's flags."""

Span = tuple[int | None, int | None]
"""Lowest and highest number, both included; None is without end."""

_BOUND = re.compile(r"(>=|<=|>|<)\s*(-?\d{1,12})$")
_SPAN = re.compile(r"(-?\d{1,12})\s*\.\.\s*(-?\d{1,12})$")
MOST_NUMBER = 10**12
"""Beyond it nothing is counted."""


class Truth(enum.IntEnum):
    """False, unknown or true, in that order."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


class Cell(msgspec.Struct, frozen=True):
    """One condition on one fact."""

    fact: str
    accepts_unknown: bool = False
    wanted: frozenset[str] = frozenset()
    wanted_under: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()
    refused_under: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    states: frozenset[bool] = frozenset()

    def hits(self, value: Known) -> bool:
        """Whether a known value satisfies the cell."""
        if isinstance(value, bool):
            return value in self.states
        if isinstance(value, int):
            return any((low is None or low <= value) and (high is None or value <= high) for low, high in self.spans)
        words = value if isinstance(value, frozenset) else (value,)
        if any(word in self.refused or word.startswith(self.refused_under) for word in words):
            return False
        if not (self.wanted or self.wanted_under):
            return bool(self.refused or self.refused_under)
        return any(word in self.wanted or word.startswith(self.wanted_under) for word in words)

    def read(self, known: Mapping[str, Known]) -> Truth:
        """True, false, or unknown when the fact is missing."""
        value = known.get(self.fact)
        if value is None:
            return Truth.TRUE if self.accepts_unknown else Truth.UNKNOWN
        return Truth.TRUE if self.hits(value) else Truth.FALSE


def nearest(word: str, words: Iterable[str], alike: float = 0.5) -> str:
    """The valid word most like the given one, as a hint; empty when none is near."""
    found = nearest_word(word, words, alike)
    return f'; did you mean "{found}"?' if found else ""


def nearest_word(word: str, words: Iterable[str], alike: float = 0.5) -> str:
    """The valid word most like the given one, of several the one with most letters in their places; or nothing."""
    found = difflib.get_close_matches(word, sorted(words), n=8, cutoff=alike)
    return max(found, key=lambda each: (_likeness(word, each), _in_place(word, each)), default="")


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, other, one).ratio()


def _in_place(one: str, other: str) -> int:
    return sum(mine == its for mine, its in zip(one, other, strict=False))


def kind_of(fact: str, facts: Mapping[str, FactKind] = FACTS) -> FactKind:
    """How the fact is read; a name that is no fact is a mistake."""
    if fact.startswith(CALENDAR + "."):
        return "code"
    if fact not in facts:
        raise StrategyError(f'expected the name of a fact, got "{fact}"{nearest(fact, facts)}', field=fact)
    return facts[fact]


def parse_row(row: Row, facts: Mapping[str, FactKind] = FACTS) -> tuple[Cell, ...]:
    """A row's cells; `calendar = {name = "open"}` is one cell per calendar."""
    cells: list[Cell] = []
    for fact, raw in row.items():
        if isinstance(raw, dict):
            if fact != CALENDAR:
                raise StrategyError(f'"{fact}" expects a value or a list, not a table', field=fact)
            cells.extend(parse_cell(f"{CALENDAR}.{name}", state) for name, state in raw.items())
        elif fact == CALENDAR:
            raise StrategyError('expected a table such as {servicecenter = "open"}', field=fact)
        else:
            cells.append(parse_cell(fact, raw, facts))
    return tuple(cells)


def parse_cell(fact: str, raw: CellValue, facts: Mapping[str, FactKind] = FACTS) -> Cell:
    """One cell from its value, or from a list of values joined by OR."""
    kind = kind_of(fact, facts)
    parts = raw if isinstance(raw, tuple) else (raw,)
    if not parts:
        raise StrategyError("expected at least one value, got an empty list", field=fact)
    unknown = UNKNOWN in parts
    values = tuple(part for part in parts if part != UNKNOWN)
    if kind == "number":
        return Cell(fact, unknown, spans=tuple(_span(fact, value) for value in values))
    if kind == "switch":
        return Cell(fact, unknown, states=frozenset(_state(fact, value) for value in values))
    return _word_cell(fact, unknown, values)


def read_row(cells: Iterable[Cell], known: Mapping[str, Known]) -> Truth:
    """AND over the cells; a row without cells holds."""
    return min((cell.read(known) for cell in cells), default=Truth.TRUE)


def _word_cell(fact: str, unknown: bool, values: tuple[CellScalar, ...]) -> Cell:
    wanted: set[str] = set()
    refused: set[str] = set()
    for value in values:
        if not isinstance(value, str):
            raise StrategyError(f"expected a word in quotes, got {value!r}", field=fact)
        word = value.removeprefix("!")
        _check_word(fact, word)
        (refused if value.startswith("!") else wanted).add(word)
    return Cell(
        fact,
        unknown,
        wanted=frozenset(word for word in wanted if not word.endswith("*")),
        wanted_under=tuple(sorted(word[:-1] for word in wanted if word.endswith("*"))),
        refused=frozenset(word for word in refused if not word.endswith("*")),
        refused_under=tuple(sorted(word[:-1] for word in refused if word.endswith("*"))),
    )


def _check_word(fact: str, word: str) -> None:
    words = closed_words(fact)
    if words and word not in words:
        known = ", ".join(sorted(words | {UNKNOWN}))
        raise StrategyError(f'expected one of {known}, got "{word}"{nearest(word, words)}', field=fact)
    if "*" in word and not (fact == "topic" and word.endswith(".*")):
        raise StrategyError(f'only a topic may be a pattern, such as "GAT.*", got "{word}"', field=fact)
    if not word:
        raise StrategyError("expected a word, got an empty one", field=fact)


def _span(fact: str, value: CellScalar) -> Span:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MOST_NUMBER:
        return value, value
    if isinstance(value, str) and (bound := _BOUND.match(value)):
        edge = int(bound[2])
        return {
            ">=": (edge, None),
            "<=": (None, edge),
            ">": (edge + 1, None),
            "<": (None, edge - 1),
        }[bound[1]]
    if isinstance(value, str) and (span := _SPAN.match(value)):
        return int(span[1]), int(span[2])
    raise StrategyError(f'expected a number or a range such as ">=1" or "1..3", got {str(value)[:40]!r}', field=fact)


def _state(fact: str, value: CellScalar) -> bool:
    if not isinstance(value, bool):
        raise StrategyError(f"expected true or false, got {value!r}", field=fact)
    return value
