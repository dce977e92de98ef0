"""E-mail as a channel: mail in by SMTP, LMTP or IMAP, mail out by a smarthost.

Scorecard
    can      receive (250 only after the contact is durable), several mailboxes, answers that find their contact,
             acknowledge, reply with threading and files, failed and delayed delivery told, scanner, IMAP.
    can't    connect, wait, hold, transfer, join, type: written work needs none of it. No DKIM or SPF of its own: the
             municipality's mail servers sign and check.
    limits   25 MiB a mail, 17 files of 10 MiB set apart (the original is kept whole), 5 s to read one.
    the other side dies   SMTP: its transaction ends and the mail is sent again, known by its key. Smarthost: `later`.
    our store dies        4xx; nothing is told to have arrived. IMAP: the mail stays in its folder.
    our process dies      no 250 without a durable contact; a mail told but not answered comes again and is one mail.
                          Going out, a mail may leave twice with one message id when we die between 250 and its record.
    not kept              acknowledgements of the last day are remembered by each process for itself.
"""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from channels.base import Channel, Connection, FileLimits, Health, Inbox, Outgoing, Sent
from channels.email.headers import normal_address
from channels.email.limits import MIB
from channels.email.naming import Names
from channels.email.polling import Polling
from channels.email.readers import Readers
from channels.email.receiving import Receiving
from channels.email.sending import Sending
from channels.email.settings import EmailSettings, checked
from channels.email.smtp import SmtpServer
from channels.email.wire import address_of, has_null_sender, mail_of, mailbox_for
from channels.email.words import say
from channels.inbound import Attachment
from channels.reconnecting import pause_s
from channels.site import Site
from router.errors import ConfigurationError, NotFound

_log = structlog.get_logger(__name__)
IDENT = "servicecenter"
MOST_FILES = 20
TRAVELS_AS = 1.4
"""What a byte of a file takes in a mail: base64 in lines."""
WORDS_BYTES = 128 * 1024
"""Room for headers and words."""


class Email(Channel):
    """The channel `email`."""

    def __init__(self, inbox: Inbox, settings: EmailSettings, *, city: str, now_ms: Callable[[], int]) -> None:
        self._settings = settings = checked(settings)
        self._inbox = inbox
        self._city = city
        self._now_ms = now_ms
        self._names = Names(inbox.sign, settings.host_name)
        self._readers = Readers(settings.readers)
        self.receiving = Receiving(inbox, settings, self._names, self._readers, city=city, now_ms=now_ms)
        self.smtp = _smtp(settings, self.receiving)
        self._sending = Sending(settings.smarthost, settings.host_name) if settings.smarthost else None
        max_bytes = settings.listen.max_bytes if settings.listen else 25 * MIB
        self._polls = [Polling(self.receiving, each, max_bytes) for each in settings.imap]
        self._opening: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._is_running = False

    @property
    def name(self) -> str:
        """`[channels.email]`."""
        return "email"

    async def start(self) -> None:
        """Listen and fetch; an address that is taken is tried again until it is free."""
        self._is_running = True
        self._warming = asyncio.create_task(self._readers.warm())
        for poll in self._polls:
            poll.start()
        if self.smtp is not None and not await self._opened(self.smtp):
            self._opening = asyncio.create_task(self._open(self.smtp))

    async def _opened(self, server: SmtpServer) -> bool:
        try:
            await server.open()
        except OSError as error:
            _log.warning("smtp_not_listening", error=type(error).__name__)
            return False
        return True

    async def _open(self, server: SmtpServer) -> None:
        attempt = 0
        while True:
            await asyncio.sleep(pause_s(attempt, random.random()))  # noqa: S311 # jitter
            if await self._opened(server):
                return
            attempt += 1

    async def stop(self) -> None:
        """Nothing new; what is being told becomes durable and is answered; then everything is closed."""
        self._is_running = False
        for task in (self._opening, self._warming):
            if task is not None:
                task.cancel()
                await asyncio.wait({task})
        if self.smtp is not None:
            await self.smtp.close()
        await asyncio.gather(*(poll.stop() for poll in self._polls))
        await self._readers.stop()
        if self._sending is not None:
            await self._sending.close()

    async def connect(self, connection: Connection) -> None:
        """Nothing to bring together: the resident is not there, and no leg of a letter waits to be connected."""

    async def end(self, contact: str, reason: str) -> None:
        """Nothing to hang up."""

    async def send(self, message: Outgoing) -> Sent:
        """One mail; the same message again has the same message id, and whoever keeps order keeps one of them."""
        if self._sending is None:
            return Sent("failed", "no-smarthost")
        mailbox = mailbox_for(message.source, self._settings)
        try:
            recipient = address_of(message.to)
        except (ValueError, UnicodeError):
            return Sent("failed", "no-address")
        if self._names.of_address(normal_address(recipient))[0] in self._settings.mailboxes:
            return Sent("failed", "own-address")
        files = await self._files(message.attachments)
        if isinstance(files, str):
            return Sent("failed", files)
        mail = mail_of(
            message,
            self._names,
            mailbox,
            reply_to=self._reply_address(mailbox, message.contact),
            name=self._settings.mailboxes[mailbox].name or self._city,
            no_subject=say("sv", "subject-none", city=self._city),
            date=datetime.fromtimestamp(self._now_ms() / 1000, UTC),
            files=files,
        )
        sender = "" if has_null_sender(message) else self._bounce_address(mailbox, message)
        return await self._sending.deliver(mail, sender, recipient)

    def _reply_address(self, mailbox: str, contact: str) -> str:
        return self._names.plus_address(mailbox, contact) if self._settings.keeps_plus_address else mailbox

    def _bounce_address(self, mailbox: str, message: Outgoing) -> str:
        if not self._settings.keeps_plus_address:
            return mailbox
        return self._names.bounce_address(mailbox, message.contact, message.number)

    async def _files(self, attachments: tuple[Attachment, ...]) -> list[tuple[Attachment, bytes]] | str:
        """The bytes to send along, all of them, or why not: no mail leaves without what it speaks of."""
        if any(each.scan not in {"", "clean"} for each in attachments):
            return "unsafe-attachment"
        try:
            files = [(each, await self._inbox.kept(each.blob)) for each in attachments]
        except NotFound:
            return "no-attachment"
        return "too-large" if sum(len(body) for _, body in files) > self.file_limits().bytes_together else files

    def file_limits(self) -> FileLimits:
        """What fits into one mail, as large as the smarthost takes it."""
        if self._settings.smarthost is None or self._sending is None:
            return FileLimits()
        most = min(self._settings.smarthost.max_bytes, self._sending.announced or self._settings.smarthost.max_bytes)
        room = max(0, int((most - WORDS_BYTES) / TRAVELS_AS))
        return FileLimits(MOST_FILES if room else 0, room, room)

    def health(self) -> Health:
        """Down without any way in that is asked for; degraded while one of several, or the way out, does not work."""
        if not self._is_running:
            return Health("stopped")
        ways = [poll.is_up for poll in self._polls] + ([bool(self.smtp.port)] if self.smtp is not None else [])
        fault = self._sending.fault if self._sending is not None else ""
        backlog = self.receiving.under_way + sum(poll.waiting for poll in self._polls)
        if ways and not any(ways):
            return Health("down", backlog, "no-way-in")
        if not all(ways):
            return Health("degraded", backlog, "a-way-in-is-down")
        return Health("degraded", backlog, fault) if fault else Health("up", backlog)


def _smtp(settings: EmailSettings, receiving: Receiving) -> SmtpServer | None:
    """The server, if mail is delivered.

    Raises:
        ConfigurationError: its certificate can't be read.
    """
    if settings.listen is None:
        return None
    try:
        return SmtpServer(receiving, settings.listen, settings.host_name, ident=IDENT)
    except OSError as error:
        raise ConfigurationError(str(error), field="$.channels.email.listen.certificate") from error


async def open_email(site: Site, settings: EmailSettings) -> Channel:
    """The channel by its settings.

    Raises:
        ConfigurationError: something in them can't work.
    """
    return Email(site.inbox, settings, city=site.city, now_ms=site.now_ms)
