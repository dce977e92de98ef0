"""Ways: contacts that a queue does not take, notices that say too much, and offers with no human beside them."""

from collections.abc import Callable, Iterator

from rules.city import City
from rules.columns import TOPIC
from rules.decide import Decision
from rules.proof.boxes import UndecidedError, meet
from rules.proof.findings import Found
from rules.proof.space import Lane, Space
from rules.proof.sweep import LIVE, Decided, Sweep
from rules.strategy import CALLBACK, FactValue

SELF_SERVICE, PROTECTION = "self_service", "protection"
OPEN_CHANNELS = frozenset({"sms", "email", "same", "chosen"})
"""Channels that may show a notice to others than the person: also what they chose, or came by, may be one of them."""


def media_not_taken(city: City, sweep: Sweep) -> Iterator[Found]:
    """Queues that contacts are led to by a medium that they do not take."""
    seen: set[tuple[str, str]] = set()
    for each in sweep.all:
        decision = each.decision
        if decision.kind == "queue" and each.medium not in city.queue(decision.queue).media:
            if (decision.queue, each.medium) in seen:
                continue
            seen.add((decision.queue, each.medium))
            arguments = {"queue": decision.queue, "medium": each.medium, "topic": each.topic or "unknown"}
            yield Found("medium_not_taken", sweep.decided_by(each), {**arguments}, each.example)


def open_notices(city: City, space: Space, sweep: Sweep) -> Iterator[Found]:
    """Notices about secret topics by channels that others may read, with nothing that keeps the content out."""
    secret = {topic.code for topic in city.topics.topics if "secret" in topic.flags}
    limits = [lane for lane in space.lanes if space.rules[lane.rule].then.limit.push or _is_closed(space, lane)]
    for number, rule in enumerate(space.rules):
        if not any(_channel(notice) in OPEN_CHANNELS for notice in rule.then.notices):
            continue
        for lane in space.of_rule[number]:
            found = _unlimited(space, lane, limits, TOPIC, lambda code: code in secret)
            if found is None:
                continue
            each = sweep.decided(*found)
            channels = [channel for notice in each.decision.notices if (channel := _channel(notice)) in OPEN_CHANNELS]
            if rule.id in each.decision.trace.hits and channels and not each.decision.limit.push:
                arguments = {"rule": rule.id, "topic": each.topic, "channel": channels[0]}
                yield Found("open_notice", rule.id, {**arguments}, each.example)
                break


def notices_to_protected(space: Space, sweep: Sweep) -> Iterator[Found]:
    """Notices to people with protected personal data by channels that others may read, with nothing that limits them.

    Empty for a strategy that asks nobody's protection: it treats all alike.
    """
    limits = [lane for lane in space.lanes if space.rules[lane.rule].then.limit.push or _is_closed(space, lane)]
    for number, rule in enumerate(space.rules) if PROTECTION in space.full else ():
        channel = next((by for notice in rule.then.notices if (by := _channel(notice)) in OPEN_CHANNELS), "")
        for lane in space.of_rule[number] if channel else ():
            found = _unlimited(space, lane, limits, PROTECTION, lambda value: value not in {None, "none"})
            each = sweep.decided(*found) if found else None
            if each and rule.id in each.decision.trace.hits and not each.decision.limit.push:
                yield Found("notice_to_protected", rule.id, {"rule": rule.id, "channel": channel}, each.example)
                break


def _unlimited(space: Space, lane: Lane, limits: list[Lane], fact: str, keep: Callable[[FactValue], bool]):  # noqa: ANN202
    """A contact of the row with such a value of the fact that no limit holds for."""
    box = lane.true and space.narrowed(lane.true, fact, keep)
    last = lane.rule if space.rules[lane.rule].then.stop else len(space.rules)
    try:
        found = box and space.free(box, [*space.before(lane.rule), *(each for each in limits if each.rule <= last)])
    except UndecidedError:
        return None
    return space.contact(found, {*space.named(lane.rule), fact}) if found else None


def _is_closed(space: Space, lane: Lane) -> bool:
    notices = space.rules[lane.rule].then.limit.notices
    return bool(notices) and not OPEN_CHANNELS & {*notices}


def _channel(notice: str) -> str:
    return notice.partition(":")[2]


def limits_that_clash(space: Space) -> Iterator[Found]:
    """Two rules for one contact whose limits of notices share no channel: the first one's holds alone."""
    limited = [lane for lane in space.lanes if space.rules[lane.rule].then.limit.notices]
    seen: set[tuple[int, int]] = set()
    for one in limited:
        for other in limited:
            pair = (one.rule, other.rule)
            first, second = (space.rules[number] for number in pair)
            if one.rule >= other.rule or pair in seen or {*first.then.limit.notices} & {*second.then.limit.notices}:
                continue
            both = one.true and other.true and meet(one.true, other.true)
            try:
                found = both and not first.then.stop and space.free(both, space.before(other.rule))
            except UndecidedError:
                continue
            if found:
                seen.add(pair)
                ids = {"rule": first.id, "other": second.id}
                yield Found("limits_share_nothing", second.id, {**ids}, space.example(found, space.named(*pair)))


def self_service_alone(city: City, sweep: Sweep) -> Iterator[Found]:
    """Offers of self-service where no human can be had: nobody answers, nobody calls back, nobody reads."""
    seen: set[str] = set()
    for each in (*sweep.all, *_together(city, sweep)):
        if SELF_SERVICE not in each.decision.offers or _has_human(each):
            continue
        rule = _offering(city, each.decision)
        if rule not in seen:
            seen.add(rule)
            yield Found("self_service_alone", rule, {"rule": rule, "at": each.moment.at}, each.example)


def _together(city: City, sweep: Sweep) -> Iterator[Decided]:
    """Contacts of a rule that offers self-service and of one that answers by itself or takes the callback away."""
    rules = city.strategy.rules
    offering = [number for number, rule in enumerate(rules) if SELF_SERVICE in rule.then.offers]
    taking = [n for n, rule in enumerate(rules) if rule.then.answer or CALLBACK in rule.then.suppress]
    for one in offering:
        for other in taking:
            yield from sweep.of_both(one, other)


def _has_human(each: Decided) -> bool:
    decision = each.decision
    if decision.kind == "hand_over" or CALLBACK in decision.offers or decision.warm_transfer:
        return True
    if decision.kind == "answer":
        return False
    waits = each.medium not in LIVE or decision.can_call_back
    return waits or decision.queue in each.moment.queues


def _offering(city: City, decision: Decision) -> str:
    rules = (rule for rule in city.strategy.rules if rule.id in decision.trace.hits)
    return next((rule.id for rule in rules if SELF_SERVICE in rule.then.offers), "")
