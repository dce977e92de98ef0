"""A recorded day on the simulated floor: the plan made of its calls and shifts, and both halves in figures.

Recorded and simulated figures are counted alike, from the same half days. Pure but for the floor.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import fmean

import msgspec

from router.simulation.bank import NOON_S, Call
from router.simulation.bank_city import skill_of, topic_of
from router.simulation.day import Coming, Day, Duty, busy_ms
from router.simulation.fitting import Learnt
from router.simulation.roster import ALWAYS, TURN_S, Shift
from rules.city import City
from rules.decide import decide

WITHIN_S = 20
END_S = 2 * 86_400
HALVES = {"forenoon": (0, NOON_S), "afternoon": (NOON_S, END_S)}


class Figures(msgspec.Struct, frozen=True):
    """One half day: of all its calls, whether answered or not."""

    mean_wait_s: float
    abandonment: float
    service_level: float
    """Answered within 20 s ÷ all calls."""
    occupancy: float
    """Time with a call in hand (and the seconds from one to the next) ÷ time at work."""


class Ran(msgspec.Struct, frozen=True):
    """One simulation of one day."""

    halves: dict[str, Figures]
    """Halves without calls are absent."""
    entries: int
    """Journal entries that were written."""


def midnight_ms(day: str) -> int:
    """The beginning of a recorded day."""
    return int(datetime.strptime(day, "%y%m%d").replace(tzinfo=UTC).timestamp() * 1000)


def recorded_halves(calls: Sequence[Call], shifts: Sequence[Shift]) -> dict[str, Figures]:
    """What the record says of both halves."""
    busy = [(call.begins_s, call.ends_s + TURN_S) for call in calls if call.is_served]
    found: dict[str, Figures] = {}
    for name, span in HALVES.items():
        own = [call for call in calls if span[0] <= call.at_s < span[1]]
        if own:
            seconds = sum(max(0, min(end, span[1]) - max(begin, span[0])) for begin, end in busy)
            found[name] = Figures(
                mean_wait_s=fmean(call.wait_s for call in own),
                abandonment=fmean(not call.is_served for call in own),
                service_level=fmean(call.is_served and call.wait_s <= WITHIN_S for call in own),
                occupancy=_occupancy(seconds, shifts, span),
            )
    return found


def simulate_day(
    city: City,
    day: str,
    calls: Sequence[Call],
    shifts: Sequence[Shift],
    learnt: Learnt,
    *,
    seed: int,
    is_known: bool,
) -> Ran:
    """One run of one recorded day."""
    zero = midnight_ms(day)
    dice = random.Random(f"{seed} {day}")  # noqa: S311 # repeatable, no secret
    comings = [_coming(city, zero, number, call, learnt, dice, is_known) for number, call in enumerate(calls)]
    ran = Day(city, zero, comings, [_duty(zero, shift) for shift in shifts]).run()
    halves: dict[str, Figures] = {}
    for name, span in HALVES.items():
        edges = (zero + span[0] * 1000, zero + span[1] * 1000)
        lives = [life for life in ran.lives.values() if edges[0] <= life.at_ms < edges[1]]
        if lives:
            halves[name] = Figures(
                mean_wait_s=fmean((life.wait_ms or 0) / 1000 for life in lives),
                abandonment=fmean(life.answered_ms is None for life in lives),
                service_level=fmean(
                    life.answered_ms is not None and life.answered_ms - life.at_ms <= WITHIN_S * 1000 for life in lives
                ),
                occupancy=_occupancy(busy_ms(ran.worked, edges) / 1000, shifts, span),
            )
    return Ran(halves, ran.floor.ledger.n)


def _occupancy(busy_s: float, shifts: Sequence[Shift], span: tuple[int, int]) -> float:
    at_work = sum(shift.at_work_s(*span) for shift in shifts)
    return min(1.0, busy_s / at_work) if at_work else 0.0


def _coming(
    city: City, zero: int, number: int, call: Call, learnt: Learnt, dice: random.Random, is_known: bool
) -> Coming:
    facts = {
        "channel": "phone",
        "medium": "voice",
        "topic": topic_of(call.kind),
        "severity": "P2" if learnt.draw_priority(call, dice) else "P3",
    }
    return Coming(
        at_ms=zero + call.at_s * 1000,
        contact=f"c{number}",
        channel="phone",
        decision=decide(city.strategy, facts),
        patience_ms=round(learnt.draw_patience_s(call, dice, is_known=is_known) * 1000),
        service_ms=(learnt.draw_service_s(call, dice) + TURN_S) * 1000,
    )


def _duty(zero: int, shift: Shift) -> Duty:
    def skills(at_s: int) -> dict[str, int]:
        return {skill_of(kind): 1 for kind, span in shift.kinds.items() if span[0] <= at_s < span[1]}

    edges = sorted({edge for span in shift.kinds.values() for edge in span} - {*ALWAYS})
    return Duty(
        agent=shift.server.lower(),
        begins_ms=zero + shift.begins_s * 1000,
        ends_ms=zero + shift.ends_s * 1000,
        skills=skills(shift.begins_s),
        changes=tuple((zero + edge * 1000, skills(edge)) for edge in edges if shift.begins_s < edge < shift.ends_s),
        pauses=tuple((zero + begin * 1000, (end - begin) * 1000) for begin, end in shift.pauses),
        capacity={"phone": 1},
    )
