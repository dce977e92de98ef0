"""From a decision to a place: which bucket with which rings, in what order, until when. Pure."""

from functools import lru_cache

import msgspec

from channels.base import Capabilities
from router.journal import Asks, HandoverTerms, Placement, Ring
from router.model import bucket_of, order_class, requirements
from router.store.contact_commands import QueuePlace
from rules.city import City
from rules.outcome import Decision
from rules.strategy import RouteStep

DEFAULT_ACCEPT_S = 8 * 3600
DEFAULT_FINISH_S = 16 * 3600
"""A unit without an agreement: one working day to accept, two to finish."""

_encode = msgspec.json.Encoder().encode


@lru_cache(maxsize=10_000)
def _bucket(asks: Asks) -> tuple[str, str]:
    return bucket_of(asks)


def place(
    city: City, channel: Capabilities, decision: Decision, ready_at: int, *, asks: Asks | None = None
) -> QueuePlace:
    """The place of a contact in the queue that the decision names; `asks`, if the caller knows it of another one."""
    queue = city.queue(decision.queue)
    calendar = city.queue_calendar(decision.queue)
    target_ms = (decision.target_s or queue.target_for(channel.medium)) * 1000
    due_at = calendar.add_open_ms(ready_at, target_ms)
    waits_from = ready_at if decision.emergency else calendar.next_open(ready_at)
    asks = asks or _asks(city, channel, decision, ready_at)
    start = due_at if channel.medium == "written" else ready_at
    bucket, asks_json = _bucket(asks)
    placed = Placement(
        bucket=bucket,
        asks=asks,
        score=start - decision.head_start_s * 1000,
        ready_at=ready_at,
        due_at=due_at,
        waits_from=waits_from,
    )
    wait_until = next_wait(city, decision, channel.medium, placed)
    return QueuePlace(placed, asks_json, _encode(placed).decode(), wait_until)


def _asks(city: City, channel: Capabilities, decision: Decision, at_ms: int) -> Asks:
    """What the contact asks for, with the rings of agents that open as it waits."""
    queue = city.queue(decision.queue)
    return Asks(
        queue=decision.queue,
        channel=channel.code,
        medium=channel.medium,
        order_class=order_class(channel.medium, is_emergency=decision.emergency),
        require=requirements(city.requirement(decision)),
        is_restricted=decision.restricted or queue.restricted,
        teams=_first_teams(city, decision),
        rings=_rings(city, decision, channel.medium, at_ms),
        head_start_s=decision.head_start_s,
        target_s=decision.target_s,
        is_pulled=queue.flow_for(channel.medium) == "pull" and not decision.emergency,
    )


def _rings(city: City, decision: Decision, medium: str, at_ms: int) -> tuple[Ring, ...]:
    """The pools of the route's steps, then everybody who has what must be kept; rings that add nobody are left out.

    An exit's step counts too: whoever can't leave by it waits on in its pool.
    """
    queue = city.queue(decision.queue)
    is_restricted = decision.restricted or queue.restricted
    route = city.queue_route(decision, medium, at_ms)
    last_s = max([queue.max_wait_s, *(step.at_s for step in route)])
    last_teams = _with(queue.teams, route[-1].teams if route else ()) if is_restricted else ()
    pools = [
        *((step.at_s, step, _with(queue.teams, step.teams)) for step in route),
        (last_s, RouteStep(last_s, drop=True), last_teams),
    ]
    wanted = [Ring(at_s, _require(city, decision, step), _within(teams, decision)) for at_s, step, teams in pools]
    rings: list[Ring] = []
    pool = (requirements(city.requirement(decision)), _first_teams(city, decision))
    for ring in wanted:
        if (ring.require, ring.teams) != pool:
            pool = (ring.require, ring.teams)
            rings.append(ring)
    return tuple(rings)


def _first_teams(city: City, decision: Decision) -> tuple[str, ...]:
    """The decision's team at first, where the queue's restriction does not keep it out; else the queue's own."""
    queue = city.queue(decision.queue)
    if decision.team and (not queue.restricted or decision.team in queue.teams):
        return (decision.team,)
    return _within(tuple(sorted(queue.teams)), decision)


def _within(teams: tuple[str, ...], decision: Decision) -> tuple[str, ...]:
    """Only teams that the decision's limit allows; no teams is everybody's, or those of the limit."""
    limit = decision.limit.teams
    return tuple(sorted(set(teams).intersection(limit) or limit)) if limit else teams


def _with(own: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """A queue's teams and those that help; no teams is everybody's, and stays so."""
    return tuple(sorted({*own, *more})) if own else ()


def _require(city: City, decision: Decision, step: RouteStep) -> tuple[tuple[str, int], ...]:
    """The skills that a step still asks for; what must be kept, or opens what is restricted, is never let go."""
    kept = kept_skills(city, decision)
    return requirements(
        {
            skill: wanted if skill in kept else max(1, wanted + step.level)
            for skill, wanted in city.requirement(decision).items()
            if skill in kept or not step.drop
        }
    )


def kept_skills(city: City, decision: Decision) -> frozenset[str]:
    """Skills that no waiting takes away: those the decision keeps, restricted ones, a restricted queue's own."""
    queue = city.queue(decision.queue)
    own = queue.require if decision.restricted or queue.restricted else ()
    restricted = (
        skill for skill in city.requirement(decision) if skill in city.skills and city.skill(skill).restricted
    )
    return frozenset((*decision.keep, *own, *restricted))


def next_wait(city: City, decision: Decision, medium: str, placed: Placement, after: int = 0) -> int:
    """When the next decision of a waiting contact is due after a moment (both epoch ms).

    At each exit of its route, and each time it has waited the queue's longest wait again.
    """
    begins = placed.waits_from or placed.ready_at
    waited_ms = max(0, after - begins)
    limit_ms = city.queue(decision.queue).max_wait_s * 1000
    route = city.queue_route(decision, medium, placed.ready_at)
    exits_ms = [step.at_s * 1000 for step in route if step.exit]
    again_ms = (waited_ms // limit_ms + 1) * limit_ms
    return begins + min([again_ms, *(exit_ms for exit_ms in exits_ms if exit_ms > waited_ms)])


def terms(city: City, unit: str, topic: str, now_ms: int, generation: int = 1) -> HandoverTerms:
    """What the unit is asked to keep, counted in its own hours."""
    agreement = city.agreement_for(topic or None, unit, now_ms)
    calendar = city.unit_calendar(unit)
    accept_s = agreement.accept_s if agreement else DEFAULT_ACCEPT_S
    finish_s = agreement.finish_s if agreement else DEFAULT_FINISH_S
    return HandoverTerms(
        unit=unit,
        agreement=agreement.id if agreement else "",
        topic=topic,
        generation=generation,
        accept_by=calendar.add_open_ms(now_ms, accept_s * 1000),
        contact_by=calendar.add_open_ms(now_ms, (agreement.contact_s if agreement else finish_s) * 1000),
        finish_by=calendar.add_open_ms(now_ms, finish_s * 1000),
        criterion=agreement.criterion if agreement else "",
    )
