"""What a supervisor should look at first: how bad a queue is, and whose time is long. Pure."""

from collections.abc import Iterable, Mapping

from router.floor_figures import AgentFigure, QueueFigure, ServiceFigure
from router.journal import LIVE

GOAL = 0.8
LEAST_MEASURED = 5
"""Fewer contacts than this say nothing about a service level."""
LONG_S: Mapping[str, int] = {
    "lost": 0,
    "not_responding": 0,
    "wrapping_up": 180,
    "live": 900,
    "draining": 900,
    "away": 2_700,
    "written": 2_700,
    "offered": 60,
}
"""How long an agent may be so before it is marked."""
WAITS_LONG_S, WAITS_TOO_LONG_S = 120, 300
OVER = 3
REMOTE = frozenset({"voice", "messaging"})
"""Whoever comes in person is seen by somebody, and few agents take visits."""


def trouble_of(row: QueueFigure, now_ms: int) -> int:
    """From 0 (ok) to 3 (urgent)."""
    waited_s = (now_ms - row.oldest_at) / 1000 if row.oldest_at else 0
    if row.no_one_possible or (row.waiting and waited_s >= 2 * WAITS_TOO_LONG_S):
        return OVER
    if row.overdue or waited_s >= WAITS_TOO_LONG_S or row.band == "over_10_min":
        return 2
    is_exceptional = is_unstaffed(row) or row.state == "diverted" or (row.state == "closing" and row.waiting > 0)
    is_watched = waited_s >= WAITS_LONG_S or row.band == "5_to_10_min" or row.due_soon > 0
    return int(is_exceptional or is_watched or is_below_goal(row.last_15_min))


def is_unstaffed(row: QueueFigure) -> bool:
    """Whether the first caller of an open queue would find nobody who is logged in."""
    return row.medium in REMOTE and row.state in {"open", "closing"} and row.crew == 0


def is_below_goal(figure: ServiceFigure | None) -> bool:
    """Whether the share answered in time is too low, and enough was measured to say so."""
    if figure is None or figure.service_level is None:
        return False
    measured = figure.answered + figure.abandoned - figure.abandoned_short
    return measured >= LEAST_MEASURED and figure.service_level < GOAL


def by_trouble(rows: Iterable[QueueFigure], now_ms: int) -> list[QueueFigure]:
    """The worst first; of equal ones where somebody is on the line, then where most wait."""
    return sorted(
        rows,
        key=lambda row: (-trouble_of(row, now_ms), row.medium not in LIVE, -row.waiting, row.queue, row.medium),
    )


def is_long(agent: AgentFigure, now_ms: int) -> bool:
    """Whether the agent has been so for longer than is usual."""
    limit_s = LONG_S.get(agent.state)
    return limit_s is not None and now_ms - agent.since > limit_s * 1000
