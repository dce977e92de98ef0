"""Cases: the examples kept beside the rules, run through the same decision as real contacts."""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from rules.calendars import local_ms
from rules.city import City
from rules.decide import Decision, Facts, decide
from rules.strategy import Case, Expected
from rules.toml_text import value_text
from rules.words import Words

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


class Difference(msgspec.Struct, frozen=True):
    """One part of a decision that is not what a case states."""

    part: str
    """By its name in the file."""
    how: Literal["other", "lacks", "has"]
    """It is another, it lacks what must be among it, or it has what must not."""
    wanted: str
    """As the file writes it, what must not be where it has that; empty for nothing."""
    got: str


class CaseResult(msgspec.Struct, frozen=True):
    """Whether one case gave what it states."""

    title: str
    ok: bool
    differences: tuple[Difference, ...] = ()
    hits: tuple[str, ...] = ()


def run_cases(city: City) -> list[CaseResult]:
    """Every case of the strategy, in the order of the file."""
    return [_run(city, case) for case in city.strategy.strategy.cases]


def case_facts(city: City, case: Case) -> Facts:
    """The case's facts, with the calendars' states at its time."""
    calendars = city.calendar_facts(local_ms(case.at, city.info.tz)) if case.at else {}
    return {**calendars, **case.facts}


def difference_told(words: Words, difference: Difference) -> str:
    """What was expected and what came, in words."""
    wanted, got = (each or words.say("difference-nothing") for each in (difference.wanted, difference.got))
    return words.say(f"difference-{difference.how}", part=difference.part, wanted=wanted, got=got)


def _run(city: City, case: Case) -> CaseResult:
    decision = decide(city.strategy, case_facts(city, case))
    differences = tuple(_differences(case.expect, decision))
    return CaseResult(case.title, not differences, differences, decision.trace.hits)


def _differences(expect: Expected, decision: Decision) -> Iterator[Difference]:
    exact: dict[str, object] = {name: getattr(decision, name) for name in EXACT}
    exact |= {"stopped_by": decision.trace.stopped_by, "push": decision.limit.push}
    for name, got in exact.items():
        wanted: object = getattr(expect, name)
        if wanted is not None and wanted != got:
            yield Difference(name, "other", _as_written(wanted), _as_written(got))
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
            yield Difference(name, "lacks", _listed(missing), _listed(got))
    for name, got, refused in (
        ("offers", decision.offers, expect.offers_not),
        ("hits", decision.trace.hits, expect.hits_not),
    ):
        if present := sorted(set(refused) & set(got)):
            yield Difference(name, "has", _listed(present), _listed(got))


def _as_written(value: object) -> str:
    """A value as the file writes it; empty for an empty one."""
    return value_text(value) if value or isinstance(value, bool | int) else ""


def _listed(words: Sequence[str]) -> str:
    return ", ".join(map(value_text, words))
