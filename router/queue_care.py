"""What time does to those who wait: their steps come, their queue closes, nobody is left who could ever take them.

Led by one router. Nothing is remembered between two looks but what spares reads: a new leader goes on where this ended.
"""

import contextlib
from collections.abc import Iterable
from itertools import islice

import msgspec
import structlog

from channels.registry import CHANNELS
from router import placing, replacing
from router.callbacks import Callbacks
from router.decisions import standing
from router.errors import NotFound, StateError
from router.exits import coming_exits, route_exits
from router.floor import FloorState
from router.floor_ruling import restraint
from router.journal import Asks, EntryData, Placement
from router.leaving import Leaving
from router.model import EMERGENCY, OpenContact
from router.opening import Opening
from router.redeciding import Redeciding
from router.store.redis_store import Store
from router.strategies import Strategies
from router.telemetry import Metrics
from rules.city import City

AT_ONCE = 50
"""Contacts of one bucket that one look moves."""
LOOK_AGAIN_MS = 60_000
"""Who could not leave by any way is asked about again after this."""
CLOSING_MS = 10_000
"""Who is still served after closing is looked at again after this at the latest: orders may change the hours."""
LEAST_WAIT_MS = 1_000
_placement = msgspec.json.Decoder(Placement)
_log = structlog.get_logger(__name__)


class Asked:
    """Contacts that could not leave, and when they are asked about again; those behind them have their turn."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}

    def wait(self, contact: str, until_ms: int) -> None:
        """Leave it alone before a moment (epoch ms)."""
        self._until[contact] = until_ms

    def ask(self, contact: str) -> None:
        """Something is new: it may be asked about at once."""
        self._until.pop(contact, None)

    def forget(self, now_ms: int) -> None:
        """Drop what is over."""
        self._until = {contact: until for contact, until in self._until.items() if until > now_ms}

    def next_of(self, contacts: Iterable[str]) -> list[str]:
        """The first ones that may be asked about, at most AT_ONCE."""
        return list(islice((contact for contact in contacts if contact not in self._until), AT_ONCE))


class QueueCare:
    """Steps, closing time, and those whom nobody can take."""

    def __init__(
        self,
        store: Store,
        city: City,
        opening: Opening,
        callbacks: Callbacks,
        leaving: Leaving,
        redeciding: Redeciding,
        metrics: Metrics,
        strategies: Strategies,
    ) -> None:
        self._store = store
        self._city = city
        self._opening = opening
        self._callbacks = callbacks
        self._leaving = leaving
        self._redeciding = redeciding
        self._metrics = metrics
        self._strategies = strategies
        self._closing, self._stranded = Asked(), Asked()
        self._said: set[str] = set()
        """Contacts of whom it stands that nobody can ever take them."""
        self._possible_since: dict[str, int] = {}
        """Contacts of whom it stood, and since when it does no more (epoch ms)."""

    # Steps -----------------------------------------------------------------------------------------------------

    async def step(self, contact_id: str) -> None:
        """The sweep of `contact:`: a step has come, an agent's own time is over, a re-contact window ends."""
        contact = await self._contact(contact_id)
        if contact.state == "answered":
            await self._store.contacts.close_contact(contact.id, EntryData(contact=contact.id, actor="timer"))
            return
        if contact.state != "queued":
            raise StateError
        placed = _placement.decode(contact.placed)
        now = self._store.clock.now_ms()
        # Who took the place of a callback has waited only since they are here themselves.
        placed = msgspec.structs.replace(
            placed, waits_from=max(placed.waits_from or placed.ready_at, contact.received_at)
        )
        waited_ms = max(0, now - placed.waits_from)
        if placed.asks.agent:
            await self._requeue(contact, "preferred_limit")
            return
        effect = await self._redeciding.at("waited", contact, {"queue_wait_s": waited_ms // 1000})
        if effect not in {"same", "noted"}:
            return
        contact = contact if effect == "same" else await self._contact(contact_id)
        decision = msgspec.structs.replace(standing(contact), kind="queue", queue=contact.queue)
        route = self._city.queue_route(decision, contact.medium, now)
        exits = route_exits(route, waited_ms) if contact.callback_state != "due" else []
        if not await self._leaving.leave(contact, exits, "waited"):
            next_look = placing.next_wait(self._city, decision, contact.medium, placed, now)
            await self._store.queued.look_again(contact.id, max(next_look, now + LEAST_WAIT_MS))

    async def resume(self, contact_id: str) -> None:
        """Parked work has returned: it is decided about as it is now."""
        contact = await self._store.contact(contact_id)
        if contact is not None:
            with contextlib.suppress(StateError):
                await self._redeciding.at("resumed", contact)

    async def _requeue(self, contact: OpenContact, reason: str) -> None:
        """For everybody, at the place it has."""
        placed, now = _placement.decode(contact.placed), self._store.clock.now_ms()
        decision = msgspec.structs.replace(standing(contact), kind="queue", queue=contact.queue)
        general = placing.place(self._city, CHANNELS[contact.channel], decision, contact.ready_at)
        next_look = placing.next_wait(self._city, decision, contact.medium, placed, now)
        place = replacing.place_of(placed, general.placed.asks, max(next_look, now + LEAST_WAIT_MS))
        data = EntryData(contact=contact.id, actor="timer", reason=reason, queue=contact.queue)
        await self._store.contacts.requeue_contact(
            contact.id, contact.bucket, contact.rev, place, contact.step + 1, data
        )

    # Closing time, and nobody left --------------------------------------------------------------------------------

    async def look(self, floor: FloorState) -> None:
        """Once a second: let those go whose queue has closed, and say of whom nobody is left who could take them."""
        now = self._store.clock.now_ms()
        held_back = restraint(self._strategies, self._opening, now)
        floor.is_written_held = self._opening.orders.crisis(now) or held_back.holds_written
        floor.hold_queues(held_back.held_queues)
        floor.raise_reserves(held_back.reserves)
        for asked in (self._closing, self._stranded):
            asked.forget(now)
        for asks, lane in list(floor.queue_lengths()):
            if self._opening.admits(asks.queue, asks.medium, now):
                floor.let_all_in(contact for _, contact in lane)
            elif asks.order_class != EMERGENCY:
                for contact_id in self._closing.next_of(contact for _, contact in lane):
                    await self._close_out(floor, contact_id, now)
        is_staffed = any(seat.is_alive and seat.presence != "offline" for seat in floor.seats.values())
        impossible = {bucket: list(contacts) for bucket, contacts in floor.impossible()}
        self._see_possible(floor, frozenset(contact for contacts in impossible.values() for contact in contacts), now)
        for bucket, contacts in impossible.items():
            if self._is_expected(floor.asks[bucket], now):
                news = contacts if is_staffed else [contact for contact in contacts if contact not in self._said]
                for contact_id in self._stranded.next_of(news):
                    await self._strand(contact_id, now, is_staffed=is_staffed)

    def _is_expected(self, asks: Asks, now: int) -> bool:
        """Whether somebody ought to be at work who takes this: letters wait for the opening without an alarm."""
        is_letter = not (asks.is_live or asks.agent or asks.order_class == EMERGENCY)
        return not is_letter or self._opening.is_open(asks.queue, now)

    def _see_possible(self, floor: FloorState, impossible: frozenset[str], now: int) -> None:
        """Somebody has come who could take them: if they go again, it is said again."""
        for contact in self._said - impossible:
            self._stranded.ask(contact)
            if contact in floor.places:
                self._possible_since[contact] = now
        self._said &= impossible
        self._possible_since = {
            contact: since for contact, since in self._possible_since.items() if contact in floor.places
        }

    async def _close_out(self, floor: FloorState, contact_id: str, now: int) -> None:
        """Who came after entry had stopped leaves at once; who waited before it, when their time is over."""
        contact = await self._store.contact(contact_id)
        if contact is None or contact.state != "queued":
            return
        with contextlib.suppress(StateError):
            if contact.callback_state == "due":
                if not await self._callbacks.move_unkept(contact):
                    self._closing.wait(contact_id, now + CLOSING_MS)
            elif self._opening.is_over(contact.queue, contact.medium, contact.ready_at, now):
                if not await self._let_go(contact, "queue_closing"):
                    self._closing.wait(contact_id, now + LOOK_AGAIN_MS)
                    floor.let_in(contact_id)
            else:
                served_until = self._opening.served_until(contact.queue, now)
                self._closing.wait(contact_id, min(max(served_until, now), now + CLOSING_MS))

    async def _strand(self, contact_id: str, now: int, *, is_staffed: bool) -> None:
        """Nobody who is at work can ever take it: said aloud, then the next way out, at once.

        Before anybody has come to work nothing is impossible yet: it is said, and nobody is sent away.
        """
        contact = await self._store.contact(contact_id)
        if contact is None or contact.state != "queued":
            return
        with contextlib.suppress(StateError):
            if _placement.decode(contact.placed).asks.agent:
                await self._requeue(contact, "agent_gone")
                return
            await self._say_stranded(contact)
            if is_staffed and not await self._let_go(await self._contact(contact_id), "no_one_possible"):
                self._stranded.wait(contact_id, now + LOOK_AGAIN_MS)

    async def _say_stranded(self, contact: OpenContact) -> None:
        """Once, until it has been possible again."""
        if contact.id in self._said:
            return
        since = self._possible_since.get(contact.id, 0)
        data = EntryData(
            contact=contact.id, actor="dispatch", queue=contact.queue, medium=contact.medium, reason="no_one_possible"
        )
        done = await self._store.queued.no_one_possible(contact.id, contact.bucket, contact.rev, data, since=since)
        self._said.add(contact.id)
        if done.n:
            self._metrics.no_one_possible.labels(contact.queue).inc()
            _log.warning("no_one_possible", contact=contact.id, queue=contact.queue, medium=contact.medium)

    async def _let_go(self, contact: OpenContact, point: str) -> bool:
        """Decide at this point, then take the next way out; False when none fits and it waits on for a person."""
        if point == "queue_closing":
            effect = await self._redeciding.at(point, contact)
            if effect not in {"same", "noted"}:
                return True
            contact = contact if effect == "same" else await self._contact(contact.id)
        decision = msgspec.structs.replace(standing(contact), kind="queue", queue=contact.queue)
        exits = list(self._city.queue_exits(decision, contact.medium))
        if point == "no_one_possible":
            exits = [*coming_exits(decision.route), *exits]
        return bool(await self._leaving.leave(contact, exits, point))

    async def _contact(self, contact_id: str) -> OpenContact:
        contact = await self._store.contact(contact_id)
        if contact is None:
            raise NotFound(contact_id)
        return contact
