"""Who the resident is, and what is known of them."""

import msgspec

from channels.base import InboundPerson
from router.desk.commands import GetHistory, IdentifyPerson
from router.desk.ground import DeskGround, Handler, bound
from router.journal import EntryData
from router.records import content_ref
from router.store.fresh import on_fresh

_encode = msgspec.json.Encoder().encode


class PersonDesk:
    """Identity and history."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "person.identify": bound(IdentifyPerson, self.identify_person),
            "history.get": bound(GetHistory, self.get_history),
        }

    async def identify_person(self, agent: str, wanted: IdentifyPerson) -> object:
        """Say who it is; the contact then counts to that person's history."""
        return await on_fresh(lambda: self._identify_once(agent, wanted))

    async def _identify_once(self, agent: str, wanted: IdentifyPerson) -> object:
        person = InboundPerson(phone=wanted.phone, email=wanted.email, party_id=wanted.party_id, loa=wanted.loa)
        identity = self._ground.identifier.identify(person)
        contact = await self._ground.contact(wanted.contact_id)
        record = _encode({"person": person})
        number = contact.contents + 1
        data = EntryData(
            contact=contact.id,
            agent=agent,
            actor=f"agent:{agent}",
            status=identity.strength,
            reason=identity.person,
            content=(content_ref(number, record),),
        )
        await self._ground.store.contacts.annotate(
            "identify_person",
            contact.id,
            agent,
            data,
            number=number,
            record=record,
            fields={"person": identity.person, "identity": identity.strength},
        )
        return {"contact_id": contact.id, "person": identity.person, "identity": identity.strength}

    async def get_history(self, agent: str, wanted: GetHistory) -> object:
        """Earlier contacts: nothing for shared or unknown callers."""
        contact = await self._ground.own(agent, wanted.contact_id)
        if contact.identity not in {"likely", "verified"} or not contact.person:
            return {"identity": contact.identity, "contacts": []}
        await self._ground.store.agents.record_access(f"agent:{agent}", contact.id, "history.get")
        return {
            "identity": contact.identity,
            "contacts": await self._ground.history.history(contact.person, wanted.limit),
        }
