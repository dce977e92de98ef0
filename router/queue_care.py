"""What time does to those who wait: their steps come, their queue closes, nobody is left who could ever take them.

Led by one router. Nothing is remembered between two looks but what spares reads: a new leader goes on where this ended.
"""

import contextlib
from itertools import islice

import msgspec
import structlog

from channels.registry import CHANNELS
from router import placing
from router.callbacks import Callbacks
from router.decisions import standing
from router.errors import NotFound, StateError
from router.exits import route_exits
from router.floor import FloorState
from router.journal import EntryData, Placement
from router.leaving import Leaving
from router.model import EMERGENCY, OpenContact
from router.opening import Opening
from router.redeciding import Redeciding
from router.store.contact_commands import QueuePlace
from router.store.redis_store import Store
from router.telemetry import Metrics
from rules.city import City

AT_ONCE = 50
"""Contacts of one bucket that one look moves."""
LOOK_AGAIN_MS = 60_000
"""Who could not leave by any way is asked about again after this."""
_placement = msgspec.json.Decoder(Placement)
_log = structlog.get_logger(__name__)


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
    ) -> None:
        self._store = store
        self._city = city
        self._opening = opening
        self._callbacks = callbacks
        self._leaving = leaving
        self._redeciding = redeciding
        self._metrics = metrics
        self._stays: dict[str, int] = {}
        """Contacts that found no way out -> when they are asked about again (epoch ms)."""

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
        if placed.asks.agent:
            await self._requeue(contact, "preferred_limit")
            return
        waited_ms = max(0, self._store.clock.now_ms() - (placed.waits_from or placed.ready_at))
        if await self._redeciding.at("waited", contact, {"queue_wait_s": waited_ms // 1000}) != "same":
            return
        decision = msgspec.structs.replace(standing(contact), kind="queue", queue=contact.queue)
        route = self._city.queue_route(decision, contact.medium, self._store.clock.now_ms())
        if not await self._leaving.leave(contact, route_exits(route, waited_ms), "waited"):
            await self._requeue(contact, "max_wait")

    async def _requeue(self, contact: OpenContact, reason: str) -> None:
        """At its place for everybody, and looked at again one step later; never at once again."""
        place = self._general(contact)
        next_look = self._store.clock.now_ms() + self._city.queue(contact.queue).max_wait_s * 1000
        if reason == "max_wait":
            place = msgspec.structs.replace(place, wait_until=max(place.wait_until, next_look))
        data = EntryData(contact=contact.id, actor="timer", reason=reason, queue=contact.queue)
        await self._store.contacts.requeue_contact(
            contact.id, contact.bucket, contact.rev, place, contact.step + 1, data
        )

    def _general(self, contact: OpenContact) -> QueuePlace:
        decision = msgspec.structs.replace(standing(contact), kind="queue", queue=contact.queue)
        place = placing.place(self._city, CHANNELS[contact.channel], decision, contact.ready_at)
        return msgspec.structs.replace(
            place, wait_until=max(place.wait_until, self._store.clock.now_ms() + LOOK_AGAIN_MS)
        )

    # Closing time, and nobody left --------------------------------------------------------------------------------

    async def look(self, floor: FloorState) -> None:
        """Once a second: let those go whose queue has closed, and say of whom nobody is left who could take them."""
        now = self._store.clock.now_ms()
        floor.is_written_held = self._opening.orders.crisis(now)
        self._stays = {contact: at for contact, at in self._stays.items() if at > now}
        for asks, lane in list(floor.queue_lengths()):
            if asks.is_live and asks.order_class != EMERGENCY and not self._is_serving(asks.queue, asks.medium, now):
                for contact_id in [contact for _, contact in lane][:AT_ONCE]:
                    await self._close_out(contact_id, now)
        is_staffed = any(seat.is_alive and seat.presence != "offline" for seat in floor.seats.values())
        for _, contacts in list(floor.impossible()):
            for contact_id in list(islice(contacts, AT_ONCE)):
                await self._strand(contact_id, now, is_staffed=is_staffed)

    def _is_serving(self, queue: str, medium: str, now: int) -> bool:
        return self._opening.is_open(queue, now) and self._opening.admits(queue, medium, now)

    async def _close_out(self, contact_id: str, now: int) -> None:
        """Who came after entry had stopped leaves at once; who waited before it, when their time is over."""
        if contact_id in self._stays:
            return
        contact = await self._store.contact(contact_id)
        if contact is None or contact.state != "queued":
            return
        with contextlib.suppress(StateError):
            if contact.callback_state == "due":
                await self._callbacks.move_unkept(contact)
                return
            came_late = not self._opening.admits(contact.queue, contact.medium, contact.ready_at)
            if came_late or self._opening.must_leave(contact.queue, contact.medium, contact.ready_at, now):
                await self._let_go(contact, "queue_closing", now)

    async def _strand(self, contact_id: str, now: int, *, is_staffed: bool) -> None:
        """Nobody who is at work can ever take it: said aloud, then the next way out, at once.

        Before anybody has come to work nothing is impossible yet: it is said, and nobody is sent away.
        """
        if contact_id in self._stays:
            return
        contact = await self._store.contact(contact_id)
        if contact is None or contact.state != "queued":
            return
        with contextlib.suppress(StateError):
            if _placement.decode(contact.placed).asks.agent:
                await self._requeue(contact, "agent_gone")
                return
            if not contact.stranded_at:
                await self._say_stranded(contact)
                contact = await self._contact(contact_id)
            if is_staffed:
                await self._let_go(contact, "no_one_possible", now)

    async def _say_stranded(self, contact: OpenContact) -> None:
        data = EntryData(
            contact=contact.id, actor="dispatch", queue=contact.queue, medium=contact.medium, reason="no_one_possible"
        )
        await self._store.queued.no_one_possible(contact.id, contact.bucket, contact.rev, data)
        self._metrics.no_one_possible.labels(contact.queue).inc()
        _log.warning("no_one_possible", contact=contact.id, queue=contact.queue, medium=contact.medium)

    async def _let_go(self, contact: OpenContact, point: str, now: int) -> None:
        """Decide at this point, then take the queue's ways out."""
        if point == "queue_closing" and await self._redeciding.at(point, contact) != "same":
            return
        decision = msgspec.structs.replace(standing(contact), kind="queue", queue=contact.queue)
        if not await self._leaving.leave(contact, self._city.queue_exits(decision, contact.medium), point):
            self._stays[contact.id] = now + LOOK_AGAIN_MS

    async def _contact(self, contact_id: str) -> OpenContact:
        contact = await self._store.contact(contact_id)
        if contact is None:
            raise NotFound(contact_id)
        return contact
