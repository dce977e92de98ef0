"""What an agent can do: one method for each command of the desktop, checked, carried out, answered.

Knows no sockets. Every method acts for one agent, named first, and raises the error that the desktop shows.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from channels.base import InboundPerson
from channels.registry import CHANNELS
from router import placing
from router.cards import Cards
from router.config import FloorConfig
from router.desk_commands import (
    NEEDS_EVIDENCE,
    AcceptOffer,
    Command,
    CreateHandover,
    DeclineOffer,
    ExtendWrapUp,
    FinishWork,
    GetHistory,
    IdentifyPerson,
    ListQueues,
    MatterOutcome,
    OnContact,
    SetForm,
    SetPresence,
    SetTopic,
    WriteText,
)
from router.errors import Forbidden, NotFound, OfferGone, StateError, UnknownCommand, UnknownOutcome, UnknownTopic
from router.floor_care import FloorCare, uncoded
from router.identity import Identifier
from router.journal import CoolDown, EntryData, Outcome
from router.model import OpenContact
from router.records import content_ref
from router.store.fresh import on_fresh
from router.store.keys import contact_of
from router.store.redis_store import Store
from rules.city import City

EXCLUSIVE = frozenset({"voice", "in_person", "messaging"})
_encode = msgspec.json.Encoder().encode


Handler = Callable[[str, object], Awaitable[object]]
Given = TypeVar("Given", bound=Command)


def _bound(kind: type[Given], method: Callable[[str, Given], Awaitable[object]]) -> Handler:
    """A method that takes a frame's data and checks that it fits the command."""

    async def carry_out(agent: str, data: object) -> object:
        return await method(agent, msgspec.convert(data, kind))

    return carry_out


class PersonHistory(Protocol):
    """Earlier contacts of a person, from the register."""

    async def history(self, person: str, limit: int) -> Sequence[object]:
        """Newest first, without content."""
        ...


class QueueFigures(Protocol):
    """The queues as the floor last published them."""

    def queues(self) -> object:
        """One row for each queue and medium."""
        ...


class Changed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answer to a command that changed a contact."""

    contact_id: str
    rev: int
    leg_id: str = ""
    handover_id: str = ""


class Desk:
    """All commands of agents."""

    def __init__(
        self,
        store: Store,
        city: City,
        cards: Cards,
        care: FloorCare,
        identifier: Identifier,
        config: FloorConfig,
        *,
        history: PersonHistory,
        figures: QueueFigures,
    ) -> None:
        self._store = store
        self._city = city
        self._cards = cards
        self._care = care
        self._identifier = identifier
        self._config = config
        self._history = history
        self._figures = figures
        self._handlers: Mapping[str, Handler] = {
            "presence.set": _bound(SetPresence, self.set_presence),
            "presence.form": _bound(SetForm, self.set_form),
            "offer.accept": _bound(AcceptOffer, self.accept_offer),
            "offer.decline": _bound(DeclineOffer, self.decline_offer),
            "message.send": _bound(WriteText, self.send_message),
            "note.add": _bound(WriteText, self.add_note),
            "topic.set": _bound(SetTopic, self.set_topic),
            "person.identify": _bound(IdentifyPerson, self.identify_person),
            "history.get": _bound(GetHistory, self.get_history),
            "queue.list": _bound(ListQueues, self.list_queues),
            "work.hold": _bound(OnContact, self.hold_leg),
            "work.resume": _bound(OnContact, self.resume_leg),
            "work.finish": _bound(FinishWork, self.finish_work),
            "handover.preview": _bound(CreateHandover, self.preview_handover),
            "handover.create": _bound(CreateHandover, self.hand_over_contact),
            "wrap_up.extend": _bound(ExtendWrapUp, self.extend_wrap_up),
            "wrap_up.end": _bound(OnContact, self.end_wrap_up),
        }

    async def command(self, agent: str, name: str, data: object) -> object:
        """Carry one command out; `data` is what the frame held.

        Raises:
            UnknownCommand: no command has this name.
            msgspec.ValidationError: the data does not fit the command.
        """
        if name not in self._handlers:
            raise UnknownCommand(f"known: {', '.join(sorted(self._handlers))}", field="$.name")
        return await self._handlers[name](agent, data)

    # Presence --------------------------------------------------------------------------------------------------

    async def set_presence(self, agent: str, wanted: SetPresence) -> object:
        """Available, away or offline; offers on their way to somebody who leaves return without blame."""
        event = {"available": "go_available", "away": "go_away", "offline": "go_offline"}[wanted.state]
        if wanted.when == "after_current" and wanted.state != "available":
            event = "drain"
        presence = await self._store.agents.set_presence(
            agent, event, reason=wanted.reason, bound_for=wanted.state if event == "drain" else ""
        )
        if presence != "available":
            await self._return_offers(agent, "presence")
        return {"presence": presence}

    async def set_form(self, agent: str, wanted: SetForm) -> object:
        """Live, written or both."""
        await self._store.agents.set_form(agent, wanted.form)
        return {"form": wanted.form}

    async def _return_offers(self, agent: str, reason: str, *, only_medium: str = "") -> None:
        """Take the agent's open offers back."""
        for contact_id, (_, medium, kind) in (await self._store.work(agent)).items():
            if kind == "offer" and (not only_medium or medium == only_medium):
                contact = await self._store.contact(contact_id)
                if contact is not None and contact.state == "offered" and contact.agent == agent:
                    try:
                        await self._care.revoke_offer(contact, reason)
                    except StateError:
                        continue

    # Offers and work -------------------------------------------------------------------------------------------

    async def accept_offer(self, agent: str, wanted: AcceptOffer) -> Changed:
        """Take the contact; a written offer beside a live one goes back without blame."""
        contact_id = contact_of(wanted.offer_id)
        data = EntryData(contact=contact_id, agent=agent, offer=wanted.offer_id, actor=f"agent:{agent}")
        try:
            done = await self._store.contacts.accept_offer(contact_id, agent, wanted.offer_id, wanted.rev, data)
        except NotFound as error:
            raise OfferGone(wanted.offer_id, field="$.data.offer_id") from error
        if done.beside:
            contact = await self._store.contact(contact_id)
            if contact is not None and contact.medium in EXCLUSIVE:
                await self._return_offers(agent, "live_accepted", only_medium="written")
        return Changed(contact_id, done.rev, leg_id=f"{contact_id}.l{done.number}")

    async def decline_offer(self, agent: str, wanted: DeclineOffer) -> Changed:
        """Say no; the agent is not asked about this contact again for a while."""
        contact = await self._contact(contact_of(wanted.offer_id))
        queue = self._city.queue(contact.queue)
        until = self._store.clock.now_ms() + queue.decline_cool_down_s * 1000
        data = EntryData(
            contact=contact.id,
            agent=agent,
            offer=wanted.offer_id,
            medium=contact.medium,
            reason=wanted.reason,
            actor=f"agent:{agent}",
            cool_down=CoolDown(agent, until, contact=contact.id),
        )
        done = await self._store.contacts.decline_offer(
            contact.id,
            agent,
            wanted.offer_id,
            contact.bucket,
            wanted.rev,
            data,
            max_declines=self._config.max_live_declines if contact.medium in EXCLUSIVE else 0,
        )
        return Changed(contact.id, done.rev)

    async def hold_leg(self, agent: str, wanted: OnContact) -> Changed:
        """The resident waits on hold."""
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}")
        done = await self._store.contacts.hold_leg(wanted.contact_id, agent, data)
        return Changed(wanted.contact_id, done.rev)

    async def resume_leg(self, agent: str, wanted: OnContact) -> Changed:
        """Go on."""
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}")
        done = await self._store.contacts.resume_leg(wanted.contact_id, agent, data)
        return Changed(wanted.contact_id, done.rev)

    async def finish_work(self, agent: str, wanted: FinishWork) -> Changed:
        """End the work with an outcome for each matter."""
        own = "" if all(each.topic for each in wanted.outcomes) else (await self._contact(wanted.contact_id)).topic
        outcomes = tuple(self._outcome(each, i, own) for i, each in enumerate(wanted.outcomes))
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}", outcomes=outcomes)
        done = await self._store.contacts.finish_work(wanted.contact_id, agent, data, expected=wanted.rev)
        return Changed(wanted.contact_id, done.rev)

    def _outcome(self, given: MatterOutcome, index: int, own_topic: str) -> Outcome:
        where = f"$.data.outcomes[{index}]"
        if given.topic and self._city.topics.get(given.topic) is None:
            raise UnknownTopic("not in the city's topics file", field=f"{where}.topic")
        if given.resolution == "unresolved" and not given.cause:
            raise UnknownOutcome("an unresolved matter needs a cause", field=f"{where}.cause")
        if given.resolution in NEEDS_EVIDENCE and not given.evidence:
            raise UnknownOutcome(f"needs {NEEDS_EVIDENCE[given.resolution]}", field=f"{where}.evidence")
        return Outcome(given.topic or own_topic, given.resolution, given.contact_reason, given.cause, given.evidence)

    async def extend_wrap_up(self, agent: str, wanted: ExtendWrapUp) -> Changed:
        """More time."""
        until = self._store.clock.now_ms() + wanted.seconds * 1000
        data = EntryData(contact=wanted.contact_id, agent=agent, actor=f"agent:{agent}")
        done = await self._store.contacts.extend_wrap_up(wanted.contact_id, agent, until, data)
        return Changed(wanted.contact_id, done.rev)

    async def end_wrap_up(self, agent: str, wanted: OnContact) -> Changed:
        """Leave the matter uncoded; it stands in the agent's list until the figure freezes."""
        contact = await self._contact(wanted.contact_id)
        done = await self._store.contacts.end_wrap_up(
            contact.id, agent, uncoded(contact, f"agent:{agent}"), is_forced=False
        )
        return Changed(contact.id, done.rev)

    # What is said of a contact ---------------------------------------------------------------------------------

    async def add_note(self, agent: str, wanted: WriteText) -> Changed:
        """Keep a note."""
        return await self._write("add_note", agent, wanted.contact_id, {"note": wanted.text})

    async def send_message(self, agent: str, wanted: WriteText) -> Changed:
        """Write to the resident."""
        return await self._write("send_message", agent, wanted.contact_id, {"message": wanted.text})

    async def set_topic(self, agent: str, wanted: SetTopic) -> Changed:
        """Name the topic."""
        if self._city.topics.get(wanted.topic) is None:
            raise UnknownTopic("not in the city's topics file", field="$.data.topic")
        data = EntryData(contact=wanted.contact_id, agent=agent, topic=wanted.topic, actor=f"agent:{agent}")
        done = await self._store.contacts.annotate(
            "set_topic", wanted.contact_id, agent, data, fields={"topic": wanted.topic}
        )
        return Changed(wanted.contact_id, done.rev)

    async def identify_person(self, agent: str, wanted: IdentifyPerson) -> object:
        """Say who it is; the contact then counts to that person's history."""
        return await on_fresh(lambda: self._identify_once(agent, wanted))

    async def _identify_once(self, agent: str, wanted: IdentifyPerson) -> object:
        person = InboundPerson(phone=wanted.phone, email=wanted.email, party_id=wanted.party_id, loa=wanted.loa)
        identity = self._identifier.identify(person)
        contact = await self._contact(wanted.contact_id)
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
        await self._store.contacts.annotate(
            "identify_person",
            contact.id,
            agent,
            data,
            number=number,
            record=record,
            fields={"person": identity.person, "identity": identity.strength},
        )
        return {"contact_id": contact.id, "person": identity.person, "identity": identity.strength}

    async def _write(self, name: str, agent: str, contact_id: str, words: Mapping[str, str]) -> Changed:
        return await on_fresh(lambda: self._write_once(name, agent, contact_id, words))

    async def _write_once(self, name: str, agent: str, contact_id: str, words: Mapping[str, str]) -> Changed:
        contact = await self._contact(contact_id)
        record = _encode(words)
        number = contact.contents + 1
        data = EntryData(
            contact=contact_id, agent=agent, actor=f"agent:{agent}", content=(content_ref(number, record),)
        )
        done = await self._store.contacts.annotate(name, contact_id, agent, data, number=number, record=record)
        return Changed(contact_id, done.rev)

    async def get_history(self, agent: str, wanted: GetHistory) -> object:
        """Earlier contacts: nothing for shared or unknown callers."""
        contact = await self._own(agent, wanted.contact_id)
        if contact.identity not in {"likely", "verified"} or not contact.person:
            return {"identity": contact.identity, "contacts": []}
        await self._store.agents.record_access(f"agent:{agent}", contact.id, "history.get")
        return {"identity": contact.identity, "contacts": await self._history.history(contact.person, wanted.limit)}

    async def list_queues(self, agent: str, wanted: ListQueues) -> object:
        """The queues' figures."""
        del agent, wanted
        return {"queues": self._figures.queues()}

    # Handing over ----------------------------------------------------------------------------------------------

    async def preview_handover(self, agent: str, wanted: CreateHandover) -> object:
        """What the unit would be asked to keep; changes nothing."""
        contact = await self._own(agent, wanted.contact_id)
        self._city.unit(wanted.unit)
        return placing.terms(self._city, wanted.unit, wanted.topic or contact.topic, self._store.clock.now_ms())

    async def hand_over_contact(self, agent: str, wanted: CreateHandover) -> Changed:
        """Ownership moves to the unit."""
        contact = await self._own(agent, wanted.contact_id)
        self._city.unit(wanted.unit)
        topic = wanted.topic or contact.topic
        if topic and self._city.topics.get(topic) is None:
            raise UnknownTopic("not in the city's topics file", field="$.data.topic")
        if wanted.note:
            await self._write("add_note", agent, contact.id, {"note": wanted.note})
        now = self._store.clock.now_ms()
        agreed = placing.terms(self._city, wanted.unit, topic, now, contact.handovers + 1)
        data = EntryData(contact=contact.id, agent=agent, actor=f"agent:{agent}", terms=agreed, medium=contact.medium)
        done = await self._store.handovers.hand_over_contact(
            contact.id, agent, wanted.unit, agreed.accept_by, data, expected=wanted.rev, terms=_encode(agreed)
        )
        return Changed(contact.id, done.rev, handover_id=f"{contact.id}.h{done.number}")

    async def _contact(self, contact_id: str) -> OpenContact:
        contact = await self._store.contact(contact_id)
        if contact is None:
            raise NotFound(contact_id, field="$.data.contact_id")
        return contact

    async def _own(self, agent: str, contact_id: str) -> OpenContact:
        """The contact, if it is offered to or with this agent."""
        contact = await self._contact(contact_id)
        if contact.agent != agent or contact.state not in {"offered", "with_agent", "parked"}:
            raise Forbidden("the contact is not with you", field="$.data.contact_id")
        return contact


def known_channels(capacity: Mapping[str, int]) -> dict[str, int]:
    """Capacity for every registered channel: what the profile says, otherwise none."""
    return {code: capacity.get(code, 0) for code in CHANNELS}
