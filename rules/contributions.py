"""Contributions: what each rule that hit said, and what became of it in the decision.

Owns the reading of who set what. Knows no words and never composes: `rules.outcome` has done that.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, cast

import msgspec

from rules.outcome import Decision
from rules.strategy import Capture, Captured, HandOver, Outcome, Rule

Fate = Literal["holds", "too_late", "taken_away", "moved", "covered"]
"""It stands in the decision · an earlier rule had decided where · another rule suppressed it · a limit moved it ·
another rule said at least as much."""
WAYS = ("queue", "hand_over", "answer")
"""Parts of an outcome that say where; the first rule that has one wins."""
STRONGEST = frozenset({"head_start_s", "prefer_last_s", "target_s", "priority", "demand", "team"})
"""Parts of which one word holds for all rules: the longest, the strictest, the weightiest."""
FIRST_WINS = frozenset({"warm_transfer", "fallback"})
"""Parts of which the first rule's word holds."""


class Said(msgspec.Struct, frozen=True):
    """One thing that a rule said, and what became of it."""

    field: str
    value: object
    fate: Fate = "holds"
    by: tuple[str, ...] = ()
    """The rules that took it away, moved it or said it before."""


def decider(rules: Sequence[Rule], decision: Decision) -> str:
    """The first rule that says what the decision says about where; empty when none does."""
    return next((rule.id for rule in rules if _says_where(rule, decision)), "")


def said_by(rule: Rule, rules: Sequence[Rule], decision: Decision) -> tuple[Said, ...]:
    """Everything that one of the rules that hit said, in the order of the language."""
    said: list[Said] = []
    for field in msgspec.structs.fields(Outcome):
        value: object = getattr(rule.then, field.name)
        default: object = field.default if field.default is not msgspec.NODEFAULT else field.default_factory
        if value and value != default and value != _empty(default):
            said += _fates(field.name, value, rule, rules, decision)
    return tuple(said)


def _empty(factory: object) -> object:
    return factory() if callable(factory) else factory


def _says_where(rule: Rule, decision: Decision) -> bool:
    then = rule.then
    match decision.kind:
        case "queue":
            return then.queue != "" and then.queue == decision.queue
        case "hand_over":
            given = then.hand_over
            return given is not None and given.goes and (given.reason or rule.id) == decision.reason
        case "answer":
            return then.answer != "" and then.answer == decision.reason


def _fates(field: str, value: object, rule: Rule, rules: Sequence[Rule], decision: Decision) -> Iterator[Said]:
    """One part of an outcome, split where its pieces fared differently."""
    if isinstance(value, HandOver):
        yield from _handed_over(value, rule, rules, decision)
    elif isinstance(value, Capture):
        yield from _captured(value, decision)
    elif field in WAYS:
        yield _way(field, value, rule, decider(rules, decision))
    elif field in STRONGEST:
        yield Said(field, value, "holds" if value == getattr(decision, field) else "covered")
    elif field in FIRST_WINS:
        before = next(each.id for each in rules if getattr(each.then, field))
        yield Said(field, value) if before == rule.id else Said(field, value, "covered", (before,))
    elif field in {"offers", "notices"}:
        yield from _kept_and_lost(field, cast("tuple[str, ...]", value), rule, rules, decision)
    else:
        yield Said(field, value)


def _way(field: str, value: object, rule: Rule, first: str) -> Said:
    return Said(field, value) if rule.id == first else Said(field, value, "too_late", (first,) if first else ())


def _handed_over(given: HandOver, rule: Rule, rules: Sequence[Rule], decision: Decision) -> Iterator[Said]:
    """Where to, if it says where, and what a handover must know and does not pass on, whoever sends it where."""
    if given.goes:
        way = _way("hand_over", given, rule, decider(rules, decision))
        yield way
        if given.duty and way.fate == "holds":
            yield Said("duty", given.duty)
    kept = tuple(part for part in given.require_fields if part in decision.require_fields)
    lost = tuple(part for part in given.require_fields if part not in kept)
    if kept:
        yield Said("require_fields", kept)
    if lost:
        does = _others(
            rule, rules, lambda then: then.hand_over is not None and bool({*lost} & {*then.hand_over.forbid_fields})
        )
        yield Said("require_fields", lost, "taken_away", does)
    if given.forbid_fields:
        yield Said("forbid_fields", given.forbid_fields)


def _captured(given: Capture, decision: Decision) -> Iterator[Said]:
    """What is and is not written down, and of what another rule has decided otherwise."""
    stands = decision.capture
    forbid: tuple[Captured, ...] = tuple(part for part in given.forbid if part in stands.forbid)
    allow: tuple[Captured, ...] = tuple(part for part in given.allow if part in stands.allow)
    if forbid or allow:
        yield Said("capture", Capture(forbid, allow))
    lost = tuple(part for part in (*given.forbid, *given.allow) if part not in {*forbid, *allow})
    if lost:
        yield Said("capture", lost, "covered")


def _kept_and_lost(
    field: str, value: tuple[str, ...], rule: Rule, rules: Sequence[Rule], decision: Decision
) -> Iterator[Said]:
    """Offers and notices: those that stand, and those that another rule suppressed or moved."""
    stands: tuple[str, ...] = getattr(decision, field)
    kept = tuple(part for part in value if part in stands)
    lost = tuple(part for part in value if part not in stands)
    if kept:
        yield Said(field, kept)
    if lost and field == "offers":
        yield Said(field, lost, "taken_away", _others(rule, rules, lambda then: bool({*lost} & {*then.suppress})))
    elif lost:
        yield Said(field, lost, "moved", _others(rule, rules, lambda then: bool(then.limit.notices)))


def _others(rule: Rule, rules: Sequence[Rule], does: Callable[[Outcome], bool]) -> tuple[str, ...]:
    return tuple(each.id for each in rules if each.id != rule.id and does(each.then))
