"""Limits: what several rules forbid or hold to certain words, put together so that no later rule takes it back."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rules.strategy import Capture, Captured, Limit, Rule

W = TypeVar("W", bound=str)


def limit_of(rules: Sequence[Rule]) -> Limit:
    """The limits' intersection, cell by cell."""
    limits = [rule.then.limit for rule in rules]
    return Limit(
        notices=narrowed(limit.notices for limit in limits),
        fields=narrowed(limit.fields for limit in limits),
        teams=narrowed(limit.teams for limit in limits),
        push="no_content" if any(limit.push for limit in limits) else "",
    )


def narrowed(limits: Iterable[tuple[W, ...]]) -> tuple[W, ...]:
    """The words that all limits share, in the first one's order; no words are no limit.

    A limit that would leave nothing gives way to earlier ones.
    """
    allowed: tuple[W, ...] = ()
    for limit in limits:
        if limit:
            allowed = tuple(word for word in allowed if word in limit) or allowed or _once(limit)
    return allowed


def stricter(one: Limit, other: Limit) -> Limit:
    """Both limits at once; where they share nothing the first one holds."""
    return Limit(
        notices=narrowed((one.notices, other.notices)),
        fields=narrowed((one.fields, other.fields)),
        teams=narrowed((one.teams, other.teams)),
        push=one.push or other.push,
    )


def capture_of(rules: Sequence[Rule], law: Sequence[Rule]) -> Capture:
    """All that is forbidden; only what safety and law themselves allow can't be forbidden by later tiers."""
    by_law = {word for rule in law for word in rule.then.capture.forbid}
    kept = {word for rule in law for word in rule.then.capture.allow} - by_law
    forbid: tuple[Captured, ...] = _once(
        word for rule in rules for word in rule.then.capture.forbid if word not in kept
    )
    return Capture(forbid, _once(word for rule in rules for word in rule.then.capture.allow if word not in forbid))


def _once(words: Iterable[W]) -> tuple[W, ...]:
    return tuple(dict.fromkeys(words))
