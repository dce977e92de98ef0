"""Mail out, through the smarthost of the municipality. Owns its connections; decides nothing about the words.

Says `sent` when the smarthost has taken the mail, `later` when it may take it another time, `failed` when it never
will.
"""

import asyncio
from email.message import EmailMessage

import aiosmtplib
import structlog
from aiosmtplib import SMTP, SMTPException, SMTPRecipientRefused, SMTPRecipientsRefused, SMTPResponseException

from channels.base import Sent
from channels.email.settings import Smarthost

_log = structlog.get_logger(__name__)
PERMANENT = 500
TOO_LARGE = 552
MAILS_PER_CONNECTION = 100


class Line:
    """One connection to the smarthost, used by one mail at a time, opened again when it has gone stale."""

    def __init__(self, smarthost: Smarthost, host_name: str) -> None:
        self._smarthost = smarthost
        self._host_name = host_name
        self._client: SMTP | None = None
        self._mails = 0
        self.announced = 0
        """Largest mail that the smarthost has said it takes; 0 when it has not."""

    async def deliver(self, mail: EmailMessage, sender: str, recipient: str) -> None:
        """Hand it over. Raises SMTPException or OSError; then nothing is known of this connection any more."""
        is_fresh = self._client is None
        try:
            await self._deliver(mail, sender, recipient)
        except (aiosmtplib.SMTPServerDisconnected, ConnectionError):
            await self.close()
            if is_fresh:
                raise
            # An idle connection that the smarthost has closed: nothing was taken over it.
            await self._deliver(mail, sender, recipient)

    async def _deliver(self, mail: EmailMessage, sender: str, recipient: str) -> None:
        try:
            client = await self._connected()
            try:
                await client.sendmail(sender, [recipient], mail.as_bytes())
            finally:
                size = client.esmtp_extensions.get("size", "")
                self.announced = int(size) if size.isdecimal() else 0
        except BaseException:
            await self.close()
            raise
        self._mails += 1
        if self._mails >= MAILS_PER_CONNECTION:
            await self.close()

    async def _connected(self) -> SMTP:
        if self._client is None:
            smarthost = self._smarthost
            client = SMTP(
                hostname=smarthost.host,
                port=smarthost.port,
                timeout=smarthost.timeout_s,
                local_hostname=self._host_name,
                use_tls=smarthost.transport == "tls",
                start_tls=smarthost.transport == "starttls",
            )
            await client.connect()
            self._client = client
            self._mails = 0
            if smarthost.username:
                await client.login(smarthost.username, smarthost.password)
        return self._client

    async def close(self) -> None:
        """Hang up without a word: whatever was taken is taken."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


class Sending:
    """A few lines, taken in turn."""

    def __init__(self, smarthost: Smarthost, host_name: str) -> None:
        self._lines = [Line(smarthost, host_name) for _ in range(smarthost.connections)]
        self._idle: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
        for line in self._lines:
            self._idle.put_nowait(line)
        self.fault = ""
        """Slug of why the last mail could not be handed over; empty when it could."""

    @property
    def announced(self) -> int:
        """Largest mail that the smarthost has said it takes; 0 when it has not."""
        return min((line.announced for line in self._lines if line.announced), default=0)

    async def deliver(self, mail: EmailMessage, sender: str, recipient: str) -> Sent:
        """What became of it."""
        line = await self._idle.get()
        try:
            await line.deliver(mail, sender, recipient)
        except (SMTPException, OSError, ValueError) as error:
            sent = outcome_of(error)
            self.fault = sent.reason if sent.outcome == "later" else ""
            _log.warning("mail_not_sent", outcome=sent.outcome, why=sent.reason)
            return sent
        finally:
            self._idle.put_nowait(line)
        self.fault = ""
        return Sent("sent", external_id=str(mail["Message-ID"]))

    async def close(self) -> None:
        """Hang up."""
        for line in self._lines:
            await line.close()


def outcome_of(error: Exception) -> Sent:
    """Codes, never the other side's words.

    What refuses the recipient or the mail is for ever with 5xx. What refuses us (login, sender) is the operator's to
    mend: the mail waits.
    """
    if isinstance(error, ValueError):
        return Sent("failed", "no-address")
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return Sent("failed", "not-supported")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Sent("later", "unauthenticated")
    return _of_answer(error)


def _of_answer(error: Exception) -> Sent:
    match error:
        case SMTPRecipientsRefused():
            return _by_code(max((each.code for each in error.recipients), default=0), "refused-recipient")
        case SMTPRecipientRefused():
            return _by_code(error.code, "refused-recipient")
        case aiosmtplib.SMTPSenderRefused():
            return Sent("failed", "too-large") if error.code == TOO_LARGE else Sent("later", "refused-sender")
        case aiosmtplib.SMTPConnectError() | aiosmtplib.SMTPHeloError():
            return Sent("later", "unreachable")
        case SMTPResponseException():
            return _by_code(error.code, "refused-message")
        case _:
            return Sent("later", "unreachable")


def _by_code(code: int, reason: str) -> Sent:
    return Sent("failed" if code >= PERMANENT else "later", reason)
