"""Mandates: topics that nobody has said anything about, and topics that count as ours though we never keep one."""

from collections.abc import Iterator

from rules.city import City
from rules.columns import TOPIC
from rules.proof.findings import Found
from rules.proof.sweep import Decided, Sweep
from rules.strategy import DEFAULT_TIER


def topics_without_mandate(city: City, sweep: Sweep) -> Iterator[Found]:
    """Topics that only the default leads anywhere, and eligible ones that are handed over however they come."""
    ours: set[str] = set()
    ruled: set[str] = set()
    first: dict[str, Decided] = {}
    left = _left_to_default(city)
    goes = {rule.id for rule in city.strategy.rules if rule.tier != DEFAULT_TIER and rule.then.goes_somewhere}
    for each in sweep.plain:
        first.setdefault(each.topic, each)
        if each.decision.kind == "queue" and not each.decision.restricted:
            ours.add(each.topic)
        if not goes.isdisjoint(each.decision.trace.hits):
            ruled.add(each.topic)
    for topic in city.topics.topics:
        shown = first[topic.code]
        if topic.code not in ruled | left:
            yield Found("topic_without_rule", "", {"topic": topic.code, "queue": shown.decision.queue}, shown.example)
        elif topic.eligible and topic.code not in ours | left and not {"concern", "p1_possible"} & {*topic.flags}:
            arguments = {"topic": topic.code, "unit": shown.decision.unit or shown.decision.queue}
            yield Found("topic_without_mandate", sweep.decided_by(shown), {**arguments}, shown.example)


def _left_to_default(city: City) -> set[str]:
    """Topics that a case leaves to the default by naming it."""
    default = {rule.id for rule in city.strategy.rules if rule.tier == DEFAULT_TIER}
    cases = (case for case in city.strategy.strategy.cases if not default.isdisjoint(case.expect.hits))
    return {str(case.facts.get(TOPIC)) for case in cases}
