"""One mail, from bytes to something durable; the same for SMTP, LMTP and IMAP.

Owns the order: read, sort, keep, tell, acknowledge. Answers only when the inbox has; never loses, never tells twice.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from channels.base import Inbox, Key, Outgoing, Taken
from channels.email.acknowledging import Guard, acknowledgement
from channels.email.languages import language_of
from channels.email.limits import MIB
from channels.email.mail import Envelope, Mail
from channels.email.naming import Names
from channels.email.readers import Readers
from channels.email.settings import EmailSettings
from channels.email.sorting import Sorted, is_acknowledged, sort
from channels.email.wire import contact_of, key_of, mailbox_of, message_of
from channels.email.words import say
from channels.inbound import Attachment, InboundContact, Role, Scan
from router.errors import NotFound, UnknownTopic

TEXT_HEAD = b"\xef\xbb\xbf"
"""Says to whoever opens the file that it is UTF-8; media types here carry no parameters."""
HTML_HEAD = b'<!doctype html><meta charset="utf-8">\n'
WORSE: tuple[Scan, ...] = ("", "clean", "unknown", "infected")
"""The original is as bad as the worst in it: a scanner need not know how to open a mail."""
_log = structlog.get_logger(__name__)


class Outcome(msgspec.Struct, frozen=True):
    """How a mail ended: kept in a contact, or refused by name."""

    contact: str = ""
    refusal: str = ""


class Receiving:
    """What is done with every mail."""

    def __init__(
        self,
        inbox: Inbox,
        settings: EmailSettings,
        names: Names,
        readers: Readers,
        *,
        city: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._inbox = inbox
        self._settings = settings
        self._names = names
        self._readers = readers
        self._guard = Guard(settings.acknowledgement)
        self._city = city
        self._now_ms = now_ms
        self.under_way = 0

    def mailbox(self, *recipients: str) -> str:
        """The mailbox that these recipients mean, or ''."""
        return mailbox_of(recipients, self._settings, self._names)

    async def take(self, raw: bytes, envelope: Envelope, received_at: datetime | None = None) -> Outcome:
        """Make a mail durable; the same one again is answered and not done again.

        Raises:
            ServicecenterError: the inbox refused, or could not promise anything.
        """
        mailbox = self.mailbox(*envelope.recipients)
        if not mailbox:
            return Outcome(refusal="unknown-mailbox")
        self.under_way += 1
        try:
            mail = await self._readers.read(raw, is_null_sender=envelope.sender == "")
            sorted_ = sort(mail, envelope, self._names, self._settings.automatic)
            if sorted_.refusal:
                _log.info("mail_refused", why=sorted_.refusal)
                return Outcome(refusal=sorted_.refusal)
            key = key_of(raw, mailbox) if len(raw) < MIB else await asyncio.to_thread(key_of, raw, mailbox)
            return Outcome(await self._tell(Arrival(raw, mail, envelope, sorted_, key, mailbox, received_at)))
        finally:
            self.under_way -= 1

    async def _tell(self, arrival: "Arrival") -> str:
        """The contact that now has it. What a conversation that is over can't take begins a new one."""
        sorted_ = arrival.sorted
        if told := await self._report(arrival):
            return told
        attachments = await self._keep(arrival.raw, arrival.mail)
        if sorted_.contact and not sorted_.fate and (told := await self._message(arrival, attachments)):
            return told
        return await self._new(arrival, attachments)

    async def _report(self, arrival: "Arrival") -> str:
        """Told what became of something sent; '' when nothing is known of it any more."""
        sorted_ = arrival.sorted
        if not sorted_.fate:
            return ""
        try:
            await self._inbox.report(sorted_.contact, sorted_.number, sorted_.fate, arrival.mail.failure_code)
        except NotFound:
            return ""
        return sorted_.contact

    async def _message(self, arrival: "Arrival", attachments: tuple[Attachment, ...]) -> str:
        """Told as more of its contact; '' when that is over."""
        unreadable = say("sv", "unreadable")
        message = message_of(arrival.mail, arrival.sorted, attachments, unreadable=unreadable)
        try:
            return await self._inbox.message(arrival.unnamed_key, message)
        except NotFound:
            return ""

    async def _new(self, arrival: "Arrival", attachments: tuple[Attachment, ...]) -> str:
        contact = contact_of(
            arrival.mail,
            arrival.envelope,
            arrival.sorted,
            self._settings,
            arrival.mailbox,
            attachments,
            unreadable=say("sv", "unreadable"),
            received_at=arrival.received_at,
        )
        taken = await self._received(arrival.key, contact)
        await self._acknowledge(arrival, taken)
        return taken.contact

    async def _received(self, key: Key, contact: InboundContact) -> Taken:
        """A mailbox whose topic the city has given up must not turn residents away."""
        try:
            return await self._inbox.receive(key, contact)
        except UnknownTopic:
            _log.warning("mailbox_topic_unknown", topic=contact.topic)
            return await self._inbox.receive(key, msgspec.structs.replace(contact, topic=""))

    async def _keep(self, raw: bytes, mail: Mail) -> tuple[Attachment, ...]:
        """Its files, then the mail itself: all words where some were cut, its HTML, the original. All durable."""
        parts = [self._kept(part.name, part.media_type, part.body, "") for part in mail.attachments]
        if mail.new_words != mail.text:
            parts.append(self._kept("message.txt", "text/plain", TEXT_HEAD + mail.text.encode(), "full_text"))
        if mail.html:
            parts.append(self._kept("message.html", "text/html", HTML_HEAD + mail.html.encode(), "html"))
        parts.append(self._kept("original.eml", "message/rfc822", raw, "original"))
        *kept, original = await asyncio.gather(*parts)
        worst = max((each.scan for each in (*kept, original)), key=WORSE.index)
        return (*kept, msgspec.structs.replace(original, scan=worst))

    async def _kept(self, name: str, media_type: str, body: bytes, role: Role) -> Attachment:
        kept = await self._inbox.keep(body)
        return Attachment(name, media_type, len(body), blob=kept.blob, scan=kept.scan, role=role)

    async def _acknowledge(self, arrival: "Arrival", taken: Taken) -> None:
        """Owed once, whoever asks how often: after a crash in between, the mail that comes again brings it about."""
        settings, mail = self._settings, arrival.mail
        to = mail.sender.address
        if settings.smarthost is None or not settings.acknowledgement.is_on:
            return
        if not is_acknowledged(mail, arrival.envelope, arrival.sorted.auto_class, settings):
            return
        if not self._guard.admits(to, self._now_ms()):
            return
        words = acknowledgement(language_of(mail), taken, settings.mailboxes[arrival.mailbox].name or self._city)
        owed = Outgoing(
            taken.contact,
            0,
            words,
            subject=mail.subject,
            to=to,
            source=arrival.key.source,
            kind="acknowledgement",
            thread=(mail.message_id,) if mail.message_id else (),
        )
        try:
            await self._inbox.owe(owed)
        except NotFound:
            self._guard.forget(to)  # answered and over already: nobody waits for a receipt
        except BaseException:
            self._guard.forget(to)
            raise


class Arrival(msgspec.Struct, frozen=True):
    """A mail that has been read and sorted."""

    raw: bytes
    mail: Mail
    envelope: Envelope
    sorted: Sorted
    key: Key
    mailbox: str
    received_at: datetime | None

    @property
    def unnamed_key(self) -> Key:
        """The key without a conversation of its own: its contact is named by id."""
        return msgspec.structs.replace(self.key, subject="")
