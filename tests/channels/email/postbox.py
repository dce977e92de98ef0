"""An e-mail channel on real sockets over the inbox in memory, and a smarthost that keeps what it is given."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Transaction

from channels.base import Outgoing
from channels.email.channel import Email
from channels.email.naming import Names
from channels.email.settings import EmailSettings, Listen, Mailbox, Smarthost
from tests.channels.recording_inbox import RecordingInbox
from tests.manual_clock import ManualClock

CITY = "Ekeby stad"
BOX = "kontakt@example.se"
SECOND = "bygglov@example.se"
RESIDENT = "anna@resident.example.se"


class Delivered(NamedTuple):
    """One mail as a smarthost got it."""

    sender: str
    recipients: tuple[str, ...]
    mail: EmailMessage


class Sink:
    """A mail server that takes everything, or answers what a test wants."""

    def __init__(self) -> None:
        self.delivered: list[Delivered] = []
        self.connections = 0
        self.to_rcpt = ""
        self.to_data = ""
        self.to_mail = ""
        self.max_bytes = 33_554_432
        self.hangs_up_next = False
        self._server: asyncio.Server | None = None

    async def open(self, port: int = 0) -> int:
        """Listen; the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._dialogue, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    def _dialogue(self) -> SMTP:
        self.connections += 1
        loop = asyncio.get_running_loop()
        return SMTP(self, data_size_limit=self.max_bytes, hostname="sink.example.se", enable_SMTPUTF8=True, loop=loop)

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def handle_MAIL(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, _session: Session, transaction: Transaction, address: str, options: list[str]
    ) -> str:
        """Whoever sends."""
        if self.hangs_up_next and server.transport is not None:
            self.hangs_up_next = False
            server.transport.close()
        transaction.mail_from = address
        transaction.mail_options.extend(options)
        return self.to_mail or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 # aiosmtpd's name
        self, _server: SMTP, _session: Session, transaction: Transaction, address: str, _options: list[str]
    ) -> str:
        """Whoever it is for."""
        if self.to_rcpt:
            return self.to_rcpt
        transaction.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, transaction: Transaction) -> str:  # noqa: N802
        """Keep it."""
        if self.to_data:
            return self.to_data
        mail = message_from_bytes(transaction.original_content or b"", policy=policy.default)
        recipients = tuple(str(each) for each in transaction.rcpt_tos)
        self.delivered.append(Delivered(str(transaction.mail_from), recipients, mail))
        return "250 2.0.0 OK"


class Postbox(NamedTuple):
    """A channel that is open."""

    channel: Email
    inbox: RecordingInbox
    sink: Sink
    clock: ManualClock
    names: Names

    @property
    def port(self) -> int:
        """Where it takes mail."""
        assert self.channel.smtp is not None
        return self.channel.smtp.port


def settings_of(**changes: object) -> EmailSettings:
    """Two mailboxes, no way in or out, changed as a test wants."""
    boxes = {BOX: Mailbox(), SECOND: Mailbox(name="Bygglov", authority="BN", topic="BYG.LOV")}
    given: dict[str, object] = {"host_name": "mail.example.se", "mailboxes": boxes, "readers": 1}
    return EmailSettings(**(given | changes))  # pyright: ignore[reportArgumentType] - a test's own values


@asynccontextmanager
async def opened(listen: Listen | None = None, **changes: object) -> AsyncGenerator[Postbox]:
    """The channel, started, and stopped afterwards."""
    sink, inbox, clock = Sink(), RecordingInbox(), ManualClock()
    smarthost = Smarthost(host="127.0.0.1", port=await sink.open(), timeout_s=5)
    settings = settings_of(**({"smarthost": smarthost, "listen": listen or Listen(port=0)} | changes))
    try:
        channel = Email(inbox, settings, city=CITY, now_ms=clock.now_ms)
        await channel.start()
        try:
            yield Postbox(channel, inbox, sink, clock, Names(inbox.sign, settings.host_name))
        finally:
            await channel.stop()
    finally:
        sink.close()


def letter(
    text: str = "Hej! När öppnar återvinningscentralen?", *, to: str = BOX, sender: str = RESIDENT, **headers: str
) -> EmailMessage:
    """An ordinary mail; `Message_Id="<x@y>"` sets a header."""
    mail = EmailMessage(policy=policy.SMTP)
    given = {"From": f"Anna Test <{sender}>", "To": to, "Subject": "En fråga", "Message-ID": "<1@resident.example.se>"}
    for name, value in (given | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        if name in mail:
            del mail[name]
        mail[name] = value
    mail.set_content(text)
    return mail


def outgoing(contact: str = "c01", number: int = 2, **changes: object) -> Outgoing:
    """An agent's answer."""
    given: dict[str, object] = {
        "text": "Hej Anna! Klockan nio.",
        "subject": "En fråga",
        "to": RESIDENT,
        "source": f"mailto:{BOX}",
        "thread": ("<1@resident.example.se>",),
    }
    return Outgoing(contact, number, **(given | changes))  # pyright: ignore[reportArgumentType] - a test's own values


class Wire:
    """A peer that says bytes and reads lines, in any order it likes."""

    def __init__(self, answers: asyncio.StreamReader, asked: asyncio.StreamWriter) -> None:
        self._answers = answers
        self._asked = asked

    async def say(self, text: str | bytes) -> None:
        """Bytes as they are."""
        self._asked.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
        await self._asked.drain()

    async def ask(self, line: str) -> str:
        """A line, and the last line of the answer."""
        await self.say(line + "\r\n")
        return await self.heard()

    async def heard(self) -> str:
        """The last line of one answer; '' when the other side has hung up."""
        while True:
            async with asyncio.timeout(20):
                line = (await self._answers.readline()).decode()
            if line[3:4] != "-":
                return line.strip()

    def half_close(self) -> None:
        """Say nothing more, but listen."""
        self._asked.write_eof()

    def hang_up(self) -> None:
        """Go without a word."""
        self._asked.transport.abort()

    async def greeted(self, verb: str = "EHLO") -> "Wire":
        """Past the greeting."""
        assert (await self.heard()).startswith("220")
        assert (await self.ask(f"{verb} resident.example.se")).startswith("250")
        return self


@asynccontextmanager
async def wired(port: int) -> AsyncGenerator[Wire]:
    """A connection of a test's own."""
    answers, asked = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(answers, asked)
    finally:
        asked.close()
