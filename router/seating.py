"""Who is at work and free for what: agents' seats, their profile classes, and the pools of those who are available.

Pure state of the floor: no I/O and no clock. Knows nothing of queues.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec

from router.eligibility import (
    FULL,
    PARKED,
    Fitting,
    Load,
    PoolKey,
    Standing,
    WorkItem,
    is_full,
    is_idle_for_live,
    standing,
)
from router.journal import AgentRecord, Asks
from router.lanes import Lane, new_lane

MAX_STANDINGS = 200_000
"""Remembered answers about who may take what, before they are worked out anew."""
AT_WORK = frozenset({"available", "draining"})


class Seat(msgspec.Struct):
    """One agent on the floor."""

    profile: int = -1
    """Number of the profile class; -1 until it is known."""
    profile_n: int = 0
    """The entry that wrote the profile: an offer holds only while it is the last one."""
    presence: str = "offline"
    is_alive: bool = False
    is_connected: bool = False
    form: str = "both"
    idle_since: int = 0
    work: dict[str, WorkItem] = {}
    """Contact or leg beside -> channel, medium, kind."""
    cooling: dict[str, int] = {}
    since: int = 0
    """Since when the presence is what it is (epoch ms)."""
    ramp_until: int = 0
    """Back from a longer absence: one thing at a time until then (epoch ms); 0 when that is over."""
    pool: PoolKey | None = None
    pooled_since: int = 0
    """`idle_since` as it was when the agent entered the pool: the pool's sort key."""
    counted: tuple[int, bool, bool] | None = None
    """Profile, at work, logged in: as the agent is counted among the crew."""

    def load(self) -> Load:
        """The work that takes room, without its contacts."""
        if not self.work:
            return ()
        load = tuple(sorted(item for item in self.work.values() if item[2] != PARKED))
        return FULL if is_full(load) else load

    @property
    def is_at_work(self) -> bool:
        """Whether the agent may be offered something now or once what is in hand is done."""
        return self.is_alive and self.presence in AT_WORK

    @property
    def is_logged_in(self) -> bool:
        """Whether the agent is here at all, be it on a break."""
        return self.is_alive and self.presence != "offline"


class Seating:
    """Seats, profile classes and pools, and the agents who may take something since they were planned last."""

    def __init__(self) -> None:
        self.seats: dict[str, Seat] = {}
        self.profiles: list[AgentRecord] = []
        self.pools: dict[PoolKey, Lane] = {}
        """Available agents with whom something fits."""
        self.by_profile: dict[int, list[PoolKey]] = {}
        """The same pools by profile class."""
        self.idle: Lane = new_lane()
        """The agents of all these pools, longest idle first."""
        self.full: Counter[PoolKey] = Counter()
        """How many available agents have their hands full."""
        self.available = 0
        self.open = 0
        """Available agents with whom something fits."""
        self.hungry: set[str] = set()
        """Agents who have come free, or may take something that they might not before."""
        self.crew: Counter[int] = Counter()
        """Agents at work by profile class."""
        self.logged_in: Counter[int] = Counter()
        """Agents logged in by profile class, on a break or not."""
        self.shifts = 0
        """Counts the moments at which a profile class came or left altogether."""
        self.idle_for_live = 0
        """Available agents with nothing in hand who may take calls."""
        self._numbers: dict[str, int] = {}
        self._having: Counter[str] = Counter()
        self._members: Counter[int] = Counter()
        self._scarcity: dict[str, float] | None = None
        self._standings: dict[tuple[str, int], Standing] = {}
        self._fitting: dict[str, list[Fitting]] = {}

    @property
    def scarcity(self) -> dict[str, float]:
        """Skill -> how scarce it is (1 / agents who have it)."""
        if self._scarcity is None:
            self._scarcity = {skill: 1 / count for skill, count in self._having.items() if count > 0}
        return self._scarcity

    def standing(self, bucket: str, asks: Asks, profile: int) -> Standing:
        """How a profile class stands to what a bucket asks for."""
        key = (bucket, profile)
        known = self._standings.get(key)
        if known is None:
            if len(self._standings) >= MAX_STANDINGS:
                self._standings.clear()
            known = self._standings[key] = standing(asks, self.profiles[profile], self.scarcity)
        return known

    def fitting(self, bucket: str, asks: Asks) -> list[Fitting]:
        """The profile classes in use that meet a ring of a bucket, innermost ring first, then least scarce skill."""
        known = self._fitting.get(bucket)
        if known is None:
            alike: dict[tuple[int, int], set[int]] = {}
            for profile in (each for each, count in self._members.items() if count):
                ring, _, spare = self.standing(bucket, asks, profile)
                alike.setdefault((ring, spare), set()).add(profile)
            known = [Fitting(*rank, frozenset(alike[rank])) for rank in sorted(alike) if rank[0] >= 0]
            self._fitting[bucket] = known
        return known

    def counted_for(self, crew: Counter[int], bucket: str, asks: Asks) -> int:
        """How many of a crew meet any ring of a bucket."""
        return sum(count for profile, count in crew.items() if count and self.standing(bucket, asks, profile).ring >= 0)

    def idlest(self, pool: PoolKey) -> Iterator[tuple[int, str]]:
        """The pool's agents, longest idle first."""
        return iter(self.pools.get(pool, ()))

    # Changes -----------------------------------------------------------------------------------------------------

    def put_profile(self, agent: str, record: AgentRecord) -> None:
        """Set an agent's profile; the agent gets a seat when there is none yet."""
        seat = self.seats.get(agent)
        if seat is None:
            seat = self.seats[agent] = Seat(work={}, cooling={})
        number = self._number(record)
        if number != seat.profile:
            if seat.profile >= 0:
                self._having.subtract(self.profiles[seat.profile].skills.keys())
                self._members[seat.profile] -= 1
            seat.profile = number
            self._having.update(record.skills.keys())
            self._members[number] += 1
            self._scarcity = None
            self._standings.clear()
            self._fitting.clear()
        self.repool(agent)

    def _number(self, record: AgentRecord) -> int:
        key = msgspec.json.encode(record, order="deterministic").decode()
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.profiles)
            self.profiles.append(record)
        return number

    def unpool(self, agent: str) -> None:
        """Take an agent out of the plans, until something is heard of them."""
        seat = self.seats.get(agent)
        if seat is None or seat.pool is None:
            return
        pool, seat.pool = seat.pool, None
        self.available -= 1
        if pool.load == FULL:
            self.full[pool] -= 1
            return
        lane = self.pools[pool]
        lane.discard((seat.pooled_since, agent))
        self.idle.discard((seat.pooled_since, agent))
        if not len(lane):
            del self.pools[pool]
            self.by_profile[pool.profile].remove(pool)
        self.open -= 1
        self.idle_for_live -= is_idle_for_live(pool)

    def repool(self, agent: str) -> None:
        """Put the agent where form, load and presence say."""
        seat = self.seats[agent]
        self.unpool(agent)
        self._count(seat)
        if seat.presence != "available" or not seat.is_alive or not seat.is_connected:
            return
        load = seat.load()
        key = PoolKey(seat.profile, seat.form, load, bool(load) and seat.ramp_until > 0)
        seat.pool = key
        seat.pooled_since = seat.idle_since
        self.available += 1
        if load == FULL:
            self.full[key] += 1
            return
        lane = self.pools.get(key)
        if lane is None:
            lane = self.pools[key] = new_lane()
            self.by_profile.setdefault(key.profile, []).append(key)
        lane.add((seat.idle_since, agent))
        self.idle.add((seat.idle_since, agent))
        self.open += 1
        self.idle_for_live += is_idle_for_live(key)
        self.hungry.add(agent)

    def forget(self, agent: str) -> Seat | None:
        """Take the seat away, to be set anew."""
        self.unpool(agent)
        seat = self.seats.pop(agent, None)
        if seat is not None:
            self._uncount(seat)
        return seat

    def _count(self, seat: Seat) -> None:
        now = (seat.profile, seat.is_at_work, seat.is_logged_in)
        if now == seat.counted:
            return
        self._uncount(seat)
        seat.counted = now
        self.crew[seat.profile] += seat.is_at_work
        self.logged_in[seat.profile] += seat.is_logged_in
        self.shifts += seat.is_logged_in and self.logged_in[seat.profile] == 1

    def _uncount(self, seat: Seat) -> None:
        if seat.counted is None:
            return
        profile, was_at_work, was_logged_in = seat.counted
        seat.counted = None
        self.crew[profile] -= was_at_work
        self.logged_in[profile] -= was_logged_in
        self.shifts += was_logged_in and not self.logged_in[profile]
