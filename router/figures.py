"""The floor's figures as every router reads them: the leader publishes them once a second, the others read them.

Measures nothing itself: see `router.floor_watch`.
"""

from collections.abc import Callable, Iterator
from typing import get_args

import msgspec

from router.arrivals import Arrivals
from router.floor_figures import AgentList, AlarmKind, FloorDocument, FloorFigures, QueueFigure
from router.store.redis_store import Store
from router.telemetry import Metrics, Values

TTL_MS = 10_000
_encode = msgspec.json.Encoder().encode
_figures = msgspec.json.Decoder(FloorFigures)
_agents = msgspec.json.Decoder(AgentList)
_arrivals = msgspec.json.Decoder(Arrivals)


class FigureBoard:
    """Publishes and reads the figures; `queues` and `wait_s` answer from the last ones read."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics
        self._keys = store.keys
        self.now = FloorFigures(0)
        self.arrivals = Arrivals()
        self.agents = AgentList()
        self.listeners: list[Callable[[], object]] = []
        """Called when there are new figures."""

    async def publish(self, figures: FloorFigures, agents: AgentList, arrivals: Arrivals) -> None:
        """Called by the leader once a second.

        Raises:
            StoreUnavailable: the store does not answer; this router shows them all the same.
        """
        self.now, self.agents, self.arrivals = figures, agents, arrivals
        self._metrics.shared.update(self._gauges())
        self._tell()
        await self._store.runner.write("SET", self._keys.figures, _encode(figures), "PX", TTL_MS)
        await self._store.runner.write("SET", self._keys.figures_agents, _encode(agents), "PX", TTL_MS)
        await self._store.runner.write("SET", self._keys.figures_arrivals, _encode(arrivals), "PX", TTL_MS)

    async def refresh(self, *, with_agents: bool = False) -> None:
        """Called by the others once a second; the agents are read when somebody here looks at them."""
        found = await self._store.runner.read("GET", self._keys.figures)
        came = await self._store.runner.read("GET", self._keys.figures_arrivals)
        self.arrivals = _arrivals.decode(came) if isinstance(came, bytes) else Arrivals()
        if with_agents:
            listed = await self._store.runner.read("GET", self._keys.figures_agents)
            self.agents = _agents.decode(listed) if isinstance(listed, bytes) else self.agents
        if isinstance(found, bytes):
            figures = _figures.decode(found)
            if figures.at > self.now.at:
                self.now = figures
                self._tell()

    def queues(self) -> tuple[QueueFigure, ...]:
        """The last known figures of every queue and medium."""
        return self.now.queues

    def wait_s(self, queue: str) -> int | None:
        """Estimated wait of live contacts in a queue; nobody waiting means no wait, no figures means unknown."""
        if not self.now.at:
            return None
        row = next((row for row in self.now.queues if row.queue == queue and row.medium == "voice"), None)
        return row.wait_estimate_s if row is not None and row.waiting else 0

    def ahead(self, queue: str, ready_at: int) -> int | None:
        """How many who wait live in a queue came before somebody; None when it is not known."""
        return self.arrivals.ahead(queue, ready_at, self._store.clock.now_ms())

    def abandon_pct(self, queue: str) -> int | None:
        """Per cent of a queue's callers of the last 15 minutes who gave up; unknown when nothing was measured."""
        row = next((row for row in self.now.queues if row.queue == queue and row.medium == "voice"), None)
        share = row.last_15_min.abandonment if row is not None and row.last_15_min is not None else None
        return None if share is None else round(share * 100)

    def document(self, queues: frozenset[str] = frozenset(), *, with_agents: bool = False) -> FloorDocument:
        """The floor as a supervisor asks for it: all queues or these, with the agents or without."""
        figures = self.now
        fields = {name: getattr(figures, name) for name in figures.__struct_fields__}
        if queues:
            fields["queues"] = tuple(row for row in figures.queues if row.queue in queues)
            fields["alarms"] = tuple(alarm for alarm in figures.alarms if not alarm.queue or alarm.queue in queues)
        return FloorDocument(**fields, agents=self.agents.agents if with_agents else None)

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()

    def _gauges(self) -> dict[str, Values]:
        rows = self.now.queues
        busy = [row for row in rows if row.waiting]
        return {
            "queue_waiting": {(row.queue, row.medium): float(row.waiting) for row in busy},
            "queue_oldest_seconds": {
                (row.queue, row.medium): max(0, self.now.at - row.oldest_at) / 1000 for row in busy if row.oldest_at
            },
            "queue_due_soon": {(row.queue, row.medium): float(row.due_soon) for row in busy},
            "queue_overdue": {(row.queue, row.medium): float(row.overdue) for row in busy},
            "queue_no_one_possible": {
                (queue,): float(sum(row.no_one_possible for row in busy if row.queue == queue))
                for queue in {row.queue for row in busy}
            },
            "service_level_ratio": dict(self._shares("service_level")),
            "abandonment_ratio": dict(self._shares("abandonment")),
            "agents": {tuple(key.split(":")): float(count) for key, count in self.now.agent_counts.items()},
            "agent_states": {(state,): float(count) for state, count in self.now.agent_states.items()},
            "alarms": {
                (kind,): float(sum(alarm.kind == kind for alarm in self.now.alarms)) for kind in get_args(AlarmKind)
            },
            "fairness_index": {(): self.now.fairness} if self.now.fairness is not None else {},
        }

    def _shares(self, name: str) -> Iterator[tuple[tuple[str, ...], float]]:
        for row in self.now.queues:
            for period, figure in (("today", row.today), ("15_min", row.last_15_min)):
                share = getattr(figure, name) if figure is not None else None
                if share is not None:
                    yield (row.queue, row.medium, period), share
