"""Handing a contact over to a unit, from the desktop."""

import msgspec

from router import placing
from router.capturing import Carried, carried, check_complete
from router.decisions import said_of
from router.desk.commands import CreateHandover
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.desk.words import WordDesk
from router.errors import UnknownTopic
from router.journal import EntryData, HandoverTerms
from router.leg_care import LegCare
from router.model import OpenContact

_encode = msgspec.json.Encoder().encode


class HandoverPreview(HandoverTerms, frozen=True, omit_defaults=True):
    """What the unit would be asked to keep, what it needs to know, and what of that is missing."""

    require_fields: tuple[str, ...] = ()
    forbid_fields: tuple[str, ...] = ()
    """Not passed on, whoever gives it."""
    missing_fields: tuple[str, ...] = ()


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
        """What the unit would be asked to keep, and what it needs to know; changes nothing."""
        contact = await self._ground.own(agent, wanted.contact_id)
        self._ground.city.unit(wanted.unit)
        terms = placing.terms(self._ground.city, wanted.unit, wanted.topic or contact.topic, self._ground.now_ms)
        said, found = said_of(contact), await self._carried(contact, wanted)
        return HandoverPreview(
            **msgspec.structs.asdict(terms),
            require_fields=said.require_fields if said else (),
            forbid_fields=said.forbid_fields if said else (),
            missing_fields=found.missing,
        )

    async def _carried(self, contact: OpenContact, wanted: CreateHandover) -> Carried:
        """What goes with it, and what is missing; the contact's own words are read only when something is asked for."""
        said = said_of(contact)
        if said is None or not said.require_fields:
            return carried(said, (), wanted.fields)
        return carried(said, await self._ground.cards.fields_told.of(contact.id), wanted.fields)

    async def hand_over_contact(self, agent: str, wanted: CreateHandover) -> Changed:
        """Ownership moves to the unit.

        Raises:
            HandoverIncomplete: the unit needs to know more.
            CaptureForbidden: the strategy forbids notes about this contact.
        """
        contact = await self._ground.own(agent, wanted.contact_id)
        self._ground.city.unit(wanted.unit)
        topic = wanted.topic or contact.topic
        if topic and self._ground.city.topics.get(topic) is None:
            raise UnknownTopic("not in the city's topics file", field="$.data.topic")
        found = await self._carried(contact, wanted)
        check_complete(found.missing)
        if wanted.note or found.fields:
            await self._words.write("add_note", agent, contact.id, {"note": wanted.note, "fields": found.fields})
        now = self._ground.now_ms
        agreed = placing.terms(self._ground.city, wanted.unit, topic, now, contact.handovers + 1)
        data = EntryData(contact=contact.id, agent=agent, actor=f"agent:{agent}", terms=agreed, medium=contact.medium)
        done = await self._ground.store.handovers.hand_over_contact(
            contact.id, agent, wanted.unit, agreed.accept_by, data, expected=wanted.rev, terms=_encode(agreed)
        )
        if contact.legs > 1:
            await self._care.end_beside(contact.id, "contact_left")
        return Changed(contact.id, done.rev, handover_id=f"{contact.id}.h{done.number}")
