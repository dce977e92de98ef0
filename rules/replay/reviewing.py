"""The contacts that changed: grouped by the rule that changed them, and a fair sample for people to read.

The sample names no person: contacts of protected persons are counted but never drawn, and of the facts only those
stand there that either strategy asks for.
"""

from collections.abc import Iterable, Mapping

import msgspec

from rules.decide import Decision, FactValue
from rules.replay.passing import REVIEWED, Passed, Sampled
from rules.replay.tallying import Counted
from rules.strategy import CALENDAR

HOUR_MS = 3_600_000
HIDDEN_FACTS = frozenset({"protection", "district", "party_related"})
"""With the hour and the topic these may point at somebody."""


class Group(msgspec.Struct, frozen=True):
    """The contacts that one rule changed."""

    rule: str
    how: str
    title: str
    tier: str
    contacts: int
    moved: int
    """Of them, those that would go somewhere else."""
    fields: dict[str, int]
    """What of the decision differs, and for how many."""
    ways: tuple[tuple[str, str, int], ...]
    """From where to where, most first."""


class Reviewed(msgspec.Struct, frozen=True):
    """One contact for human review."""

    id: str
    hour: int
    """The hour in which it was received (epoch ms)."""
    rule: str
    facts: Mapping[str, FactValue]
    before: str
    after: str
    differs: tuple[str, ...]
    hits_before: tuple[str, ...]
    hits_after: tuple[str, ...]


MOST_WAYS = 5


def way(decision: Decision) -> str:
    """Where a decision leads, in code words."""
    match decision.kind:
        case "queue":
            return f"queue {decision.queue}"
        case "hand_over":
            return f"hand_over {decision.unit}"
        case "answer":
            return f"answer {decision.reason}"


def groups(passed: Passed, rows: Iterable[Counted]) -> list[Group]:
    """Every rule that changed something, most contacts first."""
    by_rule: dict[str, list[Counted]] = {}
    for row in rows:
        if row.compared.differs:
            by_rule.setdefault(row.compared.rule, []).append(row)
    tiers = {rule.id: rule.tier for city in (passed.baseline, passed.draft) for rule in city.strategy.rules}
    found = [_group(passed, rule, each, tiers.get(rule, "")) for rule, each in by_rule.items()]
    return sorted(found, key=lambda group: (-group.contacts, group.rule))


def _group(passed: Passed, rule: str, rows: list[Counted], tier: str) -> Group:
    fields: dict[str, int] = {}
    ways: dict[tuple[str, str], int] = {}
    for _, compared, count in rows:
        for name in compared.differs:
            fields[name] = fields.get(name, 0) + count
        if compared.is_moved:
            pair = (way(compared.before), way(compared.after))
            ways[pair] = ways.get(pair, 0) + count
    return Group(
        rule=rule,
        how=rows[0].compared.how,
        title=passed.comparison.title(rule),
        tier=tier,
        contacts=sum(row.number for row in rows),
        moved=sum(row.number for row in rows if row.compared.is_moved),
        fields=dict(sorted(fields.items(), key=lambda item: (-item[1], item[0]))),
        ways=tuple(
            (*pair, count) for pair, count in sorted(ways.items(), key=lambda item: (-item[1], item[0]))[:MOST_WAYS]
        ),
    )


def review(passed: Passed, order: Iterable[str]) -> list[Reviewed]:
    """At most fifty contacts, one of each group by turns, until the groups are empty."""
    piles = [sorted(passed.samples.get(rule, ()), reverse=True) for rule in order]
    drawn: list[Sampled] = []
    for turn in range(REVIEWED):
        drawn += [pile[turn] for pile in piles if turn < len(pile)]
        if len(drawn) >= REVIEWED:
            break
    kept = drawn[:REVIEWED]
    places = {rule: number for number, rule in enumerate(order)}
    kept.sort(key=lambda each: (places[each.compared.rule], -each.drawn))
    return [_reviewed(each) for each in kept]


def _reviewed(sampled: Sampled) -> Reviewed:
    compared = sampled.compared
    facts = {
        name: value
        for name, value in sorted(sampled.facts.items())
        if value is not None and name not in HIDDEN_FACTS and not name.startswith(f"{CALENDAR}.")
    }
    return Reviewed(
        id=sampled.id,
        hour=sampled.received_at - sampled.received_at % HOUR_MS,
        rule=compared.rule,
        facts=facts,
        before=way(compared.before),
        after=way(compared.after),
        differs=compared.differs,
        hits_before=compared.before.trace.hits,
        hits_after=compared.after.trace.hits,
    )
