"""Lint: every theme of `rules.proof` over one city, in the order in which people should read what is found."""

from collections.abc import Sequence

from rules.cases import CaseResult
from rules.city import City
from rules.proof.agreements import broken_agreements
from rules.proof.conflicts import conflicts
from rules.proof.crew import Member, check_crew, skills_nobody_has
from rules.proof.dead import never_named
from rules.proof.examples import failed_cases, idle_cases, without_case
from rules.proof.findings import CODES, Found
from rules.proof.floors import odd_figures
from rules.proof.hours import closed_without_fallback, uncovered_hours
from rules.proof.mandates import topics_without_mandate
from rules.proof.moments import moments_of
from rules.proof.powerless import powerless_words
from rules.proof.reach import unreached
from rules.proof.space import Space
from rules.proof.sweep import Sweep
from rules.proof.unknowns import odd_on_unknown
from rules.proof.ways import limits_that_clash, media_not_taken, notices_to_protected, open_notices, self_service_alone
from rules.proof.words import unknown_words


def lint(city: City, cases: Sequence[CaseResult], crew: tuple[Member, ...] = ()) -> tuple[Found, ...]:
    """Everything that is found, errors first; `crew` is who works here, empty when that is not told.

    Raises:
        StrategyError: the day from which the strategy is valid can't be read, or the crew has what the city does not.
    """
    check_crew(city, crew)
    space = Space(city.strategy, moments_of(city))
    sweep = Sweep(city, space)
    found = (
        *failed_cases(city, cases),
        *idle_cases(city),
        *unreached(space),
        *unknown_words(city, space),
        *odd_on_unknown(space),
        *conflicts(city, space, cases),
        *powerless_words(space),
        *odd_figures(city.strategy.strategy),
        *uncovered_hours(city, sweep),
        *closed_without_fallback(city, sweep),
        *media_not_taken(city, sweep),
        *open_notices(city, space, sweep),
        *notices_to_protected(space, sweep),
        *limits_that_clash(space),
        *self_service_alone(city, sweep),
        *topics_without_mandate(city, sweep),
        *broken_agreements(city, sweep),
        *(skills_nobody_has(city, sweep, crew) if crew else ()),
        *without_case(space, cases),
        *never_named(city, space),
    )
    return tuple(sorted(found, key=lambda each: CODES[each.code]))
