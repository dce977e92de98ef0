"""What runs beside the requests: leadership, sweeps, heartbeats, figures, and steps that others own.

Each loop is supervised: a failure is logged and the loop goes on; only cancelling ends it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

import structlog

from router.active_strategies import ActiveStrategies
from router.arrivals import arrivals_of
from router.bucket_care import BucketCare
from router.dispatch import Dispatcher
from router.errors import ServicecenterError
from router.figures import FigureBoard
from router.floor import FloorState
from router.floor_watch import FloorWatch
from router.http.desktop import Desktops
from router.invariants import Inspector
from router.projector_child import ProjectorChild
from router.queue_care import QueueCare
from router.standing import Standing
from router.store.redis_store import Store
from router.telemetry import Metrics
from router.timers import SWEEP_S, Leadership, Sweeper

STANDING_S = 10.0
INSPECT_S = 10.0
BUCKETS_S = 3600.0
BY_TURNS = frozenset({"sweeps", "waiting", "heartbeat"})
LOOK_S = 1.0
Step = Callable[[], Awaitable[float]]
"""What a loop does each time; returns how long to pause, in seconds."""
_log = structlog.get_logger(__name__)


async def supervised(name: str, step: Step) -> None:
    """Call `step` for ever; it returns how long to pause. A failing step is logged and tried again after a second."""
    while True:
        try:
            pause_s = await step()
        except ServicecenterError as error:
            _log.warning("loop_failed", loop=name, slug=error.slug)
            pause_s = 1.0
        except Exception as error:  # noqa: BLE001 # the task supervisor: nothing may end a loop but its cancelling
            _log.error("loop_failed", loop=name, error=type(error).__name__, exc_info=True)
            pause_s = 1.0
        await asyncio.sleep(pause_s)


def _held_back(floor: FloorState) -> tuple[object, ...]:
    """What orders and floor rules keep from being offered."""
    return floor.is_written_held, floor.held_queues, floor.raised_reserves


class Background:
    """The loops of one router."""

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        leadership: Leadership,
        sweeper: Sweeper,
        waiting: QueueCare,
        board: FigureBoard,
        floor_watch: FloorWatch,
        desktops: Desktops,
        projector: ProjectorChild,
        standing: Standing,
        strategies: ActiveStrategies,
        metrics: Metrics,
        *,
        router_id: str,
        others: Mapping[str, Step],
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._leadership = leadership
        self._sweeper = sweeper
        self._waiting = waiting
        self._board = board
        self._floor_watch = floor_watch
        self._desktops = desktops
        self._projector = projector
        self._standing = standing
        self._strategies = strategies
        self._metrics = metrics
        self._router_id = router_id
        self._others = others
        self._inspector = Inspector(store, metrics)
        self._bucket_care = BucketCare(store)
        leadership.on_store_away = sweeper.pause_after_store_loss
        self._leading: asyncio.Task[None] | None = None

    def start(self, *, is_steered: bool = False) -> list[asyncio.Task[None]]:
        """All loops as tasks; under a steered clock without those that `turn` stands for."""
        steps: dict[str, Step] = {
            **self._others,
            "leadership": self._lead,
            "sweeps": self._sweep,
            "waiting": self._look_at_waiting,
            "heartbeat": self._beat,
            "figures": self._figures,
            "standing": self._tell_standing,
            "inspection": self._inspect,
            "buckets": self._look_at_buckets,
            "strategies": self._look_at_strategies,
        }
        kept = [name for name in steps if not (is_steered and name in BY_TURNS)]
        return [asyncio.create_task(supervised(name, steps[name]), name=name) for name in kept]

    @property
    def is_leading(self) -> bool:
        """Whether this router's dispatcher plans."""
        return self._dispatcher.is_leading

    @property
    def floor(self) -> FloorState:
        """The floor as this router's dispatcher sees it."""
        return self._dispatcher.floor

    async def turn(self) -> int:
        """What the loops do in their turn, once and now: for whoever steers the clock; how many deadlines were seen."""
        await self._beat()
        seen = await self._sweeper.sweep()
        await self._waiting.look(self._dispatcher.floor)
        self._dispatcher.wake()
        return seen

    async def stop(self) -> None:
        """End leading."""
        await self._stop_leading()

    async def _lead(self) -> float:
        is_leader = await self._leadership.renew()
        self._metrics.leader.set(int(is_leader))
        if is_leader and (self._leading is None or self._leading.done()):
            if self._leading is not None and not self._leading.cancelled() and self._leading.exception() is not None:
                _log.error("dispatcher_failed", error=type(self._leading.exception()).__name__)
            _log.info("leading", router=self._router_id)
            self._leading = asyncio.create_task(self._dispatcher.lead(), name="dispatcher")
        elif not is_leader:
            await self._stop_leading()
        return self._leadership.pause_s

    async def _stop_leading(self) -> None:
        if self._leading is not None:
            self._leading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._leading
            self._leading = None

    async def _sweep(self) -> float:
        if self._leadership.is_leader:
            try:
                await self._sweeper.sweep()
            except ServicecenterError:
                self._sweeper.pause_after_store_loss()
                raise
        return SWEEP_S

    async def _look_at_waiting(self) -> float:
        if self._dispatcher.is_leading and not self._sweeper.is_paused:
            before = _held_back(self.floor)
            await self._waiting.look(self.floor)
            if before != _held_back(self.floor):
                # A crisis that ends by itself leaves no entry that would wake the dispatcher.
                self._dispatcher.wake()
        return LOOK_S

    async def _beat(self) -> float:
        await self._store.sync_clock()
        await self._store.beat(self._router_id)
        self._desktops.sweep()
        return self._sweeper.beat_s

    async def _figures(self) -> float:
        if self._dispatcher.is_leading:
            figures, agents = await self._floor_watch.look(self._dispatcher.floor, self._board.now)
            await self._board.publish(figures, agents, arrivals_of(self._dispatcher.floor, figures.at))
            self._projector.tell(await self._store.position())
        else:
            await self._board.refresh(with_agents=self._desktops.watching.wants_agents)
        return 1.0

    async def _look_at_strategies(self) -> float:
        return await self._strategies.look(is_leader=self._leadership.is_leader)

    async def _inspect(self) -> float:
        if self._leadership.is_leader and not self._sweeper.is_paused:
            await self._inspector.look()
        return INSPECT_S

    async def _look_at_buckets(self) -> float:
        if self._leadership.is_leader and (forgotten := await self._bucket_care.look()):
            _log.info("buckets_forgotten", buckets=forgotten)
        return BUCKETS_S

    async def _tell_standing(self) -> float:
        if self._leadership.is_leader:
            await self._standing.tell(self._store.clock.now_ms())
        return STANDING_S
