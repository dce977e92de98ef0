"""A simulated day: contacts a second, decision, plan, every move and every journal entry included.

A crew of specialists at 90 % of what it can do, on the example city's own strategy; days are independent of each other,
so that every core simulates its own.
"""

import gc
import os
import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from router.bench.figures import Figure, at_least, told
from router.clock import elapsed_s
from router.config import Config
from router.simulation.day import Coming, Day, Duty
from rules.city import City, load_city
from rules.decide import Facts, decide

LIMIT_PER_S = 10_000
AGENTS, SERVICE_S, LOAD, PATIENCE_S = 30, 180.0, 0.9, 300.0
MONDAY_MS = 1_788_764_400_000
HOUR_MS = 3_600_000
OPENS_AFTER_H = 1


def live_day(folder: str, contacts: int, seed: int) -> tuple[int, int, float]:
    """One day of so many calls: how many ended, the journal's entries, and seconds; garbage is collected afterwards."""
    city = load_city(Path(folder))
    topics = [code for code in sorted(city.topics.codes()) if not code.startswith("SOC.")]
    duties = [_duty(city, number) for number in range(AGENTS)]
    open_ = city.calendar_facts(MONDAY_MS + 2 * HOUR_MS)
    dice = random.Random(seed)  # noqa: S311 # repeatable, no secret
    gc.collect()
    gc.disable()
    began = elapsed_s()
    comings: list[Coming] = []
    at_ms = MONDAY_MS + OPENS_AFTER_H * HOUR_MS
    for number in range(contacts):
        at_ms += round(dice.expovariate(AGENTS * LOAD / SERVICE_S / 1000))
        facts: Facts = {**open_, "channel": "phone", "medium": "voice", "topic": dice.choice(topics), "language": "sv"}
        comings.append(_coming(city, number, at_ms, facts, dice))
    day = Day(city, MONDAY_MS, comings, duties).run()
    seconds = elapsed_s() - began
    gc.enable()
    ended = sum(life.wait_ms is not None for life in day.lives.values())
    return ended, day.floor.ledger.n, seconds


def _coming(city: City, number: int, at_ms: int, facts: Facts, dice: random.Random) -> Coming:
    return Coming(
        at_ms=at_ms,
        contact=f"c{number}",
        channel="phone",
        decision=decide(city.strategy, facts),
        patience_ms=round(dice.expovariate(1 / PATIENCE_S) * 1000),
        service_ms=round(dice.expovariate(1 / SERVICE_S) * 1000),
    )


def _duty(city: City, number: int) -> Duty:
    """Everybody can everything: what is measured is the floor, not a shortage of one skill."""
    teams = tuple(sorted({team for queue in city.queues.values() for team in queue.teams}))
    return Duty(f"a{number}", MONDAY_MS, MONDAY_MS + 14 * 24 * HOUR_MS, dict.fromkeys(city.skills, 5), teams=teams)


def bench_simulate(*, is_quick: bool = False) -> list[Figure]:
    """Contacts a second on one core, and on all of them."""
    contacts = 3_000 if is_quick else 15_000
    folder = str(Config().city_path)
    ended, entries, seconds = live_day(folder, contacts, 1)
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        list(pool.map(live_day, [folder] * cores, [100] * cores, range(cores)))
        began = elapsed_s()
        days = list(pool.map(live_day, [folder] * cores, [contacts] * cores, range(cores)))
        whole_s = elapsed_s() - began
    total = sum(day[0] for day in days)
    busiest_s = max(day[2] for day in days)
    return [
        told("simulated floor, one core", ended / seconds, "contacts/s"),
        told("simulated floor, entries for one contact", entries / ended, ""),
        told("simulated floor, all cores, loading the city included", total / whole_s, "contacts/s"),
        at_least(f"simulated floor, {cores} cores", total / busiest_s, "contacts/s", LIMIT_PER_S),
    ]
