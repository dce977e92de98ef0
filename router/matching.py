"""Which agent gets which contact, and why: pure, over an in-memory floor; the same in the service and in simulation.

Order of contacts: class (emergency, live, written), then score. Order of agents: eligible with room, not cooling down,
not one who declined this contact while somebody else exists, fewest scarce skills it does not need, longest idle.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from typing import NamedTuple, Protocol

import msgspec

from router.journal import AgentRecord, Asks
from router.model import EMERGENCY

WorkItem = tuple[str, str, str]
"""Channel, medium and kind (offer, leg, wrap) of one thing an agent has in hand."""
RUNNERS_UP = 2
Load = tuple[WorkItem, ...]
"""An agent's work, sorted, without the contacts: agents with equal load are interchangeable."""


class PoolKey(msgspec.Struct, frozen=True):
    """Agents who can take the same things: same profile class, form and load."""

    profile: int
    form: str
    load: Load


class Chosen(msgspec.Struct, frozen=True, omit_defaults=True):
    """The record of one match: the winner, why, and why not the others."""

    agent: str
    reason: str
    idle_ms: int
    waited_ms: int
    losers: dict[str, int] = {}
    """Agents passed over, by reason."""
    runners_up: tuple[str, ...] = ()
    """The next agents who would have got it, in order."""


class Pairing(msgspec.Struct, frozen=True):
    """One contact for one agent."""

    contact: str
    agent: str
    bucket: str
    asks: Asks
    chosen: Chosen


class Heads(msgspec.Struct, frozen=True):
    """The first contacts of one bucket: score and contact id, in order; read once, as far as there are agents."""

    bucket: str
    asks: Asks
    contacts: Iterable[tuple[int, str]]


class Floor(Protocol):
    """What a plan reads; `router.floor.FloorState` is the one that is kept from the journal."""

    @property
    def profiles(self) -> Sequence[AgentRecord]:
        """Profile classes by number."""
        ...

    @property
    def scarcity(self) -> Mapping[str, float]:
        """Skill -> how scarce it is (1 / agents who have it)."""
        ...

    def pools(self) -> Iterable[tuple[PoolKey, int]]:
        """Each pool of available agents and how many are in it."""
        ...

    def idlest(self, pool: PoolKey) -> Iterable[tuple[int, str]]:
        """The pool's agents: idle since when, and id, longest idle first."""
        ...

    def blocked(self, agent: str, contact: str, medium: str, now_ms: int) -> str:
        """Why this agent is not offered this contact now: cooling_down, declined, or ''."""
        ...

    def interested(self, asks: Asks) -> int:
        """Agents who are logged in and could ever take what a bucket asks for."""
        ...

    def reserve(self, queue: str) -> int:
        """How many others must be idle before written work of this queue is offered."""
        ...


def has_room(form: str, capacity: int, channel: str, medium: str, load: Iterable[WorkItem]) -> bool:
    """Whether the load leaves room for one more contact of a channel; the store's `lib/room.lua` decides the same.

    Voice and visits exclude everything else; chats exclude written work; live work never interrupts a written leg, but
    may be offered beside a written offer, which is taken back when the live one is accepted.
    """
    is_live = medium != "written"
    if (form == "live" and not is_live) or (form == "written" and is_live):
        return False
    same = 0
    for held_channel, held_medium, kind in load:
        is_written = held_medium == "written"
        if not is_written and (held_medium != "messaging" or medium != "messaging"):
            return False
        if is_written and is_live and kind != "offer":
            return False
        same += held_channel == channel
    return same < capacity


def is_full(load: Iterable[WorkItem]) -> bool:
    """Whether nothing at all fits beside the load: voice and visits exclude everything else."""
    return any(medium not in {"written", "messaging"} for _, medium, _ in load)


def can_ever(asks: Asks, profile: AgentRecord) -> bool:
    """Whether the profile has every skill at its level, and any capacity for the channel."""
    skills = profile.skills
    return profile.capacity.get(asks.channel, 0) > 0 and all(skills.get(s, 0) >= level for s, level in asks.require)


def thrift(asks: Asks, profile: AgentRecord, scarcity: Mapping[str, float]) -> float:
    """How much scarce skill the profile has that these contacts do not need; less is better."""
    needed = {skill for skill, _ in asks.require}
    return round(sum(scarcity.get(skill, 0.0) for skill in profile.skills if skill not in needed), 3)


Candidate = tuple[float, int, str, PoolKey]
"""Thrift, idle since, agent, pool: the least comes first."""


class _Lane:
    """One pool's agents, longest idle first, read only as far as needed; those taken drop off the front."""

    def __init__(self, thrift_value: float, pool: PoolKey, agents: Iterable[tuple[int, str]], taken: set[str]) -> None:
        self._source = ((thrift_value, since, agent, pool) for since, agent in agents)
        self._read: list[Candidate] = []
        self._start = 0
        self._taken = taken

    def __iter__(self) -> Iterator[Candidate]:
        while self._start < len(self._read) and self._read[self._start][2] in self._taken:
            self._start += 1
        at = self._start
        while True:
            if at == len(self._read):
                following = next(self._source, None)
                if following is None:
                    return
                self._read.append(following)
            if self._read[at][2] not in self._taken:
                yield self._read[at]
            at += 1


class _Ranking(NamedTuple):
    """For one bucket: pools that can take its contacts, how many agents those hold, and the others by reason."""

    able: list[tuple[float, PoolKey]]
    agents: int
    losers: Counter[str]


class _Plan:
    """One planning round: agents taken in it, and pool answers worked out once."""

    def __init__(self, floor: Floor, now_ms: int) -> None:
        self.floor = floor
        self.now_ms = now_ms
        self.taken: set[str] = set()
        self.pools = list(floor.pools())
        self.sizes = dict(self.pools)
        self.left = dict(self.pools)
        """Agents of each pool that are not taken yet."""
        self.idle_for_live = sum(size for pool, size in self.pools if _is_idle_for_live(pool))
        """Agents with nothing in hand who may take calls, and are not taken yet."""
        self.rankings: dict[str, _Ranking] = {}
        self.lanes: dict[tuple[float, PoolKey], _Lane] = {}

    def has_left(self, heads: Heads) -> bool:
        """Whether anybody with room for this bucket's contacts is still untaken."""
        return any(self.left[pool] for _, pool in self.rank(heads).able)

    def open_pools(self, heads: Iterable[Heads]) -> list[PoolKey]:
        """Pools with room for anything at all that waits."""
        kinds = {(bucket.asks.channel, bucket.asks.medium) for bucket in heads}
        return [pool for pool, _ in self.pools if any(self._has_room(pool, *kind) for kind in kinds)]

    def _has_room(self, pool: PoolKey, channel: str, medium: str) -> bool:
        capacity = self.floor.profiles[pool.profile].capacity.get(channel, 0)
        return has_room(pool.form, capacity, channel, medium, pool.load)

    def rank(self, heads: Heads) -> _Ranking:
        """How the pools stand to this bucket."""
        known = self.rankings.get(heads.bucket)
        if known is None:
            known = self.rankings[heads.bucket] = self._rank(heads.asks)
        return known

    def _rank(self, asks: Asks) -> _Ranking:
        able: list[tuple[float, PoolKey]] = []
        agents = 0
        losers: Counter[str] = Counter()
        for pool, size in self.pools:
            profile = self.floor.profiles[pool.profile]
            if not can_ever(asks, profile):
                losers["skill"] += size
            elif not self._has_room(pool, asks.channel, asks.medium):
                losers["busy"] += size
            else:
                able.append((thrift(asks, profile, self.floor.scarcity), pool))
                agents += size
        able.sort(key=lambda each: each[0])
        return _Ranking(able, agents, losers)

    def candidates(self, able: Sequence[tuple[float, PoolKey]]) -> Iterator[Candidate]:
        """Untaken agents of the able pools, best first."""
        lanes: list[_Lane] = []
        for key in able:
            lane = self.lanes.get(key)
            if lane is None:
                lane = self.lanes[key] = _Lane(key[0], key[1], self.floor.idlest(key[1]), self.taken)
            lanes.append(lane)
        return iter(lanes[0]) if len(lanes) == 1 else merge(*lanes, key=lambda each: each[:3])

    def match(self, heads: Heads, score: int, contact: str) -> Pairing | None:
        """The best agent for one contact, or None."""
        ranking = self.rank(heads)
        asks = heads.asks
        losers = ranking.losers.copy()
        able, held_back = self._outside_reserve(ranking, asks)
        if held_back:
            losers["reserve"] = held_back
        winner, declined, runners_up = self._choose(able, asks, contact, losers)
        reason = "longest_idle"
        if winner is None and declined is not None and self.floor.interested(asks) <= losers["declined"]:
            winner, reason = declined, "nobody_else"
            losers["declined"] -= 1
        if winner is None:
            return None
        self.taken.add(winner[2])
        self.left[winner[3]] -= 1
        self.idle_for_live -= _is_idle_for_live(winner[3])
        passed = ranking.agents - 1 - losers["declined"] - losers["cooling_down"] - held_back
        if passed > 0:
            losers["less_idle"] = passed
        chosen = Chosen(
            agent=winner[2],
            reason=reason,
            idle_ms=max(0, self.now_ms - winner[1]),
            waited_ms=max(0, self.now_ms - score),
            losers={why: count for why, count in losers.items() if count},
            runners_up=tuple(runners_up),
        )
        return Pairing(contact, winner[2], heads.bucket, asks, chosen)

    def _choose(
        self, able: Sequence[tuple[float, PoolKey]], asks: Asks, contact: str, losers: Counter[str]
    ) -> tuple[Candidate | None, Candidate | None, list[str]]:
        """The winner, the best of those who declined, and the next two; counts the blocked into `losers`."""
        winner: Candidate | None = None
        declined: Candidate | None = None
        runners_up: list[str] = []
        for candidate in self.candidates(able):
            why_not = self.floor.blocked(candidate[2], contact, asks.medium, self.now_ms)
            if why_not:
                losers[why_not] += 1
                declined = declined or (candidate if why_not == "declined" else None)
            elif winner is None:
                winner = candidate
            else:
                runners_up.append(candidate[2])
                if len(runners_up) == RUNNERS_UP:
                    break
        return winner, declined, runners_up

    def _outside_reserve(self, ranking: _Ranking, asks: Asks) -> tuple[list[tuple[float, PoolKey]], int]:
        """The able pools that may be asked without touching the reserve, and how many agents are held back by it."""
        able = [each for each in ranking.able if self._keeps_reserve(asks, each[1])]
        if len(able) == len(ranking.able):
            return able, 0
        return able, ranking.agents - sum(self.sizes[pool] for _, pool in able)

    def _keeps_reserve(self, asks: Asks, pool: PoolKey) -> bool:
        """Written work leaves `reserve` others idle for live work; emergencies and agents in written form do not."""
        if asks.is_live or asks.order_class == EMERGENCY or pool.form == "written":
            return True
        return self.idle_for_live - _is_idle_for_live(pool) >= self.floor.reserve(asks.queue)


def _is_idle_for_live(pool: PoolKey) -> bool:
    return pool.form != "written" and not pool.load


def plan(floor: Floor, heads: Iterable[Heads], now_ms: int) -> list[Pairing]:
    """Pair the first contacts of the buckets with agents.

    A contact without an agent never blocks the ones behind it; nobody is paired twice in one round.
    """
    buckets = list(heads)
    this = _Plan(floor, now_ms)
    open_pools = this.open_pools(buckets)
    pairings: list[Pairing] = []
    for _, score, contact, bucket in merge(*(_lane(this, each) for each in buckets), key=lambda each: each[:3]):
        if not any(this.left[pool] for pool in open_pools):
            break
        pairing = this.match(bucket, score, contact) if this.has_left(bucket) else None
        if pairing is not None:
            pairings.append(pairing)
    return pairings


def _lane(this: _Plan, heads: Heads) -> Iterator[tuple[int, int, str, Heads]]:
    """A bucket's contacts while anybody is left for them: with a long queue, few of them are ever looked at."""
    for score, contact in heads.contacts:
        yield heads.asks.order_class, score, contact, heads
        if not this.has_left(heads):
            return
