"""Conflicts: two rules of one tier for the same contact that say different things, where only their order decides.

An exception before its rule is no conflict: where all that the first rule hits would hit the second too, the order is
the meaning. Nor is one that a case settles by naming both rules.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import msgspec

from rules.cases import CaseResult, case_facts
from rules.city import City
from rules.columns import TOPIC
from rules.decide import known_facts
from rules.outcome import Around, Trace, compose
from rules.proof.boxes import Box, UndecidedError, meet, within
from rules.proof.findings import Found
from rules.proof.space import Lane, Space
from rules.strategy import FactValue, Rule

ABOUT = (TOPIC, "topic_confidence")
"""What a contact is about: rules for groups of topics lie across each other without any harm."""
_NO_TRACE = Trace("", "")
Says = Callable[[Rule], bool]


def conflicts(city: City, space: Space, cases: Sequence[CaseResult]) -> Iterator[Found]:
    """Every pair of rules whose order decides and that nobody has settled, with a contact that hits both."""
    settled = _settled(city, space, cases)
    rules = space.rules
    for first, second in combinations(range(len(rules)), 2):
        if rules[first].tier != rules[second].tier or frozenset((first, second)) in settled:
            continue
        try:
            found = _conflict(city, space, first, second)
        except UndecidedError:
            continue
        if found:
            yield found


def _conflict(city: City, space: Space, first: int, second: int) -> Found | None:
    one, other = space.rules[first], space.rules[second]
    if one.then.stop and other.then.stop:
        differ = msgspec.structs.replace(one.then, suggestions=()) != msgspec.structs.replace(
            other.then, suggestions=()
        )
        return _clash(space, first, second, "equal_stops", lambda _: False) if differ else None
    if one.then.stop:
        return None
    if one.then.goes_somewhere and other.then.goes_somewhere:
        found = _clash(space, first, second, "conflicting_ways", lambda rule: rule.then.goes_somewhere)
        return found if found and found.example and _part(city, space, first, second, found.example.facts) else None
    transfers = (one.then.warm.to, other.then.warm.to)
    if all(transfers) and transfers[0] != transfers[1]:
        return _clash(space, first, second, "conflicting_transfers", lambda rule: bool(rule.then.warm.to))
    if one.then.team and other.then.team and one.then.team != other.then.team:
        return _clash(space, first, second, "conflicting_teams", lambda rule: bool(rule.then.team))
    return None


def _clash(space: Space, first: int, second: int, code: str, decides: Says) -> Found | None:
    """A contact that hits both before anybody else has decided, unless one is the exception of the other."""
    before = [lane for lane in space.before(first) if lane.rule != second]
    before += [lane for lane in space.lanes if lane.rule < first and decides(space.rules[lane.rule])]
    before += [lane for lane in space.lanes if first < lane.rule < second and space.rules[lane.rule].then.stop]
    for one in space.of_rule[first]:
        for other in space.of_rule[second]:
            both = _shared(one, other)
            if both is None or _is_exception(one, other, both):
                continue
            if (box := space.free(both, before)) is not None:
                ids = {"rule": space.rules[first].id, "other": space.rules[second].id}
                return Found(code, space.rules[second].id, {**ids}, space.example(box, space.named(first, second)))
    return None


def _shared(one: Lane, other: Lane) -> Box | None:
    return None if one.hits is None or other.hits is None else meet(one.true or one.hits, other.true or other.hits)


def _is_exception(one: Lane, other: Lane, both: Box) -> bool:
    """Whether the first row is the narrower one, for the topics that both are about and however sure they are."""
    first, second = one.hits or {}, other.hits or {}
    about = {fact: both[fact] for fact in ABOUT if fact in both}
    here, there = {**first, **about}, {**second, **about}
    if within(here, there):
        return not within(there, here) or (within(first, second) and not within(second, first))
    return False


def _part(city: City, space: Space, first: int, second: int, facts: dict[str, FactValue]) -> bool:
    """Whether the two rules alone would send this contact to different places."""
    ways: set[tuple[str, str, str]] = set()
    receivers = city.strategy.receivers
    around = Around(city.topics.get(str(facts.get(TOPIC, ""))), receivers.of_place(facts), receivers)
    for number in (first, second):
        alone = compose(
            [space.rules[number]], meta=city.strategy.strategy.meta, around=around, asked=(), trace=_NO_TRACE
        )
        ways.add((alone.kind, alone.queue, alone.reason if alone.kind == "answer" else alone.unit))
    return len(ways) > 1


def _settled(city: City, space: Space, results: Sequence[CaseResult]) -> set[frozenset[int]]:
    """The pairs that a case names and hits, and whose order it thereby states."""
    numbers = {rule.id: number for number, rule in enumerate(space.rules)}
    settled: set[frozenset[int]] = set()
    for case, result in zip(city.strategy.strategy.cases, results, strict=True):
        expect = case.expect
        named = {numbers[name] for name in (*expect.hits, *expect.hits_not, expect.stopped_by) if name in numbers}
        if result.ok and len(named) > 1:
            known = known_facts(case_facts(city, case), city.topics)
            holding = [number for number in named if space.holds(number, known)]
            settled |= {frozenset(pair) for pair in combinations(holding, 2)}
    return settled
