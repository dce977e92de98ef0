"""Handing a contact over to a unit, from the desktop."""

import msgspec

from router import placing
from router.desk.commands import CreateHandover
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.words import WordDesk
from router.errors import UnknownTopic
from router.journal import EntryData
from router.leg_care import LegCare

_encode = msgspec.json.Encoder().encode


class HandoverDesk:
    """Preview and creation of handovers."""

    def __init__(self, ground: DeskGround, words: WordDesk) -> None:
        self._ground = ground
        self._words = words
        self._care = LegCare(ground.store, ground.city, ground.config)

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "handover.preview": bound(CreateHandover, self.preview_handover),
            "handover.create": bound(CreateHandover, self.hand_over_contact),
        }

    async def preview_handover(self, agent: str, wanted: CreateHandover) -> object:
        """What the unit would be asked to keep; changes nothing."""
        contact = await self._ground.own(agent, wanted.contact_id)
        self._ground.city.unit(wanted.unit)
        return placing.terms(self._ground.city, wanted.unit, wanted.topic or contact.topic, self._ground.now_ms)

    async def hand_over_contact(self, agent: str, wanted: CreateHandover) -> Changed:
        """Ownership moves to the unit."""
        contact = await self._ground.own(agent, wanted.contact_id)
        self._ground.city.unit(wanted.unit)
        topic = wanted.topic or contact.topic
        if topic and self._ground.city.topics.get(topic) is None:
            raise UnknownTopic("not in the city's topics file", field="$.data.topic")
        if wanted.note:
            await self._words.write("add_note", agent, contact.id, {"note": wanted.note})
        now = self._ground.now_ms
        agreed = placing.terms(self._ground.city, wanted.unit, topic, now, contact.handovers + 1)
        data = EntryData(contact=contact.id, agent=agent, actor=f"agent:{agent}", terms=agreed, medium=contact.medium)
        done = await self._ground.store.handovers.hand_over_contact(
            contact.id, agent, wanted.unit, agreed.accept_by, data, expected=wanted.rev, terms=_encode(agreed)
        )
        if contact.legs > 1:
            await self._care.end_beside(contact.id, "contact_left")
        return Changed(contact.id, done.rev, handover_id=f"{contact.id}.h{done.number}")
