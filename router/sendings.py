"""Words on their way to residents: what is owed is sent until it is sent or can't be, what is spoken is told at once.

The store keeps what is owed (`sending` in router.lifecycle), with a deadline at which a sweep calls here. Words may be
handed to a channel twice, never lost: (contact, number) names them for the channel.
"""

import asyncio
from collections.abc import Coroutine

import msgspec
import structlog

from channels.base import Outgoing, Sent
from router.errors import NotFound, ServicecenterError, StateError
from router.journal import EntryData
from router.lines import Line, Lines
from router.model import OpenContact
from router.store.keys import contact_of
from router.store.redis_store import Store
from router.telemetry import Metrics
from router.written_words import WrittenWords

AT_ONCE = 64
FLIGHT_MS = 120_000
"""How long words in flight are left alone; then whoever leads tries them again."""
SEND_S = 90.0
FIRST_RETRY_S, LONGEST_RETRY_S = 30, 1_800
MOST_TRIES = 110
"""With these pauses words are tried for about two days."""
_log = structlog.get_logger(__name__)


class Sendings:
    """Sends."""

    def __init__(self, store: Store, words: WrittenWords, lines: Lines, metrics: Metrics) -> None:
        self._store = store
        self._words = words
        self._lines = lines
        self._metrics = metrics
        self._room = asyncio.Semaphore(AT_ONCE)
        self._in_flight: dict[str, asyncio.Task[None]] = {}

    async def speak(self, contact_id: str, number: int) -> None:
        """Tell a channel that owes nothing an agent's words, as they come."""
        contact = await self._store.contact(contact_id)
        line = self._lines.get(contact.integration) if contact is not None else None
        if contact is None or line is None or line.adapter.owes or not line.is_running:
            return
        message = await self._words.outgoing(contact, number)
        if message is not None:
            await line.channel.send(message)

    async def send_owed(self, sending: str) -> None:
        """A sweep: words whose time has come. Returns at once; the channel takes its time elsewhere.

        Raises:
            NotFound: nothing is owed.
        """
        if sending in self._in_flight:
            return
        contact_id, number = contact_of(sending), int(sending.rpartition(".m")[2])
        contact = await self._store.contact(contact_id)
        state, tries = await self._store.sendings.state(contact_id, number)
        if contact is None or state != "owed":
            raise NotFound(sending)
        await self._store.postpone_deadline(f"sending:{sending}", self._store.clock.now_ms() + FLIGHT_MS)
        self._begin(sending, self._send(contact, number, tries))

    async def close(self) -> None:
        """Wait for nobody: what was not recorded is sent again."""
        for task in self._in_flight.values():
            task.cancel()
        await asyncio.gather(*self._in_flight.values(), return_exceptions=True)

    def _begin(self, sending: str, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work, name="sending")
        self._in_flight[sending] = task
        task.add_done_callback(lambda _: self._in_flight.pop(sending, None))

    async def _send(self, contact: OpenContact, number: int, tries: int) -> None:
        async with self._room:
            sent = await self._try(contact, number)
        if sent.outcome == "later" and tries >= MOST_TRIES:
            sent = Sent("failed", sent.reason or "given_up")
        self._metrics.sendings.labels(contact.integration, sent.outcome).inc()
        try:
            await self._record(contact, number, sent, tries)
        except (NotFound, StateError):
            pass
        except ServicecenterError as error:
            _log.warning("sending_not_recorded", contact=contact.id, slug=error.slug)

    async def _try(self, contact: OpenContact, number: int) -> Sent:
        try:
            message = await self._words.outgoing(contact, number)
            if message is None:
                return Sent("failed", "no_words")
            line = self._line(contact, message)
            if line is None or not line.is_running:
                return Sent("later", "no_channel")
            if line.name != contact.integration:
                message = msgspec.structs.replace(message, source="", thread=())
            async with asyncio.timeout(SEND_S):
                return await line.channel.send(message)
        except TimeoutError:
            return Sent("later", "timeout")
        except Exception as error:  # noqa: BLE001 # an adapter's defect: the words stay owed, loudly
            _log.error("sending_failed", contact=contact.id, channel=contact.integration, error=type(error).__name__)
            return Sent("later", "channel_failed")

    def _line(self, contact: OpenContact, message: Outgoing) -> Line | None:
        """The adapter that the contact came by; a transcript goes by mail, whatever that was."""
        if message.kind == "transcript":
            return next((line for line in self._lines.all if line.adapter.code == "email"), None)
        return self._lines.get(contact.integration)

    async def _record(self, contact: OpenContact, number: int, sent: Sent, tries: int) -> None:
        data = EntryData(
            contact=contact.id,
            agent=contact.agent,
            channel=contact.channel,
            medium=contact.medium,
            actor=f"integration:{contact.integration}",
            reason=sent.reason,
        )
        record = self._store.sendings.record_sending
        if sent.outcome == "later":
            pause_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** min(tries, 10))
            await record(contact.id, number, "put_off", data, retry_at=self._store.clock.now_ms() + pause_s * 1000)
        else:
            await record(contact.id, number, "send" if sent.outcome == "sent" else "fail", data)
