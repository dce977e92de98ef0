"""Matches waiting contacts with agents: snapshot, pure plan, commit. One leased dispatcher a tenant.

Correctness never depends on the lease: the store refuses an offer that no longer holds. Never reads content.
"""

import asyncio
from collections.abc import Callable, Coroutine

import msgspec
import structlog

from router.clock import elapsed_s
from router.config import FloorConfig
from router.errors import NoCapacity, NotFound, ServicecenterError, StateError, Unavailable
from router.floor import Chore, FloorState, Ramp
from router.floor_loading import load_agent, load_floor
from router.journal import Entry, EntryData
from router.matching import Pairing, plan
from router.opening import Opening
from router.store.redis_store import Store
from router.store.runner import Done
from router.telemetry import Metrics
from rules.city import City
from rules.organisation import OFFER_TIMEOUT_S

RETRY_MS = 1_000
"""A chore that could not be sent is tried again after this."""
ROUND = 200
"""Contacts of one bucket that one round looks at."""
_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode


class Dispatcher:
    """Plans while it leads: `lead` until cancelled, fed by the tail through `follow` and `wake`."""

    def __init__(
        self,
        store: Store,
        city: City,
        metrics: Metrics,
        config: FloorConfig | None = None,
        opening: Opening | None = None,
    ) -> None:
        self._store = store
        self._city = city
        self._metrics = metrics
        self._opening = opening
        self._changed = asyncio.Event()
        self._sent: set[asyncio.Task[None]] = set()
        config = config or FloorConfig()
        self._ramp = Ramp(int(config.ramp_after_s * 1000), int(config.ramp_up_s * 1000))
        self._retry_at: int | None = None
        self.floor = self._new_floor()
        self.is_leading = False
        self._is_stale = False
        self._backlog: list[Entry] | None = None
        self.on_loaded: list[Callable[[], None]] = []

    def _new_floor(self) -> FloorState:
        return FloorState({queue.id: queue.reserve for queue in self._city.queues.values()}, ramp=self._ramp)

    def follow(self, entry: Entry) -> None:
        """Keep the floor in step; entries that come while it is loaded are kept for afterwards."""
        if self._backlog is not None:
            self._backlog.append(entry)
        elif self.is_leading:
            self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        self.floor.apply(entry)
        placed = entry.placed
        if placed is None or self._opening is None or entry.command != "receive_contact":
            return
        if self._opening.turns_away(placed.asks, placed.ready_at, entry.at):
            self.floor.shut_out(entry.data.contact)

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
            for task in self._sent:
                task.cancel()

    async def _wait(self) -> None:
        """Until something changes or time changes something."""
        wake_at = min((at for at in (self.floor.next_wake, self._retry_at) if at is not None), default=None)
        self._retry_at = None
        pause_s = None if wake_at is None else max(0.0, (wake_at - self._store.clock.now_ms()) / 1000)
        try:
            async with asyncio.timeout(pause_s):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._changed.clear()

    def _round(self) -> None:
        now = self._store.clock.now_ms()
        for chore in self.floor.chores():
            self._send(self._do_chore(chore, now))
        heads = self.floor.heads(now, ROUND)
        if not heads:
            return
        pairings = plan(self.floor, heads, now)
        for pairing in pairings:
            self.floor.hold(pairing.contact, pairing.agent)
            self.floor.dirty.add(pairing.bucket)
            self._send(self._commit(pairing, self.floor.seats[pairing.agent].profile_n, now))
        if pairings:
            self._changed.set()

    def _send(self, command: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(command)
        self._sent.add(task)
        task.add_done_callback(self._sent.discard)

    async def _commit(self, pairing: Pairing, profile_n: int, now: int) -> None:
        """Issue one planned offer; a refusal frees both and says what the floor had wrong."""
        started = elapsed_s()
        known = self.floor.places.get(pairing.contact)
        if known is None:
            self.floor.unhold(pairing.contact)
            return
        try:
            await self._issue(pairing, known.rev, profile_n, now)
        except NoCapacity as error:
            self._metrics.offers.labels(pairing.asks.medium, "refused").inc()
            self.floor.refused(pairing.contact)
            _log.info("offer_refused", contact=pairing.contact, why=error.detail)
            await load_agent(self._store, self.floor, pairing.agent, self._ramp)
        except StateError:
            self._metrics.offers.labels(pairing.asks.medium, "refused").inc()
            self.floor.refused(pairing.contact, gone_from=known)
        except Unavailable:
            self.floor.unhold(pairing.contact)
            self.floor.dirty.add(pairing.bucket)
        except ServicecenterError as error:
            self.floor.refused(pairing.contact, gone_from=known)
            _log.warning("offer_failed", contact=pairing.contact, slug=error.slug)
        else:
            self._metrics.offer_latency_seconds.observe(elapsed_s() - started)
            return
        self._changed.set()

    async def _issue(self, pairing: Pairing, rev: int, profile_n: int, now: int) -> Done:
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
            profile_n=profile_n,
        )

    # Chores ----------------------------------------------------------------------------------------------------

    async def _do_chore(self, chore: Chore, now: int) -> None:
        """Let written work stand still or go on; repeated or late, it does nothing."""
        reason = "live_work_over" if chore.is_resume else "live_work"
        data = EntryData(contact=chore.contact, agent=chore.agent, actor="dispatch", reason=reason, medium="written")
        contacts, legs = self._store.contacts, self._store.legs
        send = contacts.resume_leg if chore.is_resume else legs.interrupt_leg
        try:
            await send(chore.contact, chore.agent, data)
        except (StateError, NotFound) as error:
            _log.info("chore_refused", contact=chore.contact, why=error.detail)
        except Unavailable:
            self.floor.unsettle(chore.agent)
            self._retry_at = now + RETRY_MS

    # Loading ---------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read the whole floor from the store, then catch up with what the journal told meanwhile."""
        self._backlog = []
        self._is_stale = False
        before = self.floor
        self.floor = floor = self._new_floor()
        floor.is_written_held = before.is_written_held
        floor.hold_queues(before.held_queues)
        floor.raise_reserves(before.raised_reserves)
        await load_floor(self._store, floor, self._ramp)
        backlog, self._backlog = self._backlog, None
        self.is_leading = True
        for entry in backlog:
            self._apply(entry)
        floor.touch_all()
        self._changed.set()
        for call in self.on_loaded:
            call()
