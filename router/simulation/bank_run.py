"""Recorded days side by side with simulated ones: every day several times, on all cores, judged by half days.

A half day holds when the mean over all seeds is within 15 % of the recorded mean wait and within 2 points of the
recorded abandonment. Few calls make noisy figures: the spread over the seeds stands beside.
"""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import lru_cache
from multiprocessing import get_context
from statistics import fmean, pstdev

import msgspec

from router.clock import elapsed_s
from router.simulation.bands import Calibration, calibrate, together
from router.simulation.bank import Call, Recorded
from router.simulation.bank_city import bank_city
from router.simulation.bank_day import HALVES, Figures, Ran, recorded_halves, simulate_day
from router.simulation.fitting import Learnt, learn
from router.simulation.roster import Habits, read_habits, read_roster
from rules.city import City

WAIT_SHARE = 0.15
POINTS = 0.02
BAND_SHARE = 0.8
SMALL = 30
"""Half days with fewer calls are shown and not judged."""


class Half(msgspec.Struct, frozen=True):
    """One half day, recorded and simulated."""

    day: str
    half: str
    calls: int
    recorded: Figures
    simulated: Figures
    """Means over the seeds."""
    wait_spread_s: float
    """Standard deviation of the mean wait over the seeds."""
    abandonment_spread: float
    wait_holds: bool
    abandonment_holds: bool
    is_judged: bool


class Verdict(msgspec.Struct, frozen=True):
    """How many of the judged half days hold."""

    judged: int
    wait_holds: int
    abandonment_holds: int
    both_hold: int
    wait_bias: float
    """Simulated ÷ recorded waiting of all calls, less 1."""
    abandonment_bias: float
    """Simulated less recorded abandonment of all calls."""
    bands_hold: bool
    """The announced band held for 80 % of the answered calls."""
    band_share: float
    """Of all who were answered."""
    band_share_waited: float
    """Of those who had to wait before they were answered."""
    band_share_nearly: float
    """Of those who had to wait, when 30 s beyond the band's edge still count."""


class Compared(msgspec.Struct, frozen=True):
    """The whole comparison."""

    halves: list[Half]
    verdict: Verdict
    bands: Calibration
    patience: str
    """`recorded`: who left leaves when they did, unless answered before; `fitted`: everybody's patience is drawn."""
    seeds: int
    rows: int
    left_out: dict[str, int]
    mended: dict[str, int]
    simulated_calls: int
    seconds: float
    per_s: float
    """Simulated calls a second, learning included."""


class Job(msgspec.Struct, frozen=True):
    """One day's work for one process."""

    day: str
    calls: tuple[Call, ...]
    habits: Habits
    learnt: Learnt
    kinds: tuple[str, ...]
    seeds: tuple[int, ...]
    is_known: bool


class Done(msgspec.Struct, frozen=True):
    """What came of it."""

    day: str
    recorded: dict[str, Figures]
    runs: list[Ran]
    bands: Calibration


@lru_cache(maxsize=2)
def _city(kinds: tuple[str, ...]) -> City:
    return bank_city(kinds)


def run_job(job: Job) -> Done:
    """Simulate one day with every seed; garbage is collected between days, not during them."""
    city = _city(job.kinds)
    shifts = read_roster(job.calls, job.habits)
    was_on = gc.isenabled()
    gc.disable()
    try:
        runs = [
            simulate_day(city, job.day, job.calls, shifts, job.learnt, seed=seed, is_known=job.is_known)
            for seed in job.seeds
        ]
    finally:
        if was_on:
            gc.enable()
    return Done(job.day, recorded_halves(job.calls, shifts), runs, calibrate(job.calls, shifts, job.learnt))


def jobs_of(found: Recorded, days: Sequence[str], seeds: Sequence[int], *, is_known: bool) -> Iterator[Job]:
    """One job for each day: what is learnt comes from the other days of its month, or of all if it is alone."""
    for day in days:
        month = [each for each in found.days if each[:4] == day[:4]]
        others = [each for each in month if each != day] or [each for each in found.days if each != day] or [day]
        kinds = {call.kind for each in {*others, day} for call in found.days[each]}
        yield Job(
            day=day,
            calls=found.days[day],
            habits=read_habits(found.days[each] for each in month),
            learnt=learn(found.days[each] for each in others),
            kinds=tuple(sorted(kinds)),
            seeds=tuple(seeds),
            is_known=is_known,
        )


def compare(
    found: Recorded,
    days: Sequence[str],
    seeds: Sequence[int],
    *,
    is_known: bool,
    processes: int | None = None,
    tell: Callable[[str, int, int], None] | None = None,
) -> Compared:
    """Run every day and judge; `tell` hears the day that is done, how many are, and how many there are."""
    began = elapsed_s()
    count = min(processes or os.cpu_count() or 1, len(days))
    done: list[Done] = []
    with ExitStack() as stack:
        jobs = jobs_of(found, days, seeds, is_known=is_known)
        if count > 1:
            pool = stack.enter_context(ProcessPoolExecutor(count, mp_context=get_context("spawn")))
            results = pool.map(run_job, jobs)
        else:
            results = map(run_job, jobs)
        for each in results:
            done.append(each)
            if tell is not None:
                tell(each.day, len(done), len(days))
    seconds = elapsed_s() - began
    halves = [half for each in done for half in _halves(each, found.days[each.day])]
    bands = together(each.bands for each in done)
    total = sum(len(found.days[day]) for day in days) * len(seeds)
    return Compared(
        halves=halves,
        verdict=judge(halves, bands),
        bands=bands,
        patience="recorded" if is_known else "fitted",
        seeds=len(seeds),
        rows=found.rows,
        left_out=found.left_out,
        mended=found.mended,
        simulated_calls=total,
        seconds=round(seconds, 2),
        per_s=round(total / seconds, 1) if seconds else 0.0,
    )


def _halves(done: Done, calls: Sequence[Call]) -> Iterator[Half]:
    for name, recorded in done.recorded.items():
        runs = [run.halves[name] for run in done.runs]
        begin, end = HALVES[name]
        count = sum(begin <= call.at_s < end for call in calls)
        mean = Figures(*(fmean(getattr(run, field) for run in runs) for field in Figures.__struct_fields__))
        yield Half(
            day=done.day,
            half=name,
            calls=count,
            recorded=recorded,
            simulated=mean,
            wait_spread_s=pstdev(run.mean_wait_s for run in runs),
            abandonment_spread=pstdev(run.abandonment for run in runs),
            wait_holds=abs(mean.mean_wait_s - recorded.mean_wait_s) <= WAIT_SHARE * recorded.mean_wait_s,
            abandonment_holds=abs(mean.abandonment - recorded.abandonment) <= POINTS,
            is_judged=count >= SMALL,
        )


def judge(halves: Sequence[Half], bands: Calibration) -> Verdict:
    """Count what holds."""
    judged = [half for half in halves if half.is_judged]
    calls = sum(half.calls for half in judged)
    recorded_s = sum(half.calls * half.recorded.mean_wait_s for half in judged)
    simulated_s = sum(half.calls * half.simulated.mean_wait_s for half in judged)
    off = sum(half.calls * (half.simulated.abandonment - half.recorded.abandonment) for half in judged)
    return Verdict(
        judged=len(judged),
        wait_holds=sum(half.wait_holds for half in judged),
        abandonment_holds=sum(half.abandonment_holds for half in judged),
        both_hold=sum(half.wait_holds and half.abandonment_holds for half in judged),
        wait_bias=simulated_s / recorded_s - 1 if recorded_s else 0.0,
        abandonment_bias=off / calls if calls else 0.0,
        bands_hold=bands.share_of_all >= BAND_SHARE,
        band_share=bands.share_of_all,
        band_share_waited=bands.share,
        band_share_nearly=bands.share_nearly,
    )
