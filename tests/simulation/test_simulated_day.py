import random
from collections.abc import Iterable

import pytest

from router.measures.staffing import Offered, erlang_a, erlang_c
from router.simulation.bank_city import bank_city, skill_of, topic_of
from router.simulation.day import Coming, Day, Duty, busy_ms, waits_s
from router.simulation.monday import ORDERS, Monday, share_answered
from rules.city import City
from rules.decide import decide

ZERO = 1_788_739_200_000


@pytest.fixture(scope="module")
def city() -> City:
    """One queue, two kinds of call."""
    return bank_city(["PS", "IN"])


def coming(
    city: City,
    name: str,
    at_s: float,
    work_s: float,
    *,
    patience_s: float | None = None,
    kind: str = "PS",
    severity: str = "P3",
    channel: str = "phone",
) -> Coming:
    """One contact of the plan."""
    medium = "voice" if channel == "phone" else "written"
    facts = {"channel": channel, "medium": medium, "topic": topic_of(kind), "severity": severity}
    patience_ms = None if patience_s is None else round(patience_s * 1000)
    at_ms = ZERO + round(at_s * 1000)
    return Coming(at_ms, name, channel, decide(city.strategy, facts), patience_ms, round(work_s * 1000))


def duty(
    agent: str,
    kinds: Iterable[str] = ("PS",),
    *,
    ends_s: int = 10_000,
    pauses: Iterable[tuple[int, int]] = (),
    can_interrupt: bool = False,
) -> Duty:
    """One agent from the beginning on."""
    return Duty(
        agent,
        ZERO,
        ZERO + ends_s * 1000,
        {skill_of(kind): 1 for kind in kinds},
        pauses=tuple((ZERO + at * 1000, length * 1000) for at, length in pauses),
        can_interrupt=can_interrupt,
    )


def answered_s(day: Day) -> dict[str, float | None]:
    """Contact -> when it was answered, in seconds of the day."""
    return {
        name: None if life.answered_ms is None else (life.answered_ms - ZERO) / 1000 for name, life in day.lives.items()
    }


def test_callers_are_answered_in_turn_and_leave_when_they_have_had_enough(city: City) -> None:
    """One agent: the second waits, the third has no patience, the fourth with priority goes first."""
    plan = [
        coming(city, "a", 10, 100),
        coming(city, "b", 20, 50, patience_s=500),
        coming(city, "c", 30, 50, patience_s=20),
        coming(city, "d", 60, 50, severity="P2"),
    ]
    day = Day(city, ZERO, plan, [duty("anna")]).run()
    assert answered_s(day) == {"a": 10, "d": 110, "b": 160, "c": None}
    assert day.lives["c"].wait_ms == 20_000
    assert sorted(waits_s(day.lives)) == [0, 20, 50, 140]
    assert busy_ms(day.worked, (ZERO + 50_000, ZERO + 120_000)) == 70_000


def test_a_pause_begins_after_the_call_in_hand_and_lasts_as_long_as_planned(city: City) -> None:
    """Due at 50 s with a call until 110 s: away from then for 60 s, and two pauses in a row are one."""
    plan = [coming(city, "a", 10, 100), coming(city, "b", 20, 10)]
    assert answered_s(Day(city, ZERO, plan, [duty("anna", pauses=[(50, 60)])]).run())["b"] == 170
    assert answered_s(Day(city, ZERO, plan, [duty("anna", pauses=[(50, 60), (70, 30)])]).run())["b"] == 200
    assert answered_s(Day(city, ZERO, plan, [duty("anna", pauses=[(5, 60), (30, 30)])]).run())["a"] == 95


def test_who_goes_home_ends_the_call_in_hand_and_takes_no_other(city: City) -> None:
    """The shift's end does not hang up on anybody."""
    plan = [coming(city, "a", 10, 100), coming(city, "b", 20, 10, patience_s=900)]
    day = Day(city, ZERO, plan, [duty("anna", ends_s=50)]).run()
    assert answered_s(day) == {"a": 10, "b": None}
    assert day.floor.ledger.agents["anna"].presence == "offline"


def test_skills_change_at_their_time(city: City) -> None:
    """A caller waits for somebody who can, and gets them when they have come to that desk."""
    anna = Duty("anna", ZERO, ZERO + 10_000_000, {skill_of("PS"): 1}, changes=((ZERO + 300_000, {skill_of("IN"): 1}),))
    assert answered_s(Day(city, ZERO, [coming(city, "a", 10, 5, kind="IN")], [anna]).run()) == {"a": 300}


def test_interrupted_work_stands_still_and_is_finished_afterwards(city: City) -> None:
    """A mail of 100 s, interrupted after 30 s by a call of 50 s, ends at 150 s and counts once."""
    plan = [coming(city, "m", 0, 100, channel="email"), coming(city, "c", 30, 50)]
    day = Day(city, ZERO, plan, [duty("anna", can_interrupt=True)]).run()
    assert answered_s(day)["c"] == 30
    assert max(each.end_ms for each in day.worked) == ZERO + 150_000
    assert sum(each.end_ms - each.begin_ms for each in day.worked) == 150_000


def erlang_day(city: City, agents: int, calls: int, patience_s: float | None, seed: int) -> Day:
    """Poisson calls, 100 in half an hour, exponential services of 180 s."""
    dice = random.Random(seed)  # noqa: S311 # repeatable, no secret
    at_s = 0.0
    plan: list[Coming] = []
    for number in range(calls):
        at_s += dice.expovariate(100 / 1800)
        patience = dice.expovariate(1 / patience_s) if patience_s else None
        plan.append(coming(city, f"c{number}", at_s, dice.expovariate(1 / 180), patience_s=patience))
    return Day(city, ZERO, plan, [duty(f"a{n}", ends_s=round(at_s) + 3_600) for n in range(agents)]).run()


@pytest.mark.parametrize(("agents", "patience_s"), [(14, None), (13, 300.0), (11, 300.0)])
def test_the_floor_answers_erlang(city: City, agents: int, patience_s: float | None) -> None:
    """Waits, service level and abandonment of 36,000 simulated calls are those of Erlang C and A."""
    days = [erlang_day(city, agents, 6_000, patience_s, seed) for seed in range(6)]
    lives = [life for day in days for life in day.lives.values()]
    offered = Offered(100 / 1800, 180, patience_s)
    wanted = erlang_a(offered, agents) if patience_s else erlang_c(offered, agents)
    waits = [(life.wait_ms or 0) / 1000 for life in lives]
    in_time = [life.answered_ms is not None and (life.wait_ms or 0) <= 20_000 for life in lives]
    left = [life.answered_ms is None for life in lives]
    assert sum(waits) / len(lives) == pytest.approx(wanted.mean_wait_s, rel=0.12 if patience_s else 0.25)
    assert sum(in_time) / len(lives) == pytest.approx(wanted.service_level, abs=0.015)
    assert sum(left) / len(lives) == pytest.approx(wanted.abandonment, abs=0.006)
    assert sum(wait > 0 for wait in waits) / len(lives) == pytest.approx(wanted.wait_probability, abs=0.02)


def test_a_day_is_the_same_every_time(city: City) -> None:
    """Same plan, same lives, entry for entry."""
    first, second = (erlang_day(city, 11, 300, 300.0, 7) for _ in range(2))
    assert first.lives == second.lives
    assert first.floor.ledger.n == second.floor.ledger.n


def test_monday_morning_after_a_weekend_of_mail() -> None:
    """Order by arrival 8 %, live first 79 %, two kept idle 91 %, interrupting 97 % of the calls of 75 minutes."""
    shares = {order: share_answered(order, range(12)) for order in ORDERS}
    assert shares["arrival"] == pytest.approx(0.08, abs=0.05)
    assert shares["live_first"] == pytest.approx(0.79, abs=0.05)
    assert shares["reserve"] == pytest.approx(0.91, abs=0.03)
    assert shares["interrupt"] == pytest.approx(0.97, abs=0.02)


def test_without_mail_the_order_does_not_matter() -> None:
    """Nine agents are enough for the calls alone."""
    morning = Monday(mails=0)
    assert share_answered("live_first", range(3), morning) == share_answered("interrupt", range(3), morning)
