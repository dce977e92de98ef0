"""What may leave the store once every register has it: contacts that are over, and the journal's older entries."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from sqlalchemy import Engine

from router.register.copying import UNDECODED, damaged_contacts, ended_since_forgotten
from router.register.engine import using
from router.register.positions import PositionLost, move, read_position, read_stall
from router.register.schema import FORGOTTEN, JOURNAL

Forget = Callable[[list[str], int], Awaitable[set[str]]]
"""Drops contacts at a moment (epoch ms); returns those that must be tried again later."""
KEPT_ENTRIES = 10_000
"""Entries that stay in the stream for tails and resuming sockets, however far the registers are."""
TRIM_EVERY = 1_000
FORGET_BATCH = 500
UNDO_MS = 15_000
"""How long a contact stays after its end was stored: its agent may still undo it."""


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
            self._ended = [(at, contact, 0) for at, contact in ended_since_forgotten(connection)]

    def has_due(self, now_ms: int) -> bool:
        """Whether anybody has been kept for long enough."""
        return bool(self._ended) and self._ended[0][2] <= now_ms

    async def run(self, n: int, ended: list[tuple[int, str]], now_ms: int) -> None:
        """Note the contacts that are over; let go of what every register has, the own one up to `n`."""
        self._ended += [(at, contact, now_ms + UNDO_MS) for at, contact in ended]
        stored = min(n, await self._stream.stored_everywhere())
        with using(self._engine) as connection:
            stall, damaged = read_stall(connection, JOURNAL), damaged_contacts(connection)
        if stall and stall.state == UNDECODED:
            return
        due = [each for each in self._ended if each[0] <= stored and each[2] <= now_ms]
        names = [contact for _, contact, _ in due if contact not in damaged]
        later: set[str] = set()
        for start in range(0, len(names), FORGET_BATCH):
            later |= await self._forget(names[start : start + FORGET_BATCH], now_ms)
        kept = [each for each in self._ended if each[0] > stored or each[2] > now_ms]
        self._ended = kept + [(at, contact, now_ms + UNDO_MS) for at, contact, _ in due if contact in later]
        first = min(stored, n - self._kept)
        if first >= self._trimmed + TRIM_EVERY:
            await self._stream.trim(first)
            self._trimmed = first
        done = min([stored, *(at - 1 for at, _, _ in self._ended)])
        if done >= self._forgotten + TRIM_EVERY:
            self.save(done, now_ms)

    def save(self, stored: int, now_ms: int) -> None:
        """Remember how far contacts were forgotten, so that the next start need not look at older entries."""
        try:
            with using(self._engine) as connection:
                move(connection, FORGOTTEN, self._forgotten, stored, now_ms)
            self._forgotten = stored
        except PositionLost as lost:
            self._forgotten = lost.n
