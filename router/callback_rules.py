"""When a resident is called, how often, and when no more. Pure: takes hours and moments, decides, moves nothing."""

from collections.abc import Callable
from typing import NamedTuple

MOST_ATTEMPTS = 2
BETWEEN_MS = 600_000
"""Two attempts are at least ten minutes apart."""
SLACK_MS = 1_000
"""Writing an attempt down takes a moment, and the ten minutes count from then."""
AHEAD_MS = 14 * 86_400_000
"""A promise reaches at most so far."""
MISSED, MOVED = "callback_missed", "callback_moved"
"""Messages owed to a resident: we called in vain, we call at another time."""


class Attempt(NamedTuple):
    """What follows when nobody answered."""

    next_at: int
    """When to call again (epoch ms); 0 when it is given up."""
    notice_kind: str
    """What the resident is told; '' when nothing has changed for them."""


def after_missed(
    attempts: int,
    now_ms: int,
    next_open: Callable[[int], int],
    *,
    is_wrong: bool = False,
    has_other_way: bool = True,
) -> Attempt:
    """The next attempt after `attempts` in vain, this one among them.

    A wrong number is not tried again, and whoever answers there is told nothing: the message needs another way. An
    attempt that closing puts off to another day is told as well.
    """
    if is_wrong:
        return Attempt(0, MISSED if has_other_way else "")
    if attempts >= MOST_ATTEMPTS:
        return Attempt(0, MISSED)
    soonest = now_ms + BETWEEN_MS + SLACK_MS
    next_at = next_open(soonest)
    return Attempt(next_at, MOVED if next_at > soonest else "")


def slot_problem(slot_at: int, now_ms: int, next_open: Callable[[int], int]) -> tuple[str, int]:
    """Why nobody can be called then, and the nearest moment when they can; an empty word when it is fine."""
    if slot_at < now_ms:
        return "expected a time to come", next_open(now_ms)
    if slot_at > now_ms + AHEAD_MS:
        return "expected a time within 14 days", next_open(now_ms)
    possible = next_open(slot_at)
    return ("", slot_at) if possible == slot_at else ("nobody calls at that hour", possible)
