"""Lint: every theme of `rules.proof` over one city, in the order in which people should read what is found."""

from collections.abc import Iterator, Sequence

from rules.cases import CaseResult
from rules.city import City
from rules.proof.agreements import broken_agreements
from rules.proof.boxes import UndecidedError
from rules.proof.conflicts import conflicts
from rules.proof.crew import Member, skills_nobody_has
from rules.proof.dead import never_named
from rules.proof.findings import CODES, Example, Found
from rules.proof.hours import closed_without_fallback, uncovered_hours
from rules.proof.mandates import topics_without_mandate
from rules.proof.moments import moments_of
from rules.proof.reach import unreached, witness
from rules.proof.space import Space
from rules.proof.sweep import Sweep
from rules.proof.unknowns import odd_on_unknown
from rules.proof.ways import limits_that_clash, media_not_taken, open_notices, self_service_alone
from rules.strategy import DEFAULT_TIER, PROTECTED_TIERS


def lint(city: City, cases: Sequence[CaseResult], crew: tuple[Member, ...] = ()) -> tuple[Found, ...]:
    """Everything that is found, errors first; `crew` is who works here, empty when that is not told.

    Raises:
        StrategyError: the day from which the strategy is valid can't be read.
    """
    space = Space(city.strategy, moments_of(city))
    sweep = Sweep(city, space)
    found = (
        *_failed_cases(city, cases),
        *unreached(space),
        *odd_on_unknown(space),
        *conflicts(city, space, cases),
        *uncovered_hours(city, sweep),
        *closed_without_fallback(city, sweep),
        *media_not_taken(city, sweep),
        *open_notices(city, space, sweep),
        *limits_that_clash(space),
        *self_service_alone(city, sweep),
        *topics_without_mandate(city, sweep),
        *broken_agreements(city, sweep),
        *(skills_nobody_has(city, sweep, crew) if crew else ()),
        *_without_case(space, cases),
        *never_named(city, space),
    )
    return tuple(sorted(found, key=lambda each: CODES[each.code]))


def _failed_cases(city: City, results: Sequence[CaseResult]) -> Iterator[Found]:
    for case, result in zip(city.strategy.strategy.cases, results, strict=True):
        if not result.ok:
            arguments = {"title": case.title, "differences": "; ".join(result.differences)}
            yield Found("case_failed", case.expect.stopped_by or "", {**arguments}, Example({**case.facts}, case.at))


def _without_case(space: Space, results: Sequence[CaseResult]) -> Iterator[Found]:
    """Rules of safety, law and default that no case hits."""
    covered = {rule for result in results for rule in result.hits}
    for number, rule in enumerate(space.rules):
        needs = rule.tier in (*PROTECTED_TIERS, DEFAULT_TIER) and bool(rule.when) and rule.effect != "ask"
        if not needs or rule.id in covered:
            continue
        try:
            example = witness(space, number)
        except UndecidedError:
            example = None
        if example:
            yield Found("no_case", rule.id, {"rule": rule.id, "tier": rule.tier}, example)
