"""What the register says of goal and handovers, as gauges; told by the leader, every ten seconds."""

from router.reading import Reading
from router.register.counts import handover_counts
from router.register.rollups import read_goal
from router.telemetry import Metrics

PERIOD_MS = 30 * 86_400_000


class Standing:
    """How far the city is, over the last 30 days."""

    def __init__(self, reading: Reading, metrics: Metrics) -> None:
        self._reading = reading
        self._metrics = metrics

    async def tell(self, now_ms: int) -> None:
        """Refresh the gauges.

        Raises:
            RegisterUnavailable: the register does not answer; the gauges keep what they last said.
        """
        goal = await self._reading.ask(read_goal, now_ms - PERIOD_MS, now_ms + 1)
        handovers = await self._reading.ask(handover_counts, now_ms)
        ratio = goal.ratio.resolved
        self._metrics.shared.update(
            {
                "resolved_ratio": {} if ratio is None else {(goal.measure, goal.state): ratio},
                "handovers_open": {(state,): float(count) for state, count in handovers.open.items()},
                "handovers_overdue": {(): float(handovers.overdue)},
            }
        )
