"""Contributions: what each rule that hit said, and what became of it in the decision.

Owns the reading of who set what. Knows no words and never composes: `rules.outcome` has done that.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, cast

import msgspec

from rules.outcome import Decision
from rules.strategy import Outcome, Rule

Fate = Literal["holds", "too_late", "taken_away", "moved", "covered"]
"""It stands in the decision · an earlier rule had decided where · another rule suppressed it · a limit moved it ·
another rule said at least as much."""
WAYS = ("queue", "hand_over", "answer")
"""Parts of an outcome that say where; the first rule that has one wins."""
STRONGEST = {"head_start_s": max, "prefer_last_s": max, "target_s": min}
"""Parts of which the longest or the strictest holds."""
FIRST_WINS = frozenset({"warm_transfer", "fallback", "team", "demand"})
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
            return then.hand_over is not None and (then.hand_over.reason or rule.id) == decision.reason
        case "answer":
            return then.answer != "" and then.answer == decision.reason


def _fates(field: str, value: object, rule: Rule, rules: Sequence[Rule], decision: Decision) -> Iterator[Said]:
    """One part of an outcome, split where its pieces fared differently."""
    first = decider(rules, decision)
    if field in WAYS:
        yield Said(field, value) if rule.id == first else Said(field, value, "too_late", (first,) if first else ())
    elif field in STRONGEST:
        best = STRONGEST[field](part for each in rules if (part := getattr(each.then, field)))
        yield Said(field, value, "holds" if value == best else "covered")
    elif field in FIRST_WINS:
        before = next(each.id for each in rules if getattr(each.then, field))
        yield Said(field, value) if before == rule.id else Said(field, value, "covered", (before,))
    elif field in {"offers", "notices"}:
        yield from _kept_and_lost(field, cast("tuple[str, ...]", value), rule, rules, decision)
    else:
        yield Said(field, value)


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
