"""From counted cells to figures: what can be resolved here, what is, who is handed what, and for whom it differs.

The definitions of what counts are those of `router.measures.goal`; what a replay adds stands here, in words, once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from router.measures.goal import COMPLETE, LEFT_OUT_TOPICS, exclusion
from rules.decide import Decision
from rules.replay.comparing import Compared
from rules.replay.intervals import Day
from rules.replay.passing import Cell, Group, Passed

FEWEST = 5
"""Groups of fewer persons are not shown by themselves."""
OTHER = "other"


class Counted(NamedTuple):
    """One cell with what it says: contacts alike."""

    cell: Cell
    compared: Compared
    number: int


Pair = tuple[Compared, int]
"""What both strategies say, and to how many contacts."""


class Rules(NamedTuple):
    """What counts as resolved here."""

    registered: frozenset[str]
    """Topics that are resolved when they are registered completely."""
    not_eligible: frozenset[str]
    """Topics that are no matter for a servicecenter."""
    elsewhere: frozenset[str] = frozenset()
    """Queues whose agents are not the servicecenter's."""

    def can(self, decision: Decision) -> bool:
        """Strict: an agent here, or the strategy itself, may finish it; it is not handed over."""
        return decision.kind == "answer" or (decision.kind == "queue" and decision.queue not in self.elsewhere)

    def excluded(self, topic: str, matters: Iterable[tuple[str, str]]) -> str:
        """Why a contact does not count; empty when it does."""
        if topic in self.not_eligible:
            return topic
        reasons = [exclusion(*matter) for matter in matters]
        return reasons[0] if reasons and all(reasons) else ""


def rules_of(passed: Passed, elsewhere: Iterable[str] = ()) -> Rules:
    """The baseline's definitions hold for both sides: a figure that moves has moved because decisions did."""
    topics = passed.baseline.topics.topics
    return Rules(
        frozenset(topic.code for topic in topics if topic.criterion == COMPLETE),
        frozenset(topic.code for topic in topics if not topic.eligible) | LEFT_OUT_TOPICS,
        frozenset(elsewhere),
    )


def counted(passed: Passed) -> list[Counted]:
    """Every cell with its pair of decisions."""
    return [Counted(cell, passed.compared[cell.compared], count) for cell, count in passed.cells.items()]


def eligible(rows: Iterable[Counted], rules: Rules) -> tuple[list[Counted], Counter[str]]:
    """The contacts that count, and the others by reason."""
    kept: list[Counted] = []
    left_out: Counter[str] = Counter()
    for row in rows:
        reason = rules.excluded(row.cell.group.topic, row.cell.matters)
        if reason:
            left_out[reason] += row.number
        else:
            kept.append(row)
    return kept, left_out


def can_days(rows: Iterable[Counted], passed: Passed, rules: Rules, *, strict: bool) -> dict[str, Day]:
    """Per day, the contacts that count and how many of them can be resolved here."""
    says = _said_of(passed, rules)
    sums: dict[str, list[int]] = {}
    for cell, _, count in rows:
        registers = not strict and cell.group.topic in rules.registered
        ours, theirs = (True, True) if registers else says[cell.compared]
        day = sums.setdefault(cell.day, [0, 0, 0, 0])
        day[0] += count
        day[1] += count * ours
        day[2] += count * theirs
        day[3] += count * (ours != theirs)
    return {name: Day(*day) for name, day in sums.items()}


def _said_of(passed: Passed, rules: Rules) -> list[tuple[bool, bool]]:
    """By the number of a pair of decisions: whether each leads to somebody here."""
    return [(rules.can(pair.before), rules.can(pair.after)) for pair in passed.compared]


class Sides(msgspec.Struct, frozen=True):
    """A count before and after."""

    name: str
    before: int
    after: int


def pairs_of(passed: Passed, rows: Iterable[Counted]) -> list[Pair]:
    """How many contacts each pair of decisions is about."""
    numbers: Counter[int] = Counter()
    for cell, _, count in rows:
        numbers[cell.compared] += count
    return [(passed.compared[number], count) for number, count in numbers.items()]


def sides(pairs: Iterable[Pair], name_of: Callable[[Decision], str]) -> list[Sides]:
    """Contacts by a word of their decision, most first; without the empty word."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for compared, count in pairs:
        before[name_of(compared.before)] += count
        after[name_of(compared.after)] += count
    names = sorted((before.keys() | after.keys()) - {""}, key=lambda name: (-before[name] - after[name], name))
    return [Sides(name, before[name], after[name]) for name in names]


def handed_to(decision: Decision) -> str:
    """The unit that a hand-over goes to."""
    return decision.unit if decision.kind == "hand_over" else ""


def connected_to(decision: Decision) -> str:
    """The unit that a queued contact may be connected to by a warm transfer."""
    return decision.warm_transfer if decision.kind == "queue" else ""


class Part(msgspec.Struct, frozen=True):
    """The contacts of one channel, topic, district or language. None: hidden, because it is fewer than five persons."""

    name: str
    contacts: int
    changed: int | None
    before: float | None
    """The strict share that can be resolved here."""
    after: float | None
    points: float | None
    registered_before: float | None
    registered_after: float | None


class _Sum(NamedTuple):
    """Contacts of one group: all, changed, strict before and after, with registered before and after."""

    contacts: int = 0
    changed: int = 0
    before: int = 0
    after: int = 0
    registered_before: int = 0
    registered_after: int = 0


def _sum(sums: Iterable[_Sum]) -> _Sum:
    return _Sum(*map(sum, zip(*sums, strict=True)))


def summed(rows: Iterable[Counted], passed: Passed, rules: Rules) -> dict[Group, _Sum]:
    """Every combination of channel, topic, district and language with its figures."""
    says = _said_of(passed, rules)
    sums: dict[Group, list[int]] = {}
    for cell, compared, count in rows:
        ours, theirs = says[cell.compared]
        registers = cell.group.topic in rules.registered
        found = sums.setdefault(cell.group, [0] * len(_Sum._fields))
        found[0] += count
        found[1] += count * compared.is_changed
        found[2] += count * ours
        found[3] += count * theirs
        found[4] += count * (ours or registers)
        found[5] += count * (theirs or registers)
    return {group: _Sum(*found) for group, found in sums.items()}


def parts(passed: Passed, sums: Mapping[Group, _Sum], field: str) -> list[Part]:
    """The figures by one field, largest first; groups of fewer than five persons stand together."""
    by_name: dict[str, list[_Sum]] = {}
    for group, each in sums.items():
        by_name.setdefault(getattr(group, field), []).append(each)
    groups = {name: _sum(each) for name, each in by_name.items()}
    if small := _small(passed, field, {name: each.contacts for name, each in groups.items()}):
        together = _sum(groups.pop(name) for name in small)
        if _persons(passed, field, small, together.contacts) >= FEWEST:
            groups[OTHER] = together
    found = [_part(name, each) for name, each in groups.items()]
    return _hidden(sorted(found, key=lambda part: (-part.contacts, part.name)))


def _small(passed: Passed, field: str, contacts: Mapping[str, int]) -> list[str]:
    """The groups that stand together: those of too few persons, with the next ones until no sum gives them away."""
    ordered = sorted(contacts, key=lambda name: (contacts[name], name))
    small = [name for name in ordered if _persons(passed, field, [name], contacts[name]) < FEWEST]
    others = [name for name in ordered if name not in small]
    while small and others:
        if len(small) > 1 and _persons(passed, field, small, sum(contacts[name] for name in small)) >= FEWEST:
            break
        small.append(others.pop(0))
    return small


def _persons(passed: Passed, field: str, names: Iterable[str], contacts: int) -> int:
    """Persons of some groups; a contact whose person is not known is one."""
    known = sum(passed.with_person[field, name] for name in names)
    persons = set[str]().union(*(passed.persons.get((field, name), ()) for name in names))
    return max(0, contacts - known) + min(contacts, len(persons))


def _hidden(found: list[Part]) -> list[Part]:
    """Where a single group hides its change, the total would tell it: the next smallest change hides too."""
    changed = [part for part in found if part.changed]
    if sum(part.changed is None for part in found) != 1 or not changed:
        return found
    least = min(changed, key=lambda part: (part.changed or 0, part.name))
    return [_without_change(part) if part is least else part for part in found]


def _without_change(part: Part) -> Part:
    return Part(part.name, part.contacts, None, part.before, None, None, part.registered_before, None)


def _part(name: str, found: _Sum) -> Part:
    total = found.contacts
    before, registered = found.before / total, found.registered_before / total
    after = found.after / total
    points = 100 * (found.after - found.before) / total
    part = Part(name, total, found.changed, before, after, points, registered, found.registered_after / total)
    return _without_change(part) if 0 < found.changed < FEWEST else part


def by_field(passed: Passed, rows: list[Counted], rules: Rules) -> dict[str, list[Part]]:
    """All four breakdowns."""
    sums = summed(rows, passed, rules)
    return {field: parts(passed, sums, field) for field in Group._fields}


def reached(passed: Passed, rows: Iterable[Counted], rules: Rules) -> tuple[int, int]:
    """Eligible contacts known to have reached the municipality: directly at a unit, and through the servicecenter."""
    direct = sum(count for topic, count in passed.observed.items() if topic not in rules.not_eligible)
    return direct, sum(row.number for row in rows)
