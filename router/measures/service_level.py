"""Service level and abandonment by queue and medium: today and in the last quarter of an hour. Pure counting.

A contact that waits in a queue is counted once, by how its first wait ended: `answered` when a conversation began,
`abandoned` when the resident left before one, `left` when it got another promise (a callback, an answer in writing,
another queue, a unit) or was taken out. Transfers, returns and calls that keep a promised callback are no new waits.

    service level = answered within the target / (answered + abandoned - short abandonments)
    abandonment   = (abandoned - short abandonments) / (answered + abandoned - short abandonments)

The target is the queue's own: a contact answered by its `due_at`, counted in the queue's open hours, was answered
within it. Who leaves sooner than the threshold did not wait: a short abandonment, counted and shown apart. Without
anything in the denominator both shares are unknown, never 0 or 1. Knows no time zone: days are handed in.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple, Self

import msgspec

from router.journal import Entry
from router.lifecycle import WAITING, Transition

RECENT_MS = 900_000
SLOT_MS = 15_000
"""The last quarter of an hour slides in steps of this."""
REMEMBERED = 200_000
"""Waiting contacts that are remembered; of more, the oldest are forgotten and not counted."""

Key = tuple[str, str]
"""Queue and medium."""
Happening = Literal["offered", "answered", "answered_within", "abandoned", "abandoned_short", "left"]


class ServiceCounts(msgspec.Struct):
    """Contacts of one queue and medium, or of several together."""

    offered: int = 0
    """Came to wait in the queue."""
    answered: int = 0
    """A conversation began."""
    answered_within: int = 0
    """Of the answered: by their `due_at`."""
    abandoned: int = 0
    """The resident left before a conversation, short abandonments included."""
    abandoned_short: int = 0
    """Of the abandoned: sooner than the threshold."""
    left: int = 0
    """Got another promise than an answer at once: callback, writing, unit, other queue; or was taken out."""

    def add(self, other: Self) -> None:
        """Count what the other has counted as well."""
        self.offered += other.offered
        self.answered += other.answered
        self.answered_within += other.answered_within
        self.abandoned += other.abandoned
        self.abandoned_short += other.abandoned_short
        self.left += other.left

    @property
    def measured(self) -> int:
        """The denominator of both shares: answered + abandoned - short abandonments."""
        return self.answered + self.abandoned - self.abandoned_short

    @property
    def service_level(self) -> float | None:
        """Share answered within the target, 0 to 1; None when nothing was measured."""
        return self.answered_within / self.measured if self.measured else None

    @property
    def abandonment(self) -> float | None:
        """Share that left without a conversation, 0 to 1, short ones left out; None when nothing was measured."""
        return (self.abandoned - self.abandoned_short) / self.measured if self.measured else None


class Waiter(NamedTuple):
    """A contact whose first wait has not ended."""

    queue: str
    medium: str
    received_at: int
    due_at: int


class Happened(NamedTuple):
    """So many contacts of a queue and medium, at one moment (epoch ms)."""

    at: int
    queue: str
    medium: str
    kind: Happening
    contacts: int = 1


def sum_counts(parts: Iterable[ServiceCounts]) -> ServiceCounts:
    """Several queues together."""
    total = ServiceCounts()
    for part in parts:
        total.add(part)
    return total


class ServiceMeter:
    """Counts what the journal tells.

    Args:
        next_day: the next midnight after a moment, in the city's time (epoch ms both).
        short_ms: who leaves sooner than this is a short abandonment.
    """

    def __init__(self, next_day: Callable[[int], int], short_ms: int) -> None:
        self._next_day = next_day
        self._short_ms = short_ms
        self._waiters: dict[str, Waiter] = {}
        self._day_ends = 0
        self._today: dict[Key, ServiceCounts] = {}
        self._slots: deque[tuple[int, dict[Key, ServiceCounts]]] = deque()

    # Reading ---------------------------------------------------------------------------------------------------

    def today(self, now_ms: int) -> dict[Key, ServiceCounts]:
        """Since midnight in the city's time."""
        self._turn_day(now_ms)
        return self._today

    def recent(self, now_ms: int) -> dict[Key, ServiceCounts]:
        """In the last 15 minutes."""
        while self._slots and self._slots[0][0] <= now_ms - RECENT_MS - SLOT_MS:
            self._slots.popleft()
        found: dict[Key, ServiceCounts] = {}
        for _, counts in self._slots:
            for key, part in counts.items():
                found.setdefault(key, ServiceCounts()).add(part)
        return found

    # Counting --------------------------------------------------------------------------------------------------

    def load(self, happened: Iterable[Happened], waiters: Iterable[tuple[str, Waiter]]) -> None:
        """Begin with what the register knows of today; `happened` in the order of time."""
        for each in happened:
            self._count(each)
        self._waiters.update(waiters)

    def follow(self, entry: Entry) -> None:
        """Take in one entry of the journal."""
        for happened in self._read(entry):
            self._count(happened)

    def _read(self, entry: Entry) -> Iterator[Happened]:
        placed = entry.placed
        for moved in entry.transitions:
            if moved.machine == "contact":
                yield from self._contact_moved(moved, entry)
            elif moved.machine == "leg" and moved.after == "connected" and entry.data.side is None:
                yield from self._answered(moved.id.partition(".")[0], entry.at)
        waiter = self._waiters.get(entry.data.contact) if placed is not None else None
        if placed is not None and waiter is not None and waiter.queue != placed.asks.queue:
            self._waiters[entry.data.contact] = waiter._replace(queue=placed.asks.queue, due_at=placed.due_at)
            yield Happened(entry.at, waiter.queue, waiter.medium, "left")
            yield Happened(entry.at, placed.asks.queue, waiter.medium, "offered")

    def _contact_moved(self, moved: Transition, entry: Entry) -> Iterator[Happened]:
        received, placed = entry.data.received, entry.placed
        if moved.event == "queue" and placed is not None:
            since = received.received_at if received is not None else placed.ready_at
            asks = placed.asks
            self._remember(moved.id, Waiter(asks.queue, asks.medium, since, placed.due_at))
            yield Happened(entry.at, asks.queue, asks.medium, "offered")
        elif moved.after == "abandoned":
            yield from self._abandoned(moved.id, entry.at)
        elif moved.after not in WAITING and moved.after != "with_agent":
            waiter = self._waiters.pop(moved.id, None)
            if waiter is not None:
                yield Happened(entry.at, waiter.queue, waiter.medium, "left")

    def _answered(self, contact: str, at: int) -> Iterator[Happened]:
        waiter = self._waiters.pop(contact, None)
        if waiter is None:
            return
        yield Happened(at, waiter.queue, waiter.medium, "answered")
        if at <= waiter.due_at:
            yield Happened(at, waiter.queue, waiter.medium, "answered_within")

    def _abandoned(self, contact: str, at: int) -> Iterator[Happened]:
        waiter = self._waiters.pop(contact, None)
        if waiter is None:
            return
        yield Happened(at, waiter.queue, waiter.medium, "abandoned")
        if at - waiter.received_at < self._short_ms:
            yield Happened(at, waiter.queue, waiter.medium, "abandoned_short")

    def _remember(self, contact: str, waiter: Waiter) -> None:
        self._waiters[contact] = waiter
        if len(self._waiters) > REMEMBERED:
            del self._waiters[next(iter(self._waiters))]

    def _count(self, happened: Happened) -> None:
        self._turn_day(happened.at)
        slot = happened.at - happened.at % SLOT_MS
        if not self._slots or self._slots[-1][0] < slot:
            self._slots.append((slot, {}))
            while self._slots[0][0] <= slot - RECENT_MS - SLOT_MS:
                self._slots.popleft()
        key = (happened.queue, happened.medium)
        for counts in (self._today, self._slots[-1][1]):
            part = counts.get(key)
            if part is None:
                part = counts[key] = ServiceCounts()
            setattr(part, happened.kind, getattr(part, happened.kind) + happened.contacts)

    def _turn_day(self, at: int) -> None:
        if at >= self._day_ends:
            self._day_ends = self._next_day(at)
            self._today = {}
