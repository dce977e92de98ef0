"""Who waits where: the buckets' contacts in order, the buckets by their first contact, and when a wider ring opens.

Pure state of the floor: no I/O and no clock. Knows nothing of agents.
"""

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush, merge
from typing import NamedTuple

from router.journal import Asks, Placement
from router.lanes import Lane, Row, new_lane, new_row
from router.model import WRITTEN_CLASS
from router.pairing import Turn


class Place(NamedTuple):
    """Where a queued contact waits."""

    bucket: str
    score: int
    rev: int
    waits_from: int
    """From when the waiting time of the rings counts (epoch ms)."""


class RowKey(NamedTuple):
    """Buckets that need the same room: an agent without it has no business with any of them."""

    order_class: int
    channel: str
    medium: str
    reserve: int
    """Agents to leave idle for live work first; 0 for what is not written work."""


class WaitingRoom:
    """Places, buckets, and the buckets that have changed since they were planned last.

    Args:
        reserve_of: how many agents a queue leaves idle for live work.
        has_a_story: whether agents may be kept from a contact who are not kept from those behind it.
    """

    def __init__(self, reserve_of: Callable[[str], int], has_a_story: Callable[[str], bool]) -> None:
        self._reserve_of = reserve_of
        self._has_a_story = has_a_story
        self.asks: dict[str, Asks] = {}
        self.lanes: dict[str, Lane] = {}
        self.places: dict[str, Place] = {}
        self.rows: dict[RowKey, Row] = {}
        """Buckets with somebody in them that are offered to whoever fits."""
        self.own: dict[str, set[str]] = {}
        """Agent -> buckets with somebody in them who waits for this agent alone."""
        self.dirty: set[str] = set()
        self._rings: list[tuple[int, str]] = []

    def place(self, contact: str, place: Place) -> None:
        """Put a contact into its place."""
        self.leave(contact)
        lane = self.lanes.get(place.bucket)
        if lane is None:
            lane = self.lanes[place.bucket] = new_lane()
        before = lane[0] if len(lane) else None
        here = (place.score, contact)
        lane.add(here)
        self.places[contact] = place
        if before is None or here < before:
            self._head_moved(place.bucket, before, here)
            self.touch(place.bucket)
        elif self._has_a_story(before[1]):
            self.touch(place.bucket)
        # Else whoever can't take the first can't take this one either: it has no wider ring.
        self._wait_for_ring(contact, place, place.waits_from)

    def leave(self, contact: str) -> None:
        """Take a contact out of its place."""
        place = self.places.pop(contact, None)
        if place is None:
            return
        lane = self.lanes[place.bucket]
        here = (place.score, contact)
        was_first = lane[0] == here
        lane.discard(here)
        if was_first:
            self._head_moved(place.bucket, here, lane[0] if len(lane) else None)

    def touch(self, bucket: str) -> None:
        """Something about this bucket is new: it is planned again."""
        if not self.asks[bucket].is_pulled:
            self.dirty.add(bucket)

    def touch_contact(self, contact: str) -> None:
        """Something about this contact is new: if it waits, its bucket is planned again."""
        place = self.places.get(contact)
        if place is not None:
            self.touch(place.bucket)

    def in_turn(self, keys: Iterable[RowKey]) -> Iterator[tuple[Turn, str]]:
        """The buckets of these rows by their first contacts, read only as far as needed."""
        rows = [_in_turn(key.order_class, self.rows[key]) for key in keys]
        return rows[0] if len(rows) == 1 else merge(*rows)

    def open_rings(self, now_ms: int) -> None:
        """Plan the buckets again in which a contact has waited until its next ring opens."""
        while self._rings and self._rings[0][0] <= now_ms:
            at, contact = heappop(self._rings)
            place = self.places.get(contact)
            if place is not None:
                self.touch(place.bucket)
                self._wait_for_ring(contact, place, at + 1)

    @property
    def next_ring(self) -> int | None:
        """When the next ring may open (epoch ms)."""
        return self._rings[0][0] if self._rings else None

    def occupied(self) -> Iterator[tuple[str, Asks, Lane]]:
        """Every bucket that holds contacts."""
        return ((bucket, self.asks[bucket], lane) for bucket, lane in self.lanes.items() if lane)

    def _wait_for_ring(self, contact: str, place: Place, after: int) -> None:
        for ring in self.asks[place.bucket].rings:
            opens = place.waits_from + ring.after_s * 1000
            if opens >= after:
                heappush(self._rings, (opens, contact))
                return

    def _head_moved(self, bucket: str, before: tuple[int, str] | None, after: tuple[int, str] | None) -> None:
        asks = self.asks[bucket]
        if asks.agent:
            own = self.own.setdefault(asks.agent, set())
            (own.add if after else own.discard)(bucket)
            if not own:
                del self.own[asks.agent]
        elif not asks.is_pulled:
            row = self._row(asks)
            if before is not None:
                row.discard((*before, bucket))
            if after is not None:
                row.add((*after, bucket))

    def _row(self, asks: Asks) -> Row:
        reserve = self._reserve_of(asks.queue) if asks.order_class == WRITTEN_CLASS else 0
        key = RowKey(asks.order_class, asks.channel, asks.medium, reserve)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = new_row()
        return row


def _in_turn(order_class: int, row: Row) -> Iterator[tuple[Turn, str]]:
    return (((order_class, score, contact), bucket) for score, contact, bucket in row)


def place_of(placed: Placement, rev: int) -> Place:
    """The place as an entry tells it; older ones waited from when they were ready."""
    return Place(placed.bucket, placed.score, rev, placed.waits_from or placed.ready_at)
