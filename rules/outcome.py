"""Composition: how the outcomes of all rules that hit become one decision.

One row per field says how it composes. Words of the safety and law tiers stand whatever later tiers say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeVar

import msgspec

from rules.facts import OWNER, PLACE_UNIT
from rules.limits import capture_of, limit_of
from rules.routes import merge
from rules.strategy import (
    CALLBACK,
    DUTY,
    OWNER_OF_PLACE,
    RESPONSIBLE,
    Capture,
    Demand,
    Limit,
    Meta,
    Priority,
    RouteStep,
    Rule,
)
from rules.topics import Topic

W = TypeVar("W", bound=str)
PRIORITIES: tuple[Priority, ...] = ("P1", "P2", "P3", "P4")
HEAD_START_S: Mapping[str, int] = {"P1": 600, "P2": 180}
"""How much earlier than it came a contact of this priority is taken."""
DEMANDS: tuple[Demand, ...] = ("failure", "value", "unknown")
"""What weighs most comes first: one rule that sees a failure is enough."""


class Receivers(msgspec.Struct, frozen=True):
    """Who a city has to take over: its units, and each duty chain with the unit of its first link."""

    units: frozenset[str] = frozenset()
    chains: dict[str, str] = {}

    def of_place(self, facts: Mapping[str, object]) -> str:
        """The unit that looks after a place, else the one that owns it; empty when there is none of ours."""
        for name in (PLACE_UNIT, OWNER):
            unit = facts.get(name)
            if isinstance(unit, str) and unit in self.units:
                return unit
        return ""


NOBODY = Receivers()


class Around(NamedTuple):
    """What words such as `responsible` mean for one contact."""

    topic: Topic | None = None
    place: str = ""
    """The unit of the place."""
    receivers: Receivers = NOBODY

    def unit(self, name: str) -> str:
        """The unit meant; empty when it is the topic's or the place's own and there is none."""
        if name == OWNER_OF_PLACE and self.place:
            return self.place
        if name in {RESPONSIBLE, OWNER_OF_PLACE}:
            return self.topic.unit if self.topic else ""
        if name == DUTY:
            return (self.topic.duty or self.topic.unit) if self.topic else ""
        return name


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


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
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
    team: str = ""
    """Only this team at first; empty means all teams of the queue."""
    priority: Priority | Literal[""] = ""
    demand: Demand | Literal[""] = ""
    checklist: tuple[str, ...] = ()
    refer: tuple[str, ...] = ()
    """Referrals of city.toml."""
    capture: Capture = Capture()
    """What must not be written down, and what may be all the same."""
    limit: Limit = Limit()
    """What notices, agents' screens and teams are held to, whatever is done with the contact later."""
    duty: str = ""
    """The duty chain that is called, from its first link, `unit`, on."""
    require_fields: tuple[str, ...] = ()
    """What a handover must know."""
    forbid_fields: tuple[str, ...] = ()
    """What a handover does not pass on."""
    warm_within_s: int = 0
    """How long a warm transfer is tried before the fallback."""
    missing_fields: tuple[str, ...] = ()
    """What kept it from the unit that the rules name: a person asks for it first. No rule says this."""


class Destination(msgspec.Struct, frozen=True):
    """Where the contact goes."""

    kind: Literal["queue", "hand_over", "answer"]
    queue: str = ""
    unit: str = ""
    reason: str = ""
    duty: str = ""


def compose(rules: Sequence[Rule], *, meta: Meta, around: Around, asked: Sequence[str], trace: Trace) -> Decision:
    """The one decision of these rules, given in the order of the strategy."""
    goes = _destination(rules, meta, around)
    law = [rule for rule in rules if rule.protected]
    limit, priority = limit_of(rules), _first_of(PRIORITIES, (rule.then.priority for rule in rules))
    warm = next((rule.then.warm for rule in rules if around.unit(rule.then.warm.to)), None)
    required, forbidden = _carried(rules)
    return Decision(
        kind=goes.kind,
        queue=goes.queue,
        unit=goes.unit,
        reason=goes.reason,
        require=_require(rules, law),
        keep=_keep(rules, law),
        route=merge(tuple(_steps(rules, around, limit))),
        emergency=_is_emergency(rules),
        head_start_s=max([HEAD_START_S.get(priority, 0), *(rule.then.head_start_s for rule in rules)]),
        target_s=min((rule.then.target_s for rule in rules if rule.then.target_s), default=0),
        prefer_last_s=0 if _is_emergency(rules) else max((rule.then.prefer_last_s for rule in rules), default=0),
        can_call_back=_can_call_back(rules),
        restricted=_is_restricted(rules),
        mask=any(rule.then.mask for rule in rules),
        offers=_offers(rules, law),
        notices=_notices(rules, limit),
        suggestions=_union([*(rule.then.suggestions for rule in rules), [f"ask:{fact}" for fact in asked]]),
        warm_transfer=around.unit(warm.to) if warm else "",
        warm_within_s=warm.within_s if warm else 0,
        fallback=_fallback(rules, around) or meta.default_queue,
        trace=trace,
        team=_team(rules, limit),
        priority=priority,
        demand=_first_of(DEMANDS, (rule.then.demand for rule in rules)),
        checklist=_union(rule.then.checklist for rule in rules),
        refer=_union(rule.then.refer for rule in rules),
        capture=capture_of(rules, law),
        limit=limit,
        duty=goes.duty,
        require_fields=required,
        forbid_fields=forbidden,
    )


def _union(parts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for part in parts for word in part))


def _carried(rules: Sequence[Rule]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields that a handover must know, and those that it does not pass on."""
    given = [rule.then.hand_over for rule in rules if rule.then.hand_over]
    forbidden = _union(each.forbid_fields for each in given)
    required = _union(each.require_fields for each in given)
    return tuple(word for word in required if word not in forbidden), forbidden


def _first_of(order: Sequence[W], said: Iterable[W | Literal[""]]) -> W | Literal[""]:
    """The first word of the order that anybody said."""
    words = set(said)
    return next((word for word in order if word in words), "")


def _destination(rules: Sequence[Rule], meta: Meta, around: Around) -> Destination:
    """The first rule that says where wins; a hand-over to nobody says nothing."""
    for rule in rules:
        then = rule.then
        if then.queue:
            return Destination("queue", queue=then.queue)
        if given := then.hand_over:
            unit = around.receivers.chains.get(given.duty, "") if given.duty else around.unit(given.unit)
            if unit:
                return Destination("hand_over", unit=unit, reason=given.reason or rule.id, duty=given.duty)
        if then.answer:
            return Destination("answer", reason=then.answer)
    return Destination("queue", queue=meta.default_queue)


def _fallback(rules: Iterable[Rule], around: Around) -> str:
    ways = (way for rule in rules for way in (rule.then.fallback, rule.then.warm.fallback))
    return next((found for way in ways if (found := around.unit(way))), "")


def _team(rules: Sequence[Rule], limit: Limit) -> str:
    """The first team named inside the limit; where safety or law names one, theirs or none."""
    is_restricted = _is_restricted(rules)
    law = [rule.then.team for rule in rules if rule.protected and rule.then.team][:1]
    teams = law or [rule.then.team for rule in rules if rule.then.team and not is_restricted]
    return next((team for team in teams if not limit.teams or team in limit.teams), "")


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


def _steps(rules: Sequence[Rule], around: Around, limit: Limit) -> Iterator[RouteStep]:
    """Every step as far as it may be taken: only safety and law open what is restricted, or let an emergency go."""
    law = [rule for rule in rules if rule.protected]
    is_emergency, is_restricted = _is_emergency(rules), _is_restricted(rules)
    calls_back, law_calls_back = _can_call_back(rules), _can_call_back(law)
    for rule in rules:
        for step in rule.then.route:
            teams = step.teams if rule.protected or not is_restricted else ()
            teams = tuple(team for team in teams if not limit.teams or team in limit.teams)
            unit = around.unit(step.unit) if step.exit == "unit" else ""
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


def _notices(rules: Sequence[Rule], limit: Limit) -> tuple[str, ...]:
    """All notices; one by a channel outside the limit moves to the first channel inside it, so none is lost."""
    notices = _union(rule.then.notices for rule in rules)
    if not limit.notices:
        return notices
    moved = (notice.partition(":") for notice in notices)
    return _union([(f"{moment}:{by if by in limit.notices else limit.notices[0]}" for moment, _, by in moved)])
