"""Who the resident is, what is known of them, and who may read it; every read leaves an access record."""

from collections.abc import Sequence

import msgspec

from channels.inbound import InboundPerson
from channels.registry import CHANNELS
from router.access import Earlier, Past, shown
from router.capturing import check_person
from router.cards import Card
from router.decisions import facts_of, said_of
from router.desk.commands import DetachPerson, GetHistory, IdentifyPerson, ReadContact
from router.desk.ground import Changed, DeskGround, Handler, bound
from router.errors import Forbidden, NotFound
from router.history import UNKNOWN_HISTORY, History, guarded, protection_fact, repeat_facts
from router.identity import Identity
from router.journal import EntryData, Received
from router.model import OpenContact
from router.protection import stricter
from router.records import content_ref, ways_of
from router.returning import KNOWN
from router.store.contact_commands import Fields
from router.store.fresh import on_fresh

_encode = msgspec.json.Encoder().encode


class PersonDesk:
    """Identity, history, and reading what is not one's own."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "person.identify": bound(IdentifyPerson, self.identify_person),
            "person.detach": bound(DetachPerson, self.detach_person),
            "history.get": bound(GetHistory, self.get_history),
            "contact.read": bound(ReadContact, self.read_contact),
        }

    # Who it is -------------------------------------------------------------------------------------------------

    async def identify_person(self, agent: str, wanted: IdentifyPerson) -> object:
        """Say who it is; the contact then counts to that person's history, and their protection holds from now on.

        Raises:
            CaptureForbidden: the strategy forbids to write down who it is.
        """
        return await on_fresh(lambda: self._identify_once(agent, wanted))

    async def _identify_once(self, agent: str, wanted: IdentifyPerson) -> object:
        ground = self._ground
        person = InboundPerson(phone=wanted.phone, email=wanted.email, party_id=wanted.party_id, loa=wanted.loa)
        contact = await ground.contact(wanted.contact_id)
        check_person(said_of(contact), {"phone": wanted.phone, "email": wanted.email, "party_id": wanted.party_id})
        identity = ground.identifier.identify(person)
        known = await self._known(identity, contact.topic)
        told = stricter(contact.protection, wanted.protection)
        protection = stricter(told, known.protection)
        record = _encode({"person": person})
        number = contact.contents + 1
        data = EntryData(
            contact=contact.id,
            agent=agent,
            actor=f"agent:{agent}",
            status=identity.strength,
            reason=identity.person,
            content=(content_ref(number, record),),
            received=_learnt(contact, identity, protection) if identity.keys else None,
        )
        await ground.store.protected.remember(identity.keys, protection)
        await ground.store.contacts.annotate(
            "identify_person",
            contact.id,
            agent,
            data,
            number=number,
            record=record,
            fields=_kept(contact, identity, protection),
        )
        if identity.strength in KNOWN:
            await ground.store.index_person(identity.person, contact.id)
        changes = {"loa": wanted.loa, "protection": protection_fact(told, identity, known)}
        await ground.decide_again("fact_changed", contact.id, changes | _person_facts(identity, known))
        return {
            "contact_id": contact.id,
            "person": identity.person,
            "identity": identity.strength,
            "protection": protection,
        }

    async def _known(self, identity: Identity, topic: str) -> History:
        """What register and store know of them; the agent waits for it, a contact that comes in would not."""
        history = await self._ground.history.read(identity.keys, topic, self._ground.now_ms)
        return guarded(history, await self._ground.store.protected.level(identity.keys))

    async def detach_person(self, agent: str, wanted: DetachPerson) -> Changed:
        """It is somebody else: nobody is known any more. A protection that was found stays until a person lifts it."""
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}", status="none")
        done = await self._ground.store.contacts.annotate(
            "detach_person", wanted.contact_id, agent, data, fields={"person": "", "identity": "none"}
        )
        changes = {"identity": "none", "loa": None, **repeat_facts(UNKNOWN_HISTORY)}
        rev = await self._ground.decide_again("fact_changed", wanted.contact_id, changes)
        return Changed(wanted.contact_id, rev or done.rev)

    # What is known ---------------------------------------------------------------------------------------------

    async def get_history(self, agent: str, wanted: GetHistory) -> object:
        """Earlier contacts, as far as the identity carries: nothing for shared or unknown callers."""
        contact = await self._ground.taking_part(agent, wanted.contact_id)
        if contact.identity not in {"likely", "verified"} or not contact.person:
            return {"identity": contact.identity, "contacts": []}
        await self._ground.store.agents.record_access(f"agent:{agent}", contact.id, "history.get")
        found = await self._ground.history.history(contact.person, wanted.limit)
        return {"identity": contact.identity, "contacts": await self._shown(agent, contact, found)}

    async def _shown(self, agent: str, contact: OpenContact, found: Sequence[object]) -> list[Earlier]:
        reader = await self._ground.store.agent(agent)
        skills = reader.record().skills if reader is not None else {}
        restricted = {skill.id for skill in self._ground.city.skills.values() if skill.restricted}
        past = (msgspec.convert(msgspec.to_builtins(item), Past) for item in found)
        earlier = (
            shown(
                each,
                contact.identity,
                contact.topic,
                self._ground.city,
                may_see_secret=not restricted.isdisjoint(skills),
            )
            for each in past
            if each.id != contact.id
        )
        return [each for each in earlier if each is not None]

    async def read_contact(self, agent: str, wanted: ReadContact) -> Card:
        """Read a contact that is not one's own, for a stated reason; restricted ones stay with those who may.

        Raises:
            Forbidden: the contact is restricted or protected, and the reader has no skill that opens it.
        """
        contact = await self._ground.contact(wanted.contact_id)
        if not await self._ground.may_open(agent, contact):
            raise Forbidden("only who has the restricted skill may read it", field="$.data.contact_id")
        await self._ground.store.agents.record_access(f"agent:{agent}", contact.id, wanted.reason)
        card = await self._ground.cards.card(contact.id)
        if card is None:
            raise NotFound(contact.id, field="$.data.contact_id")
        return card


def _kept(contact: OpenContact, identity: Identity, protection: str) -> Fields:
    """What is known of the person from now on, and how they can be reached, as fields of the contact's hash."""
    return {
        "person": identity.person,
        "identity": identity.strength,
        "protection": protection,
        "ways": ways_of(identity.keys, contact.ways),
    }


def _person_facts(identity: Identity, known: History) -> dict[str, str | int | bool | None]:
    """What is known of this person; of one whom nobody knows, repeats are unknown, not 0."""
    is_known = identity.strength in KNOWN
    return {"identity": identity.strength, **repeat_facts(known if is_known else UNKNOWN_HISTORY)}


def _learnt(contact: OpenContact, identity: Identity, protection: str) -> Received:
    """What is known of the contact's person from now on, for the register."""
    return Received(
        channel=contact.channel,
        medium=CHANNELS[contact.channel].medium,
        received_at=contact.received_at,
        person=identity.person,
        person_keys=identity.keys,
        identity=identity.strength,
        protection=protection,
        language=str(facts_of(contact).get("language") or ""),
    )
