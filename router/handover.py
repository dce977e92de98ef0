"""The units' side of a handover: accept, return with a reason, done. Deadlines were agreed when it was offered."""

import msgspec

from channels.registry import CHANNELS
from router import placing
from router.decisions import Decisions
from router.errors import Forbidden, NotFound
from router.journal import EntryData, HandoverTerms, Outcome
from router.model import OpenContact
from router.records import decision_fields, place_fields
from router.store.keys import contact_of
from router.store.redis_store import Store
from rules.city import City

_terms = msgspec.json.Decoder(HandoverTerms)


class HandoverState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A handover after a step."""

    handover_id: str
    contact_id: str
    state: str
    unit: str
    case_id: str = ""


class Handovers:
    """What a unit can do with what it was handed."""

    def __init__(self, store: Store, city: City, decisions: Decisions) -> None:
        self._store = store
        self._city = city
        self._decisions = decisions

    async def accept(self, handover_id: str, unit: str, actor: str) -> HandoverState:
        """The unit takes it; `unit` is '' for callers who speak for all units."""
        contact = await self._of(handover_id, unit)
        agreed = _terms.decode(contact.terms)
        data = EntryData(contact=contact.id, handover=handover_id, case=contact.case, actor=actor, terms=agreed)
        await self._store.handovers.accept_handover(handover_id, agreed.finish_by, data)
        return self._state(contact, handover_id, "accepted")

    async def give_back(self, handover_id: str, unit: str, actor: str, reason: str) -> HandoverState:
        """The unit returns it; the contact is queued again at its first place."""
        contact = await self._of(handover_id, unit)
        await self._decisions.prepare(contact)
        decided = self._decisions.for_a_person(contact, "returned", "returned")
        channel = CHANNELS[contact.channel]
        place = placing.place(self._city, channel, decided.decision, contact.ready_at or contact.received_at)
        now = self._store.clock.now_ms()
        place = msgspec.structs.replace(place, wait_until=max(place.wait_until, now + 60_000))
        generation = contact.generation + 1
        data = EntryData(
            contact=contact.id,
            handover=handover_id,
            case=contact.case,
            actor=actor,
            reason=reason,
            decision=msgspec.Raw(decided.record),
            generation=generation,
        )
        fields = {
            **place_fields(place),
            **decision_fields(decided, generation),
            "agent": "",
            "offer": "",
        }
        await self._store.handovers.return_handover(handover_id, place, data, fields)
        return self._state(contact, handover_id, "returned")

    async def finish(self, handover_id: str, unit: str, actor: str, status: str) -> HandoverState:
        """The unit is done; contact and case are closed."""
        contact = await self._of(handover_id, unit)
        agreed = _terms.decode(contact.terms)
        kept = agreed.criterion == "registered_complete"
        outcome = Outcome(topic=agreed.topic, resolution="registered_complete" if kept else "handed_over")
        data = EntryData(
            contact=contact.id, handover=handover_id, case=contact.case, actor=actor, status=status, outcomes=(outcome,)
        )
        await self._store.handovers.finish_handover(handover_id, data)
        return self._state(contact, handover_id, "done")

    async def _of(self, handover_id: str, unit: str) -> OpenContact:
        contact = await self._store.contact(contact_of(handover_id))
        if contact is None or contact.handover != handover_id:
            raise NotFound(handover_id)
        if unit and contact.unit != unit:
            raise Forbidden("the handover is another unit's")
        return contact

    @staticmethod
    def _state(contact: OpenContact, handover_id: str, state: str) -> HandoverState:
        return HandoverState(handover_id, contact.id, state, contact.unit, contact.case)
