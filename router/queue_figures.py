"""Measures the queues: who waits, for how long, for whom, how today went, and whether the queue is open. Pure.

Owns the estimate of waits (QLr: queue length with abandonment, summed over positions).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from channels.registry import CHANNELS
from router.eligibility import can_ever
from router.floor import FloorState, Lane
from router.floor_figures import QueueFigure, QueueState, band_of, service_figure
from router.journal import LIVE, AgentRecord, Asks
from router.measures.service_level import Key, ServiceCounts
from router.model import requirements
from router.opening import NEVER_MS, Opening
from rules.organisation import Queue

HANDLING_S = {"voice": 300, "messaging": 300, "written": 420, "in_person": 600}
PATIENCE_S = 300
SOON_MS = 3_600_000
CLOSING_MS = 1_800_000
"""A queue that closes within this is `closing`."""


class Crews(NamedTuple):
    """How many agents, by number of their profile class."""

    at_work: list[int]
    idle: list[int]
    """At work with nothing in hand."""
    logged_in: list[int]


class Counts(NamedTuple):
    """Service counts by queue and medium; None while they are not known."""

    today: Mapping[Key, ServiceCounts] | None
    recent: Mapping[Key, ServiceCounts] | None


class Doors(NamedTuple):
    """Whether a queue lets anybody in, until when, and where it sends them."""

    state: QueueState
    until: int
    to: str = ""


def wait_estimate_s(waiting: int, agents: int, handling_s: int, patience_s: int = PATIENCE_S) -> int | None:
    """QLr: the sum over i = 0..waiting of 1 / (n * mu + i * theta), with mu = 1/handling and theta = 1/patience."""
    if agents <= 0:
        return None
    served = agents / handling_s
    return round(sum(1 / (served + i / patience_s) for i in range(min(waiting, 5_000) + 1)))


def doors_of(opening: Opening, queue: str, medium: str, now_ms: int) -> Doors:
    """The state of one queue and medium at a moment."""
    order = opening.orders.about_queue(queue, now_ms)
    to = opening.diverted(queue, medium, now_ms)
    if to != queue:
        return Doors("diverted", order.until if order is not None else 0, to)
    if medium not in LIVE:
        return Doors("open", 0)
    if not opening.is_open(queue, now_ms):
        return Doors("closed", _known(opening.opens_at(queue, now_ms)))
    ends = opening.closes_at(queue, now_ms)
    is_closing = ends - now_ms <= CLOSING_MS or not opening.admits(queue, medium, now_ms)
    return Doors("closing" if is_closing else "open", _known(ends))


def _known(at: int) -> int:
    return at if at < NEVER_MS else 0


class Fitting:
    """Remembers which profile classes may ever take what a bucket asks for: neither of the two changes."""

    def __init__(self) -> None:
        self._fits: dict[Asks, tuple[int, list[int]]] = {}

    def of(self, asks: Asks, profiles: Sequence[AgentRecord]) -> list[int]:
        """The numbers of the profile classes that meet any ring."""
        looked_at, found = self._fits.get(asks, (0, []))
        if looked_at < len(profiles):
            found += [n for n in range(looked_at, len(profiles)) if can_ever(asks, profiles[n])]
            self._fits[asks] = len(profiles), found
        return found

    def forget_all_but(self, asked: Iterable[Asks]) -> None:
        """Keep what is waited for."""
        self._fits = {asks: self._fits[asks] for asks in asked if asks in self._fits}


class _Waiting(msgspec.Struct):
    """A row in the making."""

    waiting: int = 0
    first: tuple[int, str] | None = None
    due_soon: int = 0
    overdue: int = 0
    able: int = 0
    idle: int = 0
    no_one: int = 0
    stranded: tuple[int, str] | None = None

    def add(self, asks: Asks, lane: Lane, crews: Crews, fits: list[int], now_ms: int) -> None:
        """Count one bucket."""
        shift_ms = asks.head_start_s * 1000
        here = (lane[0][0] + shift_ms, lane[0][1])
        self.first = min(self.first or here, here)
        self.waiting += len(lane)
        self.able = max(self.able, sum(map(crews.at_work.__getitem__, fits)))
        self.idle = max(self.idle, sum(map(crews.idle.__getitem__, fits)))
        if not any(map(crews.logged_in.__getitem__, fits)):
            self.no_one += len(lane)
            self.stranded = min(self.stranded or here, here)
        if not asks.is_live:
            overdue = lane.bisect_left((now_ms - shift_ms, ""))
            self.overdue += overdue
            self.due_soon += lane.bisect_left((now_ms + SOON_MS - shift_ms, "")) - overdue


class Staffing(NamedTuple):
    """How many may take something."""

    logged_in: int = 0
    at_work: int = 0
    idle: int = 0


def plain_asks(queue: Queue, medium: str) -> tuple[Asks, ...]:
    """What a queue asks of agents for itself, by channel of a medium; queues that ask for the same are alike."""
    require, teams = requirements(queue.require), tuple(sorted(queue.teams))
    codes = [code for code, channel in CHANNELS.items() if channel.medium == medium]
    return tuple(Asks("", code, medium, 0, require, is_restricted=queue.restricted, teams=teams) for code in codes)


class QueueMeter:
    """Measures all queues of a city."""

    def __init__(self, queues: Mapping[str, Queue], opening: Opening) -> None:
        self._queues = queues
        self._opening = opening
        self._fitting = Fitting()
        self._stranded: dict[Key, int] = {}
        self._plain: dict[Key, tuple[Asks, ...]] = {
            (queue.id, medium): plain_asks(queue, medium) for queue in queues.values() for medium in queue.media
        }

    def carry_on(self, rows: Iterable[QueueFigure]) -> None:
        """Know from another router's figures since when nobody was possible."""
        self._stranded = {(row.queue, row.medium): row.stranded_at for row in rows if row.stranded_at}

    def measure(self, floor: FloorState, crews: Crews, counts: Counts, now_ms: int) -> tuple[QueueFigure, ...]:
        """One row for each queue and medium of the city, and for what waits beside these."""
        found: dict[Key, _Waiting] = {
            (queue.id, medium): _Waiting() for queue in self._queues.values() for medium in queue.media
        }
        occupied = list(floor.queue_lengths())
        for asks, lane in occupied:
            key = (asks.queue, asks.medium)
            found.setdefault(key, _Waiting()).add(asks, lane, crews, self._fitting.of(asks, floor.profiles), now_ms)
        staffing = self._staffing(crews, floor.profiles)
        self._fitting.forget_all_but([*(asks for asks, _ in occupied), *chain.from_iterable(staffing)])
        stranded = {key: self._stranded.get(key, now_ms) for key, row in found.items() if row.no_one}
        self._stranded = stranded
        crew = {key: staffing[asked] for key, asked in self._plain.items()}
        return tuple(self._row(key, row, crew.get(key, Staffing()), counts, now_ms) for key, row in found.items())

    def _staffing(self, crews: Crews, profiles: Sequence[AgentRecord]) -> dict[tuple[Asks, ...], Staffing]:
        """Who may take plain work, counted once for all queues that ask for the same."""
        counted: dict[tuple[Asks, ...], Staffing] = {}
        for asked in set(self._plain.values()):
            fits = set(chain.from_iterable(self._fitting.of(asks, profiles) for asks in asked))
            counted[asked] = Staffing(
                sum(map(crews.logged_in.__getitem__, fits)),
                sum(map(crews.at_work.__getitem__, fits)),
                sum(map(crews.idle.__getitem__, fits)),
            )
        return counted

    def _row(self, key: Key, row: _Waiting, crew: Staffing, counts: Counts, now_ms: int) -> QueueFigure:
        queue, medium = key
        is_live, first = medium in LIVE, row.first or (0, "")
        known = self._queues.get(queue)
        doors = doors_of(self._opening, queue, medium, now_ms) if known else Doors("closed", 0)
        wait_s = wait_estimate_s(row.waiting, row.able, HANDLING_S[medium]) if row.waiting else None
        return QueueFigure(
            queue=queue,
            medium=medium,
            waiting=row.waiting,
            name_sv=known.name_sv if known else "",
            state=doors.state,
            until=doors.until,
            to=doors.to,
            first_contact_id=first[1],
            oldest_at=first[0] if is_live else 0,
            next_due_at=0 if is_live else first[0],
            due_soon=row.due_soon,
            overdue=row.overdue,
            able=row.able if row.waiting else crew.at_work,
            idle=row.idle if row.waiting else crew.idle,
            crew=crew.logged_in,
            no_one_possible=row.no_one,
            stranded_at=self._stranded.get(key, 0),
            stranded_contact_id=row.stranded[1] if row.stranded else "",
            wait_estimate_s=wait_s,
            band=band_of(wait_s) if row.waiting else None,
            today=service_figure(counts.today.get(key)) if counts.today is not None else None,
            last_15_min=service_figure(counts.recent.get(key)) if counts.recent is not None else None,
        )
