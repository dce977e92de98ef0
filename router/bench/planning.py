"""What one contact costs the dispatcher as the floor grows: a floor in memory, fed with journal entries, no sockets.

One life is: received, planned, offered, accepted, finished; the same entries that the tail would bring.
"""

from collections.abc import Callable, Iterator
from statistics import median

from router.bench.figures import Figure, as_flat, told
from router.clock import elapsed_s
from router.dispatch import ROUND
from router.floor import FloorState, Seat
from router.journal import AgentRecord, Asks, Entry, EntryData, Placement
from router.lifecycle import Transition, advance
from router.matching import plan
from router.model import bucket_of

START_MS = 1_767_600_000_000
PROFILES = 8
BUCKETS = 40
RUNS = 25
CAPACITY = {"phone": 1, "chat": 2, "email": 1, "web": 1}


def profile(number: int) -> AgentRecord:
    """One of a few profile classes: everybody has what the queues ask for, and one skill beside."""
    skills = {f"asked{i}": 3 for i in range(BUCKETS)} | {f"beside{number % PROFILES}": 1}
    return AgentRecord(skills=skills, capacity=CAPACITY)


def uneven(number: int) -> AgentRecord:
    """One of hundreds of profile classes: some of what the queues ask for, at some level, and a skill beside."""
    mix = number * 2_654_435_761
    skills = {f"asked{i}": 3 for i in range(BUCKETS) if mix >> i % 29 & 3}
    return AgentRecord(skills=skills | {f"beside{number % 500}": 1}, capacity=CAPACITY)


def asks(number: int) -> Asks:
    """What one of the buckets asks for."""
    return Asks("centre", "phone", "voice", 1, ((f"asked{number % BUCKETS}", 1 + number % 3),))


class Floor:
    """A floor on which lives go by; `waiting` contacts stay behind them all the time."""

    def __init__(
        self, agents: int, waiting: int, *, is_busy: bool, profile_of: Callable[[int], AgentRecord] = profile
    ) -> None:
        self._state = FloorState({})
        self._n = 0
        self._at = START_MS
        self._moves: dict[tuple[str, str], tuple[int, str]] = {}
        self._places: list[Placement] = []
        for number in range(BUCKETS):
            wanted = asks(number)
            self._places.append(Placement(bucket_of(wanted)[0], wanted, 0, 0, 0))
        self._held: list[tuple[str, str]] = []
        for number in range(agents):
            self._seat(number, profile_of(number), is_busy=is_busy)
        for number in range(waiting):
            self._receive(f"w{number}")

    def live(self, count: int) -> float:
        """Microseconds for each of so many lives."""
        began = elapsed_s()
        for number in range(count):
            self._receive(f"c{self._n}-{number}")
            if self._held:
                self._finish(*self._held.pop(0))
            self._round()
        return (elapsed_s() - began) / count * 1e6

    def _seat(self, number: int, record: AgentRecord, *, is_busy: bool) -> None:
        agent, contact = f"a{number}", f"h{number}"
        seat = Seat(
            presence="available", is_alive=True, is_connected=True, idle_since=START_MS - number, work={}, cooling={}
        )
        if is_busy:
            seat.work[contact] = ("phone", "voice", "leg")
            self._moves["contact", contact] = (5, "with_agent")
            self._moves["leg", f"{contact}.l1"] = (2, "connected")
            self._held.append((contact, agent))
        self._state.seat(agent, seat, record)

    def _receive(self, contact: str) -> None:
        self._at += 1
        at = self._at
        place = self._places[self._n % BUCKETS]
        moves = self._moved("contact", contact, "receive", "decide", "queue")
        self._apply(
            "receive_contact", moves, EntryData(contact=contact), Placement(place.bucket, place.asks, at, at, at)
        )

    def _round(self) -> None:
        """As the dispatcher does it; every offer is taken at once."""
        pairings = plan(self._state, self._state.heads(self._at, ROUND), self._at)
        for pairing in pairings:
            contact, agent = pairing.contact, pairing.agent
            self._state.hold(contact, agent)
            data = EntryData(contact=contact, agent=agent, channel="phone", medium="voice")
            offered = self._moved("contact", contact, "offer")
            self._apply("issue_offer", (*offered, *self._moved("offer", f"{contact}.o1", "issue")), data)
            accepted = (*self._moved("contact", contact, "accept"), *self._moved("offer", f"{contact}.o1", "accept"))
            self._apply("accept_offer", (*accepted, *self._moved("leg", f"{contact}.l1", "connect", "connected")), data)
            self._held.append((contact, agent))

    def _finish(self, contact: str, agent: str) -> None:
        moves = (*self._moved("leg", f"{contact}.l1", "end"), *self._moved("contact", contact, "close"))
        self._apply("finish_work", moves, EntryData(contact=contact, agent=agent))

    def _apply(
        self, command: str, moves: tuple[Transition, ...], data: EntryData, placed: Placement | None = None
    ) -> None:
        self._n += 1
        self._state.apply(Entry(1, self._n, self._at, command, moves, data, placed))

    def _moved(self, machine: str, thing: str, *events: str) -> tuple[Transition, ...]:
        return tuple(self._walk(machine, thing, events))

    def _walk(self, machine: str, thing: str, events: tuple[str, ...]) -> Iterator[Transition]:
        rev, state = self._moves.pop((machine, thing), (0, ""))
        for event in events:
            rev, before = rev + 1, state
            state = advance(machine, before, event)
            yield Transition(machine, thing, rev, before, event, state)
        if state not in {"closed", "ended", "accepted"}:
            self._moves[machine, thing] = (rev, state)


def bench_planning(*, is_quick: bool = False) -> list[Figure]:
    """Dispatcher microseconds for one contact: few and many agents, alike or uneven, and short and long queues."""
    lives = 60 if is_quick else 400
    many_agents, many_waiting = (1_000, 10_000) if is_quick else (10_000, 100_000)
    pairs = {
        (f"{many_agents:,} agents", "10 agents"): (
            Floor(10, 0, is_busy=False),
            Floor(many_agents, 0, is_busy=False),
        ),
        (f"{many_agents:,} uneven agents", "10 uneven agents"): (
            Floor(10, 0, is_busy=False, profile_of=uneven),
            Floor(many_agents, 0, is_busy=False, profile_of=uneven),
        ),
        (f"{many_waiting:,} waiting", "0 waiting"): (
            Floor(100, 0, is_busy=True),
            Floor(100, many_waiting, is_busy=True),
        ),
    }
    return [
        figure for (many, few), floors in pairs.items() for figure in _flat(many, few, _side_by_side(lives, *floors))
    ]


def _flat(many: str, few: str, us: tuple[float, float, float]) -> list[Figure]:
    peer = f"planning a life, {few}"
    return [told(peer, us[0], "us"), as_flat(f"planning a life, {many}", us[1], "us", peer=peer, ratio=us[2])]


def _side_by_side(lives: int, few: Floor, many: Floor) -> tuple[float, float, float]:
    """Medians of many short runs in turn, and of the ratios of neighbours: a noisy moment hits both, and few runs."""
    few.live(lives)
    many.live(lives)
    runs = [(few.live(lives), many.live(lives)) for _ in range(RUNS)]
    return median(run[0] for run in runs), median(run[1] for run in runs), median(run[1] / run[0] for run in runs)
