"""What is learnt from recorded days to simulate another one: patience, services and priorities by kind of call. Pure.

A day is never simulated with what was learnt from itself, unless it is the only one; who was at work is read from the
day, and what servers can do from all days (`router.simulation.roster`).
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from router.simulation.bank import Call
from router.simulation.patience import Patience, fit_patience
from router.simulation.roster import TURN_S

LEAST_LEAVERS = 20
"""A kind of call of which fewer have left takes the patience of all kinds."""


class Learnt(msgspec.Struct, frozen=True):
    """What holds for the calls of one call centre, by kind; under '' for all kinds."""

    patience: dict[str, Patience]
    mean_patience_s: float
    services_s: dict[str, tuple[int, ...]]
    priorities: dict[str, float]
    """Share of priority customers among those who had to wait."""

    def handling_s(self) -> float:
        """The mean time that a call takes a server."""
        every = self.services_s[""]
        return sum(every) / len(every) + TURN_S

    def draw_patience_s(self, call: Call, dice: random.Random, *, is_known: bool) -> float:
        """How long this caller would wait.

        When what is recorded counts as known: who left would have left then, who was answered would have waited
        longer than they did; the rest is drawn.
        """
        patience = self.patience.get(call.kind, self.patience[""])
        if not is_known:
            return patience.draw_s(dice)
        return patience.draw_s(dice, call.wait_s) if call.is_served else float(call.wait_s)

    def draw_service_s(self, call: Call, dice: random.Random) -> int:
        """The recorded service, or for who left one of the same kind."""
        if call.is_served:
            return call.service_s
        return dice.choice(self.services_s.get(call.kind, self.services_s[""]))

    def draw_priority(self, call: Call, dice: random.Random) -> bool:
        """Whether a caller has priority: it is only recorded for those who had to wait."""
        if call.is_priority is not None:
            return call.is_priority
        return dice.random() < self.priorities.get(call.kind, self.priorities[""])


def learn(days: Iterable[Sequence[Call]]) -> Learnt:
    """Learn from recorded days."""
    by_kind: dict[str, list[Call]] = defaultdict(list)
    for calls in days:
        for call in calls:
            by_kind[call.kind].append(call)
            by_kind[""].append(call)
    waited = {
        kind: [(float(call.wait_s), not call.is_served) for call in calls if call.has_queued]
        for kind, calls in by_kind.items()
    }
    patience = {
        kind: fit_patience(records)
        for kind, records in waited.items()
        if not kind or sum(has_left for _, has_left in records) >= LEAST_LEAVERS
    }
    services = {kind: tuple(call.service_s for call in calls if call.is_served) for kind, calls in by_kind.items()}
    total, left = sum(each for each, _ in waited[""]), sum(has_left for _, has_left in waited[""])
    return Learnt(
        patience=patience,
        mean_patience_s=total / max(1, left),
        services_s={kind: each for kind, each in services.items() if each or not kind},
        priorities={kind: _share(calls) for kind, calls in by_kind.items()},
    )


def _share(calls: Iterable[Call]) -> float:
    known = [call.is_priority for call in calls if call.is_priority is not None]
    return sum(known) / len(known) if known else 0.0
