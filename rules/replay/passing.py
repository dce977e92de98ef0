"""The pass over a history: every contact is decided by both strategies, and what came out is counted.

Contacts with the same facts under the same calendars share one decision; only counts, days and a sample stay.
"""

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from heapq import heappush, heappushpop
from typing import NamedTuple

import msgspec

from rules.city import City
from rules.decide import FactValue, decide
from rules.replay.comparing import Compared, Comparison
from rules.replay.history import CHANNEL, DISTRICT, LANGUAGE, PROTECTION, Matter, Recorded
from rules.replay.moments import Moments
from rules.strategy import CALENDAR

REVIEWED = 50
"""Contacts of one group that are kept for review, at most."""
YEAR_MS = 366 * 86_400_000
MOST_KEPT_KINDS = 200_000
"""Facts remembered by their object; beyond that they are read anew."""
_encode = msgspec.json.Encoder(order="deterministic").encode
Follow = Callable[[Recorded, Compared], None]


class Group(NamedTuple):
    """By what contacts are broken down."""

    channel: str
    topic: str
    district: str
    language: str


class Cell(NamedTuple):
    """Contacts that are counted together."""

    compared: int
    group: Group
    day: str
    matters: tuple[Matter, ...]


class Sampled(NamedTuple):
    """One contact that changed, kept for review; the drawn number orders it."""

    drawn: int
    order: int
    id: str
    received_at: int
    facts: Mapping[str, FactValue]
    compared: Compared


class _Kind(NamedTuple):
    """What is the same for all contacts with these facts."""

    facts: Mapping[str, FactValue]
    number: int
    asked: Mapping[str, FactValue]
    """Only what either strategy asks for."""
    group: Group
    place: int
    """The group's number."""
    is_protected: bool


class Passed:
    """What a pass found, and the pass itself."""

    def __init__(self, baseline: City, draft: City, seed: int, follow: Follow | None = None) -> None:
        self.baseline, self.draft = baseline, draft
        self.comparison = Comparison(baseline, draft)
        self.moments = Moments(baseline, draft)
        self.compared: list[Compared] = []
        self.cells: Counter[Cell] = Counter()
        self.observed: Counter[str] = Counter()
        """By topic."""
        self.samples: dict[str, list[Sampled]] = {}
        self.persons: dict[tuple[str, str], set[str]] = {}
        """Field and value of a group -> the persons in it, where the history knows them."""
        self.with_person: Counter[tuple[str, str]] = Counter()
        """Contacts of a group whose person is known."""
        self.unknown_topics: Counter[str] = Counter()
        """In the history but not in the baseline's topics."""
        self.lost_topics: Counter[str] = Counter()
        """In the baseline's topics but no longer in the draft's."""
        self.first_ms, self.last_ms = 0, 0
        self._follow = follow
        self._seed = str(seed).encode()
        self._order = 0
        self._kinds: dict[int, _Kind] = {}
        self._numbers: dict[bytes, int] = {}
        self._places: dict[Group, int] = {}
        self._decided: dict[tuple[int, int], int] = {}
        self._asked = _asked(baseline) | _asked(draft)
        self._edges = _edges(baseline, draft)

    def run(self, history: Iterable[Recorded], now_ms: int = 0) -> "Passed":
        """Decide about every contact; guards look at the year after the last one, or after now where nobody came."""
        decided, kinds, look, follow = self._decided, self._kinds, self.moments.look, self._follow
        counts: dict[tuple[int, int, str, tuple[Matter, ...]], int] = {}
        compared = self.compared
        first, last = self.first_ms, self.last_ms
        for contact in history:
            kind = kinds.get(id(contact.facts)) or self._kind(contact.facts)
            if contact.is_observed:
                self.observed[kind.group.topic] += 1
                continue
            at_ms = contact.received_at
            state, day = look(at_ms)
            found = decided.get((kind.number, state))
            if found is None:
                found = self._decide(kind, state)
            cell = (found, kind.place, day, contact.matters)
            counts[cell] = counts.get(cell, 0) + 1
            first, last = min(first or at_ms, at_ms), max(last, at_ms)
            if contact.person:
                self._meet(contact.person, kind.group)
            pair = compared[found]
            if pair.differs and not kind.is_protected:
                self._sample(contact, kind, pair)
            if follow is not None:
                follow(contact, pair)
        self.first_ms, self.last_ms = first, last
        groups = list(self._places)
        for (found, place, day, matters), count in counts.items():
            self.cells[Cell(found, groups[place], day, matters)] += count
        self._name_topics()
        after_ms = last or now_ms
        self.moments.look_through(after_ms, after_ms + YEAR_MS)
        return self

    def _kind(self, facts: Mapping[str, FactValue]) -> _Kind:
        asked = {name: value for name, value in facts.items() if name in self._asked}
        number = self._numbers.setdefault(_encode(self._told_apart(asked)), len(self._numbers))
        group = Group(_word(facts, CHANNEL), _word(facts, "topic"), _word(facts, DISTRICT), _word(facts, LANGUAGE))
        is_protected = facts.get(PROTECTION) not in {None, "none"}
        kind = _Kind(facts, number, asked, group, self._places.setdefault(group, len(self._places)), is_protected)
        if len(self._kinds) >= MOST_KEPT_KINDS:
            self._kinds.clear()
        # The facts are kept with it: their id can't become another's.
        self._kinds[id(facts)] = kind
        return kind

    def _told_apart(self, asked: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
        """The facts with every number as the stretch that it is in: between two edges no rule tells numbers apart."""
        found = dict(asked)
        for name, edges in self._edges.items():
            value = found.get(name)
            if isinstance(value, int) and value is not True and value is not False:
                found[name] = bisect_right(edges, value)
        return found

    def _decide(self, kind: _Kind, state: int) -> int:
        """Both decisions, compared, by their number."""
        ours, theirs = self.moments.facts[state]
        compared = self.comparison.compare(
            decide(self.baseline.strategy, {**kind.asked, **ours}),
            decide(self.draft.strategy, {**kind.asked, **theirs}),
        )
        self.compared.append(compared)
        number = self._decided[kind.number, state] = len(self.compared) - 1
        return number

    def _meet(self, person: str, group: Group) -> None:
        for named in zip(Group._fields, group, strict=True):
            self.persons.setdefault(named, set()).add(person)
            self.with_person[named] += 1

    def _sample(self, contact: Recorded, kind: _Kind, compared: Compared) -> None:
        """The ones with the lowest drawn numbers of their group stay: a fair draw, whatever the order."""
        kept = self.samples.setdefault(compared.rule, [])
        digest = hashlib.blake2b(contact.id.encode("utf-8", "surrogatepass"), key=self._seed, digest_size=8).digest()
        drawn = -int.from_bytes(digest, "big")
        if len(kept) >= REVIEWED and drawn <= kept[0].drawn:
            return
        self._order += 1
        sampled = Sampled(drawn, self._order, contact.id, contact.received_at, kind.asked, compared)
        if len(kept) < REVIEWED:
            heappush(kept, sampled)
        else:
            _ = heappushpop(kept, sampled)

    def _name_topics(self) -> None:
        ours, theirs = self.baseline.topics, self.draft.topics
        for cell, count in self.cells.items():
            topic = cell.group.topic
            if topic and ours.get(topic) is None:
                self.unknown_topics[topic] += count
            elif topic and theirs.get(topic) is None:
                self.lost_topics[topic] += count


def _asked(city: City) -> set[str]:
    """Every fact that a decision of this city can depend on; calendars are its own."""
    return {fact for fact in city.strategy.columns.facts() if not fact.startswith(f"{CALENDAR}.")} | {"topic"}


def _edges(*cities: City) -> dict[str, list[int]]:
    """Per number that is asked for, every edge at which a rule of either strategy may turn."""
    found: dict[str, set[int]] = {}
    for city in cities:
        for column in city.strategy.columns.numbers:
            found.setdefault(column.fact, set()).update(column.edges)
    return {fact: sorted(edges) for fact, edges in found.items()}


def _word(facts: Mapping[str, FactValue], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) else ""
