"""The floor's figures: the leader publishes them once a second, every router reads the same ones.

Owns the estimate of waits (QLr: queue length with abandonment, summed over positions).
"""

from collections.abc import Iterable

import msgspec

from router.floor import FloorState, Lane
from router.journal import LIVE, Asks
from router.matching import can_ever
from router.store.redis_store import Store
from router.telemetry import Metrics, Values

HANDLING_S = {"voice": 300, "messaging": 300, "written": 420, "in_person": 600}
PATIENCE_S = 300


class QueueFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One queue and medium, now."""

    queue: str
    medium: str
    waiting: int
    oldest_at: int = 0
    """Live work: since when the first in order waits (epoch ms)."""
    next_due_at: int = 0
    """Written work: when the first in order is due (epoch ms)."""
    overdue: int = 0
    """Written work past its due time."""
    able: int = 0
    """Agents at work who may take the first in order."""
    no_one_possible: int = 0
    """Waiting contacts that nobody at work may take."""
    wait_estimate_s: int | None = None
    """Seconds for somebody who comes now; absent when nobody could take them."""


class FloorFigures(msgspec.Struct, frozen=True):
    """Everything published at one moment."""

    at: int
    queues: tuple[QueueFigure, ...] = ()
    agents: dict[str, int] = {}
    """`<presence>:<form>` -> agents."""


def wait_estimate_s(waiting: int, agents: int, handling_s: int, patience_s: int = PATIENCE_S) -> int | None:
    """QLr: the sum over i = 0..waiting of 1 / (n * mu + i * theta), with mu = 1/handling and theta = 1/patience."""
    if agents <= 0:
        return None
    served = agents / handling_s
    return round(sum(1 / (served + i / patience_s) for i in range(min(waiting, 5_000) + 1)))


def measure(floor: FloorState, now_ms: int) -> FloorFigures:
    """The floor's figures at one moment."""
    rows: dict[tuple[str, str], list[tuple[Asks, Lane]]] = {}
    for asks, lane in floor.queue_lengths():
        rows.setdefault((asks.queue, asks.medium), []).append((asks, lane))
    crews = crew_counts(floor)
    agents: dict[str, int] = {}
    for seat in floor.seats.values():
        key = f"{seat.presence}:{seat.form}"
        agents[key] = agents.get(key, 0) + 1
    queues = tuple(_row(floor, key, lanes, crews, now_ms) for key, lanes in sorted(rows.items()))
    return FloorFigures(now_ms, queues, agents)


def crew_counts(floor: FloorState) -> dict[int, int]:
    """Agents at work by profile class."""
    counts: dict[int, int] = {}
    for seat in floor.seats.values():
        if seat.is_alive and seat.presence in {"available", "draining"}:
            counts[seat.profile] = counts.get(seat.profile, 0) + 1
    return counts


def _row(
    floor: FloorState,
    key: tuple[str, str],
    lanes: Iterable[tuple[Asks, Lane]],
    crews: dict[int, int],
    now_ms: int,
) -> QueueFigure:
    waiting, first, able, nobody, overdue = 0, 0, 0, 0, 0
    for asks, lane in lanes:
        crew = sum(count for profile, count in crews.items() if can_ever(asks, floor.profiles[profile]))
        waiting += len(lane)
        nobody += len(lane) if not crew else 0
        able = max(able, crew)
        score = lane[0][0]
        first = min(first or score, score)
        overdue += 0 if asks.is_live else lane.bisect_left((now_ms, ""))
    is_live = key[1] in LIVE
    return QueueFigure(
        queue=key[0],
        medium=key[1],
        waiting=waiting,
        oldest_at=first if is_live else 0,
        next_due_at=0 if is_live else first,
        overdue=overdue,
        able=able,
        no_one_possible=nobody,
        wait_estimate_s=wait_estimate_s(waiting, able, HANDLING_S[key[1]]),
    )


class FigureBoard:
    """Publishes and reads the figures; `queues` and `wait_s` answer from the last ones read."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics
        self._key = store.keys.prefix + "figures"
        self.now = FloorFigures(0)

    async def publish(self, floor: FloorState) -> None:
        """Called by the leader once a second."""
        self.now = measure(floor, self._store.clock.now_ms())
        await self._store.runner.write("SET", self._key, msgspec.json.encode(self.now), "PX", 10_000)
        self._metrics.shared.update(self._gauges())

    async def refresh(self) -> None:
        """Called by the others once a second."""
        found = await self._store.runner.read("GET", self._key)
        if isinstance(found, bytes):
            self.now = msgspec.json.decode(found, type=FloorFigures)

    def queues(self) -> tuple[QueueFigure, ...]:
        """The last known figures of all queues with somebody waiting."""
        return self.now.queues

    def wait_s(self, queue: str) -> int | None:
        """Estimated wait of live contacts in a queue; nobody waiting means no wait, no figures means unknown."""
        if not self.now.at:
            return None
        rows = [row for row in self.now.queues if row.queue == queue and row.medium == "voice"]
        return rows[0].wait_estimate_s if rows else 0

    def _gauges(self) -> dict[str, Values]:
        rows = self.now.queues
        return {
            "queue_waiting": {(row.queue, row.medium): float(row.waiting) for row in rows},
            "queue_oldest_seconds": {
                (row.queue, row.medium): max(0, self.now.at - row.oldest_at) / 1000 for row in rows if row.oldest_at
            },
            "queue_no_one_possible": {
                (queue,): float(sum(row.no_one_possible for row in rows if row.queue == queue))
                for queue in {row.queue for row in rows}
            },
            "agents": {tuple(key.split(":")): float(count) for key, count in self.now.agents.items()},
        }
