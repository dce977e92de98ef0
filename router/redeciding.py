"""What a new decision about an open contact does.

It places anew who waits, masks and takes where the law says so, and otherwise only suggests to the agent who has it.
What counts is what new facts change: the strategy is asked about the facts as they were and as they are, so that
whatever people have decided since stands until something new is known.
"""

from collections.abc import Mapping

import msgspec

from channels.registry import CHANNELS
from router import placing, replacing
from router.decisions import FAILED, Decisions, Fact, has_news, standing, with_decision
from router.effects import Change, Effect, Suggestion, advised, effect_of, for_here
from router.errors import StaleRevision
from router.fields_told import FieldsTold
from router.journal import LIVE, EntryData, Placement
from router.leaving import Leaving
from router.leg_care import LegCare
from router.matching import can_ever
from router.model import OpenContact
from router.records import Decided, decision_fields, place_fields
from router.store.coalescer import Argument
from router.store.contact_commands import QueuePlace
from router.store.redis_store import Store
from router.store.runner import Done
from rules.city import City
from rules.outcome import Decision

_placement = msgspec.json.Decoder(Placement)
WITH_SOMEBODY = frozenset({"with_agent", "parked"})
WAITS_IN_QUEUE = frozenset({"queued", "offered"})
DECIDABLE = frozenset({*WITH_SOMEBODY, *WAITS_IN_QUEUE, "callback", "handed_over"})
TRIES = 4
LEAST_WAIT_MS = 60_000


class Redeciding:
    """Carries out what a later decision says."""

    def __init__(
        self,
        store: Store,
        city: City,
        decisions: Decisions,
        leaving: Leaving,
        legs: LegCare,
        fields_told: FieldsTold,
    ) -> None:
        self._store = store
        self._city = city
        self._decisions = decisions
        self._leaving = leaving
        self._legs = legs
        self._fields_told = fields_told

    async def at(self, point: str, contact: OpenContact, changes: Mapping[str, Fact] | None = None) -> Effect:
        """Decide at a named point and do what follows; a decision that says nothing new leaves no trace.

        Raises:
            StaleRevision: the contact was changed by others every time.
        """
        for _ in range(TRIES):
            try:
                return await self._once(point, contact, changes)
            except StaleRevision:
                fresh = await self._store.contact(contact.id)
                if fresh is None:
                    return "same"
                contact = fresh
        raise StaleRevision(str(contact.rev))

    async def _once(self, point: str, contact: OpenContact, changes: Mapping[str, Fact] | None) -> Effect:
        if contact.state not in DECIDABLE or not contact.decision:
            return "same"
        await self._decisions.prepare(contact)
        change, decided = await self._change(contact, self._decisions.again(contact, point, changes))
        if FAILED in {change.before.reason, change.new.reason}:
            return "same"
        effect = effect_of(
            change, has_agent=contact.state not in WAITS_IN_QUEUE, has_news=has_news(contact, decided.record)
        )
        match effect:
            case "same":
                pass
            case "placed":
                await self._place(contact, decided, point)
            case "law":
                await self._by_law(contact, decided, point)
            case "suggested" if self._can_consent(contact, change.new):
                await self._suggest(contact, decided, change, point)
            case _:
                await self._note(contact, decided, change.standing, point)
                return "noted"
        return effect

    async def carry_out(self, contact: OpenContact, data: EntryData, wrap_until: int) -> Done:
        """Do what an agent has agreed to; whoever passes a contact on wraps up beside it until `wrap_until`."""
        await self._decisions.prepare(contact)
        _, decided = await self._change(contact, self._decisions.known(contact))
        decision, fields = decided.decision, decision_fields(decided, contact.generation)
        del fields["generation"]  # it is the one that was suggested
        if decision.kind == "hand_over":
            return await self._leaving.hand_over(contact, decision.unit, data, fields, decision=decision)
        place = self._queue_place(contact, decision)
        fields = {**place_fields(place), **fields}
        if contact.state == "parked":
            return await self._put(contact, place, data, fields)
        data = msgspec.structs.replace(data, queue=place.placed.asks.queue)
        return await self._store.legs.transfer_contact(
            contact.id, contact.agent, place, data, wrap_until=wrap_until, fields=fields, expected=contact.rev
        )

    async def _change(self, contact: OpenContact, decided: Decided) -> tuple[Change, Decided]:
        """The decision beside those it is measured against; a handover that lacks fields stays with people here."""
        known = self._decisions.known(contact)
        if any(each.decision.require_fields for each in (known, decided)):
            told = await self._fields_told.of(contact.id)
            known, decided = (self._decisions.complete(each, told, contact.queue) for each in (known, decided))
        stands, before = standing(contact), known.decision
        new = for_here(decided.decision, contact, stands)
        if new is not decided.decision:
            decided = Decided(new, with_decision(decided.record, new))
        law = self._decisions.law_of(new) - self._decisions.law_of(before)
        return Change(stands, for_here(before, contact, stands), new, law), decided

    @staticmethod
    def _can_consent(contact: OpenContact, new: Decision) -> bool:
        """Somebody who has hung up can't be moved to another queue."""
        is_gone = contact.state == "with_agent" and contact.leg_state == "wrapping_up" and contact.medium in LIVE
        return contact.state in WITH_SOMEBODY and (new.kind == "hand_over" or not is_gone)

    # What follows --------------------------------------------------------------------------------------------------

    async def _place(self, contact: OpenContact, decided: Decided, point: str) -> None:
        """It waits where the new decision says, since when it has waited; an agent who had it has it no more."""
        decision, fields = decided.decision, decision_fields(decided, contact.generation + 1)
        data = self._data(contact, decided, point)
        if decision.kind == "hand_over" and contact.state == "offered":
            await self._take_back(contact, point)
            raise StaleRevision(str(contact.rev))  # read again: it waits now, and is handed over from there
        if decision.kind == "hand_over":
            await self._leaving.hand_over(contact, decision.unit, data, fields, decision=decision)
        else:
            place = self._queue_place(contact, decision)
            await self._put(contact, place, data, {**place_fields(place), **fields})
        if contact.legs > 1:
            await self._legs.end_beside(contact.id, "contact_left")

    async def _take_back(self, contact: OpenContact, why: str) -> None:
        """Back to its place, out of the hands of who is offered it."""
        placed = _placement.decode(contact.placed)
        data = EntryData(contact=contact.id, agent=contact.agent, actor="strategy", reason=why, medium=contact.medium)
        await self._put(contact, replacing.place_of(placed, placed.asks, contact.wait_until), data, {})

    async def _put(
        self, contact: OpenContact, place: QueuePlace, data: EntryData, fields: Mapping[str, Argument]
    ) -> Done:
        data = msgspec.structs.replace(data, queue=place.placed.asks.queue)
        return await self._store.queued.place_contact(
            contact.id, contact.agent, contact.bucket, contact.rev, place, data, fields
        )

    def _queue_place(self, contact: OpenContact, decision: Decision) -> QueuePlace:
        queue = decision.queue if decision.kind == "queue" else contact.queue
        decision = msgspec.structs.replace(decision, kind="queue", queue=queue, unit="")
        ready_at = contact.ready_at or contact.received_at
        place = placing.place(self._city, CHANNELS[contact.channel], decision, ready_at)
        soon = self._store.clock.now_ms() + (LEAST_WAIT_MS if contact.agent else 0)
        return msgspec.structs.replace(place, wait_until=max(place.wait_until, soon))

    async def _by_law(self, contact: OpenContact, decided: Decided, point: str) -> None:
        """Masked at once; taken from an agent who may not have it. Nobody is cut off in the middle of a sentence."""
        if contact.state in WAITS_IN_QUEUE:
            await self._place(contact, decided, point)
        elif await self._is_taken_by_law(contact, decided.decision):
            await self._place(contact, decided, "law")
        else:
            more: dict[str, Argument] = {}
            if decided.decision.kind == "hand_over" and contact.state in WITH_SOMEBODY:
                rules = decided.decision.trace.hits
                suggestion = Suggestion(contact.generation + 1, "hand_over", unit=decided.decision.unit, rules=rules)
                more["suggested"] = msgspec.json.encode(suggestion)
            elif decided.decision.kind == "queue" and contact.state == "callback":
                more["queue"] = decided.decision.queue  # where its call will wait
            await self._keep(contact, decided, point, more)

    async def _is_taken_by_law(self, contact: OpenContact, decision: Decision) -> bool:
        """Whether who has it must give it up: a unit's letter at once, anything whose restriction they lack."""
        if contact.state not in WITH_SOMEBODY or contact.leg_state == "wrapping_up":
            return False
        if decision.kind == "hand_over":
            return contact.medium not in LIVE
        agent = await self._store.agent(contact.agent)
        asks = self._queue_place(contact, decision).placed.asks
        return agent is None or not can_ever(asks, agent.record())

    async def _suggest(self, contact: OpenContact, decided: Decided, change: Change, point: str) -> None:
        new = change.new
        suggestion = Suggestion(contact.generation + 1, new.kind, new.queue, new.unit, change.rules)
        data = self._data(contact, decided, point)
        data = msgspec.structs.replace(data, status="suggested", to=new.unit or new.queue)
        more: dict[str, Argument] = {"suggested": msgspec.json.encode(suggestion)}
        await self._note(contact, decided, change.standing, point, data=data, more=more)

    async def _note(
        self,
        contact: OpenContact,
        decided: Decided,
        stands: Decision,
        point: str,
        *,
        data: EntryData | None = None,
        more: Mapping[str, Argument] | None = None,
    ) -> None:
        """What stands, stands; its advice and facts are the new ones, and what was suggested before is over."""
        record = with_decision(decided.record, advised(stands, decided.decision))
        fields: dict[str, Argument] = {"generation": contact.generation + 1, "decision": record, "suggested": ""}
        await self._store.queued.decide_contact(
            contact.id, contact.rev, data or self._data(contact, decided, point), {**fields, **(more or {})}
        )

    async def _keep(self, contact: OpenContact, decided: Decided, point: str, more: Mapping[str, Argument]) -> None:
        await self._store.queued.decide_contact(
            contact.id,
            contact.rev,
            self._data(contact, decided, point),
            {**decision_fields(decided, contact.generation + 1), **more},
        )

    @staticmethod
    def _data(contact: OpenContact, decided: Decided, point: str) -> EntryData:
        return EntryData(
            contact=contact.id,
            agent=contact.agent,
            actor="strategy",
            reason=point,
            decision=msgspec.Raw(decided.record),
            generation=contact.generation + 1,
            medium=contact.medium,
            channel=contact.channel,
        )
