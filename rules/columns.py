"""Columns: for each fact, one mask per value, of the rows that the value leaves.

Built in time that grows with the cells, not with rows times values: a row is looked at only for the values that it
names. Never decides: `rules.decide` looks masks up.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from rules.cells import Cell
from rules.facts import closed_words
from rules.topics import Topic, TopicBook

TOPIC, TOPIC_FLAG = "topic", "topic_flag"
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


class Columns(NamedTuple):
    """The columns of some facts."""

    codes: tuple[CodeColumn, ...]
    switches: tuple[SwitchColumn, ...]
    numbers: tuple[NumberColumn, ...]

    def of(self, is_wanted: Callable[[str], bool]) -> "Columns":
        """Those of the facts that are wanted."""
        return Columns(
            tuple(each for each in self.codes if is_wanted(each.fact)),
            tuple(each for each in self.switches if is_wanted(each.fact)),
            tuple(each for each in self.numbers if is_wanted(each.fact)),
        )

    def facts(self) -> frozenset[str]:
        """Their names."""
        return frozenset(each.fact for each in (*self.codes, *self.switches, *self.numbers))


class Asking(NamedTuple):
    """The rows that ask about one fact, with their cells on it, among so many rows."""

    rows: int
    cells: Mapping[int, Sequence[Cell]]

    def left_by(self, holds: Callable[[Cell], bool]) -> int:
        """The rows whose cells all hold, and those that do not ask."""
        silent = ((1 << self.rows) - 1) ^ mask_of(self.cells)
        return silent | mask_of(index for index, cells in self.cells.items() if all(holds(cell) for cell in cells))

    @property
    def left_by_unknown(self) -> int:
        """The rows that hold while the fact is missing."""
        return self.left_by(lambda cell: cell.accepts_unknown)


def axis_of(fact: str) -> str:
    """The fact whose value decides a cell: a topic's flags are read with the topic."""
    return TOPIC if fact == TOPIC_FLAG else fact


def mask_of(indices: Iterable[int]) -> int:
    """One bit for each index."""
    found = list(indices)
    octets = bytearray(max(found, default=0) // 8 + 1)
    for index in found:
        octets[index >> 3] |= 1 << (index & 7)
    return int.from_bytes(octets, "little")


def code_column(fact: str, bit: int, asking: Asking, topics: TopicBook) -> CodeColumn:
    """The column of a fact whose values are words."""
    if fact == TOPIC:
        masks = {topic.code: _left_by_topic(asking, topic) for topic in topics.topics}
        return CodeColumn(fact, bit, masks, asking.left_by_unknown, NOT_KNOWN)
    others = asking.left_by(lambda cell: cell.hits(""))
    listed = closed_words(fact)
    masks = dict.fromkeys(listed, others)
    masks |= {word: others ^ mask_of(rows) for word, rows in _told_apart(asking).items()}
    return CodeColumn(fact, bit, masks | {"": NOT_KNOWN}, asking.left_by_unknown, NOT_KNOWN if listed else others)


def _left_by_topic(asking: Asking, topic: Topic) -> int:
    """The topic's code and its flags in one look-up."""
    flags = frozenset(topic.flags)
    return asking.left_by(lambda cell: cell.hits(flags if cell.fact == TOPIC_FLAG else topic.code))


def _told_apart(asking: Asking) -> Mapping[str, list[int]]:
    """Per word that a cell names, the rows to which it is not just any word."""
    apart: dict[str, list[int]] = {}
    for index, cells in asking.cells.items():
        is_for_others = all(cell.hits("") for cell in cells)
        for word in frozenset[str]().union(*(cell.wanted | cell.refused for cell in cells)):
            rows = apart.setdefault(word, [])
            if all(cell.hits(word) for cell in cells) != is_for_others:
                rows.append(index)
    return apart


def switch_column(fact: str, bit: int, asking: Asking) -> SwitchColumn:
    """The column of a fact that is true or false."""
    true, false = asking.left_by(lambda cell: cell.hits(True)), asking.left_by(lambda cell: cell.hits(False))
    return SwitchColumn(fact, bit, true, false, asking.left_by_unknown)


def number_column(fact: str, bit: int, asking: Asking) -> NumberColumn:
    """The column of a number: from each edge to the next all numbers are alike."""
    own = {index: _edges(cells) for index, cells in asking.cells.items()}
    edges = tuple(sorted({edge for mine in own.values() for edge in mine}))
    turns: list[list[int]] = [[] for _ in edges]
    lowest = edges[0] - 1 if edges else 0
    for index, cells in asking.cells.items():
        held = all(cell.hits(lowest) for cell in cells)
        for edge in own[index]:
            holds = all(cell.hits(edge) for cell in cells)
            if holds != held:
                turns[bisect_left(edges, edge)].append(index)
            held = holds
    masks = [asking.left_by(lambda cell: cell.hits(lowest))]
    for turning in turns:
        masks.append(masks[-1] ^ mask_of(turning))
    return NumberColumn(fact, bit, edges, tuple(masks), asking.left_by_unknown)


def _edges(cells: Iterable[Cell]) -> list[int]:
    """The numbers from which on the cells may read otherwise than just below."""
    spans = [span for cell in cells for span in cell.spans]
    return sorted({low for low, _ in spans if low is not None} | {high + 1 for _, high in spans if high is not None})
