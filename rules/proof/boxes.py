"""Boxes: sets of contacts as one mask of allowed values per fact, and the exact search for a contact outside others.

Knows no rule: a mask's bits mean what the caller says. A fact that a box does not name may be anything.
"""

from collections.abc import Iterable, Mapping, Sequence

Box = Mapping[str, int]
"""Fact -> mask of its values; never 0."""
MOST_STEPS = 20_000
"""Of one search; beyond it the answer is not known."""


class UndecidedError(Exception):
    """The search was given up: neither a contact nor its absence is proven."""


def meet(one: Box, other: Box) -> Box | None:
    """What is in both; None when nothing is."""
    both = dict(one)
    for fact, mask in other.items():
        shared = mask & both.get(fact, -1)
        if not shared:
            return None
        both[fact] = shared
    return both


def within(inner: Box, outer: Box) -> bool:
    """Whether everything in one box is in the other."""
    return all(not inner.get(fact, -1) & ~mask for fact, mask in outer.items())


def outside(box: Box, others: Iterable[Box], full: Mapping[str, int]) -> Box | None:
    """A part of the box that no other box touches; None when they cover it together. `full` has every fact's values.

    Raises:
        UndecidedError: the search took too long.
    """
    return _outside(box, [*others], full, [MOST_STEPS])


def _outside(box: Box, others: Sequence[Box], full: Mapping[str, int], left: list[int]) -> Box | None:
    left[0] -= 1
    if left[0] < 0:
        raise UndecidedError
    touching = [(_cuts(box, other, full), other) for other in others if meet(box, other) is not None]
    if not touching:
        return box
    cuts, nearest = min(touching, key=lambda each: len(each[0]))
    rest = [other for _, other in touching if other is not nearest]
    inner = dict(box)
    for fact in cuts:
        mask = inner.get(fact, full[fact])
        found = _outside({**inner, fact: mask & ~nearest[fact]}, rest, full, left)
        if found is not None:
            return found
        inner[fact] = mask & nearest[fact]
    return None


def _cuts(box: Box, other: Box, full: Mapping[str, int]) -> list[str]:
    """The facts by which a part of the box lies outside the other, the ones the box already names last."""
    cuts = [fact for fact, mask in other.items() if box.get(fact, full[fact]) & ~mask]
    return sorted(cuts, key=lambda fact: fact in box)
