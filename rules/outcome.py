"""Composition: how the outcomes of all rules that hit become one decision.

One row per field says how it composes. Words of the safety and law tiers stand whatever later tiers say.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from rules.routes import merge
from rules.strategy import CALLBACK, Limit, Meta, RouteStep, Rule
from rules.topics import Topic

RESPONSIBLE, DUTY = "responsible", "duty"
"""Unit words that mean the topic's own unit, in office hours and outside them."""
OWNER_OF_PLACE = "owner_of_place"
"""Where a contact is handed over to: the unit of the place (fact `place_unit`), else the topic's responsible one."""


class Trace(msgspec.Struct, frozen=True):
    """Why a decision is what it is."""

    strategy_version: str
    strategy_hash: str
    hits: tuple[str, ...] = ()
    stopped_by: str = ""
    unknown: tuple[str, ...] = ()
    """Facts that were missing and left some rule undecided."""
    near: tuple[str, ...] = ()
    """Rules that one cell kept from hitting; only `rules.explain` fills it."""


class Decision(msgspec.Struct, frozen=True):
    """What happens to a contact, and why."""

    kind: Literal["queue", "hand_over", "answer"]
    queue: str
    require: dict[str, int]
    keep: tuple[str, ...]
    route: tuple[RouteStep, ...]
    emergency: bool
    head_start_s: int
    unit: str
    reason: str
    restricted: bool
    mask: bool
    offers: tuple[str, ...]
    notices: tuple[str, ...]
    suggestions: tuple[str, ...]
    warm_transfer: str
    fallback: str
    """Where a person is found if the first way fails: a queue, a unit or 112. Never empty."""
    trace: Trace
    target_s: int = 0
    """The strictest target of the rules; 0 means the queue's own."""
    prefer_last_s: int = 0
    """How long to wait for the agent who had this person last; 0 means not at all."""
    can_call_back: bool = True
    """Whether a promise to call back may stand for an answer; False where a rule suppresses callbacks."""


class Destination(msgspec.Struct, frozen=True):
    """Where the contact goes."""

    kind: Literal["queue", "hand_over", "answer"]
    queue: str = ""
    unit: str = ""
    reason: str = ""


def compose(
    rules: Sequence[Rule], *, meta: Meta, topic: Topic | None, asked: Sequence[str], trace: Trace, place_unit: str = ""
) -> Decision:
    """The one decision of these rules, given in the order of the strategy."""
    goes = _destination(rules, meta, topic, place_unit)
    law = [rule for rule in rules if rule.protected]
    return Decision(
        kind=goes.kind,
        queue=goes.queue,
        unit=goes.unit,
        reason=goes.reason,
        require=_require(rules, law),
        keep=_keep(rules, law),
        route=merge(tuple(_steps(rules, topic))),
        emergency=_is_emergency(rules),
        head_start_s=max((rule.then.head_start_s for rule in rules), default=0),
        target_s=min((rule.then.target_s for rule in rules if rule.then.target_s), default=0),
        prefer_last_s=0 if _is_emergency(rules) else max((rule.then.prefer_last_s for rule in rules), default=0),
        can_call_back=_can_call_back(rules),
        restricted=_is_restricted(rules),
        mask=any(rule.then.mask for rule in rules),
        offers=_offers(rules, law),
        notices=_notices(rules),
        suggestions=_union([*(rule.then.suggestions for rule in rules), [f"ask:{fact}" for fact in asked]]),
        warm_transfer=next((unit for r in rules if (unit := _unit(r.then.warm_transfer, topic))), ""),
        fallback=next((way for r in rules if (way := _unit(r.then.fallback, topic))), meta.default_queue),
        trace=trace,
    )


def _union(parts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for part in parts for word in part))


def _unit(name: str, topic: Topic | None, place_unit: str = "") -> str:
    """The unit meant; empty when it is the topic's and there is no topic."""
    if name == OWNER_OF_PLACE and place_unit:
        return place_unit
    if name in {RESPONSIBLE, OWNER_OF_PLACE}:
        return topic.unit if topic else ""
    if name == DUTY:
        return (topic.duty or topic.unit) if topic else ""
    return name


def _destination(rules: Sequence[Rule], meta: Meta, topic: Topic | None, place_unit: str) -> Destination:
    """The first rule that says where wins; a hand-over to nobody says nothing."""
    for rule in rules:
        then = rule.then
        if then.queue:
            return Destination("queue", queue=then.queue)
        if then.hand_over and (unit := _unit(then.hand_over.unit, topic, place_unit)):
            return Destination("hand_over", unit=unit, reason=then.hand_over.reason or rule.id)
        if then.answer:
            return Destination("answer", reason=then.answer)
    return Destination("queue", queue=meta.default_queue)


def _levels(rules: Sequence[Rule]) -> dict[str, int]:
    levels: dict[str, int] = {}
    for rule in rules:
        for skill, level in rule.then.require.items():
            levels[skill] = max(level, levels.get(skill, 0))
    return levels


def _require(rules: Sequence[Rule], law: Sequence[Rule]) -> dict[str, int]:
    """All skills at their highest level; a level that safety or law set stays."""
    return _levels(rules) | _levels(law)


def _keep(rules: Sequence[Rule], law: Sequence[Rule]) -> tuple[str, ...]:
    """Kept skills; those of safety and law are kept unless these rules themselves let them go."""
    law_drops = any(step.drop for rule in law for step in rule.then.route)
    return _union([*(rule.then.keep for rule in rules), () if law_drops else sorted(_levels(law))])


def _is_emergency(rules: Iterable[Rule]) -> bool:
    return any(rule.then.emergency for rule in rules)


def _is_restricted(rules: Iterable[Rule]) -> bool:
    return any(rule.then.restricted for rule in rules)


def _steps(rules: Sequence[Rule], topic: Topic | None) -> Iterator[RouteStep]:
    """Every step as far as it may be taken: only safety and law open what is restricted, or let an emergency go."""
    law = [rule for rule in rules if rule.protected]
    is_emergency, is_restricted = _is_emergency(rules), _is_restricted(rules)
    calls_back, law_calls_back = _can_call_back(rules), _can_call_back(law)
    for rule in rules:
        for step in rule.then.route:
            teams = step.teams if rule.protected or not is_restricted else ()
            unit = _unit(step.unit, topic) if step.exit == "unit" else ""
            stays = (
                (step.exit == "unit" and not unit)
                or (is_emergency and not rule.protected)
                or (step.exit == "callback" and not (law_calls_back if rule.protected else calls_back))
            )
            yield RouteStep(step.at_s, step.level, step.drop, teams, "" if stays else step.exit, "" if stays else unit)


def _can_call_back(rules: Iterable[Rule]) -> bool:
    return not any(CALLBACK in rule.then.suppress for rule in rules)


def _offers(rules: Sequence[Rule], law: Sequence[Rule]) -> tuple[str, ...]:
    """What is offered and not suppressed; later tiers can't suppress what safety and law offer."""
    suppressed = {offer for rule in rules for offer in rule.then.suppress}
    suppressed_by_law = {offer for rule in law for offer in rule.then.suppress}
    offered_by_law = {offer for rule in law for offer in rule.then.offers} - suppressed_by_law
    offers = _union(rule.then.offers for rule in rules)
    return tuple(offer for offer in offers if offer in offered_by_law or offer not in suppressed)


def _notices(rules: Sequence[Rule]) -> tuple[str, ...]:
    """All notices; one by a channel outside the limit moves to the first channel inside it, so none is lost."""
    notices = _union(rule.then.notices for rule in rules)
    allowed = _allowed([rule.then.limit for rule in rules])
    if not allowed:
        return notices
    moved = (notice.partition(":") for notice in notices)
    return _union([(f"{moment}:{by if by in allowed else allowed[0]}" for moment, _, by in moved)])


def _allowed(limits: Sequence[Limit]) -> tuple[str, ...]:
    """The limits' intersection in the first one's order; a limit that would leave nothing gives way to earlier ones."""
    allowed: tuple[str, ...] = ()
    for limit in limits:
        if limit.notices:
            allowed = tuple(by for by in allowed if by in limit.notices) or allowed or limit.notices
    return allowed
