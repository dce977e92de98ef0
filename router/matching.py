"""Which agent gets which contact, and why: pure, over an in-memory floor; the same in the service and in simulation.

Order of contacts: class (emergency, live, written), then score. Order of agents: innermost ring, who need not be
interrupted, fewest scarce skills it does not need, longest idle; never who has no room, cools down, ramps up or has
declined this contact while somebody else exists.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush, merge
from typing import NamedTuple

from router.eligibility import (
    PoolKey,
    WorkItem,
    can_ever,
    has_room,
    has_to_interrupt,
    is_full,
    is_idle_for_live,
    ring_of,
    rings_open,
    thrift,
)
from router.journal import Asks
from router.model import EMERGENCY, WRITTEN_CLASS
from router.pairing import Chosen, Floor, Heads, Pairing, Turn

__all__ = [
    "Chosen",
    "Floor",
    "Heads",
    "Pairing",
    "PoolKey",
    "WorkItem",
    "can_ever",
    "has_room",
    "plan",
    "ring_of",
    "thrift",
]

RUNNERS_UP = 2


Candidate = tuple[int, str, PoolKey]
"""Idle since, agent, pool: the least comes first; an agent is in one pool only, so pools are never compared."""
Rank = tuple[int, bool, int]
"""Ring, whether written work has to stand still, thrift: the least comes first."""
_BY_RANK = (("ring", "wider_ring"), ("spared", "interrupts"), ("thrift", "scarce_skill"))
"""What decided when two ranks differ, and what the later one lost by."""


class _Group(NamedTuple):
    """Pools of one rank: among their agents only idleness decides."""

    rank: Rank
    pools: list[PoolKey]


class _Lane:
    """One pool's agents, longest idle first, read only as far as needed; those taken drop off the front."""

    def __init__(self, pool: PoolKey, agents: Iterable[tuple[int, str]], taken: set[str]) -> None:
        self._source = ((since, agent, pool) for since, agent in agents)
        self._read: list[Candidate] = []
        self._start = 0
        self._taken = taken

    def __iter__(self) -> Iterator[Candidate]:
        while self._start < len(self._read) and self._read[self._start][1] in self._taken:
            self._start += 1
        at = self._start
        while True:
            if at == len(self._read):
                following = next(self._source, None)
                if following is None:
                    return
                self._read.append(following)
            if self._read[at][1] not in self._taken:
                yield self._read[at]
            at += 1


class _Choice(NamedTuple):
    """The agents looked at for one contact."""

    able: list[tuple[Rank, Candidate]]
    """The winner and the next ones."""
    declined: tuple[Rank, Candidate] | None
    """The best of those who have declined it."""
    blocked: Counter[tuple[Rank, str]]


class _Plan:
    """One planning round: agents taken in it, and pool answers worked out once."""

    def __init__(self, floor: Floor, now_ms: int) -> None:
        self.floor = floor
        self.now_ms = now_ms
        self.taken: set[str] = set()
        self.sizes = dict(floor.pools())
        self.left = dict(self.sizes)
        """Agents of each pool that are not taken yet."""
        self.open = [pool for pool in self.sizes if not is_full(pool.load)]
        self.open_left = sum(self.sizes[pool] for pool in self.open)
        self.idle_for_live = sum(size for pool, size in self.sizes.items() if is_idle_for_live(pool))
        """Agents with nothing in hand who may take calls, and are not taken yet."""
        self._groups: dict[str, list[_Group]] = {}
        self._unable: dict[str, Counter[str]] = {}
        self._lanes: dict[PoolKey, _Lane] = {}

    def has_left(self, heads: Heads) -> bool:
        """Whether anybody with room for this bucket's contacts is still untaken."""
        if heads.asks.agent in self.taken:
            return False
        return any(self.left[pool] for group in self.groups(heads) for pool in group.pools)

    def groups(self, heads: Heads) -> list[_Group]:
        """The pools with room for this bucket's contacts, best first, whether their ring is open yet or not."""
        known = self._groups.get(heads.bucket)
        if known is None:
            known = self._groups[heads.bucket] = self._ranked(heads.bucket, heads.asks)
        return known

    def _ranked(self, bucket: str, asks: Asks) -> list[_Group]:
        if self.floor.is_written_held and asks.order_class == WRITTEN_CLASS:
            return []
        seat = self.floor.sitting(asks.agent) if asks.agent else None
        pools = ([seat[0]] if seat else []) if asks.agent else self.open
        ranked: dict[Rank, list[PoolKey]] = {}
        for pool in pools:
            ring, _, spare = self.floor.standing(bucket, asks, pool.profile)
            if ring >= 0 and not pool.is_ramping and self._has_room(pool, asks):
                ranked.setdefault((ring, has_to_interrupt(asks.medium, pool.load), spare), []).append(pool)
        return [_Group(rank, ranked[rank]) for rank in sorted(ranked)]

    def _has_room(self, pool: PoolKey, asks: Asks) -> bool:
        profile = self.floor.profiles[pool.profile]
        capacity = profile.capacity.get(asks.channel, 0)
        return has_room(pool.form, capacity, asks.channel, asks.medium, pool.load, can_interrupt=profile.can_interrupt)

    def match(self, heads: Heads, score: int, contact: str) -> tuple[Pairing | None, bool]:
        """The best agent for one contact, and whether those behind it in its bucket may fare better than it."""
        asks = heads.asks
        reach = rings_open(asks, self.now_ms - self.floor.waits_from(contact)) if asks.rings else 0
        may, held_back = self._outside_reserve(heads, reach)
        choice = self._choose(may, asks, contact)
        has_declined = choice.declined is not None
        is_last = not choice.able and self._is_nobody_else(heads, choice)
        if is_last and choice.declined:
            choice.able.append(choice.declined)
            choice.blocked[choice.declined[0], "declined"] -= 1
        if not choice.able:
            return None, has_declined
        rank, winner = choice.able[0]
        self._take(winner)
        chosen = Chosen(
            agent=winner[1],
            reason="nobody_else" if is_last else _reason(asks, choice.able),
            idle_ms=max(0, self.now_ms - winner[0]),
            waited_ms=max(0, self.now_ms - score),
            losers=self._losers(heads, reach, may, held_back, choice),
            runners_up=tuple(agent for _, (_, agent, _) in choice.able[1:]),
            ring=rank[0],
        )
        return Pairing(contact, winner[1], heads.bucket, asks, chosen), True

    def _take(self, winner: Candidate) -> None:
        self.taken.add(winner[1])
        self.left[winner[2]] -= 1
        self.open_left -= 1
        self.idle_for_live -= is_idle_for_live(winner[2])

    def _choose(self, groups: Sequence[_Group], asks: Asks, contact: str) -> _Choice:
        """The winner and the next two, the best of those who declined, and who is blocked of those looked at."""
        choice = _Choice([], None, Counter())
        for group in groups:
            for candidate in self._candidates(group, asks):
                why_not = self.floor.blocked(candidate[1], contact, asks.medium, self.now_ms)
                if not why_not:
                    choice.able.append((group.rank, candidate))
                    if len(choice.able) > RUNNERS_UP:
                        return choice
                    continue
                choice.blocked[group.rank, why_not] += 1
                if why_not == "declined" and choice.declined is None:
                    choice = choice._replace(declined=(group.rank, candidate))
        return choice

    def _candidates(self, group: _Group, asks: Asks) -> Iterator[Candidate]:
        """Untaken agents of one rank, longest idle first."""
        if asks.agent:
            seat = self.floor.sitting(asks.agent)
            return iter(() if seat is None or asks.agent in self.taken else ((seat[1], asks.agent, seat[0]),))
        lanes = [self._lane(pool) for pool in group.pools if self.left[pool]]
        return iter(lanes[0]) if len(lanes) == 1 else merge(*lanes)

    def _lane(self, pool: PoolKey) -> _Lane:
        lane = self._lanes.get(pool)
        if lane is None:
            lane = self._lanes[pool] = _Lane(pool, self.floor.idlest(pool), self.taken)
        return lane

    def _is_nobody_else(self, heads: Heads, choice: _Choice) -> bool:
        """Whether everybody who could ever take it has declined it; an agent's own work waits for its limit instead."""
        if choice.declined is None or heads.asks.agent:
            return False
        declined = sum(count for (_, why), count in choice.blocked.items() if why == "declined")
        return self.floor.interested(heads.bucket, heads.asks) <= declined

    # The reserve -------------------------------------------------------------------------------------------------

    def _outside_reserve(self, heads: Heads, reach: int) -> tuple[list[_Group], int]:
        """The groups of open rings as far as they may be asked without touching the reserve, and who is held back."""
        groups = self.groups(heads)
        if groups and groups[-1].rank[0] > reach:
            groups = [group for group in groups if group.rank[0] <= reach]
        asks = heads.asks
        if asks.is_live or asks.order_class == EMERGENCY or self.idle_for_live > self.floor.reserve(asks.queue):
            return groups, 0
        may = [_Group(rank, [pool for pool in pools if self._keeps_reserve(asks, pool)]) for rank, pools in groups]
        return may, sum(self._size(asks, group) for group in groups) - sum(self._size(asks, group) for group in may)

    def _keeps_reserve(self, asks: Asks, pool: PoolKey) -> bool:
        """Written work leaves `reserve` others idle for live work; agents in written form are no part of it."""
        return pool.form == "written" or (self.idle_for_live - is_idle_for_live(pool) >= self.floor.reserve(asks.queue))

    def _size(self, asks: Asks, group: _Group) -> int:
        """Agents of the group at the beginning of the round."""
        return min(1, len(group.pools)) if asks.agent else sum(self.sizes[pool] for pool in group.pools)

    # The record --------------------------------------------------------------------------------------------------

    def _losers(
        self, heads: Heads, reach: int, may: Sequence[_Group], held_back: int, choice: _Choice
    ) -> dict[str, int]:
        """Everybody who is available and did not get it, by reason."""
        asks = heads.asks
        losers = self._cannot(heads).copy()
        losers["reserve"] += held_back
        losers["ring_not_open"] += sum(self._size(asks, group) for group in self.groups(heads) if group.rank[0] > reach)
        blocked: Counter[Rank] = Counter()
        for (rank, why), count in choice.blocked.items():
            losers[why] += count
            blocked[rank] += count
        won = choice.able[0][0]
        for group in may:
            passed = self._size(asks, group) - blocked[group.rank] - (group.rank == won)
            losers[_lost_by(group.rank, won)] += passed
        return {why: count for why, count in losers.items() if count}

    def _cannot(self, heads: Heads) -> Counter[str]:
        """Available agents without skill, team or room, by reason; for an agent's own work all the others."""
        known = self._unable.get(heads.bucket)
        if known is None:
            known = self._unable[heads.bucket] = Counter(
                {"not_preferred": sum(self.sizes.values()) - 1} if heads.asks.agent else self._unable_pools(heads)
            )
        return known

    def _unable_pools(self, heads: Heads) -> Counter[str]:
        able = {pool for group in self.groups(heads) for pool in group.pools}
        unable: Counter[str] = Counter()
        for pool, size in self.sizes.items():
            if pool not in able:
                ring, missing, _ = self.floor.standing(heads.bucket, heads.asks, pool.profile)
                has_room_ = ring >= 0 and pool.is_ramping and self._has_room(pool, heads.asks)
                unable[missing or ("ramping_up" if has_room_ else "busy")] += size
        return unable


def _reason(asks: Asks, able: Sequence[tuple[Rank, Candidate]]) -> str:
    """What decided between the winner and the next one."""
    won = able[0][0]
    if asks.agent:
        return "preferred"
    if won[1]:
        return "interrupts"
    following = able[1][0] if len(able) > 1 else won
    return next(
        (name for (name, _), mine, other in zip(_BY_RANK, won, following, strict=True) if mine != other),
        "longest_idle",
    )


def _lost_by(rank: Rank, won: Rank) -> str:
    """Why an able agent of this rank did not get it; of a better rank only those are left who got something else."""
    if rank < won:
        return "busy"
    return next(
        (name for (_, name), mine, other in zip(_BY_RANK, won, rank, strict=True) if mine != other), "less_idle"
    )


class _Waiting:
    """The buckets' contacts in turn; buckets are taken in only when no other can hold the next contact."""

    def __init__(self, this: _Plan, heads: Iterable[Heads]) -> None:
        self._this = this
        self._coming: Iterator[Heads] | None = iter(heads)
        self._reached: Turn | None = None
        self._turns: list[tuple[Turn, Heads, Iterator[tuple[int, str]]]] = []

    def next_turn(self) -> tuple[Turn, Heads, Iterator[tuple[int, str]]] | None:
        """The first contact of all, with the rest of its bucket."""
        while self._coming is not None and not self._is_certain():
            self._take_in(next(self._coming, None))
        return heappop(self._turns) if self._turns else None

    def read(self, heads: Heads, rest: Iterator[tuple[int, str]]) -> None:
        """Let the next contact of a bucket have its turn, while anybody is left for it."""
        if self._this.has_left(heads):
            following = next(rest, None)
            if following is not None:
                heappush(self._turns, ((heads.asks.order_class, *following), heads, rest))

    def _is_certain(self) -> bool:
        return self._reached is not None and bool(self._turns) and self._turns[0][0] <= self._reached

    def _take_in(self, heads: Heads | None) -> None:
        if heads is None or (heads.first and not any(map(self._this.left.get, heads.pools))):
            self._coming = None
            return
        self._reached = heads.first
        self.read(heads, iter(heads.contacts))


def plan(floor: Floor, heads: Iterable[Heads], now_ms: int) -> list[Pairing]:
    """Pair the first contacts of the buckets with agents.

    A contact without an agent never blocks the ones behind it; nobody is paired twice in one round. Heads with `first`
    come last and in that order.
    """
    this = _Plan(floor, now_ms)
    waiting = _Waiting(this, heads)
    pairings: list[Pairing] = []
    while this.open_left:
        turn = waiting.next_turn()
        if turn is None:
            break
        (_, score, contact), bucket, rest = turn
        if not this.has_left(bucket):
            continue
        pairing, goes_on = this.match(bucket, score, contact)
        if pairing is not None:
            pairings.append(pairing)
        if goes_on:
            waiting.read(bucket, rest)
    return pairings
