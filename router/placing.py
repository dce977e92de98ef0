"""From a decision to a place: which bucket, in what order, until when; and how a place widens with waiting. Pure."""

from functools import lru_cache

import msgspec

from channels.base import Capabilities
from router.journal import Asks, HandoverTerms, Placement
from router.model import bucket_of, order_class, requirements
from router.store.contact_commands import QueuePlace
from rules.city import City
from rules.outcome import Decision

DEFAULT_ACCEPT_S = 8 * 3600
DEFAULT_FINISH_S = 16 * 3600
"""A unit without an agreement: one working day to accept, two to finish."""

_encode = msgspec.json.Encoder().encode


@lru_cache(maxsize=10_000)
def _bucket(asks: Asks) -> tuple[str, str]:
    return bucket_of(asks)


def place(city: City, channel: Capabilities, decision: Decision, ready_at: int) -> QueuePlace:
    """The place of a contact in the queue that the decision names."""
    queue = city.queue(decision.queue)
    target_ms = (decision.target_s or queue.target_for(channel.medium)) * 1000
    due_at = city.queue_calendar(decision.queue).add_open_ms(ready_at, target_ms)
    asks = Asks(
        queue=decision.queue,
        channel=channel.code,
        medium=channel.medium,
        order_class=order_class(channel.medium, is_emergency=decision.emergency),
        require=requirements(city.requirement(decision)),
        is_restricted=decision.restricted,
    )
    start = due_at if channel.medium == "written" else ready_at
    return _queue_place(
        asks, start - decision.head_start_s * 1000, ready_at, due_at, next_wait(city, decision, 0, ready_at)
    )


def _queue_place(asks: Asks, score: int, ready_at: int, due_at: int, wait_until: int) -> QueuePlace:
    bucket, asks_json = _bucket(asks)
    placed = Placement(bucket=bucket, asks=asks, score=score, ready_at=ready_at, due_at=due_at)
    return QueuePlace(placed, asks_json, _encode(placed).decode(), wait_until)


def next_wait(city: City, decision: Decision, step: int, ready_at: int) -> int:
    """When step number `step` of the route is due; after the last, the queue's longest wait, then twice that."""
    limit_ms = city.queue(decision.queue).max_wait_s * 1000
    if step < len(decision.route):
        return ready_at + decision.route[step].at_s * 1000
    last = decision.route[-1].at_s * 1000 if decision.route else 0
    return ready_at + max(limit_ms, last + limit_ms) * 2 ** min(step - len(decision.route), 20)


def widen(city: City, decision: Decision, placed: Placement, step: int) -> QueuePlace:
    """The place after route step `step`: levels below the decision's own, or only the skills that must be kept."""
    if step < len(decision.route):
        how = decision.route[step]
        drops, level = how.drop, how.level
    else:
        drops, level = True, 0
    kept = set(decision.keep)
    require = {
        skill: wanted if skill in kept else max(1, wanted + level)
        for skill, wanted in city.requirement(decision).items()
        if skill in kept or not drops
    }
    asks = msgspec.structs.replace(placed.asks, require=requirements(require))
    wait_until = next_wait(city, decision, step + 1, placed.ready_at)
    return _queue_place(asks, placed.score, placed.ready_at, placed.due_at, wait_until)


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
