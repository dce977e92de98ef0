"""Topics: what a contact is about, and a suggestion of it from free text.

A suggestion never decides on a secret topic: it only warns, so that safety and law rules can protect.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

Criterion = Literal["answered", "registered_complete", "decided", "booked", "guided", "referred_external"]
TopicFlag = Literal["p1_possible", "secret", "needs_id", "fault", "concern", "company"]

MOST_CHARACTERS = 2_000
MOST_CANDIDATES = 3
PHRASE_WEIGHT = 1.6
"""A phrase says more than a word."""
DOUBT = 0.4
"""Weight of "something else entirely": one word of one topic gives 1 / (1 + DOUBT)."""
DOUBT_PER_WORD = 0.008
"""The same single word says less in a long text."""
WHOLE, SIGNAL = "$", "!"
KEY_LENGTH = 4
"""A shorter first stem is the whole word."""
_TOKENS = re.compile(r"\w+")
_PARTS = re.compile(r"\w+\$?")


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One level-2 topic of the city's taxonomy."""

    code: str
    sv: str
    en: str
    unit: str
    criterion: Criterion = "answered"
    """What makes a contact about it resolved at the servicecenter."""
    flags: tuple[TopicFlag, ...] = ()
    eligible: bool = True
    """Whether it counts in the 80 % figure."""
    duty: str = ""
    """Unit that takes it when the responsible unit is closed."""
    words: tuple[str, ...] = ()
    """Word stems of four letters or more; `hål$` is the whole word, `street light` one stem after the other."""


class Signals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that call for protection whatever the topic is."""

    life: tuple[str, ...] = ()
    """Danger to life: severity `life`."""
    urgent: tuple[str, ...] = ()
    """Danger or great damage: severity `P1`."""
    concern: tuple[str, ...] = ()
    """Somebody is reporting a concern: sensitive."""


class Suggestion(msgspec.Struct, frozen=True):
    """What a text seems to be about."""

    code: str | None
    """The topic, when sure enough and not secret."""
    confidence: float
    """0 to 1, of the best candidate."""
    candidates: tuple[tuple[str, float], ...] = ()
    """The best topics with their confidence, best first; secret ones too."""
    sensitive: bool = False
    """The text seems to carry a concern report."""
    severity: str | None = None
    """`life` or `P1` when the words say so."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One entry of a word list: stems that follow each other, and what they point at."""

    parts: tuple[str, ...]
    marks: frozenset[str]
    weight: float
    """Entries that several topics share say less, phrases more."""

    @property
    def head(self) -> str:
        """The word, or the beginning of one, with which the entry begins."""
        return self.parts[0].rstrip(WHOLE)

    @property
    def begins_with_a_whole_word(self) -> bool:
        """Whether the head is all of the word."""
        return self.parts[0].endswith(WHOLE) or len(self.head) < KEY_LENGTH

    def follows(self, tokens: list[str], index: int) -> bool:
        """Whether the entry's other stems are in the words after the one at `index`."""
        if index + len(self.parts) > len(tokens):
            return False
        return all(_matches(part, tokens[index + offset]) for offset, part in enumerate(self.parts) if offset)


def _matches(part: str, token: str) -> bool:
    return token == part[:-1] if part.endswith(WHOLE) else token.startswith(part)


@dataclass(frozen=True, slots=True)
class TopicBook:
    """All topics of a city, by code and by word."""

    topics: tuple[Topic, ...]
    signals: Signals = field(default_factory=Signals)
    threshold: float = 0.55
    """Below this confidence a suggestion names no topic."""
    _by_code: dict[str, Topic] = field(init=False, repr=False, default_factory=dict[str, Topic])
    _whole: dict[str, list[Entry]] = field(init=False, repr=False, default_factory=dict[str, list[Entry]])
    _stems: dict[str, list[tuple[str, Entry]]] = field(
        init=False, repr=False, default_factory=dict[str, list[tuple[str, Entry]]]
    )

    def __post_init__(self) -> None:
        """Index the topics by code and the words by their first letters."""
        self._by_code.update({topic.code: topic for topic in self.topics})
        for entry in _entries(self.topics, self.signals):
            if entry.begins_with_a_whole_word:
                self._whole.setdefault(entry.head, []).append(entry)
            else:
                self._stems.setdefault(entry.head[:KEY_LENGTH], []).append((entry.head, entry))

    def get(self, code: str | None) -> Topic | None:
        """The topic with this code."""
        return self._by_code.get(code) if code else None

    def codes(self) -> tuple[str, ...]:
        """All codes in the order of the file."""
        return tuple(self._by_code)

    def deciding(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        """What decisions depend on, for the strategy's hash."""
        return sorted((topic.code, topic.unit, topic.duty, tuple(sorted(topic.flags))) for topic in self.topics)

    def suggest(self, text: str) -> Suggestion:
        """The topic that the text's words point at, or none when unsure; pure and quick."""
        tokens = _TOKENS.findall(text[:MOST_CHARACTERS].casefold())
        found = self._found(tokens)
        marks = {mark for entry in found for mark in entry.marks}
        severity = "life" if "life!" in marks else "P1" if "urgent!" in marks else None
        ranked = self._ranked(found, len(tokens))
        code, confidence = ranked[0] if ranked else ("", 0.0)
        concerns = "concern!" in marks or any("concern" in self._by_code[c].flags for c, _ in ranked[:1])
        is_sure = confidence >= self.threshold and not (concerns or "secret" in self._by_code[code].flags)
        return Suggestion(code if is_sure else None, confidence, tuple(ranked[:MOST_CANDIDATES]), concerns, severity)

    def _found(self, tokens: list[str]) -> set[Entry]:
        found: set[Entry] = set()
        whole, stems = self._whole, self._stems
        for index, token in enumerate(tokens):
            for head, entry in stems.get(token[:KEY_LENGTH], ()):
                if token.startswith(head) and entry.follows(tokens, index):
                    found.add(entry)
            for entry in whole.get(token, ()):
                if entry.follows(tokens, index):
                    found.add(entry)
        return found

    def _ranked(self, found: Iterable[Entry], words: int) -> list[tuple[str, float]]:
        """Topics by their share of all the weight found and of the doubt."""
        scores: dict[str, float] = {}
        for entry in found:
            for mark in entry.marks:
                if not mark.endswith(SIGNAL):
                    scores[mark] = scores.get(mark, 0.0) + entry.weight
        total = sum(scores.values()) + DOUBT + DOUBT_PER_WORD * words
        shares = [(code, round(score / total, 4)) for code, score in scores.items()]
        return sorted(shares, key=lambda share: (-share[1], share[0]))


def _entries(topics: Iterable[Topic], signals: Signals) -> list[Entry]:
    marks: dict[tuple[str, ...], set[str]] = {}
    written = [(word, topic.code) for topic in topics for word in topic.words]
    lists = (("life!", signals.life), ("urgent!", signals.urgent), ("concern!", signals.concern))
    written += [(word, mark) for mark, words in lists for word in words]
    for word, mark in written:
        marks.setdefault(tuple(_PARTS.findall(word.casefold())), set()).add(mark)
    return [Entry(parts, frozenset(named), _weight(parts, named)) for parts, named in sorted(marks.items()) if parts]


def _weight(parts: tuple[str, ...], marks: set[str]) -> float:
    topics = sum(not mark.endswith(SIGNAL) for mark in marks)
    return (PHRASE_WEIGHT if len(parts) > 1 else 1.0) / max(topics, 1)
