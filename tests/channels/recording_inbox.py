"""The inbox's contract kept in memory, for tests of adapters alone: what was told, and what is answered."""

import hashlib
import hmac
from base64 import b32encode
from typing import Literal

from msgspec import structs

from channels.base import Inbox, Kept, Key, Outgoing, Said, Seen, Signal, Taken
from channels.inbound import Attachment, InboundContact, InboundEnd, InboundMessage, Location, Scan
from channels.public_state import Nearby, Period, PublicState
from router.errors import InfectedFile, NotFound, ServicecenterError

VIRUS = b"a made-up virus"


class RecordingInbox(Inbox):
    """Remembers every call in order; the same key gives the same answer; `failure` is raised instead when it is set."""

    def __init__(self) -> None:
        self.contacts: dict[str, InboundContact] = {}
        self.messages: list[tuple[str, InboundMessage]] = []
        self.ends: list[tuple[str, InboundEnd]] = []
        self.reports: list[tuple[str, int, str, str]] = []
        self.owed: list[Outgoing] = []
        self.setups: list[tuple[str, str]] = []
        """(leg, "connected", "left" or the reason it failed for; or contact and why its transfer failed)."""
        self.blobs: dict[str, bytes] = {}
        self.scanner: Literal["", "answers", "silent"] = ""
        """Whether there is one, and whether it answers: it finds `VIRUS`."""
        self.words: dict[str, list[Said]] = {}
        self.now_ms = 0
        self.seen: dict[str, Seen] = {}
        self.states: dict[str, PublicState] = {}
        """What `public_state` tells; begun by `receive`, changed by a test."""
        self.around = Nearby()
        self.answers: dict[str, list[Said]] = {}
        """What agents have written, put there by a test."""
        self.failure: ServicecenterError | None = None
        self.time_ms = 1_760_335_200_000
        self.calls_wanted: list[tuple[str, str]] = []
        self.signals: list[tuple[str, Signal, int]] = []
        self.is_open = True
        self.wait_s: int | None = 120
        self.answer = ""
        self._keys: dict[tuple[str, str], str] = {}
        self._named: dict[tuple[str, str], str] = {}

    async def receive(self, key: Key, contact: InboundContact) -> Taken:
        """Keep it under the key."""
        made = f"c{len(self.contacts) + 1:02d}"
        name, is_new = self._once(key, made)
        if is_new:
            self.contacts[name] = contact
            self._say(name, "resident", contact.text, contact.attachments, contact.thread)
            self._named[key.source, key.subject] = name
            self.seen[name] = Seen(name, "queued", key.source, key.subject, "general", wait_s=self.wait_s)
            self.states[name] = PublicState(
                name, key.source, "queued", self.time_ms, self.time_ms, contact.topic, location=contact.location
            )
        if name not in self.seen:
            return Taken(name, "closed", is_new)
        return Taken(name, self.seen[name].state, is_new, "general", self.wait_s, self.answer)

    async def message(self, key: Key, message: InboundMessage) -> str:
        """Keep it with its contact."""
        contact = self._open(message.contact or self._named.get((key.source, key.subject), ""))
        _, is_new = self._once(key, contact)
        if is_new:
            self.messages.append((contact, message))
            self._say(contact, "resident", message.text, message.attachments, message.thread)
        return contact

    async def end(self, key: Key, end: InboundEnd) -> str:
        """Keep it; an end may come before its contact."""
        contact = end.contact or self._named.get((key.source, key.subject), "")
        _, is_new = self._once(key, contact)
        if is_new:
            self.ends.append((contact, end))
            self.seen.pop(contact, None)
        return contact

    async def report(
        self, contact: str, number: int, outcome: Literal["delivered", "failed"], reason: str = ""
    ) -> None:
        """Keep it; of a contact that was handed in."""
        self._refuse()
        if contact not in self.contacts:
            raise NotFound("nothing was sent under this number", field="$.number")
        self.reports.append((contact, number, outcome, reason))

    async def connected(self, leg: str) -> None:
        """Keep it."""
        self._refuse()
        self.setups.append((leg, "connected"))

    async def fail_setup(self, leg: str, reason: str) -> None:
        """Keep it."""
        self._refuse()
        self.setups.append((leg, reason))

    async def fail_transfer(self, contact: str, reason: str) -> None:
        """Keep it; of an open contact."""
        self._refuse()
        self.setups.append((self._open(contact), reason))

    async def left(self, leg: str) -> None:
        """Keep it."""
        self._refuse()
        self.setups.append((leg, "left"))

    async def call_back(self, contact: str, to: str) -> None:
        """Keep it; the contact becomes a callback."""
        self._refuse()
        self.calls_wanted.append((self._open(contact), to))
        self.seen[contact] = structs.replace(self.seen[contact], state="callback", callback_state="promised")

    async def signal(self, contact: str, signal: Signal, number: int = 0) -> None:
        """Keep it."""
        self.signals.append((contact, signal, number))

    async def owe(self, message: Outgoing) -> int:
        """Once per (contact, kind)."""
        self._refuse()
        for i, each in enumerate(self.owed):
            if (each.contact, each.kind) == (message.contact, message.kind):
                return i + 1
        self.owed.append(message)
        return len(self.owed)

    async def keep(self, body: bytes, *, refuses_infected: bool = False) -> Kept:
        """Keep the bytes under their hash."""
        self._refuse()
        verdicts: dict[str, Scan] = {"": "", "silent": "unknown", "answers": "infected" if VIRUS in body else "clean"}
        scan = verdicts[self.scanner]
        if refuses_infected and scan == "infected":
            raise InfectedFile(field="file")
        name = hashlib.sha256(body).hexdigest()
        self.blobs[name] = body
        return Kept(name, scan)

    async def kept(self, blob: str) -> bytes:
        """The bytes."""
        if blob not in self.blobs:
            raise NotFound(field="$.blob")
        return self.blobs[blob]

    async def look(self, contact: str) -> Seen | None:
        """What a test has put there, or what was received."""
        self._refuse()
        return self.seen.get(contact)

    async def open_contacts(self) -> tuple[Seen, ...]:
        """Everything that has not ended."""
        self._refuse()
        return tuple(self.seen.values())

    async def said(self, contact: str, after: int = 0) -> tuple[Said, ...]:
        """What resident and agent wrote, in order."""
        self._refuse()
        return tuple(
            each for each in [*self.words.get(contact, []), *self.answers.get(contact, [])] if each.number > after
        )

    def answer_with(self, contact: str, text: str, *attachments: Attachment) -> Outgoing:
        """An agent writes: the record is kept, and what a channel is to send is returned."""
        said = self._say(contact, "agent", text, attachments)
        return Outgoing(contact, said.number, text, attachments=attachments)

    def admits(self, queue: str) -> bool:
        """As a test has set it."""
        return bool(queue) and self.is_open

    async def public_state(self, contact: str) -> PublicState | None:
        """What a test has put there, or what was received."""
        self._refuse()
        return self.states.get(contact)

    async def public_states(self, period: Period) -> tuple[PublicState, ...]:
        """Those that the period asks for."""
        self._refuse()
        found = [each for each in self.states.values() if _is_in(period, each)]
        return tuple(sorted(found, key=lambda each: -each.received_at)[: period.most])

    async def nearby(self, topic: str, location: Location) -> Nearby:
        """What a test has put there."""
        self._refuse()
        assert topic
        assert location
        return self.around

    def sign(self, *parts: str) -> str:
        """A keyed hash, as the service makes it."""
        digest = hmac.new(b"test", "\0".join(parts).encode(), hashlib.sha256).digest()
        return b32encode(digest[:10]).decode().lower()

    def _say(
        self,
        contact: str,
        by: Literal["resident", "agent"],
        text: str,
        attachments: tuple[Attachment, ...] = (),
        thread: str = "",
    ) -> Said:
        words = self.words.setdefault(contact, [])
        words.append(Said(len(words) + 1, by, text, self.now_ms, attachments, thread))
        return words[-1]

    def _refuse(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _open(self, contact: str) -> str:
        if contact not in self.seen:
            raise NotFound("no open contact has this name", field="$.data.contact")
        return contact

    def _once(self, key: Key, contact: str) -> tuple[str, bool]:
        """The contact that the key stands for, and whether it is new."""
        self._refuse()
        name = key.source, key.id
        is_new = name not in self._keys
        return self._keys.setdefault(name, contact), is_new


def _is_in(period: Period, state: PublicState) -> bool:
    at = state.received_at if period.by == "received" else state.changed_at
    is_open = state.state not in {"closed", "abandoned", "cancelled"}
    return (
        period.since <= at <= period.until
        and period.source in {"", state.source}
        and (not period.topics or state.topic in period.topics)
        and period.is_open in {None, is_open}
    )
