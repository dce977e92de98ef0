"""The inbox of one adapter: what a channel asks of the service, carried out.

One for each adapter, which is the `integration` of everything it hands in. Owns nothing; never waits for a channel.
"""

import contextlib
import hmac
from base64 import b32encode
from dataclasses import dataclass
from typing import Literal

import msgspec

from channels.base import Inbox, Kept, Key, Outgoing, Said, Seen, Signal, Taken
from channels.inbound import InboundContact, InboundEnd, InboundMessage, Location, scan_of
from channels.public_state import Nearby, Period, PublicState
from router.conversation import Conversation
from router.errors import InfectedFile, NotFound, ServicecenterError, StateError, TransitionRefused
from router.file_care import FileCare
from router.intake import Intake, Waits
from router.journal import LIVE, EntryData
from router.lifecycle import OVER
from router.model import OpenContact
from router.opening import Opening
from router.pressure import Pressure, refuse_nul
from router.public_states import PublicStates
from router.records import DISTURBANCE, content_ref
from router.resident_callbacks import ResidentCallbacks
from router.scanning import Scanning
from router.setups import Setups
from router.signals import Signals
from router.store.contact_commands import EventName
from router.store.fresh import on_fresh
from router.store.redis_store import Store
from router.store.sending_commands import SendingEvent
from router.written_words import WrittenWords, open_by_integration

SAME = "0" * 32
"""In place of a body's hash: for a channel the key alone says what is the same."""
SIGNED_BYTES = 10
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class InboxGround:
    """What every inbox of a router stands on."""

    store: Store
    intake: Intake
    conversation: Conversation
    setups: Setups
    opening: Opening
    files: FileCare
    words: WrittenWords
    waits: Waits
    public: PublicStates
    pressure: Pressure
    callbacks: ResidentCallbacks
    signals: Signals
    scanning: Scanning
    secret: bytes

    def seen(self, contact: OpenContact) -> Seen:
        """An open contact without words and names."""
        has_agent = contact.state == "with_agent"
        return Seen(
            contact=contact.id,
            state=contact.state,
            source=contact.source,
            subject=contact.subject,
            queue=contact.queue,
            agent=contact.agent if has_agent else "",
            leg=contact.leg if has_agent else "",
            leg_state=contact.leg_state if has_agent else "",
            wait_s=self.waits.wait_s(contact.queue) if contact.queue else None,
            ahead=self.ahead(contact),
            is_sent_on=has_agent and bool(contact.transferred_to),
            announce=self._announcement(contact.queue) if contact.queue else "",
            callback_state=contact.callback_state,
        )

    def ahead(self, contact: OpenContact) -> int | None:
        """How many came before whoever waits; None for everybody else."""
        waits = contact.medium in LIVE and contact.state in {"queued", "offered"}
        return self.waits.ahead(contact.queue, contact.ready_at) if waits else None

    def _announcement(self, queue: str) -> str:
        """What whoever waits there is told at once; what is said after a while is the queue's own affair."""
        told = self.opening.announcements(queue, self.store.clock.now_ms())
        return next((each.say for each in told if each.at_s == 0), "")


class ServiceInbox(Inbox):
    """An adapter's way in."""

    def __init__(self, name: str, ground: InboxGround) -> None:
        self._name = name
        self._ground = ground
        self._store = ground.store
        self._secret = hmac.digest(b"channel:" + name.encode(), ground.secret, "sha256")

    # What comes in -------------------------------------------------------------------------------------------------

    async def receive(self, key: Key, contact: InboundContact) -> Taken:
        """Decide about it and make it durable."""
        refuse_nul(_encode(contact))
        self._ground.pressure.check(self._ground.intake.channel(contact.channel).medium)
        if scan := scan_of(contact.attachments):
            contact = msgspec.structs.replace(contact, fields={**contact.fields, "scan": scan})
        taken = await self._ground.intake.take(self._event(key), contact, may_backdate=True)
        seen = await self._store.contact(taken.contact)
        if seen is None:
            return Taken(taken.contact, "closed", taken.is_new)
        return Taken(
            taken.contact,
            seen.state,
            taken.is_new,
            seen.queue,
            self._ground.waits.wait_s(seen.queue) if seen.queue else None,
            self._answer(taken.related_to, contact.person.language),
            self._ground.ahead(seen),
        )

    async def message(self, key: Key, message: InboundMessage) -> str:
        """Keep it with its contact; the adapter has seen to it that whoever wrote may name that one."""
        refuse_nul(_encode(message))
        try:
            return await self._ground.conversation.record_message(self._event(key), message)
        except TransitionRefused as error:
            raise NotFound("the contact is over", field="$.contact") from error

    async def end(self, key: Key, end: InboundEnd) -> str:
        """The resident has gone."""
        return await self._ground.conversation.end_contact(self._event(key), end)

    async def report(
        self, contact: str, number: int, outcome: Literal["delivered", "failed"], reason: str = ""
    ) -> None:
        """Journal it; a report that comes twice, or after a later one, changes nothing."""
        found = await self._store.contact(contact)
        agent = found.agent if found is not None else ""
        data = EntryData(contact=contact, agent=agent, actor=f"integration:{self._name}", reason=reason or outcome)
        event: SendingEvent = "deliver" if outcome == "delivered" else "fail"
        with contextlib.suppress(StateError):
            await self._store.sendings.record_sending(contact, number, event, data)

    # Bringing together ---------------------------------------------------------------------------------------------

    async def connected(self, leg: str) -> None:
        """The leg is connected; of a callback its agent says whether the resident answered."""
        await self._ground.setups.connect(leg)

    async def fail_setup(self, leg: str, reason: str) -> None:
        """Back to whoever passed it on, or to its place; who was to take part beside does not."""
        await self._ground.setups.fail(leg, reason, f"integration:{self._name}")

    async def fail_transfer(self, contact: str, reason: str) -> None:
        """Back to whoever sent it on, or to its place."""
        await self._ground.setups.fail_transfer(contact, reason, f"integration:{self._name}")

    async def left(self, leg: str) -> None:
        """Their part is over."""
        await self._ground.setups.leave(leg, f"integration:{self._name}")

    async def call_back(self, contact: str, to: str) -> None:
        """Keep the number, promise the call."""
        found = await self._store.contact(contact)
        source, subject = (found.source, found.subject) if found is not None else ("", "")
        event = EventName(self._name, source, f"{contact}:call_back", SAME, subject)
        await self._ground.callbacks.ask(event, contact, to, to)

    async def signal(self, contact: str, signal: Signal, number: int = 0) -> None:
        """To the agent's desktop, on whichever router it is."""
        with contextlib.suppress(ServicecenterError):
            found = await self._store.contact(contact)
            if found is not None and found.state == "with_agent":
                self._ground.signals.tell(found.agent, contact, signal, number)

    def admits(self, queue: str) -> bool:
        """By the queue's hours and orders."""
        return self._ground.opening.admits(queue, "messaging", self._store.clock.now_ms())

    # What goes out and what is kept ----------------------------------------------------------------------------------

    async def owe(self, message: Outgoing) -> int:
        """Keep the words and owe them."""
        return await on_fresh(lambda: self._owe(message))

    async def _owe(self, message: Outgoing) -> int:
        contact = await self._store.contact(message.contact)
        if contact is None:
            raise NotFound("no open contact has this name", field="$.contact")
        number = contact.contents + 1
        record = await self._ground.words.record_of(message)
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            status=message.kind,
            actor=f"integration:{self._name}",
            content=(content_ref(number, record),),
        )
        return (await self._store.sendings.owe_message(contact.id, message.kind, number, record, data)).number

    async def keep(self, body: bytes, *, refuses_infected: bool = False) -> Kept:
        """Among the blobs, named by hash, with the scanner's verdict.

        Raises:
            InfectedFile: it is, and was to be refused then.
        """
        scan = await self._ground.scanning.scan(body)
        if refuses_infected and scan == "infected":
            raise InfectedFile(field="file")
        return Kept(await self._ground.files.put(body), scan)

    async def kept(self, blob: str) -> bytes:
        """The bytes.

        Raises:
            NotFound: there is none of this name.
        """
        try:
            return await self._ground.files.get(blob)
        except (OSError, ValueError):
            raise NotFound("no attachment has this name", field="$.blob") from None

    # What is known -------------------------------------------------------------------------------------------------

    async def look(self, contact: str) -> Seen | None:
        """What its channel may know of it."""
        found = await self._store.contact(contact)
        return self._ground.seen(found) if found is not None and found.state not in OVER else None

    async def open_contacts(self) -> tuple[Seen, ...]:
        """Everything that waits or is with an agent and came by this adapter."""
        found = await open_by_integration(self._store, self._name)
        return tuple(self._ground.seen(contact) for contact in found)

    async def said(self, contact: str, after: int = 0) -> tuple[Said, ...]:
        """From the content records."""
        return await self._ground.words.said(contact, after)

    async def public_state(self, contact: str) -> PublicState | None:
        """How it stands, if this adapter handed it in."""
        return await self._ground.public.one(self._name, contact)

    async def public_states(self, period: Period) -> tuple[PublicState, ...]:
        """How those of a period stand."""
        return await self._ground.public.many(self._name, period)

    async def nearby(self, topic: str, location: Location) -> Nearby:
        """What is known there."""
        return await self._ground.public.nearby(topic, location)

    def sign(self, *parts: str) -> str:
        """HMAC with this adapter's own key."""
        digest = hmac.digest(self._secret, "\0".join(parts).encode(), "sha256")
        return b32encode(digest[:SIGNED_BYTES]).decode().lower()

    def _event(self, key: Key) -> EventName:
        return EventName(self._name, key.source, key.id, SAME, key.subject)

    def _answer(self, related_to: str, language: str) -> str:
        """The message of the disturbance that the contact fell under."""
        if not related_to.startswith(DISTURBANCE):
            return ""
        name, now_ms = related_to.removeprefix(DISTURBANCE), self._store.clock.now_ms()
        found = self._ground.opening.orders.disturbance(name, now_ms)
        return found.message(language) if found is not None else ""
