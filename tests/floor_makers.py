"""Made-up floors: agents and contacts in few words, any floor at random, and the rules of a round written plainly."""

from typing import NamedTuple

import msgspec
from hypothesis import strategies as st

from router.eligibility import WorkItem, can_ever, has_room, has_to_interrupt, ring_of, rings_open, thrift
from router.floor import FloorState, Seat
from router.journal import AgentRecord, Asks, CoolDown, Entry, EntryData, Ring
from router.matching import Pairing, plan
from router.model import EMERGENCY, WRITTEN_CLASS, bucket_of, order_class, requirements

NOW = 1_000_000
MEDIA = {"phone": "voice", "chat": "messaging", "email": "written", "visit": "in_person"}
CAPACITY = {"phone": 1, "chat": 2, "email": 1, "visit": 1}
KINDS = ("offer", "leg", "wrap", "parked", "interrupted", "consult", "supervisor")


class Waiting(NamedTuple):
    """A contact of a made-up floor."""

    id: str
    asks: Asks
    score: int

    @property
    def order(self) -> tuple[int, int, str]:
        """Its turn."""
        return self.asks.order_class, self.score, self.id

    @property
    def waits_from(self) -> int:
        """Since when it waits: scores 0 to 9 have waited 10 to 1 seconds."""
        return NOW - 10_000 + 1_000 * self.score


class Worker(NamedTuple):
    """An agent of a made-up floor."""

    id: str
    record: AgentRecord
    seat: Seat


def asks_of(
    channel: str,
    require: dict[str, int] | None = None,
    *,
    queue: str = "q",
    emergency: bool = False,
    teams: tuple[str, ...] = (),
    rings: tuple[Ring, ...] = (),
    agent: str = "",
    is_pulled: bool = False,
) -> Asks:
    """What a contact asks for."""
    medium = MEDIA[channel]
    return Asks(
        queue,
        channel,
        medium,
        order_class(medium, is_emergency=emergency),
        requirements(require or {}),
        teams=teams,
        rings=rings,
        agent=agent,
        is_pulled=is_pulled,
    )


def worker(
    name: str,
    idle_since: int = 0,
    *,
    form: str = "both",
    skills: dict[str, int] | None = None,
    teams: tuple[str, ...] = (),
    work: tuple[WorkItem, ...] = (),
    can_interrupt: bool = False,
) -> Worker:
    """Somebody available, without work unless it is named."""
    seat = Seat(
        presence="available",
        is_alive=True,
        is_connected=True,
        form=form,
        idle_since=idle_since,
        work={f"{name}-{number}": item for number, item in enumerate(work)},
        cooling={},
    )
    return Worker(name, AgentRecord(skills or {}, CAPACITY, teams, can_interrupt), seat)


def floor_of(
    workers: list[Worker], waiting: list[Waiting], declined: list[tuple[str, str]] | None = None, *, reserve: int = 0
) -> FloorState:
    """A floor with these people and contacts; `declined` are pairs of agent and contact."""
    floor = FloorState({"q": reserve})
    for each in workers:
        seat = msgspec.structs.replace(each.seat, work=dict(each.seat.work), cooling=dict(each.seat.cooling))
        floor.seat(each.id, seat, each.record)
    for contact in waiting:
        put(floor, contact)
    for agent, contact in declined or []:
        data = EntryData(cool_down=CoolDown(agent, NOW + 1, contact=contact))
        floor.apply(Entry(1, 1, NOW, "decline_offer", (), data))
    return floor


def put(floor: FloorState, contact: Waiting) -> None:
    """Let a contact wait."""
    bucket, _ = bucket_of(contact.asks)
    floor.asks[bucket] = contact.asks
    floor.place(contact.id, bucket, contact.score, 3, contact.waits_from)


def planned(floor: FloorState, now_ms: int = NOW) -> list[Pairing]:
    """One round."""
    return plan(floor, floor.heads(now_ms, 200), now_ms)


def paired(floor: FloorState, now_ms: int = NOW) -> dict[str, str]:
    """Contact -> agent of one round."""
    return {pairing.contact: pairing.agent for pairing in planned(floor, now_ms)}


# Any floor -----------------------------------------------------------------------------------------------------

NAMES = tuple(f"a{number}" for number in range(6))
TEAMS = st.sampled_from([(), (), ("north",), ("south",), ("north", "south")])
SKILLS = st.dictionaries(st.sampled_from(["waste", "roads", "finnish"]), st.integers(1, 3), max_size=3)
ITEMS = st.tuples(st.sampled_from(sorted(MEDIA)), st.sampled_from(KINDS)).map(
    lambda pair: (pair[0], MEDIA[pair[0]], pair[1])
)
RECORDS = st.builds(
    AgentRecord,
    skills=SKILLS,
    capacity=st.fixed_dictionaries({"phone": st.integers(0, 1), "chat": st.integers(0, 2), "email": st.integers(0, 2)}),
    teams=TEAMS,
    can_interrupt=st.booleans(),
)
SEATS = st.builds(
    Seat,
    presence=st.sampled_from(["available", "available", "available", "draining", "away"]),
    is_alive=st.just(value=True),
    is_connected=st.sampled_from([True, True, True, False]),
    form=st.sampled_from(["both", "both", "live", "written"]),
    idle_since=st.integers(0, 5),
    work=st.dictionaries(st.sampled_from(["w1", "w2"]), ITEMS, max_size=2),
    cooling=st.dictionaries(st.just("written"), st.sampled_from([NOW - 1, NOW + 1]), max_size=1),
    ramp_until=st.sampled_from([0, 0, NOW - 1, NOW + 1]),
)


@st.composite
def any_asks(draw: st.DrawFn) -> Asks:
    """What contacts may ask for: rings that only grow, sometimes one agent alone, sometimes nobody is asked."""
    require, teams = draw(SKILLS), draw(TEAMS)
    rings: list[Ring] = []
    for after_s in sorted(draw(st.sets(st.sampled_from([2, 4, 7, 20]), max_size=2))):
        dropped = draw(st.sampled_from([*sorted(require), ""]))
        require = {skill: max(1, level - 1) for skill, level in require.items() if skill != dropped}
        teams = () if not teams or draw(st.booleans()) else tuple(sorted({*teams, *draw(TEAMS)}))
        rings.append(Ring(after_s, requirements(require), teams))
    asks = asks_of(
        draw(st.sampled_from(["phone", "chat", "email"])),
        draw(SKILLS) if not rings else dict(rings[0].require) | {"waste": 3},
        emergency=draw(st.booleans()),
        teams=teams and draw(st.sampled_from([teams, teams[:1]])),
        rings=tuple(rings),
        agent=draw(st.sampled_from(["", "", "", *NAMES[:2]])),
        is_pulled=draw(st.sampled_from([False, False, False, True])),
    )
    return msgspec.structs.replace(asks, is_restricted=draw(st.booleans()))


class MadeFloor(NamedTuple):
    """People, contacts, who declined what, the reserve, and whether written work is held."""

    workers: list[Worker]
    waiting: list[Waiting]
    declined: list[tuple[str, str]]
    reserve: int
    is_written_held: bool

    def build(self) -> FloorState:
        """The floor."""
        floor = floor_of(self.workers, self.waiting, self.declined, reserve=self.reserve)
        floor.is_written_held = self.is_written_held
        return floor


@st.composite
def floors(draw: st.DrawFn) -> MadeFloor:
    """Any floor."""
    workers = [Worker(name, draw(RECORDS), draw(SEATS)) for name in NAMES[: draw(st.integers(0, 6))]]
    for each in workers:
        items = list(each.seat.work.values())
        each.seat.work = {f"{each.id}-{number}": item for number, item in enumerate(items)}
    asked = draw(st.lists(any_asks(), max_size=4))
    waiting = [
        Waiting(f"c{number}", draw(st.sampled_from(asked)), draw(st.integers(0, 9)))
        for number in range(draw(st.integers(0, 8)) if asked else 0)
    ]
    pairs = [(each.id, contact.id) for each in workers for contact in waiting]
    declined = draw(st.lists(st.sampled_from(pairs), max_size=6)) if pairs else []
    return MadeFloor(workers, waiting, declined, draw(st.integers(0, 2)), draw(st.sampled_from([False, False, True])))


class Round:
    """One planned round beside what it was planned from, with the rules written a second time and plainly."""

    def __init__(self, made: MadeFloor) -> None:
        self.workers = {each.id: each for each in made.workers}
        self.waiting = {contact.id: contact for contact in made.waiting}
        self.declined, self.reserve, self.is_written_held = set(made.declined), made.reserve, made.is_written_held
        self.floor = made.build()
        self.pairings = planned(self.floor)
        self.agent_of = {pairing.contact: pairing.agent for pairing in self.pairings}
        self.free = [each for each in made.workers if each.id not in self.agent_of.values()]

    def is_here(self, each: Worker) -> bool:
        """Available with a living desktop."""
        return each.seat.presence == "available" and each.seat.is_alive and each.seat.is_connected

    def is_offered(self, contact: Waiting) -> bool:
        """Not pulled, and not held in a crisis."""
        return not contact.asks.is_pulled and not (self.is_written_held and contact.asks.order_class == WRITTEN_CLASS)

    def can_take(self, each: Worker, contact: Waiting) -> bool:
        """In an open ring, present, with room, and not coming back slowly with something in hand."""
        asks, seat = contact.asks, each.seat
        ring = ring_of(asks, each.record)
        if ring is None or ring > rings_open(asks, NOW - contact.waits_from) or asks.agent not in {"", each.id}:
            return False
        capacity = each.record.capacity.get(asks.channel, 0)
        can_interrupt = each.record.can_interrupt
        is_ramping = seat.ramp_until > NOW and seat.load() != ()
        return (
            self.is_here(each)
            and self.is_offered(contact)
            and not is_ramping
            and has_room(
                seat.form, capacity, asks.channel, asks.medium, seat.work.values(), can_interrupt=can_interrupt
            )
        )

    def would_take(self, each: Worker, contact: Waiting) -> bool:
        """Can take it, is not cooling down and has not declined it."""
        is_cooling = each.seat.cooling.get(contact.asks.medium, 0) > NOW
        return self.can_take(each, contact) and not is_cooling and (each.id, contact.id) not in self.declined

    def rank(self, each: Worker, contact: Waiting) -> tuple[object, ...]:
        """Who comes first of those who would take it."""
        asks, seat = contact.asks, each.seat
        interrupts = has_to_interrupt(asks.medium, seat.load())
        spare = thrift(asks, each.record, self.floor.scarcity)
        return ring_of(asks, each.record), interrupts, spare, seat.idle_since, each.id

    def interested(self, contact: Waiting) -> list[Worker]:
        """Who is at work and could ever take it."""
        return [
            each
            for each in self.workers.values()
            if each.seat.presence in {"available", "draining"} and can_ever(contact.asks, each.record)
        ]

    def idle(self) -> list[Worker]:
        """Who is left for live work after the round."""
        return [
            each for each in self.free if self.is_here(each) and each.seat.form != "written" and not each.seat.load()
        ]

    def needs_no_reserve(self, each: Worker, contact: Waiting) -> bool:
        """Whether the reserve has no say in this pair."""
        is_urgent = contact.asks.is_live or contact.asks.order_class == EMERGENCY
        return is_urgent or self.reserve == 0 or each.seat.form == "written"

    def is_held_back(self, each: Worker, contact: Waiting) -> bool:
        """Whether the reserve was in the way of this pair when the round was over."""
        return not self.needs_no_reserve(each, contact) and len(self.idle()) - 1 < self.reserve
