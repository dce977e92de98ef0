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
    is_idle_for_live,
    ring_of,
    rings_open,
    thrift,
)
from router.journal import Asks
from router.model import EMERGENCY, WRITTEN_CLASS
from router.pairing import Chosen, Floor, Heads, Pairing, Turn
from router.ranking import Group, Rank, Ranking, has_hands_free, is_among, pools_in, rank_classes, rank_pools

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
COMPARED = 128
"""With more pools than this, agents are compared only until the best are found."""


Candidate = tuple[int, str]
"""Idle since, agent: the least comes first."""
_BY_RANK = (("ring", "wider_ring"), ("spared", "interrupts"), ("thrift", "scarce_skill"))
"""What decided when two ranks differ, and what the later one lost by."""


class _Lane:
    """One pool's agents, longest idle first, read only as far as needed; those taken drop off the front."""

    def __init__(self, agents: Iterable[Candidate], taken: set[str]) -> None:
        self._source = iter(agents)
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

    def __init__(self, floor: Floor, now_ms: int, *, has_losers: bool) -> None:
        self.floor = floor
        self.now_ms = now_ms
        self.has_losers = has_losers
        self.taken: set[str] = set()
        self.counts = floor.counts()
        self.open_left = self.counts.open
        """Agents with whom anything fits, and who are not taken yet."""
        self.idle_for_live = self.counts.idle_for_live
        self.is_told_whole = self.counts.open_pools <= COMPARED
        """Whether the record names everybody's reason: on a large floor only of those who were compared."""
        self._left: dict[PoolKey, int] = {}
        self._rankings: dict[str, Ranking] = {}
        self._unable: dict[str, Counter[str]] = {}
        self._lanes: dict[PoolKey, _Lane] = {}

    def left(self, pool: PoolKey) -> int:
        """How many of a pool are not taken yet."""
        known = self._left.get(pool)
        if known is None:
            known = self._left[pool] = self.floor.size(pool)
        return known

    def has_left(self, heads: Heads) -> bool:
        """Whether anybody with room for this bucket's contacts is still untaken."""
        if heads.asks.agent in self.taken:
            return False
        return self.ranking(heads).drop_while(
            lambda group: not any(map(self.left, pools_in(self.floor, heads.asks, group)))
        )

    def ranking(self, heads: Heads) -> Ranking:
        """The pools with room for this bucket's contacts, best first, whether their ring is open yet or not."""
        known = self._rankings.get(heads.bucket)
        if known is None:
            known = self._rankings[heads.bucket] = Ranking(self._ranked(heads))
        return known

    def _ranked(self, heads: Heads) -> Iterable[Group]:
        bucket, asks, floor = heads.bucket, heads.asks, self.floor
        if asks.order_class == WRITTEN_CLASS and floor.is_held(asks.queue):
            return ()
        if asks.agent:
            seat = floor.sitting(asks.agent)
            return rank_pools(floor, bucket, asks, [seat[0]] if seat else ())
        if self.is_told_whole:
            return rank_pools(floor, bucket, asks, floor.open_pools())
        if heads.pools:
            return rank_pools(floor, bucket, asks, heads.pools)
        return rank_classes(floor, bucket, asks)

    def match(self, heads: Heads, score: int, contact: str) -> tuple[Pairing | None, bool]:
        """The best agent for one contact, and whether those behind it in its bucket may fare better than it."""
        asks = heads.asks
        reach = rings_open(asks, self.now_ms - self.floor.waits_from(contact)) if asks.rings else 0
        choice = self._choose(self._may(heads, reach), asks, contact)
        has_declined = choice.declined is not None
        is_last = not choice.able and self._is_nobody_else(heads, choice)
        if is_last and choice.declined:
            choice.able.append(choice.declined)
            choice.blocked[choice.declined[0], "declined"] -= 1
        if not choice.able:
            return None, has_declined
        rank, winner = choice.able[0]
        losers = self._losers(heads, reach, choice) if self.has_losers else {}
        self._take(winner)
        chosen = Chosen(
            agent=winner[1],
            reason="nobody_else" if is_last else _reason(asks, choice.able),
            idle_ms=max(0, self.now_ms - winner[0]),
            waited_ms=max(0, self.now_ms - score),
            losers=losers,
            runners_up=tuple(agent for _, (_, agent) in choice.able[1:]),
            ring=rank[0],
        )
        return Pairing(contact, winner[1], heads.bucket, asks, chosen), True

    def _take(self, winner: Candidate) -> None:
        self.taken.add(winner[1])
        self.open_left -= 1
        seat = self.floor.sitting(winner[1])
        if seat is not None:
            self._left[seat[0]] = self.left(seat[0]) - 1
            self.idle_for_live -= is_idle_for_live(seat[0])

    def _choose(self, groups: Iterable[Group], asks: Asks, contact: str) -> _Choice:
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

    def _candidates(self, group: Group, asks: Asks) -> Iterator[Candidate]:
        """Untaken agents of one rank, longest idle first."""
        if asks.agent:
            seat = self.floor.sitting(asks.agent) if group.pools else None
            return iter(() if seat is None or asks.agent in self.taken else ((seat[1], asks.agent),))
        if group.crowd:
            return self._idlest_in(group, asks)
        lanes = [self._lane(pool) for pool in group.pools if self.left(pool)]
        return iter(lanes[0]) if len(lanes) == 1 else merge(*lanes)

    def _idlest_in(self, crowd: Group, asks: Asks) -> Iterator[Candidate]:
        for since, agent in self.floor.idlest_of_all():
            seat = None if agent in self.taken else self.floor.sitting(agent)
            if seat is None or not is_among(self.floor, asks, crowd, seat[0]):
                continue
            if self._outside_reserve(asks, [seat[0]]):
                yield since, agent

    def _lane(self, pool: PoolKey) -> _Lane:
        lane = self._lanes.get(pool)
        if lane is None:
            lane = self._lanes[pool] = _Lane(self.floor.idlest(pool), self.taken)
        return lane

    def _is_nobody_else(self, heads: Heads, choice: _Choice) -> bool:
        """Whether everybody who could ever take it has declined it; an agent's own work waits for its limit instead."""
        if choice.declined is None or heads.asks.agent:
            return False
        declined = sum(count for (_, why), count in choice.blocked.items() if why == "declined")
        return self.floor.interested(heads.bucket, heads.asks) <= declined

    # The reserve -------------------------------------------------------------------------------------------------

    def _may(self, heads: Heads, reach: int) -> Iterator[Group]:
        """The groups of open rings as far as they may be asked without touching the reserve."""
        for group in self.ranking(heads):
            if group.rank[0] > reach:
                return
            yield group._replace(pools=self._outside_reserve(heads.asks, group.pools))

    def _outside_reserve(self, asks: Asks, pools: list[PoolKey]) -> list[PoolKey]:
        """Written work leaves `reserve` others idle for live work; agents in written form are no part of it."""
        if asks.is_live or asks.order_class == EMERGENCY or self.idle_for_live > self.floor.reserve(asks.queue):
            return pools
        return [pool for pool in pools if self._keeps_reserve(asks, pool)]

    def _keeps_reserve(self, asks: Asks, pool: PoolKey) -> bool:
        return pool.form == "written" or (self.idle_for_live - is_idle_for_live(pool) >= self.floor.reserve(asks.queue))

    # The record --------------------------------------------------------------------------------------------------

    def _losers(self, heads: Heads, reach: int, choice: _Choice) -> dict[str, int]:
        """Everybody who is available and did not get it, by reason; on a large floor most were not compared."""
        losers: Counter[str] = Counter()
        for (_, why), count in choice.blocked.items():
            losers[why] += count
        if not self.is_told_whole and not heads.asks.agent:
            losers["not_compared"] = self.counts.available - 1 - losers.total()
        else:
            losers += self._cannot(heads) + self._passed(heads, reach, choice)
        return {why: count for why, count in losers.items() if count}

    def _passed(self, heads: Heads, reach: int, choice: _Choice) -> Counter[str]:
        """Agents with room for it, by why another came first."""
        passed: Counter[str] = Counter()
        blocked: Counter[Rank] = Counter()
        for (rank, _), count in choice.blocked.items():
            blocked[rank] += count
        won, asks = choice.able[0][0], heads.asks
        for group in self.ranking(heads).everything():
            size = self._size(asks, group.pools)
            if group.rank[0] > reach:
                passed["ring_not_open"] += size
                continue
            asked = self._size(asks, self._outside_reserve(asks, group.pools))
            passed["reserve"] += size - asked
            passed[_lost_by(group.rank, won)] += asked - blocked[group.rank] - (group.rank == won)
        return passed

    def _size(self, asks: Asks, pools: Sequence[PoolKey]) -> int:
        """Agents of these pools at the beginning of the round."""
        return min(1, len(pools)) if asks.agent else sum(map(self.floor.size, pools))

    def _cannot(self, heads: Heads) -> Counter[str]:
        """Available agents without skill, team or room, by reason; for an agent's own work all the others."""
        known = self._unable.get(heads.bucket)
        if known is None:
            others = Counter({"not_preferred": self.counts.available - 1})
            known = self._unable[heads.bucket] = others if heads.asks.agent else self._unable_pools(heads)
        return known

    def _unable_pools(self, heads: Heads) -> Counter[str]:
        able = {pool for group in self.ranking(heads).everything() for pool in group.pools}
        unable: Counter[str] = Counter()
        for pool, size in self.floor.pools():
            if pool not in able:
                ring, missing, _ = self.floor.standing(heads.bucket, heads.asks, pool.profile)
                is_ramping = ring >= 0 and pool.is_ramping and has_hands_free(self.floor, pool, heads.asks)
                unable[missing or ("ramping_up" if is_ramping else "busy")] += size
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
        if heads is None or (heads.first and not any(map(self._this.left, heads.pools))):
            self._coming = None
            return
        self._reached = heads.first
        self.read(heads, iter(heads.contacts))


def plan(floor: Floor, heads: Iterable[Heads], now_ms: int, *, has_losers: bool = True) -> list[Pairing]:
    """Pair the first contacts of the buckets with agents.

    A contact without an agent never blocks the ones behind it; nobody is paired twice in one round. Heads with `first`
    come last and in that order. Who did not get a contact is told unless nobody will read it.
    """
    this = _Plan(floor, now_ms, has_losers=has_losers)
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
