"""Does the announced wait hold? The service's own estimate for every recorded caller who waited, beside their wait.

An estimate is made from what a floor knows at that moment: who waits ahead, who is at work and able, the mean handling
and patience learnt from other days. A band holds when the wait of a caller who was answered fell into it; of those who
left only a lower bound is known, so they are counted apart.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from router.queue_figures import wait_estimate_s
from router.simulation.bank import HEAD_START_S, Call
from router.simulation.fitting import Learnt
from router.simulation.roster import Shift

EDGES_S = (120, 300, 600)
NAMES = ("<2 min", "2-5 min", "5-10 min", ">10 min")
MARGIN_S = 30
"""In the lenient count a wait so near to the band's edge still counts as in it."""


class Calibration(msgspec.Struct, frozen=True):
    """How announced bands held for callers who were answered after waiting."""

    announced: int
    held: int
    """The wait fell into the announced band."""
    held_nearly: int
    """... or missed its edge by no more than 30 s."""
    by_band: dict[str, tuple[int, int]]
    """Announced band -> how often, and how often it held."""
    at_once: int
    """Answered without having to wait; nothing was announced but what is always said of an empty queue."""
    left: int
    """Callers who left before they were answered; not among the announced."""
    without_estimate: int
    """Nobody at work could take the call at that moment."""

    @property
    def share(self) -> float:
        """Held ÷ announced."""
        return self.held / self.announced if self.announced else 0.0

    @property
    def share_of_all(self) -> float:
        """Held ÷ announced, with those who were answered at once: a free agent means less than two minutes."""
        total = self.announced + self.at_once
        return (self.held + self.at_once) / total if total else 0.0

    @property
    def share_nearly(self) -> float:
        """Held or nearly ÷ announced."""
        return self.held_nearly / self.announced if self.announced else 0.0


def band(seconds: float) -> int:
    """The number of the band."""
    return bisect_right(EDGES_S, seconds)


def calibrate(calls: Sequence[Call], shifts: Sequence[Shift], learnt: Learnt) -> Calibration:
    """One day."""
    waiters = [call for call in calls if call.has_queued]
    counts: Counter[str] = Counter()
    bands: Counter[int] = Counter()
    good: Counter[int] = Counter()
    first = 0
    for number, call in enumerate(waiters):
        while waiters[first].at_s + waiters[first].wait_s <= call.at_s and first < number:
            first += 1
        if not call.is_served:
            counts["left"] += 1
            continue
        estimate = estimate_s(call, waiters[first:number], shifts, learnt)
        if estimate is None:
            counts["none"] += 1
            continue
        told = band(estimate)
        bands[told] += 1
        good[told] += band(call.wait_s) == told
        counts["nearly"] += any(band(call.wait_s + off) == told for off in (-MARGIN_S, 0, MARGIN_S))
    return Calibration(
        announced=bands.total(),
        held=good.total(),
        held_nearly=counts["nearly"],
        by_band={NAMES[each]: (bands[each], good[each]) for each in sorted(bands)},
        at_once=sum(call.is_served and not call.has_queued for call in calls),
        left=counts["left"],
        without_estimate=counts["none"],
    )


def estimate_s(call: Call, earlier: Iterable[Call], shifts: Sequence[Shift], learnt: Learnt) -> int | None:
    """What the floor would have told this caller: QLr over those ahead, and the agents at work who are able."""
    able = [shift for shift in shifts if shift.is_able(call.kind, call.at_s)]
    if not able:
        return None
    place = _place(call)
    ahead = 0.0
    for other in earlier:
        if other.at_s + other.wait_s > call.at_s and _place(other) <= place:
            ahead += sum(other.kind in shift.kinds for shift in able) / len(able)
    return wait_estimate_s(round(ahead), len(able), round(learnt.handling_s()), round(learnt.mean_patience_s))


def _place(call: Call) -> int:
    return call.at_s - (HEAD_START_S if call.is_priority else 0)


def together(found: Iterable[Calibration]) -> Calibration:
    """Several days as one."""
    all_of = list(found)
    bands: dict[str, tuple[int, int]] = {}
    for name in NAMES:
        rows = [each.by_band[name] for each in all_of if name in each.by_band]
        if rows:
            bands[name] = (sum(row[0] for row in rows), sum(row[1] for row in rows))
    return Calibration(
        announced=sum(each.announced for each in all_of),
        held=sum(each.held for each in all_of),
        held_nearly=sum(each.held_nearly for each in all_of),
        by_band=bands,
        at_once=sum(each.at_once for each in all_of),
        left=sum(each.left for each in all_of),
        without_estimate=sum(each.without_estimate for each in all_of),
    )
