"""Leadership and sweeps: every deadline that passes is acted on, every router that falls silent is noticed.

One router leads (a lease in the store); it runs the dispatcher and the sweeps. A sweep may run twice or on two
routers: the store's commands refuse what no longer holds.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from router.callbacks import Callbacks
from router.config import FloorConfig
from router.errors import NotFound, ServicecenterError, StateError
from router.floor_care import FloorCare
from router.leg_care import LegCare
from router.queue_care import QueueCare
from router.store.agent_commands import Grace
from router.store.redis_store import Store
from router.telemetry import Metrics
from rules.city import City

SWEEP_S = 0.2
BEAT_S = 3.0
LATE_MS = 5_000
"""A deadline that is still unswept after this is counted as a broken law."""
PATIENT = frozenset({"session", "offer", "orphan"})
"""Deadlines that agents could not meet while the store was away."""
SWEEP_LIMIT = 500
_log = structlog.get_logger(__name__)
Sweep = Callable[[str], Awaitable[None]]


class Leadership:
    """Holds the lease `leader` while it can; tells when it is won and lost."""

    def __init__(self, store: Store, router_id: str, config: FloorConfig) -> None:
        self._store = store
        self._router_id = router_id
        self._ttl_ms = int(config.leader_lease_s * 1000)
        self.is_leader = False
        self.on_store_away: Callable[[], None] = lambda: None
        """Called on every router, whoever leads: after a loss of the store anybody may be the next leader."""

    async def renew(self) -> bool:
        """Take or keep the lease; an unreachable store loses it."""
        try:
            self.is_leader = await self._store.take_lease("leader", self._router_id, self._ttl_ms)
        except ServicecenterError:
            self.is_leader = False
            self.on_store_away()
        return self.is_leader

    @property
    def pause_s(self) -> float:
        """How often to renew: three times in a lease."""
        return self._ttl_ms / 3000


class Sweeper:
    """Acts on deadlines that have passed. Each kind of deadline has one sweep."""

    def __init__(
        self,
        store: Store,
        city: City,
        care: FloorCare,
        callbacks: Callbacks,
        waiting: QueueCare,
        config: FloorConfig,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._city = city
        self._care = care
        self._config = config
        self._metrics = metrics
        self._legs = legs = LegCare(store, city, config)
        self._waiting = waiting
        self._resume_at = 0
        self._sweeps: dict[str, Sweep] = {
            "offer": care.expire_offer,
            "contact": waiting.step,
            "leg": care.end_wrap_up,
            "orphan": self._release_orphan,
            "callback": callbacks.fall_due,
            "parked": self._return_parked,
            "side": legs.watch_side,
            "handover": care.mark_overdue,
            "setup": care.end_setup,
            "session": self._lose_session,
        }

    def add(self, kind: str, sweep: Sweep) -> None:
        """A further kind of deadline."""
        self._sweeps[kind] = sweep

    def pause_after_store_loss(self) -> None:
        """Agents could not renew anything while the store was away: give them a full lease before sweeping."""
        self._resume_at = self._store.clock.now_ms() + int(self._config.router_lease_s * 1000)

    @property
    def is_paused(self) -> bool:
        """Whether agents still have the time that a store loss has cost them."""
        return self._store.clock.now_ms() < self._resume_at

    @property
    def beat_s(self) -> float:
        """How often a router must be heard of to be five times in a lease."""
        return min(BEAT_S, self._config.router_lease_s / 5)

    async def sweep(self) -> int:
        """Act on everything due; returns how many deadlines were seen."""
        now = self._store.clock.now_ms()
        due = await self._store.due(now, SWEEP_LIMIT)
        late = now - due[0][1] if due else 0
        self._metrics.shared.update({"deadlines_overdue_seconds": {(): max(0, late) / 1000}})
        await asyncio.gather(*(self._act(member, now) for member, _ in due))
        if now >= self._resume_at:
            await self._sweep_routers(now)
        return len(due)

    async def _act(self, member: str, now: int) -> None:
        kind, _, thing = member.partition(":")
        if kind in PATIENT and now < self._resume_at:
            return
        try:
            await self._sweeps[kind](thing)
            self._metrics.sweeps.labels(kind).inc()
        except NotFound:
            await self._store.drop_deadline(member)
        except StateError as error:
            _log.debug("sweep_refused", kind=kind, slug=error.slug)
            await self._care.drop_if_settled(kind, thing)
        except ServicecenterError as error:
            _log.warning("sweep_failed", kind=kind, slug=error.slug)

    async def _sweep_routers(self, now: int) -> None:
        """Agents of a router that fell silent have lost their sockets without anybody saying so."""
        for router in await self._store.silent_routers(now - int(self._config.router_lease_s * 1000)):
            agents = await self._store.sessions(router)
            for agent in agents:
                await self._store.agents.lose_lease(agent, router, self.grace(now), "router_lost")
            await self._store.retire_router(router)
            _log.warning("router_silent", router=router, agents=len(agents))

    async def _release_orphan(self, contact_id: str) -> None:
        """Work of an agent who did not come back: parked work returns as well."""
        if await self._legs.return_parked(contact_id, "agent_lost"):
            await self._waiting.resume(contact_id)
        else:
            await self._care.release_orphan(contact_id)

    async def _return_parked(self, contact_id: str) -> None:
        """Its time is over: it returns, and is decided about as it is now."""
        await self._legs.return_due(contact_id)
        await self._waiting.resume(contact_id)

    async def _lose_session(self, agent: str) -> None:
        await self._store.agents.lose_lease(agent, "", self.grace(self._store.clock.now_ms()), "socket_lost")

    def grace(self, now: int) -> Grace:
        """Until when each kind of work stays with an agent who is gone; written work counts open hours."""
        hours = self._city.queue_calendar(self._city.strategy.strategy.meta.default_queue)
        config = self._config
        return Grace(
            chat_until=now + int(config.chat_grace_s * 1000),
            written_until=hours.add_open_ms(now, int(config.written_grace_s * 1000)),
            voice_until=now + int(config.voice_grace_s * 1000),
        )
