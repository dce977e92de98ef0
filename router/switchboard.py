"""Tells channels what becomes of their contacts.

The journal says *who is to be looked at*, the store how they stand (`router.switching`): nothing depends on having seen
an entry. Never decides about a contact; an adapter that fails is logged, and looked at again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import NamedTuple, TypeVar

import msgspec
import structlog

from channels.base import Channel, Connection, Holds, Joins, Seen, Transfers, Waits
from channels.faults import is_recoverable
from channels.reconnecting import pause_s
from router.errors import ServicecenterError
from router.journal import Entry
from router.lines import Line, Lines
from router.model import OpenContact
from router.sendings import Sendings
from router.store.redis_store import Store
from router.switching import IS_OVER, NOT_TOLD, Call, Standing, calls, standing
from router.written_words import WrittenWords, open_by_integration
from rules.city import City

NOBODY = "-"
"""Stands for the adapter of a contact that came by none of this router's lines."""
KNOWN = 50_000
"""So much is remembered of each kind, the latest; whatever was forgotten is looked up, or told once more."""
JOINING = frozenset({"begin_side_leg", "set_leg_mode"})
CALL_S = 30.0
"""A channel that takes longer over one call is at fault."""
TRIES = 5
AT_ONCE = 100
"""So many places are looked at before others get their turn."""
_log = structlog.get_logger(__name__)
Kept = TypeVar("Kept")


class Told(NamedTuple):
    """What was told last of a contact, and on which line: a call back goes by another one than the contact came by."""

    line: str
    standing: Standing


class Waiting(NamedTuple):
    """Somebody who waits on a line of ours, and what they were told of their place."""

    line: str
    contact: OpenContact
    """Without its decision: only its place is looked at."""
    ahead: int | None


class Switchboard:
    """Between the journal and the channels of one router."""

    def __init__(
        self,
        store: Store,
        city: City,
        lines: Lines,
        sendings: Sendings,
        words: WrittenWords,
        seen: Callable[[OpenContact], Seen],
        ahead: Callable[[OpenContact], int | None],
    ) -> None:
        self._store = store
        self._city = city
        self._lines = lines
        self._sendings = sendings
        self._words = words
        self._seen = seen
        self._ahead = ahead
        self._line_of: OrderedDict[str, str] = OrderedDict()
        """Contact -> the adapter it came by, also of those that are no line's."""
        self._told: OrderedDict[str, Told] = OrderedDict()
        self._modes: OrderedDict[str, str] = OrderedDict()
        """Leg of a supervisor -> how they take part."""
        self._again: dict[str, bool] = {}
        """Contacts that are being looked at -> whether to look once more."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, Waiting] = {}
        self._is_telling_places = False
        lines.on_start = self.look_at_all_soon

    def follow(self, entry: Entry) -> None:
        """A listener of the journal: whose contact it is about is looked at."""
        if not self._lines.all:
            return
        contact = entry.data.contact
        if not contact:
            return
        if entry.data.received is not None:
            self._remember(contact, entry.data.received.integration)
        if entry.command in JOINING and entry.data.side is not None:
            _keep(self._modes, entry.data.side.leg, entry.data.status or "listen")
        if self._line_of.get(contact) == NOBODY and not entry.data.callback and contact not in self._told:
            return
        if entry.command == "send_message" and entry.data.content:
            self._begin(self._sendings.speak(contact, entry.data.content[0].number))
        self.look_soon(contact)

    def look_soon(self, contact: str) -> None:
        """Look at a contact, once however often it is asked for meanwhile."""
        if contact in self._again:
            self._again[contact] = True
            return
        self._again[contact] = False
        self._begin(self._keep_looking(contact))

    def look_at_all_soon(self, name: str) -> None:
        """A line has started: every contact of its own is told how it stands."""
        self._begin(self._look_at_all(name))

    def tell_places(self) -> None:
        """There are new figures: whoever stands elsewhere in the queue now is told so. Nothing is read for it."""
        if self._waiting and not self._is_telling_places:
            self._is_telling_places = True
            self._begin(self._tell_places())

    async def close(self) -> None:
        """Stop looking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look_at_all(self, name: str) -> None:
        for attempt in range(TRIES):
            try:
                found = await open_by_integration(self._store, name)
            except ServicecenterError:
                await asyncio.sleep(pause_s(attempt, 1.0))
                continue
            for contact in found:
                self._remember(contact.id, contact.integration)
                self._told.pop(contact.id, None)
                self.look_soon(contact.id)
            return

    async def _keep_looking(self, contact: str) -> None:
        attempt = 0
        try:
            while True:
                self._again[contact] = False
                try:
                    await self._look(contact)
                    attempt = 0
                except Exception as error:  # noqa: BLE001 # an adapter's defect must not hide other contacts from it
                    attempt += 1
                    slug = error.slug if isinstance(error, ServicecenterError) else type(error).__name__
                    _log.warning("channel_call_failed", contact=contact, error=slug, attempt=attempt)
                    if attempt >= TRIES or not is_recoverable(error):
                        return
                    await asyncio.sleep(pause_s(attempt, 1.0))
                    continue
                if not self._again[contact]:
                    return
        finally:
            del self._again[contact]

    async def _look(self, contact_id: str) -> None:
        contact = await self._store.contact(contact_id)
        line = self._line(contact_id, contact)
        before = self._told.get(contact_id)
        if before is not None and (line is None or line.name != before.line):
            await self._tell(before.line, contact_id, contact, IS_OVER)
        if line is None:
            self._told.pop(contact_id, None)
            return
        sides = await self._store.sides(contact_id) if contact is not None and contact.legs > 1 else {}
        await self._tell(line.name, contact_id, contact, standing(contact, sides, self._modes))

    async def _tell(self, name: str, contact_id: str, contact: OpenContact | None, now: Standing) -> None:
        """What one line has to be told so that it knows how the contact stands for it."""
        line, before = self._lines.get(name), self._told.get(contact_id)
        if line is None or not line.is_running:
            self._waiting.pop(contact_id, None)
            return
        if now.phase != "waits":
            # Before anything is awaited: figures that arrive meanwhile must not tell them that they wait.
            self._waiting.pop(contact_id, None)
        known = before.standing if before is not None and before.line == name else NOT_TOLD
        wanted = calls(known, now)
        for call in wanted:
            async with asyncio.timeout(CALL_S):
                await self._make(line.channel, contact_id, contact, call)
        _keep(self._told, contact_id, Told(name, now))
        self._keep_waiting(line, contact_id, contact, now, is_told=any(call.word == "wait" for call in wanted))

    async def _tell_places(self) -> None:
        try:
            for n, (name, known) in enumerate(list(self._waiting.items())):
                if n % AT_ONCE == 0:
                    await asyncio.sleep(0)
                line, ahead = self._lines.get(known.line), self._ahead(known.contact)
                is_new = ahead != known.ahead and self._waiting.get(name) is known
                if is_new and line is not None and line.is_running and isinstance(line.channel, Waits):
                    self._waiting[name] = known._replace(ahead=ahead)
                    await self._tell_place(line.channel, self._seen(known.contact))
        finally:
            self._is_telling_places = False

    async def _tell_place(self, channel: Waits, seen: Seen) -> None:
        try:
            async with asyncio.timeout(CALL_S):
                await channel.wait(seen)
        except Exception as error:  # noqa: BLE001 # an adapter's defect must not hide other contacts from it
            _log.warning("channel_call_failed", contact=seen.contact, error=type(error).__name__, attempt=1)

    def _keep_waiting(
        self, line: Line, contact_id: str, contact: OpenContact | None, now: Standing, *, is_told: bool
    ) -> None:
        before = self._waiting.pop(contact_id, None)
        if contact is None or now.phase != "waits" or not isinstance(line.channel, Waits):
            return
        ahead = self._ahead(contact) if is_told else before.ahead if before is not None else None
        bare = msgspec.structs.replace(contact, decision="", facts="", placed="")
        self._waiting[contact_id] = Waiting(line.name, bare, ahead)

    def _line(self, contact_id: str, contact: OpenContact | None) -> Line | None:
        """The adapter it came by; a callback goes by the line that calls out for its channel."""
        if contact is None:
            return self._lines.get(self._line_of.get(contact_id, ""))
        if contact.callback_state and contact.state == "with_agent":
            return self._lines.of_channel(contact.channel)
        self._remember(contact_id, contact.integration)
        return self._lines.get(contact.integration)

    def _remember(self, contact: str, integration: str) -> None:
        _keep(self._line_of, contact, integration if self._lines.get(integration) is not None else NOBODY)

    async def _make(self, channel: Channel, contact_id: str, contact: OpenContact | None, call: Call) -> None:
        """One call; what a channel can't do is not asked of it."""
        match call.word:
            case "end":
                await channel.end(contact_id, contact.state if contact else "closed")
            case "wait" if isinstance(channel, Waits) and contact is not None:
                await channel.wait(self._seen(contact))
            case "connect" if contact is not None:
                await channel.connect(await self._connection(contact, call))
            case "hold" if isinstance(channel, Holds):
                await channel.hold(contact_id, call.leg)
            case "resume" if isinstance(channel, Holds):
                await channel.resume(contact_id, call.leg)
            case "transfer":
                await self._transfer(channel, contact_id, call)
            case "join" if isinstance(channel, Joins):
                await channel.join(contact_id, call.leg, call.agent, speaks=call.detail == "speak")
            case "leave" if isinstance(channel, Joins):
                await channel.leave(contact_id, call.leg)
            case _:
                pass

    async def _transfer(self, channel: Channel, contact_id: str, call: Call) -> None:
        number = self._number(call.detail)
        if isinstance(channel, Transfers) and number:
            await channel.transfer(contact_id, call.leg, number)
        else:
            await channel.end(contact_id, "transferred")

    def _number(self, code: str) -> str:
        """The number of a unit or of an entry of the phone book."""
        if code in self._city.units:
            return self._city.units[code].phone
        return self._city.phone_book[code].number if code in self._city.phone_book else ""

    async def _connection(self, contact: OpenContact, call: Call) -> Connection:
        number = await self._words.phone(contact) if contact.callback_state == "dialling" else ""
        agent = await self._store.agent(call.agent)
        name = agent.name if agent is not None and agent.name != agent.id else ""
        return Connection(contact.id, call.leg, call.agent, contact.source, contact.subject, number, name)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work, name="switchboard")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _keep(known: OrderedDict[str, Kept], name: str, value: Kept) -> None:
    known[name] = value
    known.move_to_end(name)
    while len(known) > KNOWN:
        known.popitem(last=False)
