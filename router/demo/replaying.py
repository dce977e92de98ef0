"""Sends recorded contacts through the real intake in batches, paced or as fast as it goes, and lets callers hang up.

Keeps of a row only what its caller will do; a row that the service refuses is counted by the reason.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator

import aiohttp
import msgspec

from channels.inbound import InboundEnd
from router.clock import elapsed_s
from router.demo.api import Api, Refused, event
from router.demo.recorded import BadRow, LeftOut, Read, Row
from router.demo.traffic import Arrival
from router.errors import PROBLEM_BASE

SOURCE = "/replay"
BATCH = 100
AT_ONCE = 4
SOLVED = 0.6
MOST_NAMED = 20


class Pace(msgspec.Struct, frozen=True):
    """How the rows are sent."""

    per_s: float
    """0: as fast as it goes."""
    speed: float
    """How much faster than recorded callers lose patience and agents talk."""


class Replay:
    """The rows on their way, and what became of them at the door."""

    def __init__(self, api: Api, token: str, pace: Pace) -> None:
        self._api = api
        self._token = token
        self._pace = pace
        self._callers: dict[str, Row] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)
        self.rows = 0
        self.left_out = 0
        self.bad = 0
        self.bad_rows: list[BadRow] = []
        """The first of them."""
        self.sent = 0
        self.accepted = 0
        self.observed = 0
        self.left = 0
        """Hung up before an agent came."""
        self._gone: set[str] = set()
        """Contacts that were counted as left."""
        self._known: set[str] = set()
        self._early: set[str] = set()
        """Taken by an agent before the answer to their batch was read."""
        self.refused: Counter[str] = Counter()
        self.by_channel: Counter[str] = Counter()
        self.first_ms, self.last_ms = 0, 0
        self.seconds = 0.0

    async def run(self, rows: Iterator[Read]) -> None:
        """Send everything; returns when the last batch was answered."""
        began = elapsed_s()
        size = BATCH if not self._pace.per_s else max(1, min(BATCH, round(self._pace.per_s / 5)))
        batch: list[Row] = []
        for read in rows:
            self._count(read)
            if isinstance(read, Row):
                batch.append(read)
            if len(batch) == size:
                await self._send(batch, began)
                batch = []
        if batch:
            await self._send(batch, began)
        for _ in range(AT_ONCE):
            await self._room.acquire()
        for _ in range(AT_ONCE):
            self._room.release()
        self.seconds = elapsed_s() - began

    def _count(self, read: Read) -> None:
        self.rows += 1
        if isinstance(read, LeftOut):
            self.left_out += 1
        elif isinstance(read, BadRow):
            self.bad += 1
            if len(self.bad_rows) < MOST_NAMED:
                self.bad_rows.append(read)
        else:
            self.first_ms = min(self.first_ms or read.received_ms, read.received_ms)
            self.last_ms = max(self.last_ms, read.received_ms)

    async def _send(self, batch: list[Row], began: float) -> None:
        if self._pace.per_s:
            await asyncio.sleep(began + self.sent / self._pace.per_s - elapsed_s())
        await self._room.acquire()
        self.sent += len(batch)
        self._spawn_batch(batch)

    def _spawn_batch(self, batch: list[Row]) -> None:
        task = asyncio.create_task(self._post(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, batch: list[Row]) -> None:
        events = [
            event("contact.observed" if row.is_observed else "contact.received", SOURCE, row.event_id, "", row.inbound)
            for row in batch
        ]
        try:
            receipt = await self._api.post_batch(self._token, events)
        except Refused as error:
            self.refused[error.slug] += len(batch)
            return
        except (aiohttp.ClientError, TimeoutError):
            self.refused["no-answer"] += len(batch)
            return
        finally:
            self._room.release()
        self.refused.update(problem.type.removeprefix(PROBLEM_BASE) for problem in receipt.problems)
        for row, contact in zip(batch, receipt.ids, strict=True):
            if contact:
                self._accept(row, contact)

    def _accept(self, row: Row, contact: str) -> None:
        self.accepted += not row.is_observed
        self.observed += row.is_observed
        self.by_channel[row.inbound.channel if not row.is_observed else "observed"] += 1
        self._known.add(contact)
        if contact in self._early:
            self._early.discard(contact)
            return
        if row.handling_s or row.patience_s is not None:
            self._callers[contact] = row
        if row.patience_s is not None:
            task = asyncio.create_task(self._lose_patience(contact, row.patience_s))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _lose_patience(self, contact: str, patience_s: float) -> None:
        await asyncio.sleep(patience_s / self._pace.speed)
        if contact in self._callers:
            has_left = await self._end(contact, InboundEnd(contact=contact, reason="left"))
            if has_left and self._callers.pop(contact, None) is not None:
                self._gone.add(contact)
                self.left += 1

    # What agents find out ---------------------------------------------------------------------------------------

    def offered(self, contact: str) -> None:
        """Nothing is measured here."""

    def meet(self, contact: str) -> Arrival | None:
        """How long this caller talks; None for a contact of which nothing is recorded."""
        row = self._callers.pop(contact, None)
        if contact in self._gone:  # taken in the same moment: the desktop heard of it after the caller had hung up
            self._gone.discard(contact)
            self.left -= 1
        elif row is None and contact not in self._known:
            self._early.add(contact)
        if row is None:
            return None
        return Arrival(0.0, row.line, row.inbound, row.patience_s, row.handling_s, SOLVED)

    async def hang_up(self, contact: str) -> None:
        """The talk is over."""
        await self._end(contact, InboundEnd(contact=contact, reason="hung_up"))

    async def _end(self, contact: str, end: InboundEnd) -> bool:
        try:
            await self._api.post_event(self._token, event("contact.ended", SOURCE, f"{contact}-{end.reason}", "", end))
        except Refused as error:
            self.refused[error.slug] += 1
            return False
        except (aiohttp.ClientError, TimeoutError):
            self.refused["no-answer"] += 1
            return False
        return True

    async def close(self) -> None:
        """Nobody does anything any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
