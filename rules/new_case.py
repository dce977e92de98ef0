"""A new case from a contact's facts: it states everything that the strategy decides today, so that it stays so.

Owns which parts of a decision a case freezes. Never judges whether the decision is right: its owner does.
"""

from collections.abc import Mapping

import msgspec

from rules.case_book import stated
from rules.cases import EXACT, case_facts
from rules.city import City
from rules.decide import Decision, decide
from rules.strategy import OFFERS, Case, Expected, FactValue
from rules.toml_text import table_text

ALWAYS = frozenset({"kind", "emergency", "restricted", "mask"})
"""Stated also when they say no: a case that is silent about safety would let it come and go."""


def new_case(city: City, title: str, facts: Mapping[str, FactValue], at: str) -> Case:
    """The case of these facts at this local time, with the outcome that the strategy gives today."""
    known = {name: value for name, value in facts.items() if value is not None}
    case = Case(title=title, expect=Expected(), facts=known, at=at)
    return msgspec.structs.replace(case, expect=frozen(decide(city.strategy, case_facts(city, case))))


def frozen(decision: Decision) -> Expected:
    """Everything that the decision says, as what a case expects."""
    exact = {name: getattr(decision, name) for name in EXACT}
    limit, capture, trace = decision.limit, decision.capture, decision.trace
    return Expected(
        **{name: value for name, value in exact.items() if value or name in ALWAYS},
        push=limit.push or None,
        stopped_by=trace.stopped_by or None,
        keep=decision.keep,
        checklist=decision.checklist,
        refer=decision.refer,
        capture_forbid=capture.forbid,
        capture_allow=capture.allow,
        require_fields=decision.require_fields,
        forbid_fields=decision.forbid_fields,
        limit_fields=limit.fields,
        limit_teams=limit.teams,
        route_exits=tuple(step.exit for step in decision.route if step.exit),
        offers=decision.offers,
        offers_not=tuple(sorted(OFFERS - {*decision.offers})),
        notices=decision.notices,
        suggestions=decision.suggestions,
        hits=trace.hits,
    )


def case_text(case: Case) -> str:
    """The `[[case]]` as it is pasted into `strategy.toml`."""
    cells: dict[str, object] = {"title": case.title}
    if case.at:
        cells["at"] = case.at
    return table_text("case", {**cells, "facts": case.facts, "expect": stated(case.expect)})
