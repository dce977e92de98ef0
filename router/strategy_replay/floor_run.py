"""Both strategies on the simulated floor: the same days, the same residents, the same crew; what waits and is lost.

Days are independent of each other, so every core simulates its own. What is still waiting when the floor closes leaves
by the queue's exits, as in the service.
"""

import gc
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from statistics import fmean, median
from typing import NamedTuple

import msgspec

from router.simulation.day import Coming, Day, Duty, busy_ms
from router.strategy_replay.floor_crew import WITHIN_S, AtWork, needed
from router.strategy_replay.floor_plan import Hours, Plan, Plans
from rules.city import City, load_city
from rules.replay.report import Floor, FloorQueue, FloorSide

EARLY_MS = 120_000
ALONE = 4_000
"""Fewer contacts are simulated without further processes."""
CHUNKS_PER_CORE = 4
DAYS_KEPT = 8
"""Simulated days leave garbage that is collected after so many."""
Tell = Callable[[int, int], None]


class Met(NamedTuple):
    """What became of a queue's contacts on some days; waits in ms of live ones."""

    waits: list[int]
    answered: int
    in_time: int
    written: int
    written_answered: int


class Worked(NamedTuple):
    """Some days: by queue, and how long agents were busy (ms)."""

    queues: dict[str, Met]
    busy_ms: int
    contacts: int


class Shift(msgspec.Struct, frozen=True):
    """One day's work for a process."""

    hours: Hours
    comings: Sequence[Coming]
    duties: Sequence[Duty]


def run_floor(folders: tuple[str, str], cities: tuple[City, City], plans: Plans, crew: AtWork, tell: Tell) -> Floor:
    """Simulate every day under both strategies."""
    days = sorted(plans.before.days.keys() | plans.after.days.keys())
    duties = {day: crew.duties(day, cities[0]) for day in days}
    shifts = [
        [Shift(day, plan.days[day], duties[day]) for day in days if day in plan.days]
        for plan in (plans.before, plans.after)
    ]
    total = sum(len(shift.comings) for shift in chain(*shifts))
    at_work_ms = sum(_at_work_ms(duty) for each in duties.values() for duty in each)
    if total < ALONE:
        worked = [[_work(city, each)] for city, each in zip(cities, shifts, strict=True)]
        tell(total, total)
    else:
        worked = _spread(folders, shifts, total, tell)
    before, after = (
        _side(plan, each, at_work_ms) for plan, each in zip((plans.before, plans.after), worked, strict=True)
    )
    return Floor(
        agents=crew.agents,
        crew=crew.source,
        within_s=WITHIN_S,
        days=len(days),
        agent_h=at_work_ms / 3_600_000,
        before=before,
        after=after,
    )


def _at_work_ms(duty: Duty) -> int:
    return duty.ends_ms - duty.begins_ms - sum(length_ms for _, length_ms in duty.pauses)


def _spread(folders: tuple[str, str], shifts: list[list[Shift]], total: int, tell: Tell) -> list[list[Worked]]:
    """The days dealt out to every core."""
    cores = os.cpu_count() or 1
    pieces = cores * CHUNKS_PER_CORE
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        jobs = [
            [pool.submit(work, folder, each[start::pieces]) for start in range(min(pieces, len(each)))]
            for folder, each in zip(folders, shifts, strict=True)
        ]
        done, found = 0, list[list[Worked]]()
        for side in jobs:
            found.append([])
            for job in side:
                found[-1].append(job.result())
                done += found[-1][-1].contacts
                tell(done, total)
    return found


_cities: dict[str, City] = {}


def work(folder: str, shifts: Sequence[Shift]) -> Worked:
    """What a process of its own does: the city is loaded once."""
    city = _cities.get(folder)
    if city is None:
        city = _cities[folder] = load_city(folder)
        gc.freeze()
    found: list[Worked] = []
    gc.disable()
    for start in range(0, len(shifts), DAYS_KEPT):
        found.append(_work(city, shifts[start : start + DAYS_KEPT]))
        gc.collect()
    gc.enable()
    return Worked(_merged(found), sum(each.busy_ms for each in found), sum(each.contacts for each in found))


def _work(city: City, shifts: Sequence[Shift]) -> Worked:
    queues: dict[str, Met] = {}
    busy = contacts = 0
    for shift in shifts:
        day = Day(city, shift.hours.opens_ms - EARLY_MS, shift.comings, shift.duties).run()
        # Until the last contact is done, not only until closing: that is work too.
        busy += busy_ms(day.worked, (0, 1 << 62))
        contacts += len(shift.comings)
        for coming in shift.comings:
            life = day.lives[coming.contact]
            met = queues.get(life.queue) or Met([], 0, 0, 0, 0)
            is_met = life.answered_ms is not None
            if coming.is_live:
                wait = life.wait_ms or 0
                met.waits.append(wait)
                in_time = is_met and wait <= WITHIN_S * 1000
                met = met._replace(answered=met.answered + is_met, in_time=met.in_time + in_time)
            else:
                met = met._replace(written=met.written + 1, written_answered=met.written_answered + is_met)
            queues[life.queue] = met
    return Worked(queues, busy, contacts)


def _side(plan: Plan, worked: Sequence[Worked], at_work_ms: int) -> FloorSide:
    queues = _merged(worked)
    whole = _merged([Worked({"": met}, 0, 0) for met in queues.values()]).get("") or Met([], 0, 0, 0, 0)
    waits = sorted(wait / 1000 for wait in whole.waits)
    busy = sum(each.busy_ms for each in worked)
    return FloorSide(
        contacts=sum(each.contacts for each in worked),
        live=len(waits),
        answered=whole.answered,
        service_level=whole.in_time / len(waits) if waits else None,
        abandonment=1 - whole.answered / len(waits) if waits else None,
        mean_wait_s=fmean(waits) if waits else None,
        median_wait_s=median(waits) if waits else None,
        p95_wait_s=waits[int(0.95 * (len(waits) - 1))] if waits else None,
        written=whole.written,
        written_answered=whole.written_answered,
        outside=plan.outside,
        work_h=busy / 3_600_000,
        occupancy=min(1.0, busy / at_work_ms) if at_work_ms else None,
        needed=needed(plan),
        queues=[_queue(name, met) for name, met in sorted(queues.items(), key=lambda item: -len(item[1].waits))],
    )


def _merged(worked: Sequence[Worked]) -> dict[str, Met]:
    found: dict[str, Met] = {}
    for each in worked:
        for name, met in each.queues.items():
            own = found.get(name) or Met([], 0, 0, 0, 0)
            own.waits.extend(met.waits)
            pairs = zip(own[1:], met[1:], strict=True)
            found[name] = Met(own.waits, *(ours + theirs for ours, theirs in pairs))
    return found


def _queue(name: str, met: Met) -> FloorQueue:
    live = len(met.waits)
    return FloorQueue(
        queue=name,
        live=live,
        service_level=met.in_time / live if live else None,
        abandonment=1 - met.answered / live if live else None,
        mean_wait_s=fmean(met.waits) / 1000 if live else None,
        written=met.written,
        written_answered=met.written_answered,
    )
