"""Cases: those that fail, prove nothing or repeat another, and rules that none of them hits."""

from collections.abc import Iterator, Sequence

import msgspec

from rules.cases import CaseResult
from rules.city import City
from rules.proof.boxes import UndecidedError
from rules.proof.findings import Example, Found
from rules.proof.reach import witness
from rules.proof.space import Space
from rules.strategy import DEFAULT_TIER, PROTECTED_TIERS, Case, Expected

NOTHING = Expected()


def failed_cases(city: City, results: Sequence[CaseResult]) -> Iterator[Found]:
    """Cases that the rules do not give."""
    for case, result in zip(city.strategy.strategy.cases, results, strict=True):
        if not result.ok:
            arguments = {"title": case.title, "differences": "; ".join(result.differences)}
            yield Found("case_failed", case.expect.stopped_by or "", {**arguments}, Example({**case.facts}, case.at))


def idle_cases(city: City) -> Iterator[Found]:
    """Cases that state nothing, or state the same of the same contact as one before."""
    before: dict[bytes, str] = {}
    for case in city.strategy.strategy.cases:
        example = Example({**case.facts}, case.at)
        if case.expect == NOTHING:
            yield Found("case_proves_nothing", "", {"title": case.title}, example)
        elif other := before.get(_content(case)):
            yield Found("case_repeated", "", {"title": case.title, "other": other}, example)
        before.setdefault(_content(case), case.title)


def _content(case: Case) -> bytes:
    return msgspec.json.encode((case.facts, case.at, case.expect), order="deterministic")


def without_case(space: Space, results: Sequence[CaseResult]) -> Iterator[Found]:
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
