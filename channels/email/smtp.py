"""SMTP and LMTP in: our own mail servers deliver here. Says 250 only when `Receiving` has made the mail durable.

Owns who may connect, how many at once, how much memory mails under way may take, and what each answer is called.
Relays nothing, and never says more to a stranger than a code.
"""

import asyncio
import ipaddress
import logging
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import cast

import structlog
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Transaction

from channels.email.dialogue import Dialogue, LmtpDialogue, Room
from channels.email.headers import normal_address
from channels.email.mail import Envelope
from channels.email.receiving import Outcome, Receiving
from channels.email.settings import Listen
from channels.faults import is_recoverable
from router.errors import ServicecenterError

_log = structlog.get_logger(__name__)
RECIPIENTS = 100
DRAIN_S = 10.0
CALLS = {"*": 50, "NOOP": 200, "RSET": 2_000, "MAIL": 2_000, "RCPT": 20_000, "DATA": 2_000}
"""Commands in one connection; then it is asked to come back."""
REFUSALS = {
    "unknown-mailbox": "550 5.1.1 no such mailbox here (unknown-mailbox)",
    "mail-loop": "554 5.4.6 this mail was sent by us (mail-loop)",
    "automatic-mail": "550 5.7.1 automatic mail is not taken here (automatic-mail)",
}
BUSY = "421 4.3.2 too many connections, come back (busy)"
CLOSING = "421 4.3.2 closing, come back (closing)"
FORBIDDEN = "554 5.7.1 not from this address (forbidden)"
INTERNAL = "451 4.3.0 come back later (internal)"
NULL_SENDER = "<>"


class Door(asyncio.Protocol):
    """Who connects: a neighbour gets a dialogue, a stranger or one too many a single line."""

    def __init__(self, server: "SmtpServer") -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Look who it is before anything is read."""
        wire = cast("asyncio.Transport", transport)
        refusal = self._server.refusal_of(wire.get_extra_info("peername"))
        if refusal:
            wire.write(refusal.encode("ascii") + b"\r\n")
            wire.close()
            return
        dialogue = self._server.dialogue()
        wire.set_protocol(dialogue)
        dialogue.connection_made(wire)


class SmtpServer:
    """The server, and the handler that aiosmtpd calls."""

    def __init__(self, receiving: Receiving, listen: Listen, host_name: str, *, ident: str) -> None:
        self.listen = listen
        self.room = Room(listen.memory_bytes)
        self.max_bytes = listen.max_bytes
        self.dialogues: set[Dialogue] = set()
        self._receiving = receiving
        self._host_name = host_name
        self._ident = ident
        self._networks = [ipaddress.ip_network(each) for each in listen.allow]
        self._tls = _tls(listen)
        self._server: asyncio.Server | None = None
        self._is_closing = False
        self._working = 0
        self._is_quiet = asyncio.Event()
        self._is_quiet.set()

    @property
    def port(self) -> int:
        """Where it listens; 0 when it does not."""
        sockets = self._server.sockets if self._server is not None else ()
        return int(sockets[0].getsockname()[1]) if sockets else 0

    async def open(self) -> None:
        """Listen. Raises OSError when the address can't be had."""
        # aiosmtpd writes every address that it sees into its log, which is nobody's business.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Door(self), self.listen.host, self.listen.port, backlog=128)
        _log.info("smtp_listening", host=self.listen.host, port=self.port, is_lmtp=self.listen.is_lmtp)

    async def close(self) -> None:
        """Take nothing new; let what is being told become durable and answered; then hang up."""
        self._is_closing = True
        if self._server is not None:
            self._server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await self._is_quiet.wait()
        for dialogue in list(self.dialogues):
            transport = cast("asyncio.Transport | None", dialogue.transport)
            if transport is not None and not transport.is_closing():
                transport.write(CLOSING.encode("ascii") + b"\r\n")
                transport.close()

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """A mail is on its way in this connection."""
        self._working += 1
        self._is_quiet.clear()
        try:
            yield
        finally:
            self._working -= 1
            if not self._working:
                self._is_quiet.set()

    def gone(self, dialogue: Dialogue) -> None:
        """A connection is over."""
        self.dialogues.discard(dialogue)

    def refusal_of(self, peer: object) -> str:
        """Why this peer gets no dialogue, or ''."""
        if self._is_closing:
            return CLOSING
        if not self._is_allowed(peer):
            _log.warning("smtp_stranger")
            return FORBIDDEN
        return BUSY if len(self.dialogues) >= self.listen.max_connections else ""

    def _is_allowed(self, peer: object) -> bool:
        if not isinstance(peer, tuple) or not peer:
            return False
        address = ipaddress.ip_address(str(cast("tuple[object, ...]", peer)[0]).partition("%")[0])
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self._networks)

    def dialogue(self) -> Dialogue:
        """A new connection's protocol."""
        made = (LmtpDialogue if self.listen.is_lmtp else Dialogue)(
            self,
            data_size_limit=self.listen.max_bytes,
            enable_SMTPUTF8=True,
            hostname=self._host_name,
            ident=self._ident,
            tls_context=self._tls,
            require_starttls=self.listen.requires_tls,
            timeout=self.listen.timeout_s,
            command_call_limit=CALLS,
            loop=asyncio.get_running_loop(),
        )
        made.host = self
        self.dialogues.add(made)
        return made

    async def handle_RCPT(  # noqa: N802 # aiosmtpd's name
        self, _server: SMTP, _session: Session, transaction: Transaction, address: str, _options: list[str]
    ) -> str:
        """Only our own mailboxes; whatever stands after a plus."""
        if self._is_closing:
            return CLOSING
        if not self._receiving.mailbox(address):
            return REFUSALS["unknown-mailbox"]
        if len(transaction.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 too many recipients"
        transaction.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, transaction: Transaction) -> str:  # noqa: N802
        """One mail, one contact; LMTP hears it once for each recipient.

        Shielded: a peer that hangs up now must not stop what is half told. It will send the mail again, and be told
        that we have it.
        """
        answer = await asyncio.shield(asyncio.ensure_future(self._answer(transaction)))
        return cast("Dialogue", server).for_each(answer)

    async def handle_exception(self, error: Exception) -> str:
        """Something of ours broke: whoever sends keeps the mail and comes back."""
        _log.exception("smtp_dialogue_failed", exc_info=error)
        return INTERNAL

    async def _answer(self, transaction: Transaction) -> str:
        said = str(transaction.mail_from or "").strip()
        sender = "" if said == NULL_SENDER else normal_address(said) or None
        envelope = Envelope(sender, tuple(str(each) for each in transaction.rcpt_tos))
        async with self.working():
            try:
                return answer_of(await self._receiving.take(transaction.original_content or b"", envelope))
            except ServicecenterError as error:
                _log.warning("mail_not_taken", slug=error.slug, field=error.field)
                return fault_of(error)
            except Exception as error:  # noqa: BLE001 # a defect of ours is no reason to lose a mail: it comes back
                _log.exception("mail_not_taken", exc_info=error)
                return INTERNAL


def answer_of(outcome: Outcome) -> str:
    """What an outcome is called in SMTP."""
    return REFUSALS[outcome.refusal] if outcome.refusal else f"250 2.0.0 kept as {outcome.contact or 'known'}"


def fault_of(error: ServicecenterError) -> str:
    """Come back, or don't: decided where all channels decide it."""
    if is_recoverable(error):
        return f"451 4.3.0 come back later ({error.slug})"
    return f"554 5.6.0 can't be taken ({error.slug})"


def _tls(listen: Listen) -> ssl.SSLContext | None:
    """The certificate's context, for STARTTLS. Raises OSError."""
    if not listen.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(listen.certificate, listen.key)
    return context
