"""Callbacks: promised, due, tried at most twice, kept or given up in writing; the agent is there first.

Called by the desk, by exits of waiting and by the sweep of `callback:`. Never calls anybody itself: a channel does.
"""

import msgspec

from channels.registry import CHANNELS
from router import placing, replacing
from router.callback_rules import MOVED, after_missed, slot_problem
from router.errors import NotFound, SchemaMismatch, StateError
from router.journal import EntryData, Outcome
from router.model import OpenContact
from router.opening import Opening
from router.records import DecisionRecord, place_fields
from router.store.contact_commands import QueuePlace
from router.store.redis_store import Store
from router.store.runner import Done
from rules.calendars import MINUTE_MS
from rules.city import City

OWN_MS = 15 * MINUTE_MS
"""How long the agent who promised is waited for, before anybody may call."""
CALLING = "phone"
_record = msgspec.json.Decoder(DecisionRecord)


class Callbacks:
    """One method for each thing that can happen to a callback."""

    def __init__(self, store: Store, city: City, opening: Opening) -> None:
        self._store = store
        self._city = city
        self._opening = opening

    async def promise(
        self, contact: OpenContact, *, slot_at: int, why: str, actor: str, by: str = "", expected: int = -1
    ) -> Done:
        """Promise to call at `slot_at` (epoch ms), or, when 0, as soon as it is the contact's turn.

        Raises:
            SchemaMismatch: nobody calls at that hour; the nearest one that is possible is named.
        """
        self.check(contact, slot_at)
        return await self._promise(contact, self._queue(contact), slot_at, why, actor, by, expected=expected)

    def check(self, contact: OpenContact, slot_at: int) -> None:
        """Whether such a promise could be kept: somebody is there to call then, and knows where.

        Raises:
            SchemaMismatch: nobody calls at that hour, and `possible_at` says when; or no number is known.
        """
        if contact.channel != CALLING and "phone" not in contact.ways.split(","):
            raise SchemaMismatch("no number is known: identify the person by phone first", field="$.data.contact_id")
        now, queue = self._store.clock.now_ms(), self._queue(contact)
        if not slot_at and not self._opening.is_open(queue, now):
            possible = self._opening.opens_at(queue, now)
            raise SchemaMismatch("the queue is closed", field="$.data.keep_place", possible_at=possible)
        problem, possible = slot_problem(slot_at or now, now, lambda at: self._opening.opens_at(queue, at))
        if slot_at and problem:
            raise SchemaMismatch(problem, field="$.data.at", possible_at=possible)

    async def promise_next(self, contact: OpenContact, *, why: str, actor: str) -> Done:
        """Promise a call as soon as can be: in turn while people are let in, otherwise at the next opening."""
        now, queue = self._store.clock.now_ms(), contact.queue
        slot_at = 0
        if not self._opening.is_open(queue, now):
            slot_at = self._opening.opens_at(queue, now)
        elif not self._opening.admits(queue, "voice", now):
            slot_at = self._opening.opens_at(queue, self._opening.closes_at(queue, now))
        return await self._promise(contact, queue, slot_at, why, actor, contact.callback_by)

    async def move_unkept(self, contact: OpenContact) -> bool:
        """The queue has closed and nobody called: promise the next opening, and owe a message about it."""
        now = self._store.clock.now_ms()
        if contact.callback_state != "due" or contact.state != "queued" or self._opening.is_open(contact.queue, now):
            return False
        slot_at = self._opening.opens_at(contact.queue, now)
        await self._promise(
            contact, contact.queue, slot_at, "queue_closing", "timer", contact.callback_by, notice_kind=MOVED
        )
        return True

    async def fall_due(self, contact_id: str) -> None:
        """The sweep of `callback:`: the promised time has come; a closed queue promises its next opening."""
        contact = await self._contact(contact_id)
        if contact.state != "callback":
            raise StateError
        now = self._store.clock.now_ms()
        if not self._opening.is_open(contact.queue, now):
            data = msgspec.structs.replace(self._data(contact, "timer", "queue_closed"), status=MOVED)
            slot_at = self._opening.opens_at(contact.queue, now)
            await self._store.callbacks.move_callback(contact.id, contact.rev, data, slot_at=slot_at, notice_kind=MOVED)
            return
        place = self._place(contact, contact.queue, contact.callback_by, now)
        data = self._data(contact, "timer", "fall_due")
        await self._store.callbacks.fall_due_callback(contact.id, contact.rev, place, data, fields=place_fields(place))

    async def connect(self, contact: OpenContact, agent: str) -> Done:
        """The resident has answered."""
        data = self._data(contact, f"agent:{agent}", "connected")
        return await self._store.callbacks.connect_callback(contact.id, agent, contact.rev, data)

    async def miss(self, contact: OpenContact, agent: str, why: str) -> Done:
        """Nobody answered, or the number is wrong: the next attempt, or the end with a notice owed."""
        now = self._store.clock.now_ms()
        following = after_missed(
            contact.attempts + 1,
            now,
            lambda at: self._opening.opens_at(contact.queue, at),
            is_wrong=why == "wrong_number",
            has_other_way="email" in contact.ways.split(","),
        )
        data = msgspec.structs.replace(self._data(contact, f"agent:{agent}", why), status=following.notice_kind)
        if not following.next_at:
            unreached = Outcome(contact.topic, "unresolved", cause="resident", evidence=why)
            data = msgspec.structs.replace(data, outcomes=(unreached,))
        return await self._store.callbacks.miss_callback(
            contact.id, agent, contact.rev, data, next_at=following.next_at, notice_kind=following.notice_kind
        )

    async def _promise(
        self,
        contact: OpenContact,
        queue: str,
        slot_at: int,
        why: str,
        actor: str,
        by: str,
        *,
        expected: int = -1,
        notice_kind: str = "",
    ) -> Done:
        place = self._place(contact, queue, by, self._store.clock.now_ms())
        data = msgspec.structs.replace(
            self._data(contact, actor, why), status=notice_kind, queue=queue, medium="voice", channel=CALLING
        )
        fields = {
            **place_fields(place),
            "channel": CALLING,
            "medium": "voice",
            "work": f"{CALLING}:voice",
            "callback_by": by,
        }
        return await self._store.callbacks.promise_callback(
            contact.id,
            contact.agent,
            contact.bucket,
            contact.rev if expected < 0 else expected,
            place,
            data,
            slot_at=slot_at,
            notice_kind=notice_kind,
            fields=fields,
        )

    def _place(self, contact: OpenContact, queue: str, by: str, now: int) -> QueuePlace:
        """Its kept place as a call; for the agent who promised alone, for a while."""
        decision = _record.decode(contact.decision.encode()).decision
        decision = msgspec.structs.replace(decision, kind="queue", queue=queue, unit="")
        place = placing.place(self._city, CHANNELS[CALLING], decision, contact.ready_at or contact.received_at)
        if by:
            return replacing.for_agent(place.placed, by, now + OWN_MS, kept=frozenset(decision.keep))
        wait_until = placing.next_wait(self._city, decision, "voice", place.placed, now)
        return msgspec.structs.replace(place, wait_until=wait_until)

    def _queue(self, contact: OpenContact) -> str:
        return contact.queue or self._city.strategy.strategy.meta.default_queue

    def _data(self, contact: OpenContact, actor: str, reason: str) -> EntryData:
        return EntryData(
            contact=contact.id,
            agent=contact.agent,
            actor=actor,
            reason=reason,
            queue=contact.queue,
            medium=contact.medium,
            channel=contact.channel,
            also=(contact.callback_by,) if contact.callback_by not in {"", contact.agent} else (),
        )

    async def _contact(self, contact_id: str) -> OpenContact:
        contact = await self._store.contact(contact_id)
        if contact is None:
            raise NotFound(contact_id)
        return contact
