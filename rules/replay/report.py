"""The report of a replay, whole: what the draft would have done to this history."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from router.measures.goal import instant
from rules.city import City
from rules.replay.guards import Guard, Limits, changed_definitions, decision_guards, judged
from rules.replay.history import Gaps
from rules.replay.intervals import Change, Day, change
from rules.replay.outcomes import Done, done_change
from rules.replay.passing import Passed
from rules.replay.reviewing import Group, Reviewed, groups, review
from rules.replay.tallying import (
    Counted,
    Part,
    Sides,
    by_field,
    can_days,
    connected_to,
    counted,
    eligible,
    handed_to,
    pairs_of,
    reached,
    rules_of,
    sides,
)


class Side(msgspec.Struct, frozen=True):
    """One of the two strategies."""

    version: str
    hash: str
    city: str
    rules: int


class History(msgspec.Struct, frozen=True):
    """What was replayed."""

    source: str
    from_: str = msgspec.field(name="from")
    to: str
    days: int
    contacts: int
    """Decided about; observed ones stand apart."""
    observed: int
    eligible: int
    excluded: dict[str, int]
    unknown_topics: dict[str, int]
    lost_topics: dict[str, int]
    gaps: Gaps


class Reach(msgspec.Struct, frozen=True):
    """How much came through the servicecenter, and what is then left of the share that can be resolved here."""

    observed: int
    via_servicecenter: int
    ratio: float | None
    """None: the history has no direct contacts, so nobody knows."""
    goal_before: float | None
    """Reach times the strict share."""
    goal_after: float | None


class Can(msgspec.Struct, frozen=True):
    """What can be resolved here, strict and with what is registered completely."""

    strict: Change
    registered: Change


class DayShare(msgspec.Struct, frozen=True):
    """One day's strict share that can be resolved here."""

    day: str
    contacts: int
    before: float
    after: float


class FloorSide(msgspec.Struct, frozen=True):
    """A simulated floor with one of the strategies."""

    contacts: int
    """That came onto the floor."""
    live: int
    answered: int
    service_level: float | None
    """Answered within the threshold ÷ live contacts."""
    abandonment: float | None
    mean_wait_s: float | None
    median_wait_s: float | None
    p95_wait_s: float | None
    written: int
    written_answered: int
    """Taken up on the day they came onto the floor."""
    outside: int
    """Live contacts while nobody is at work: not simulated."""
    work_h: float
    """Agent hours spent with contacts."""
    occupancy: float | None
    needed: int
    """Agents that Erlang A asks for on three days of four."""
    queues: list["FloorQueue"]


class FloorQueue(msgspec.Struct, frozen=True):
    """One queue of a simulated floor."""

    queue: str
    live: int
    service_level: float | None
    abandonment: float | None
    mean_wait_s: float | None
    written: int
    written_answered: int


class Floor(msgspec.Struct, frozen=True):
    """Both simulated floors, with the same crew and the same residents."""

    agents: int
    crew: str
    """Where the crew comes from: `erlang`, `number` or the file's name."""
    within_s: int
    days: int
    agent_h: float
    """Paid at work, on either side."""
    before: FloorSide
    after: FloorSide


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything."""

    ok: bool
    """No guard blocks publishing."""
    baseline: Side
    draft: Side
    history: History
    seed: int
    changed: int
    moved: int
    kinds: list[Sides]
    can: Can
    done: Done | None
    reach: Reach
    units: list[Sides]
    """Hand-overs per unit."""
    transfers: list[Sides]
    """Queued contacts that may be connected on to a unit, per unit."""
    by: dict[str, list[Part]]
    days: list[DayShare]
    groups: list[Group]
    review: list[Reviewed]
    guards: list[Guard]
    redefined: list[str]
    """Topics whose criterion or eligibility the draft changes; the baseline's hold on both sides."""
    floor: Floor | None = None


class Asked(NamedTuple):
    """What a replay was asked to do."""

    source: str
    seed: int
    limits: Limits
    elsewhere: tuple[str, ...] = ()


def report(passed: Passed, asked: Asked, gaps: Gaps, floor: Floor | None = None) -> Report:
    """The whole report of a pass."""
    rules = rules_of(passed, asked.elsewhere)
    everything = counted(passed)
    rows, left_out = eligible(everything, rules)
    strict = can_days(rows, passed, rules, strict=True)
    can = Can(change(strict), change(can_days(rows, passed, rules, strict=False)))
    pairs = pairs_of(passed, everything)
    units = sides(pairs, handed_to)
    found = groups(passed, everything)
    guards = [
        *decision_guards(passed, everything, can.strict, can.registered, units, asked.limits),
        *floor_guards(floor, asked.limits),
    ]
    direct, via = reached(passed, rows, rules)
    return Report(
        ok=not any(guard.ok is False for guard in guards),
        baseline=_side(passed.baseline),
        draft=_side(passed.draft),
        history=_history(passed, everything, asked, gaps, can.strict.total, left_out),
        seed=asked.seed,
        changed=sum(count for pair, count in pairs if pair.differs),
        moved=sum(count for pair, count in pairs if pair.is_moved),
        kinds=sides(pairs, lambda decision: decision.kind),
        can=can,
        done=done_change(rows, rules),
        reach=_reach(direct, via, can.strict),
        units=units,
        transfers=sides(pairs, connected_to),
        by=by_field(passed, rows, rules),
        days=[_day_share(name, day) for name, day in sorted(strict.items())],
        groups=found,
        review=review(passed, [group.rule for group in found]),
        guards=guards,
        redefined=changed_definitions(passed.baseline, passed.draft),
        floor=floor,
    )


def _history(
    passed: Passed, rows: list[Counted], asked: Asked, gaps: Gaps, total: int, left_out: Counter[str]
) -> History:
    return History(
        source=asked.source,
        from_=instant(passed.first_ms) if rows else "",
        to=instant(passed.last_ms) if rows else "",
        days=len({row.cell.day for row in rows}),
        contacts=sum(row.number for row in rows),
        observed=passed.observed.total(),
        eligible=total,
        excluded=dict(left_out.most_common()),
        unknown_topics=dict(passed.unknown_topics.most_common()),
        lost_topics=dict(passed.lost_topics.most_common()),
        gaps=gaps,
    )


def _day_share(name: str, day: Day) -> DayShare:
    return DayShare(name, round(day.total), day.before / day.total, day.after / day.total)


def _side(city: City) -> Side:
    return Side(city.strategy.version, city.strategy.hash, city.name, len(city.strategy.rules))


def _reach(direct: int, via: int, strict: Change) -> Reach:
    ratio = via / (via + direct) if direct and via else None
    before, after = strict.share_before, strict.share_after
    if ratio is None or before is None or after is None:
        return Reach(direct, via, ratio, None, None)
    return Reach(direct, via, ratio, ratio * before, ratio * after)


def floor_guards(floor: Floor | None, limits: Limits) -> Iterable[Guard]:
    """The guards that only a simulated floor can tell."""
    rises: list[float | None] = [None, None, None]
    if floor is not None:
        old, new = floor.before, floor.after
        rises = [
            _rise(old.abandonment, new.abandonment, 100),
            _rise(new.service_level, old.service_level, 100),
            _rise(old.mean_wait_s, new.mean_wait_s, 1),
        ]
    yield judged("abandonment_rise", "points", rises[0], limits.abandonment_rise_points)
    yield judged("service_level_fall", "points", rises[1], limits.service_level_fall_points)
    yield judged("wait_rise", "seconds", rises[2], limits.wait_rise_s)


def _rise(old: float | None, new: float | None, scale: float) -> float | None:
    return None if old is None or new is None else max(0.0, scale * (new - old))
