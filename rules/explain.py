"""Explaining: what was known, which rules hit and what each said, what was unknown, and what would have changed it.

Owns the explanation as data; `rules.words` says it in a language. Never used to decide.
"""

from collections.abc import Mapping, Sequence

import msgspec

from rules.cells import Cell, Known, Truth
from rules.columns import TOPIC, axis_of
from rules.compile import CompiledStrategy
from rules.contributions import Said, decider, said_by
from rules.decide import Decision, Facts, decide, known_facts
from rules.strategy import FactValue, Rule
from rules.supposing import Alternative, alternatives, asked_facts
from rules.topics import TopicBook


class RuleReading(msgspec.Struct, frozen=True):
    """How one rule read the facts."""

    id: str
    truth: str
    blocking: tuple[str, ...] = ()
    """Facts of the row nearest to hitting that are false or unknown."""


class RuleTold(msgspec.Struct, frozen=True):
    """One rule that hit, in the order of the strategy."""

    id: str
    title: str
    why: str
    tier: str
    said: tuple[Said, ...] = ()
    because_unknown: tuple[str, ...] = ()
    """Facts whose being unknown let it hit."""
    title_en: str = ""
    why_en: str = ""


class OfferSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One offer of the contact to an agent, as it is on record."""

    agent: str
    state: str
    reason: str = ""
    issued_at: int = 0
    chosen_by: str = ""
    """What decided between this agent and the next one; empty when the match was not kept."""
    waited_ms: int = 0
    losers: Mapping[str, int] = {}


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a contact went where it went, as data."""

    strategy_version: str
    strategy_hash: str
    is_version_known: bool
    """Whether the rules could be read again: only with the very version that decided."""
    at_ms: int | None = None
    facts: dict[str, FactValue]
    """What was known and could be read."""
    decision: Decision
    by_rules: Decision | None = None
    """What the rules say of these facts; None without the version."""
    decided_by: str = ""
    """The rule that said where; empty when none did."""
    rules: tuple[RuleTold, ...] = ()
    near: tuple[RuleReading, ...] = ()
    """Rules that one cell kept from hitting."""
    asked: tuple[str, ...] = ()
    """Every fact that the strategy's rules ask about."""
    used: dict[str, FactValue] = {}
    """The values that the rules that hit have read."""
    unknown: tuple[str, ...] = ()
    """Facts that were missing and left some rule undecided."""
    alternatives: tuple[Alternative, ...] = ()
    protected: tuple[str, ...] = ()
    """The strategy's rules of safety and law, in order."""
    offers: tuple[OfferSeen, ...] | None = None
    """None where there is no contact, only facts."""

    @property
    def is_as_ruled(self) -> bool:
        """Whether what was decided is what the rules say; people and earlier protection may have stood above them."""
        return self.by_rules is None or self.by_rules == self.decision


def explain(
    compiled: CompiledStrategy,
    facts: Facts,
    *,
    decided: Decision | None = None,
    offers: Sequence[OfferSeen] | None = None,
    at_ms: int | None = None,
) -> Explanation:
    """The explanation of what this strategy makes of the facts; `decided` is what was put on record."""
    ruled = decide(compiled, facts)
    rules = [rule for rule in compiled.rules if rule.id in set(ruled.trace.hits)]
    known = known_facts(facts, compiled.topics)
    read = {axis_of(cell.fact) for cell in _cells(compiled, {rule.id for rule in rules})}
    return Explanation(
        strategy_version=ruled.trace.strategy_version,
        strategy_hash=ruled.trace.strategy_hash,
        is_version_known=True,
        at_ms=at_ms,
        facts=_plain(known),
        decision=decided or ruled,
        by_rules=ruled,
        decided_by=decider(rules, ruled),
        rules=tuple(_told(rule, rules, ruled, _let_in(compiled, rule, known)) for rule in rules),
        near=near(compiled, facts, ruled),
        asked=tuple(asked_facts(compiled)),
        used={fact: value for fact, value in _plain(known).items() if fact in read},
        unknown=ruled.trace.unknown,
        alternatives=alternatives(compiled, facts, ruled),
        protected=tuple(rule.id for rule in compiled.rules if rule.protected),
        offers=None if offers is None else tuple(offers),
    )


def explain_without(
    decided: Decision, facts: Facts, *, offers: Sequence[OfferSeen] | None = None, at_ms: int | None = None
) -> Explanation:
    """What can be told of a decision whose strategy is not at hand: its own record, and no reading of the rules."""
    return Explanation(
        strategy_version=decided.trace.strategy_version,
        strategy_hash=decided.trace.strategy_hash,
        is_version_known=False,
        at_ms=at_ms,
        facts=_plain(known_facts({**facts, TOPIC: None}, TopicBook(()))) | _topic(facts),
        decision=decided,
        unknown=decided.trace.unknown,
        offers=None if offers is None else tuple(offers),
    )


def traced(compiled: CompiledStrategy, facts: Facts) -> Decision:
    """The decision with `trace.near` filled in."""
    decision = decide(compiled, facts)
    ids = tuple(reading.id for reading in near(compiled, facts, decision))
    return msgspec.structs.replace(decision, trace=msgspec.structs.replace(decision.trace, near=ids))


def near(compiled: CompiledStrategy, facts: Facts, decision: Decision) -> tuple[RuleReading, ...]:
    """Rules that one cell kept from hitting, with that cell's fact."""
    hits = set(decision.trace.hits)
    found = readings(compiled, facts)
    return tuple(reading for reading in found if len(reading.blocking) == 1 and reading.id not in hits)


def readings(compiled: CompiledStrategy, facts: Facts) -> list[RuleReading]:
    """Every rule's reading of the facts, in the order of the strategy."""
    known = known_facts(facts, compiled.topics)
    found: list[RuleReading] = []
    for index, rule in enumerate(compiled.rules):
        rows = [row.cells for row in compiled.rows if row.rule == index]
        truth = max(min((cell.read(known) for cell in cells), default=Truth.TRUE) for cells in rows)
        blocked = (tuple(cell.fact for cell in cells if cell.read(known) is not Truth.TRUE) for cells in rows)
        found.append(RuleReading(rule.id, truth.name.lower(), min(blocked, key=len)))
    return found


def _cells(compiled: CompiledStrategy, rules: set[str]) -> list[Cell]:
    return [cell for row in compiled.rows if compiled.rules[row.rule].id in rules for cell in row.cells]


def _plain(known: Mapping[str, Known]) -> dict[str, FactValue]:
    return {fact: value for fact, value in known.items() if isinstance(value, str | int)}


def _topic(facts: Facts) -> dict[str, FactValue]:
    """The topic as it was written down: the city may have other topics by now."""
    topic = facts.get(TOPIC)
    return {TOPIC: topic} if isinstance(topic, str) and topic else {}


def _let_in(compiled: CompiledStrategy, rule: Rule, known: Mapping[str, Known]) -> tuple[str, ...]:
    """Facts whose being unknown let the rule hit: every row that hit needed one of them to be missing."""
    open_facts: list[frozenset[str]] = []
    for row in compiled.rows:
        if compiled.rules[row.rule].id != rule.id:
            continue
        missing = frozenset(cell.fact for cell in row.cells if cell.fact not in known)
        if all(cell.fact in missing or cell.hits(known[cell.fact]) for cell in row.cells):
            open_facts.append(missing)
    return tuple(sorted(min(open_facts, key=len, default=frozenset[str]())))


def _told(rule: Rule, rules: Sequence[Rule], decision: Decision, unknown: tuple[str, ...]) -> RuleTold:
    said = said_by(rule, rules, decision)
    return RuleTold(rule.id, rule.title, rule.why, rule.tier, said, unknown, rule.title_en, rule.why_en)
