"""Cases: the examples kept beside the rules, run through the same decision as real contacts."""

from collections.abc import Iterator

import msgspec

from rules.calendars import local_ms
from rules.city import City
from rules.decide import Decision, Facts, decide
from rules.strategy import Case, Expected

EXACT = (
    "kind",
    "queue",
    "unit",
    "duty",
    "reason",
    "team",
    "emergency",
    "priority",
    "head_start_s",
    "target_s",
    "prefer_last_s",
    "restricted",
    "mask",
    "demand",
    "warm_transfer",
    "warm_within_s",
    "fallback",
    "require",
)
"""Parts of a decision that a case states as they are."""


class CaseResult(msgspec.Struct, frozen=True):
    """Whether one case gave what it states."""

    title: str
    ok: bool
    differences: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()


def run_cases(city: City) -> list[CaseResult]:
    """Every case of the strategy, in the order of the file."""
    return [_run(city, case) for case in city.strategy.strategy.cases]


def case_facts(city: City, case: Case) -> Facts:
    """The case's facts, with the calendars' states at its time."""
    calendars = city.calendar_facts(local_ms(case.at, city.info.tz)) if case.at else {}
    return {**calendars, **case.facts}


def _run(city: City, case: Case) -> CaseResult:
    decision = decide(city.strategy, case_facts(city, case))
    differences = tuple(_differences(case.expect, decision))
    return CaseResult(case.title, not differences, differences, decision.trace.hits)


def _differences(expect: Expected, decision: Decision) -> Iterator[str]:
    exact: dict[str, object] = {name: getattr(decision, name) for name in EXACT}
    exact |= {"stopped_by": decision.trace.stopped_by, "push": decision.limit.push}
    for name, got in exact.items():
        wanted: object = getattr(expect, name)
        if wanted is not None and wanted != got:
            yield f"{name}: expected {wanted!r}, got {got!r}"
    among = {
        "keep": decision.keep,
        "offers": decision.offers,
        "notices": decision.notices,
        "suggestions": decision.suggestions,
        "checklist": decision.checklist,
        "refer": decision.refer,
        "capture_forbid": decision.capture.forbid,
        "capture_allow": decision.capture.allow,
        "require_fields": decision.require_fields,
        "forbid_fields": decision.forbid_fields,
        "limit_fields": decision.limit.fields,
        "limit_teams": decision.limit.teams,
        "route_exits": tuple(step.exit for step in decision.route if step.exit),
        "hits": decision.trace.hits,
    }
    for name, got in among.items():
        wanted_words: tuple[str, ...] = getattr(expect, name)
        if missing := sorted(set(wanted_words) - set(got)):
            yield f"{name}: expected {', '.join(missing)} among {', '.join(got) or 'none'}"
    for name, got, refused in (
        ("offers", decision.offers, expect.offers_not),
        ("hits", decision.trace.hits, expect.hits_not),
    ):
        if present := sorted(set(refused) & set(got)):
            yield f"{name}: expected no {', '.join(present)}"
