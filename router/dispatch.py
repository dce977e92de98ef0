"""Matches waiting contacts with agents: snapshot, pure plan, commit. One leased dispatcher a tenant.

Correctness never depends on the lease: the store refuses an offer that no longer holds. Never reads content.
"""

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from router.clock import elapsed_s
from router.errors import NoCapacity, ServicecenterError, StateError, Unavailable
from router.floor import FloorState, Seat
from router.journal import Entry, EntryData
from router.matching import Pairing, plan
from router.model import Agent, read_asks
from router.store.redis_store import Store, read_work
from router.store.runner import Done, pairs
from router.telemetry import Metrics
from rules.city import City
from rules.organisation import OFFER_TIMEOUT_S

ROUND = 200
"""Contacts of one bucket that one round looks at."""
_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode


class Dispatcher:
    """Plans while it leads: `lead` until cancelled, fed by the tail through `follow` and `wake`."""

    def __init__(self, store: Store, city: City, metrics: Metrics) -> None:
        self._store = store
        self._city = city
        self._metrics = metrics
        self._changed = asyncio.Event()
        self._offers: set[asyncio.Task[None]] = set()
        self.floor = self._new_floor()
        self.is_leading = False
        self._is_stale = False
        self._backlog: list[Entry] | None = None
        self.on_loaded: list[Callable[[], None]] = []

    def _new_floor(self) -> FloorState:
        return FloorState({queue.id: queue.reserve for queue in self._city.queues.values()})

    def follow(self, entry: Entry) -> None:
        """Keep the floor in step; entries that come while it is loaded are kept for afterwards."""
        if self._backlog is not None:
            self._backlog.append(entry)
        elif self.is_leading:
            self.floor.apply(entry)

    def wake(self) -> None:
        """Something has changed: plan soon."""
        if self.is_leading:
            self._changed.set()

    def reload_soon(self) -> None:
        """Entries were missed: the floor can't be trusted any more."""
        self._is_stale = True
        self._changed.set()

    async def lead(self) -> None:
        """Load the floor, then plan on every change, until cancelled."""
        await self.load()
        try:
            while True:
                await self._wait()
                if self._is_stale:
                    await self.load()
                self._round()
        finally:
            self.is_leading = False
            for task in self._offers:
                task.cancel()

    async def _wait(self) -> None:
        """Until something changes or a cool-down ends."""
        wake_at = self.floor.next_wake
        pause_s = None if wake_at is None else max(0.0, (wake_at - self._store.clock.now_ms()) / 1000)
        try:
            async with asyncio.timeout(pause_s):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._changed.clear()

    def _round(self) -> None:
        now = self._store.clock.now_ms()
        heads = self.floor.heads(now, ROUND)
        if not heads:
            return
        pairings = plan(self.floor, heads, now)
        for pairing in pairings:
            self.floor.hold(pairing.contact, pairing.agent)
            self.floor.dirty.add(pairing.bucket)
            task = asyncio.create_task(self._commit(pairing, now))
            self._offers.add(task)
            task.add_done_callback(self._offers.discard)
        if pairings:
            self._changed.set()

    async def _commit(self, pairing: Pairing, now: int) -> None:
        """Issue one planned offer; a refusal frees both and says what the floor had wrong."""
        started = elapsed_s()
        known = self.floor.places.get(pairing.contact)
        if known is None:
            self.floor.unhold(pairing.contact)
            return
        try:
            await self._issue(pairing, known[2], now)
        except NoCapacity as error:
            self._metrics.offers.labels(pairing.asks.medium, "refused").inc()
            self.floor.refused(pairing.contact, is_contact_gone=False)
            _log.info("offer_refused", contact=pairing.contact, why=error.detail)
            await self._reload_agent(pairing.agent)
        except StateError:
            self._metrics.offers.labels(pairing.asks.medium, "refused").inc()
            self.floor.refused(pairing.contact, is_contact_gone=True)
        except Unavailable:
            self.floor.unhold(pairing.contact)
            self.floor.dirty.add(pairing.bucket)
        except ServicecenterError as error:
            self.floor.refused(pairing.contact, is_contact_gone=True)
            _log.warning("offer_failed", contact=pairing.contact, slug=error.slug)
        else:
            self._metrics.offer_latency_seconds.observe(elapsed_s() - started)
            return
        self._changed.set()

    async def _issue(self, pairing: Pairing, rev: int, now: int) -> Done:
        asks = pairing.asks
        queue = self._city.queues.get(asks.queue)
        timeouts = {**OFFER_TIMEOUT_S, **(queue.offer_timeout_s if queue else {})}
        expires_at = now + timeouts[asks.medium] * 1000
        data = EntryData(
            contact=pairing.contact,
            agent=pairing.agent,
            actor="dispatch",
            medium=asks.medium,
            channel=asks.channel,
            queue=asks.queue,
            expires_at=expires_at,
            reason=pairing.chosen.reason,
            chosen=msgspec.Raw(_encode(pairing.chosen)),
        )
        return await self._store.contacts.issue_offer(
            pairing.contact,
            pairing.agent,
            pairing.bucket,
            rev,
            expires_at=expires_at,
            channel=asks.channel,
            medium=asks.medium,
            data=data,
        )

    # Loading ---------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read the whole floor from the store, then catch up with what the journal told meanwhile."""
        self._backlog = []
        self._is_stale = False
        self.floor = floor = self._new_floor()
        for agent, work in await self._agents():
            floor.seat(agent.id, _seat(agent, work), agent.record())
        await self._load_waiting(floor)
        backlog, self._backlog = self._backlog, None
        self.is_leading = True
        for entry in backlog:
            floor.apply(entry)
        floor.dirty |= set(floor.waiting)
        self._changed.set()
        for call in self.on_loaded:
            call()

    async def _agents(self) -> list[tuple[Agent, dict[str, tuple[str, str, str]]]]:
        agents = await self._store.agents_all()
        work = await self._store.read_hashes([self._store.keys.work(agent.id) for agent in agents])
        return [(agent, read_work(row)) for agent, row in zip(agents, work, strict=True)]

    async def _load_waiting(self, floor: FloorState) -> None:
        asked = await self._store.runner.read_hash(self._store.keys.buckets)
        for bucket_raw, text in asked.items():
            bucket = bucket_raw.decode()
            floor.asks[bucket] = read_asks(text)
            for contact, score, rev in await self._store.waiting(bucket):
                floor.place(contact, bucket, score, rev)

    async def _reload_agent(self, agent_id: str) -> None:
        """The floor was wrong about an agent: take them as the store holds them."""
        agent = await self._store.agent(agent_id)
        if agent is not None:
            work = read_work(pairs(await self._store.runner.read("HGETALL", self._store.keys.work(agent_id))))
            self.floor.seat(agent_id, _seat(agent, work), agent.record())


def _seat(agent: Agent, work: dict[str, tuple[str, str, str]]) -> Seat:
    return Seat(
        presence=agent.presence,
        is_alive=agent.lease == "alive",
        is_connected=agent.connected == 1,
        form=agent.form,
        idle_since=agent.idle_since,
        work=work,
        cooling={"written": agent.cool_written} if agent.cool_written else {},
    )
