"""IMAP in: mail that nobody delivers to us is fetched, one thread for each mailbox.

Owns no cursor: what is kept is moved to another folder, and what could not be moved is known by its key the next time.
IDLE only wakes; correctness never hangs on it. Nothing is parsed in the thread.
"""

import asyncio
import imaplib
import random
import re
import threading
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

import structlog
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from channels.email.headers import normal_address
from channels.email.mail import Envelope
from channels.email.receiving import Outcome, Receiving
from channels.email.settings import Poll
from channels.faults import is_recoverable
from channels.reconnecting import pause_s
from router.errors import ServicecenterError

_log = structlog.get_logger(__name__)
TAKE_S = 60.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_HEADER = re.compile(rb"^(return-path|delivered-to|x-original-to):\s*<?([^>\r\n]*)>?", re.IGNORECASE | re.MULTILINE)
HEADER_BYTES = 64 * 1024
FAULTS = (ImapToolsError, imaplib.IMAP4.error, OSError, EOFError, ValueError)


class Polling:
    """One mailbox."""

    def __init__(self, receiving: Receiving, poll: Poll, max_bytes: int) -> None:
        self._receiving = receiving
        self._poll = poll
        self._max_bytes = max_bytes
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._box: BaseMailBox | None = None
        self.is_up = False
        self.waiting = 0

    def start(self) -> None:
        """Begin; goes on trying by itself."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=f"imap-{self._poll.host}", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Take nothing new; wait for the mail in hand."""
        self._ends.set()
        box = self._box
        if box is not None:
            with suppress(OSError):
                box.client.sock.shutdown(2)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, TAKE_S)

    def _run(self) -> None:
        attempt = 0
        while not self._ends.is_set():
            try:
                for _ in self._rounds():
                    attempt = 0
            except Exception as error:  # noqa: BLE001 # the line or the server: it is opened again, whatever it was
                self.is_up = False
                if not self._ends.is_set():
                    _log.warning("imap_lost", error=type(error).__name__)
            self._ends.wait(pause_s(attempt, random.random()))  # noqa: S311 # jitter
            attempt += 1

    def _rounds(self) -> Iterator[None]:
        """Fetch what is there, wait to be woken, again; every round is whole in itself."""
        box = self._box = self._opened()
        try:
            for folder in (self._poll.done, self._poll.refused):
                if not box.folder.exists(folder):
                    box.folder.create(folder)  # pyright: ignore[reportUnknownMemberType] - half typed
            can_idle = "IDLE" in box.client.capabilities
            self.is_up = True
            while not self._ends.is_set():
                is_done = self._fetch(box)
                yield
                if not is_done:
                    self._ends.wait(min(self._poll.poll_s, pause_s(3, random.random())))  # noqa: S311 # jitter
                elif can_idle:
                    box.idle.wait(timeout=self._poll.poll_s)
                else:
                    self._ends.wait(self._poll.poll_s)
        finally:
            self.is_up = False
            self._box = None
            _hang_up(box)

    def _opened(self) -> BaseMailBox:
        poll = self._poll
        made = {"tls": MailBox, "starttls": MailBoxStartTls, "none": MailBoxUnencrypted}[poll.transport]
        box = made(poll.host, poll.port, timeout=poll.timeout_s)
        try:
            box.login(poll.username, poll.password, initial_folder=poll.folder)
        except BaseException:
            _hang_up(box)
            raise
        return box

    def _fetch(self, box: BaseMailBox) -> bool:
        """Everything that lies in the folder now, oldest first; whether all of it could be taken."""
        box.client.noop()
        uids = box.uids("ALL")
        self.waiting = len(uids)
        is_done = True
        for uid in uids:
            if self._ends.is_set():
                return False
            is_done &= self._take(box, uid)
            self.waiting = max(0, self.waiting - 1)
        return is_done

    def _take(self, box: BaseMailBox, uid: str) -> bool:
        outcome = self._told(box, uid)
        if outcome is None:
            return False
        if outcome.refusal:
            _log.info("mail_refused", why=outcome.refusal)
        folder = self._poll.refused if outcome.refusal else self._poll.done
        box.move(uid, folder)  # pyright: ignore[reportUnknownMemberType] - half typed
        return True

    def _told(self, box: BaseMailBox, uid: str) -> Outcome | None:
        """What became of one mail; None when it must be tried again."""
        size = self._size(box, uid)
        if size is None:
            return None
        if size > self._max_bytes:
            return Outcome(refusal="too-large")
        raw, received_at = self._raw(box, uid)
        if raw is None or self._loop is None:
            return None
        return self._waited_for(
            self._receiving.take(raw, envelope_of(raw, self._poll.mailbox), received_at), self._loop
        )

    def _waited_for(
        self, taking: Coroutine[object, object, Outcome], loop: asyncio.AbstractEventLoop
    ) -> Outcome | None:
        """What the service's own loop makes of it."""
        future = asyncio.run_coroutine_threadsafe(taking, loop)
        try:
            return future.result(TAKE_S)
        except ServicecenterError as error:
            _log.warning("mail_not_taken", slug=error.slug, field=error.field)
            return None if is_recoverable(error) else Outcome(refusal=error.slug)
        except TimeoutError:
            future.cancel()
        except Exception as error:  # noqa: BLE001 # a defect of ours must not hold up the mails behind this one
            _log.exception("mail_not_taken", exc_info=error)
        return None

    def _size(self, box: BaseMailBox, uid: str) -> int | None:
        _, data = box.client.uid("FETCH", uid, "(RFC822.SIZE)")
        found = _SIZE.search(b" ".join(each for each in data if isinstance(each, bytes)))
        return int(found[1]) if found else None

    def _raw(self, box: BaseMailBox, uid: str) -> tuple[bytes | None, datetime | None]:
        """The bytes of a mail, and when the server got it."""
        _, data = box.client.uid("FETCH", uid, "(INTERNALDATE BODY.PEEK[])")
        for each in cast("list[object]", data):
            if isinstance(each, tuple):
                said, raw = cast("tuple[bytes, bytes]", each)
                arrived = imaplib.Internaldate2tuple(said)
                return raw, datetime(*arrived[:6]).astimezone(UTC) if arrived else None
        return None, None


def _hang_up(box: BaseMailBox) -> None:
    """Close the socket; a logout would ask a server that may be gone."""
    with suppress(*FAULTS):
        box.client.shutdown()


def envelope_of(raw: bytes, mailbox: str) -> Envelope:
    """What the mail server that kept it has written on top; the mailbox it lies in is a recipient in any case."""
    sender: str | None = None
    recipients = [mailbox]
    for name, value in _HEADER.findall(raw[:HEADER_BYTES].partition(b"\r\n\r\n")[0]):
        address = normal_address(value.decode("ascii", "replace"))
        if name.lower() != b"return-path":
            recipients += [address] if address else []
        elif sender is None:
            sender = address
    return Envelope(sender, tuple(dict.fromkeys(recipients)))
