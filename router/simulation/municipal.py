"""A made-up Monday from a city's files: its strategy decides, its queues hold, a crew works; Erlang's figures beside.

Volumes, mix and durations are those of `router.demo.calibration`; topics those of `router.demo.demand`. What the
strategy hands over or answers itself never reaches the floor and is counted.
"""

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from statistics import fmean
from zoneinfo import ZoneInfo

import msgspec

from channels.registry import CHANNELS
from router.demo import calibration
from router.demo.crew import SPECIAL, Profile, crew
from router.demo.demand import DEMANDS
from router.journal import LIVE
from router.measures.staffing import Crew, Expected, Goal, Offered, erlang_a, erlang_c, staff
from router.simulation.day import Coming, Day, Duty, Life, busy_ms
from rules.city import City
from rules.decide import Decision, Facts, decide

MONDAY = datetime(2026, 9, 7)  # noqa: DTZ001 # in the city's own zone
OPENS_H, CLOSES_H = 8, 17
HALF_HOUR_MS = 1_800_000
WITHIN_S = 20
WEEKEND_SHARE = 0.5
"""Written contacts since Friday's closing, as a share of a working day's."""
WEEKEND_H = 63
TRAINED = 3
"""The level of an agent's skills, of 5."""
FINNISH, SWEDISH = "fi", "sv"


class QueueFigures(msgspec.Struct, frozen=True):
    """One queue's day; of live work, but for `written` and `written_in_time`."""

    queue: str
    live: int
    mean_wait_s: float | None
    service_level: float | None
    abandonment: float | None
    written: int
    written_answered: int
    """Taken up on the same day."""
    alone: Crew | None
    """The agents whom this queue's calls would need in their busiest half hour if nobody shared (Erlang A)."""


class DayFigures(msgspec.Struct, frozen=True):
    """The whole day."""

    city: str
    agents: int
    seed: int
    contacts: int
    handed_over: int
    answered_by_strategy: int
    queues: list[QueueFigures]
    live: QueueFigures
    """All queues together."""
    occupancy: float
    erlang_a: Expected
    """One group of as many agents as written work leaves free, half hours averaged by their calls."""
    erlang_c: Expected


class Made(msgspec.Struct, frozen=True):
    """The plan of the day."""

    comings: list[Coming]
    decisions: list[Decision]
    """Of all contacts, also of those who never reach the floor."""
    opens_ms: int
    closes_ms: int


def make_day(city: City, seed: int, *, share: float = 1.0) -> Made:
    """Who comes: the weekend's written contacts, then Monday's by half hours; `share` of the calibrated volume."""
    dice = random.Random(seed)  # noqa: S311 # repeatable, no secret
    zone = ZoneInfo(city.info.tz)
    opens = round(MONDAY.replace(hour=OPENS_H, tzinfo=zone).timestamp() * 1000)
    closes = opens + (CLOSES_H - OPENS_H) * 3_600_000
    volume = calibration.CONTACTS_PER_YEAR / calibration.WORKING_DAYS * calibration.DAILY[0] * share
    calendar: dict[int, Mapping[str, str]] = {}
    made = Made([], [], opens, closes)
    for number, (at_ms, received_ms, channel) in enumerate(_moments(dice, volume, opens)):
        slot = received_ms // 60_000
        if slot not in calendar:
            calendar[slot] = city.calendar_facts(received_ms)
        decision = decide(city.strategy, {**_facts(dice, channel), **calendar[slot]})
        made.decisions.append(decision)
        if decision.kind != "queue":
            continue
        patience = calibration.patience_s(channel, dice)
        work_s = calibration.HANDLING[channel].draw_s(dice) + calibration.WRAP_UP.draw_s(dice)
        made.comings.append(
            Coming(
                at_ms=at_ms,
                contact=f"c{number}",
                channel=channel,
                decision=decision,
                patience_ms=None if patience is None else round(patience * 1000),
                service_ms=round(work_s * 1000),
                received_ms=received_ms,
            )
        )
    return made


def _moments(dice: random.Random, volume: float, opens: int) -> Iterator[tuple[int, int, str]]:
    """When each comes onto the floor, when it was received, and how."""
    written = [code for code in calibration.CHANNEL_MIX if CHANNELS[code].medium == "written"]
    weights = [calibration.CHANNEL_MIX[code] for code in written]
    for _ in range(round(volume * WEEKEND_SHARE * sum(weights))):
        received = opens - round(dice.uniform(0, WEEKEND_H) * 3_600_000)
        yield opens - 60_000, received, dice.choices(written, weights)[0]
    ways, shares = list(calibration.CHANNEL_MIX), list(calibration.CHANNEL_MIX.values())
    hours = CLOSES_H - OPENS_H
    for half in range(2 * hours):
        per_ms = volume / hours * calibration.HOURLY[OPENS_H + half // 2] / 3_600_000
        at, end = opens + half * HALF_HOUR_MS + dice.expovariate(per_ms), opens + (half + 1) * HALF_HOUR_MS
        while at < end:
            yield round(at), round(at), dice.choices(ways, shares)[0]
            at += dice.expovariate(per_ms)


def _facts(dice: random.Random, channel: str) -> Facts:
    demand = dice.choices(DEMANDS, [each.share for each in DEMANDS])[0]
    return {
        "channel": channel,
        "medium": CHANNELS[channel].medium,
        "topic": demand.code,
        "topic_confidence": 100,
        "language": FINNISH if dice.random() < calibration.FINNISH_SHARE else SWEDISH,
        "protection": "marked" if dice.random() < calibration.PROTECTED_SHARE else "none",
        "severity": "P3",
        "identity": "likely",
        "repeats_7d": int(dice.random() < calibration.REPEAT_SHARE),
    }


def needed_agents(made: Made) -> int:
    """A crew for the day: Erlang A for the busiest half hour of live work, and the written work spread over the day."""
    live = [each for each in made.comings if each.is_live]
    written_s = sum(each.service_ms for each in made.comings if not each.is_live) / 1000
    open_s = (made.closes_ms - made.opens_ms) / 1000
    return staff(_busiest(live, made), Goal(within_s=WITHIN_S)).agents + math.ceil(written_s / open_s / 0.85)


def run_day(city: City, made: Made, agents: int, seed: int) -> DayFigures:
    """Simulate and count."""
    duties = [_duty(city, each, made) for each in crew(agents, sorted(city.skills), seed)]
    duties = _trained(city, duties, made)
    ran = Day(city, made.opens_ms - 120_000, made.comings, duties).run()
    known = {each.contact: each for each in made.comings}
    queues = sorted({life.queue for life in ran.lives.values()})
    rows = [
        _row(name, {c: life for c, life in ran.lives.items() if life.queue == name}, known, made) for name in queues
    ]
    span = (made.opens_ms, made.closes_ms)
    written_ms = busy_ms([each for each in ran.worked if CHANNELS[each.channel].medium not in LIVE], span)
    at_work_ms = agents * (span[1] - span[0])
    free = max(1, round(agents - written_ms / (span[1] - span[0])))
    live = [each for each in made.comings if each.is_live]
    return DayFigures(
        city=city.name,
        agents=agents,
        seed=seed,
        contacts=len(made.decisions),
        handed_over=sum(each.kind == "hand_over" for each in made.decisions),
        answered_by_strategy=sum(each.kind == "answer" for each in made.decisions),
        queues=rows,
        live=_row("all", ran.lives, known, made),
        occupancy=min(1.0, busy_ms(ran.worked, span) / at_work_ms),
        erlang_a=_average([erlang_a(each, free, WITHIN_S) for each in _offered(live, made)], live, made),
        erlang_c=_average([erlang_c(each, free, WITHIN_S) for each in _offered(live, made)], live, made),
    )


def _duty(city: City, profile: Profile, made: Made) -> Duty:
    """At work all day, in every team whose queues the agent may take."""
    return Duty(
        agent=profile.agent_id,
        begins_ms=made.opens_ms,
        ends_ms=made.closes_ms,
        skills=profile.skills,
        capacity=profile.capacity,
        teams=tuple(sorted({team for queue in city.queues.values() for team in queue.teams})),
        can_interrupt=True,
    )


def _trained(city: City, duties: Sequence[Duty], made: Made) -> list[Duty]:
    """The crew's skills by what is asked for: at least two have each, and most of the crew what most contacts need."""
    asked: Counter[str] = Counter()
    for each in made.comings:
        asked.update(city.requirement(each.decision).keys() - SPECIAL)
    known = [{skill: level for skill, level in duty.skills.items() if skill in SPECIAL} for duty in duties]
    for skill, count in asked.most_common():
        wanted = max(2, math.ceil(len(duties) * min(1.0, 0.35 + 3 * count / len(made.comings))))
        for skills in sorted(known, key=len)[:wanted]:
            skills[skill] = TRAINED
    return [msgspec.structs.replace(duty, skills=skills) for duty, skills in zip(duties, known, strict=True)]


def _row(name: str, lives: Mapping[str, Life], known: Mapping[str, Coming], made: Made) -> QueueFigures:
    live = [life for contact, life in lives.items() if known[contact].is_live]
    written = [life for contact, life in lives.items() if not known[contact].is_live]
    calls = [known[contact] for contact in lives if known[contact].is_live]
    answered = [life for life in live if life.answered_ms is not None]
    in_time = [life for life in answered if (life.wait_ms or 0) <= WITHIN_S * 1000]
    return QueueFigures(
        queue=name,
        live=len(live),
        mean_wait_s=fmean((life.wait_ms or 0) / 1000 for life in live) if live else None,
        service_level=len(in_time) / len(live) if live else None,
        abandonment=1 - len(answered) / len(live) if live else None,
        written=len(written),
        written_answered=sum(life.answered_ms is not None for life in written),
        alone=staff(_busiest(calls, made), Goal(within_s=WITHIN_S)) if calls else None,
    )


def _halves(calls: Sequence[Coming], made: Made) -> list[int]:
    counts = [0] * ((made.closes_ms - made.opens_ms) // HALF_HOUR_MS)
    for each in calls:
        counts[(each.at_ms - made.opens_ms) // HALF_HOUR_MS] += 1
    return counts


def _offered(calls: Sequence[Coming], made: Made) -> list[Offered]:
    handling_s = fmean(each.service_ms / 1000 for each in calls)
    return [Offered(count / 1800, handling_s, calibration.PATIENCE_MEAN_S) for count in _halves(calls, made)]


def _busiest(calls: Sequence[Coming], made: Made) -> Offered:
    return max(_offered(calls, made), key=lambda each: each.arrivals_per_s)


def _average(found: Sequence[Expected], calls: Sequence[Coming], made: Made) -> Expected:
    """Half hours weighted by their calls; infinite if one of them is."""
    counts = _halves(calls, made)

    def mean(name: str) -> float:
        pairs = zip(counts, found, strict=True)
        return sum(count * float(getattr(each, name)) for count, each in pairs if count) / sum(counts)

    names = ("wait_probability", "service_level", "mean_wait_s", "occupancy", "abandonment")
    return Expected(found[0].agents, *map(mean, names))
