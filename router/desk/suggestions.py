"""What a later decision suggests about a contact in hand: carried out when the agent agrees, recorded when not."""

import msgspec

from router.desk.commands import AnswerSuggestion
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.effects import Suggestion
from router.errors import NotFound, StaleRevision, TransitionRefused
from router.journal import LIVE, EntryData
from router.leg_care import LegCare
from router.model import OpenContact

_suggestion = msgspec.json.Decoder(Suggestion)


class SuggestionDesk:
    """The agent's answer."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground
        self._care = LegCare(ground.store, ground.city, ground.config)

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {"suggestion.answer": bound(AnswerSuggestion, self.answer)}

    async def answer(self, agent: str, wanted: AnswerSuggestion) -> Changed:
        """Carry the suggestion out, or keep that the agent said no.

        Raises:
            NotFound: nothing is suggested.
            StaleRevision: a later decision has replaced it.
            TransitionRefused: the contact can't be passed on where it is now.
        """
        contact = await self._ground.own(agent, wanted.contact_id)
        if not contact.suggested:
            raise NotFound("nothing is suggested for this contact", field="$.data.contact_id")
        suggestion = _suggestion.decode(contact.suggested)
        if wanted.generation != suggestion.generation or contact.generation != suggestion.generation:
            problem = "a later decision has replaced it: answer the one that stands"
            raise StaleRevision(problem, field="$.data.generation", generation=contact.generation)
        data = EntryData(
            contact=contact.id,
            agent=agent,
            actor=f"agent:{agent}",
            reason="suggestion",
            status="agreed" if wanted.consent else "refused",
            generation=suggestion.generation,
            medium=contact.medium,
            channel=contact.channel,
            to=suggestion.unit or suggestion.queue,
        )
        return await (self._agree if wanted.consent else self._refuse)(contact, suggestion, data)

    async def _refuse(self, contact: OpenContact, suggestion: Suggestion, data: EntryData) -> Changed:
        del suggestion
        done = await self._ground.store.queued.decide_contact(contact.id, contact.rev, data, {"suggested": ""})
        return Changed(contact.id, done.rev)

    async def _agree(self, contact: OpenContact, suggestion: Suggestion, data: EntryData) -> Changed:
        is_moved = suggestion.kind == "queue"
        is_gone = contact.leg_state == "wrapping_up" and contact.medium in LIVE
        if contact.state == "offered" or (is_moved and contact.state == "with_agent" and is_gone):
            raise TransitionRefused(machine="contact", state=contact.state, event="suggestion.answer")
        wrap_until = self._ground.now_ms + self._ground.city.queue(contact.queue).wrap_up_s * 1000
        done = await self._ground.redeciding.carry_out(contact, data, wrap_until)
        if contact.legs > 1:
            await self._care.end_beside(contact.id, "contact_left")
        if is_moved:
            return Changed(contact.id, done.rev, leg_id=contact.leg)
        return Changed(contact.id, done.rev, handover_id=f"{contact.id}.h{done.number}")
