"""What a later decision suggests about a contact in hand: carried out when the agent agrees, recorded when not."""

import msgspec

from router.desk.commands import AnswerSuggestion, CreateHandover, TransferTo, TransferWork
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.handing_over import HandoverDesk
from router.desk.transfers import TransferDesk
from router.errors import NotFound, StaleRevision
from router.journal import EntryData
from router.redeciding import Suggestion

_suggestion = msgspec.json.Decoder(Suggestion)


class SuggestionDesk:
    """The agent's answer."""

    def __init__(self, ground: DeskGround, handovers: HandoverDesk, transfers: TransferDesk) -> None:
        self._ground = ground
        self._handovers = handovers
        self._transfers = transfers

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {"suggestion.answer": bound(AnswerSuggestion, self.answer)}

    async def answer(self, agent: str, wanted: AnswerSuggestion) -> Changed:
        """Carry the suggestion out, or keep that the agent said no.

        Raises:
            NotFound: nothing is suggested.
            StaleRevision: a later decision has replaced it.
        """
        contact = await self._ground.own(agent, wanted.contact_id)
        if not contact.suggested:
            raise NotFound("nothing is suggested for this contact", field="$.data.contact_id")
        suggestion = _suggestion.decode(contact.suggested)
        if suggestion.generation != wanted.generation:
            raise StaleRevision(str(suggestion.generation), field="$.data.generation")
        data = EntryData(
            contact=contact.id,
            agent=agent,
            actor=f"agent:{agent}",
            reason="suggestion",
            status="agreed" if wanted.consent else "refused",
            generation=suggestion.generation,
            to=suggestion.unit or suggestion.queue,
        )
        done = await self._ground.store.queued.decide_contact(contact.id, contact.rev, data, {"suggested": ""})
        if not wanted.consent:
            return Changed(contact.id, done.rev)
        if suggestion.kind == "hand_over":
            return await self._handovers.hand_over_contact(agent, CreateHandover(contact.id, suggestion.unit))
        return await self._transfers.transfer_work(
            agent, TransferWork(contact.id, TransferTo(queue=suggestion.queue), "cold")
        )
