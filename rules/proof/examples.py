"""Cases: those that fail, prove nothing, repeat another or lack what every contact has, and rules that none hits."""

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
            example = Example({**case.facts}, case.at)
            yield Found("case_failed", case.expect.stopped_by or "", {"title": case.title}, example, result.differences)


def idle_cases(city: City) -> Iterator[Found]:
    """Cases that state nothing, or the same of the same contact as one before, or of a contact that can't be."""
    before: dict[bytes, str] = {}
    for case in city.strategy.strategy.cases:
        example = Example({**case.facts}, case.at)
        if case.expect == NOTHING:
            yield Found("case_proves_nothing", "", {"title": case.title}, example)
        elif other := before.get(_content(case)):
            yield Found("case_repeated", "", {"title": case.title, "other": other}, example)
        elif "channel" in case.facts and "medium" not in case.facts:
            yield Found("case_without_medium", "", {"title": case.title}, example)
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
