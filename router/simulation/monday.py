"""A Monday morning after a weekend of mail, under four ways to order the work: what each leaves for those who call.

Nine blended agents, one skill; the mail has waited since the weekend, calls begin with the doors. Calls are Poisson,
handling and patience exponential.
"""

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

import msgspec

from router.simulation.bank_city import bank_city, skill_of, topic_of
from router.simulation.day import Coming, Day, Duty
from rules.city import City
from rules.decide import decide

Order = Literal["arrival", "live_first", "reserve", "interrupt"]
ORDERS: tuple[Order, ...] = ("arrival", "live_first", "reserve", "interrupt")
KIND = "ALL"
DOORS_MS = 1_788_764_400_000
"""A Monday, 07:00 UTC."""
MINUTE_MS = 60_000


class Monday(msgspec.Struct, frozen=True):
    """The morning's figures."""

    agents: int = 9
    mails: int = 100
    calls_per_h: float = 74.0
    call_s: float = 300.0
    mail_s: float = 420.0
    patience_s: float = 300.0
    minutes: int = 75
    """Calls of the first so many minutes are counted."""
    reserve: int = 2


def share_answered(order: Order, seeds: Sequence[int], morning: Monday | None = None) -> float:
    """Answered ÷ offered of the calls that came in the counted minutes, over all seeds.

    `arrival`: whatever came first, in one class, so the mail of the weekend before all calls. `live_first`: calls
    before mail. `reserve`: and two agents kept idle for calls. `interrupt`: and calls interrupt mail, with nobody kept
    idle.
    """
    plan = morning or Monday()
    city = bank_city([KIND], reserve=plan.reserve if order == "reserve" else 0)
    answered = offered = 0
    for seed in seeds:
        lives = _day(city, order, plan, seed).run().lives
        calls = [life for life in lives.values() if life.channel == "phone"]
        calls = [life for life in calls if life.at_ms < DOORS_MS + plan.minutes * MINUTE_MS]
        answered += sum(life.answered_ms is not None for life in calls)
        offered += len(calls)
    return answered / offered


def _day(city: City, order: Order, plan: Monday, seed: int) -> Day:
    dice = random.Random(seed)  # noqa: S311 # repeatable, no secret
    facts = {"topic": topic_of(KIND), "severity": "P3"}
    call = decide(city.strategy, {**facts, "channel": "phone", "medium": "voice"})
    way, medium = ("visit", "in_person") if order == "arrival" else ("email", "written")
    mail = decide(city.strategy, {**facts, "channel": way, "medium": medium})
    gaps = (dice.expovariate(plan.calls_per_h / 3_600_000) for _ in range(round(plan.calls_per_h * 3)))
    mails = [
        Coming(
            at_ms=DOORS_MS - MINUTE_MS,
            contact=f"m{number}",
            channel=way,
            decision=mail,
            patience_ms=None,
            service_ms=round(dice.expovariate(1 / plan.mail_s) * 1000),
            received_ms=DOORS_MS - (2 * plan.mails - number) * 20 * MINUTE_MS,
        )
        for number in range(plan.mails)
    ]
    calls = [
        Coming(
            at_ms=DOORS_MS + round(at),
            contact=f"c{number}",
            channel="phone",
            decision=call,
            patience_ms=round(dice.expovariate(1 / plan.patience_s) * 1000),
            service_ms=round(dice.expovariate(1 / plan.call_s) * 1000),
        )
        for number, at in enumerate(accumulate(gaps))
    ]
    return Day(city, DOORS_MS - MINUTE_MS, [*mails, *calls], _crew(plan, can_interrupt=order == "interrupt"))


def _crew(plan: Monday, *, can_interrupt: bool) -> list[Duty]:
    ends_ms, skills = DOORS_MS + 24 * 60 * MINUTE_MS, {skill_of(KIND): 1}
    return [Duty(f"a{number}", DOORS_MS, ends_ms, skills, can_interrupt=can_interrupt) for number in range(plan.agents)]
