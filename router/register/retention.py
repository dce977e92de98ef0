"""What may leave the store once every register has it: contacts that are over, and the journal's older entries."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from sqlalchemy import Engine

from router.register.copying import UNDECODED, damaged_contacts, ended_since_forgotten
from router.register.engine import using
from router.register.positions import PositionLost, move, read_position, read_stall
from router.register.schema import FORGOTTEN, JOURNAL

Forget = Callable[[list[str]], Awaitable[None]]
KEPT_ENTRIES = 10_000
"""Entries that stay in the stream for tails and resuming sockets, however far the registers are."""
TRIM_EVERY = 1_000
FORGET_BATCH = 500


class Trimmable(Protocol):
    """The part of the stream that retention needs."""

    async def stored_everywhere(self) -> int:
        """The number up to which every register has stored the journal."""
        ...

    async def trim(self, first: int) -> None:
        """Let the stream begin at `first`, or a little before."""
        ...


class Retention:
    """Forgets and trims behind the slowest register; forgetting twice does no harm, so a crash needs no care."""

    def __init__(self, engine: Engine, stream: Trimmable, forget: Forget, *, kept_entries: int = KEPT_ENTRIES) -> None:
        self._engine, self._stream, self._forget, self._kept = engine, stream, forget, kept_entries
        self._trimmed = 0
        with using(engine) as connection:
            self._forgotten = read_position(connection, FORGOTTEN)
            self._ended = ended_since_forgotten(connection)

    async def run(self, n: int, ended: list[tuple[int, str]], now_ms: int) -> None:
        """Note the contacts that are over; let go of what every register has, the own one up to `n`."""
        self._ended += ended
        stored = min(n, await self._stream.stored_everywhere())
        with using(self._engine) as connection:
            stall, damaged = read_stall(connection, JOURNAL), damaged_contacts(connection)
        if stall and stall.state == UNDECODED:
            return
        due = [contact for at, contact in self._ended if at <= stored and contact not in damaged]
        for start in range(0, len(due), FORGET_BATCH):
            await self._forget(due[start : start + FORGET_BATCH])
        self._ended = [pair for pair in self._ended if pair[0] > stored]
        first = min(stored, n - self._kept)
        if first >= self._trimmed + TRIM_EVERY:
            await self._stream.trim(first)
            self._trimmed = first
        if stored >= self._forgotten + TRIM_EVERY:
            self.save(stored, now_ms)

    def save(self, stored: int, now_ms: int) -> None:
        """Remember how far contacts were forgotten, so that the next start need not look at older entries."""
        try:
            with using(self._engine) as connection:
                move(connection, FORGOTTEN, self._forgotten, stored, now_ms)
            self._forgotten = stored
        except PositionLost as lost:
            self._forgotten = lost.n
