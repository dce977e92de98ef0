"""The book of cases: each one with what was expected, what came and by which rule, and which rules have too few.

Owns the reading of a city's cases by people. Runs them through `rules.cases`; never changes one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from router.errors import StrategyError
from rules.cases import CaseResult, Difference, case_facts, run_cases
from rules.cells import nearest
from rules.city import City
from rules.contributions import decider
from rules.decide import Decision, decide
from rules.strategy import DEFAULT_TIER, Case, Expected, FactValue

ENOUGH = 2
"""A rule is kept in place by one case that it speaks in and one beside it, or by two that it speaks in."""


class CaseRead(msgspec.Struct, frozen=True):
    """One case: what it states, and what the strategy makes of it."""

    number: int
    """Its place in the file, from 1."""
    title: str
    at: str
    facts: dict[str, FactValue]
    expected: dict[str, object]
    """Only what the case states."""
    decision: Decision
    decided_by: str
    """The rule that said where; empty when none did."""
    ok: bool
    differences: tuple[Difference, ...] = ()


class Coverage(msgspec.Struct, frozen=True):
    """How well one rule is held by cases."""

    rule: str
    tier: str
    title: str
    hits: int
    """Cases in which it speaks."""
    beside: int
    """Cases that state that it does not."""

    @property
    def is_enough(self) -> bool:
        """Whether two cases hold it, and it speaks in at least one of them."""
        return self.hits > 0 and self.hits + self.beside >= ENOUGH


class CaseBook(msgspec.Struct, frozen=True):
    """All cases of a city, and all its rules by their cases."""

    city: str
    strategy_version: str
    strategy_hash: str
    total: int
    failed: int
    """Of those that were asked for."""
    cases: tuple[CaseRead, ...]
    """Those that were asked for."""
    coverage: tuple[Coverage, ...]
    """Every rule, in the order of the strategy."""

    @property
    def ok(self) -> bool:
        """Whether every case that was asked for gives what it states."""
        return not self.failed

    @property
    def thin(self) -> tuple[Coverage, ...]:
        """Rules with too few cases: first those in which none speaks."""
        return tuple(sorted((each for each in self.coverage if not each.is_enough), key=lambda each: each.hits > 0))

    @property
    def once(self) -> tuple[Coverage, ...]:
        """Rules that speak in one case only, though another states that they do not."""
        return tuple(each for each in self.coverage if each.is_enough and each.hits < ENOUGH)


class Wanted(NamedTuple):
    """Which cases are asked for; each part narrows."""

    rule: str = ""
    tier: str = ""
    failed: bool = False


EVERY_CASE = Wanted()


def case_book(city: City, wanted: Wanted = EVERY_CASE) -> CaseBook:
    """The cases that are asked for, run, and the coverage by all of them.

    Raises:
        StrategyError: no rule has the id that is asked for.
    """
    ids = [rule.id for rule in city.strategy.rules]
    if wanted.rule and wanted.rule not in ids:
        raise StrategyError(f'no rule "{wanted.rule}"{nearest(wanted.rule, ids)}', field="--rule")
    cases = city.strategy.strategy.cases
    results = run_cases(city)
    read = [_read(city, number, *pair) for number, pair in enumerate(zip(cases, results, strict=True), 1)]
    shown = tuple(each for each in read if _is_wanted(city, each, wanted))
    return CaseBook(
        city=city.name,
        strategy_version=city.strategy.version,
        strategy_hash=city.strategy.hash,
        total=len(cases),
        failed=sum(not each.ok for each in shown),
        cases=shown,
        coverage=tuple(_coverage(city, cases, results)),
    )


def decided_by(city: City, decision: Decision) -> str:
    """The rule that says where the contact goes; empty when none does."""
    hits = {*decision.trace.hits}
    return decider([rule for rule in city.strategy.rules if rule.id in hits], decision)


def stated(expected: Expected) -> dict[str, object]:
    """Only what a case states."""
    defaults = msgspec.structs.asdict(Expected())
    return {name: value for name, value in msgspec.structs.asdict(expected).items() if value != defaults[name]}


def _read(city: City, number: int, case: Case, result: CaseResult) -> CaseRead:
    decision = decide(city.strategy, case_facts(city, case))
    return CaseRead(
        number=number,
        title=case.title,
        at=case.at,
        facts={**case.facts},
        expected=stated(case.expect),
        decision=decision,
        decided_by=decided_by(city, decision),
        ok=result.ok,
        differences=result.differences,
    )


def _is_wanted(city: City, case: CaseRead, wanted: Wanted) -> bool:
    """A case is a rule's when the rule speaks in it or the case names it; a tier's when such a rule decides it."""
    named = set(_named(case))
    if wanted.rule and wanted.rule not in named | {*case.decision.trace.hits}:
        return False
    tiers = {rule.id: rule.tier for rule in city.strategy.rules}
    if wanted.tier and wanted.tier not in {tiers.get(rule, DEFAULT_TIER) for rule in {*named, case.decided_by}}:
        return False
    return not (wanted.failed and case.ok)


def _named(case: CaseRead) -> Iterator[str]:
    for cell in ("hits", "hits_not"):
        rules = case.expected.get(cell, ())
        yield from rules if isinstance(rules, tuple) else ()
    stopped = case.expected.get("stopped_by")
    if isinstance(stopped, str) and stopped:
        yield stopped


def _coverage(city: City, cases: Sequence[Case], results: Sequence[CaseResult]) -> Iterator[Coverage]:
    hits = Counter(rule for result in results for rule in result.hits)
    beside = Counter(rule for case in cases for rule in case.expect.hits_not)
    for rule in city.strategy.rules:
        yield Coverage(rule.id, rule.tier, rule.title, hits[rule.id], beside[rule.id])
