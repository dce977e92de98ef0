"""What the register says of goal, handovers, callbacks and notices; read by the leader, every ten seconds."""

import msgspec

from router.floor_figures import CallbackFigure, GoalFigure, HandoverFigure
from router.reading import Reading
from router.register.counts import callback_counts, handover_counts, notices_late
from router.register.rollups import read_goal
from router.telemetry import Metrics
from rules.calendars import day_span

PERIOD_MS = 30 * 86_400_000
LATE_CALLBACK_MS = 900_000
LATE_NOTICE_MS = 3_600_000


class Told(msgspec.Struct, frozen=True):
    """What was read last; None is not known."""

    goal: GoalFigure | None = None
    handovers: HandoverFigure | None = None
    callbacks: CallbackFigure | None = None
    notices_late: int | None = None


class Standing:
    """How far the city is, over the last 30 days, and what it owes."""

    def __init__(self, reading: Reading, metrics: Metrics, tz: str = "Europe/Stockholm") -> None:
        self._reading = reading
        self._metrics = metrics
        self._tz = tz
        self.last = Told()

    async def tell(self, now_ms: int) -> None:
        """Refresh the gauges and what the floor's figures say of them.

        Raises:
            RegisterUnavailable: the register does not answer; gauges and figures keep what they last said.
        """
        goal = await self._reading.ask(read_goal, now_ms - PERIOD_MS, now_ms + 1)
        handovers = await self._reading.ask(handover_counts, now_ms)
        midnight, _ = day_span(now_ms, self._tz)
        callbacks = await self._reading.ask(callback_counts, midnight, now_ms - LATE_CALLBACK_MS)
        late = await self._reading.ask(notices_late, now_ms - LATE_NOTICE_MS)
        ratio = goal.ratio.resolved
        self.last = Told(
            GoalFigure(ratio, goal.measure, goal.state),
            HandoverFigure(handovers.open.get("offered", 0), handovers.open.get("accepted", 0), handovers.overdue),
            CallbackFigure(**callbacks),
            late,
        )
        self._metrics.shared.update(
            {
                "resolved_ratio": {} if ratio is None else {(goal.measure, goal.state): ratio},
                "handovers_open": {(state,): float(count) for state, count in handovers.open.items()},
                "handovers_overdue": {(): float(handovers.overdue)},
                "callbacks": {(state,): float(count) for state, count in callbacks.items()},
                "notices_late": {(): float(late)},
            }
        )
