"""Who was at work, read from what they did: a roster from recorded calls. Pure.

The rule, for each server and day:

1. At work from the first service begun to the last one ended.
2. From one call to the next they take TURN_S (the middle of the recorded gaps while somebody waited).
3. A gap in which a caller whom they could have taken waited longer than IDLE_S was a pause, from the end of their call
   until that caller was gone (the last one, if there were several): who is there answers in a few seconds.
4. A gap of more than LONG_GAP_S was a pause, whoever waited.
5. They can do the kinds of calls that they took; a kind of which they should have got FEW or more that day, had calls
   been dealt out evenly, only from MARGIN_S before the first to MARGIN_S after the last one they took.

No more is read from the waits than that somebody waited.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from router.simulation.bank import Call

TURN_S = 4
IDLE_S = 15
SHORTEST_WAIT_S = 8
LONG_GAP_S = 3_600
FEW = 3
MARGIN_S = 1_800
ALWAYS = (0, 1 << 40)

Span = tuple[int, int]


class Shift(msgspec.Struct, frozen=True):
    """One server's day, in seconds of the day."""

    server: str
    begins_s: int
    ends_s: int
    pauses: tuple[Span, ...]
    """From, to."""
    kinds: dict[str, Span]
    """Kind of call -> from when to when they took it."""

    def is_able(self, kind: str, at_s: int) -> bool:
        """Whether they are at work and can take this kind then."""
        span = self.kinds.get(kind)
        is_there = self.begins_s <= at_s < self.ends_s and not any(begin <= at_s < end for begin, end in self.pauses)
        return is_there and span is not None and span[0] <= at_s < span[1]

    def at_work_s(self, begin_s: int, end_s: int) -> int:
        """Seconds at work without pauses inside a part of the day."""
        present = _overlap((self.begins_s, self.ends_s), (begin_s, end_s))
        return present - sum(_overlap(pause, (begin_s, end_s)) for pause in self.pauses)


class Habits(msgspec.Struct, frozen=True):
    """What servers usually take, and how the kinds share the calls."""

    by_server: dict[str, dict[str, int]]
    shares: dict[str, float]


def read_habits(days: Iterable[Sequence[Call]]) -> Habits:
    """Count who took what."""
    taken: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: Counter[str] = Counter()
    for calls in days:
        for call in calls:
            if call.server:
                taken[call.server][call.kind] += 1
                kinds[call.kind] += 1
    total = kinds.total()
    shares = {kind: count / total for kind, count in kinds.items()}
    return Habits({server: dict(counts) for server, counts in taken.items()}, shares)


def read_roster(calls: Sequence[Call], habits: Habits) -> list[Shift]:
    """The shifts of one day."""
    by_server: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.server:
            by_server[call.server].append(call)
    waits = [call for call in calls if call.has_queued and call.wait_s > SHORTEST_WAIT_S]
    shifts: list[Shift] = []
    for server, served in sorted(by_server.items()):
        own = sorted(served, key=lambda call: call.begins_s)
        ends_s = max(call.ends_s for call in own)
        kinds = _kinds(own, habits.by_server[server], habits.shares, ends_s)
        shifts.append(Shift(server, own[0].begins_s, ends_s, tuple(_pauses(own, _stretches(waits, kinds))), kinds))
    return shifts


def _kinds(
    own: Sequence[Call], usually: Mapping[str, int], shares: Mapping[str, float], ends_s: int
) -> dict[str, Span]:
    kinds: dict[str, Span] = {}
    for kind, share in shares.items():
        taken = [call for call in own if call.kind == kind]
        if len(own) * share < FEW:
            if usually.get(kind):
                kinds[kind] = ALWAYS
        elif taken:
            begin, end = taken[0].begins_s - MARGIN_S, taken[-1].ends_s + MARGIN_S
            kinds[kind] = (ALWAYS[0] if begin <= own[0].begins_s else begin, ALWAYS[1] if end >= ends_s else end)
    return kinds


def _stretches(waits: Iterable[Call], kinds: Mapping[str, Span]) -> list[Span]:
    """When somebody waited whom they could have taken, overlapping waits joined."""
    joined: list[Span] = []
    spans = (
        (max(call.at_s, kinds[call.kind][0]), min(call.at_s + call.wait_s, kinds[call.kind][1]))
        for call in waits
        if call.kind in kinds
    )
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and begin <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _pauses(own: Sequence[Call], stretches: Sequence[Span]) -> Iterable[Span]:
    ends = [end for _, end in stretches]
    last = own[0].ends_s
    for call in own[1:]:
        gap = (last, call.begins_s)
        last = max(last, call.ends_s)
        if gap[1] - gap[0] <= IDLE_S:
            continue
        until = 0
        for stretch in stretches[bisect_left(ends, gap[0]) :]:
            if stretch[0] >= gap[1]:
                break
            if _overlap(stretch, gap) > IDLE_S:
                until = min(stretch[1], gap[1])
        if gap[1] - gap[0] > LONG_GAP_S:
            until = gap[1]
        if until > gap[0] + TURN_S:
            yield gap[0] + TURN_S, until


def _overlap(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))
