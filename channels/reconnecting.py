"""How long to wait before a neighbour is tried again: with full jitter, so that not all come back at once. Pure."""

FIRST_S = 0.5
LONGEST_S = 30.0


def pause_s(attempt: int, roll: float, *, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> float:
    """Seconds before try number `attempt` (from 0); `roll` is random in [0, 1).

    Full jitter: a uniform share of min(longest, first * 2 ** attempt).
    """
    return roll * min(longest_s, first_s * 2.0 ** min(attempt, 30))
