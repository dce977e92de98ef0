"""How long residents wait before they leave, from records in which most were answered first. Pure.

Who was answered after w seconds would have waited longer than w: such records are censored, and neither dropped nor
taken for the whole patience.
"""

import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

EDGES_S = (0.0, 5.0, 15.0, 30.0, 60.0, 90.0, 120.0, 180.0, 240.0, 360.0, 600.0)
"""Between these the readiness to leave is taken as constant."""
LEAST_RATE = 1 / 3_600
"""Nobody waits for ever: where a record saw nobody leave, somebody does within an hour on average."""

Waited = tuple[float, bool]
"""Seconds of waiting, and whether the resident left (or was answered)."""


def mean_patience_s(records: Iterable[Waited]) -> float:
    """1/theta of Erlang A: the total waiting of all ÷ those who left; infinite when nobody left."""
    total, left = 0.0, 0
    for waited_s, has_left in records:
        total += waited_s
        left += has_left
    return total / left if left else math.inf


def kaplan_meier(records: Iterable[Waited]) -> list[tuple[float, float]]:
    """Seconds, and the share that would still wait then if nobody were answered (Kaplan and Meier 1958)."""
    leaving: Counter[float] = Counter()
    ending: Counter[float] = Counter()
    for waited_s, has_left in records:
        ending[waited_s] += 1
        leaving[waited_s] += has_left
    at_risk, share = ending.total(), 1.0
    curve: list[tuple[float, float]] = []
    for waited_s in sorted(ending):
        if leaving[waited_s]:
            share *= 1 - leaving[waited_s] / at_risk
            curve.append((waited_s, share))
        at_risk -= ending[waited_s]
    return curve


def quantile_s(curve: Sequence[tuple[float, float]], share: float) -> float | None:
    """After how long this share has left; None when the record never gets there."""
    return next((waited_s for waited_s, waiting in curve if waiting <= 1 - share), None)


class Patience(msgspec.Struct, frozen=True):
    """Residents leave at a rate that depends on how long they have waited, constant between edges."""

    rates: tuple[float, ...]
    """Leaving per second, one for each piece of EDGES_S."""

    def draw_s(self, dice: random.Random, waited_s: float = 0.0) -> float:
        """How long somebody waits in all who has waited so long already."""
        left = -math.log(1 - dice.random())
        at = waited_s
        for piece in range(bisect_right(EDGES_S, at) - 1, len(self.rates)):
            rate = self.rates[piece]
            until = EDGES_S[piece + 1] if piece + 1 < len(EDGES_S) else math.inf
            if left < rate * (until - at):
                return at + left / rate
            left -= rate * (until - at)
            at = until
        return at


def fit_patience(records: Iterable[Waited]) -> Patience:
    """Leavers ÷ time waited in each piece: the maximum likelihood under censoring."""
    left = [0] * len(EDGES_S)
    waited = [0.0] * len(EDGES_S)
    for waited_s, has_left in records:
        for piece, edge in enumerate(EDGES_S):
            if waited_s <= edge and piece:
                break
            until = EDGES_S[piece + 1] if piece + 1 < len(EDGES_S) else math.inf
            waited[piece] += min(waited_s, until) - edge
            left[piece] += has_left and waited_s <= until
    rates = [count / time if time else 0.0 for count, time in zip(left, waited, strict=True)]
    total = sum(waited)
    tail = sum(left) / total if total and sum(left) else LEAST_RATE
    return Patience((*rates[:-1], rates[-1] or tail))
