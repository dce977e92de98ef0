"""The pools of agents who could take a bucket's contacts, best first. Pure; reads a floor, changes nothing.

A pool has room for them and meets one of their rings. On a large floor the ranking is read only as far as needed, so
that its cost does not grow with the number of profile classes.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from router.eligibility import PoolKey, has_room, has_to_interrupt
from router.journal import Asks
from router.pairing import Floor

CROWD = 256
"""More profile classes than this of one rank are a crowd: its agents are common enough to be met soon by idleness."""
Rank = tuple[int, bool, int]
"""Ring, whether written work has to stand still, thrift: the least comes first."""


class Group(NamedTuple):
    """Pools of one rank: among their agents only idleness decides."""

    rank: Rank
    pools: list[PoolKey]
    crowd: frozenset[int] = frozenset()
    """Many profile classes instead of pools: their agents are found by idleness, not pool by pool."""


class Ranking:
    """Groups in order, read as far as somebody asks."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._coming = iter(groups)
        self._read: list[Group] = []
        self._start = 0

    def __iter__(self) -> Iterator[Group]:
        """All groups that have not been dropped."""
        at = self._start
        while True:
            if at == len(self._read):
                following = next(self._coming, None)
                if following is None:
                    return
                self._read.append(following)
            yield self._read[at]
            at += 1

    def drop_while(self, is_over: Callable[[Group], bool]) -> bool:
        """Forget the first groups that are over; whether any is left."""
        for group in self:
            if not is_over(group):
                return True
            self._start += 1
        return False

    def everything(self) -> list[Group]:
        """All groups, also those that were dropped."""
        return [*self._read[: self._start], *self]


def rank_pools(floor: Floor, bucket: str, asks: Asks, pools: Iterable[PoolKey]) -> list[Group]:
    """The groups among these pools."""
    ranked: dict[Rank, list[PoolKey]] = {}
    for pool in pools:
        ring, _, spare = floor.standing(bucket, asks, pool.profile)
        if ring >= 0 and fits(floor, pool, asks):
            ranked.setdefault((ring, has_to_interrupt(asks.medium, pool.load), spare), []).append(pool)
    return [Group(rank, ranked[rank]) for rank in sorted(ranked)]


def rank_classes(floor: Floor, bucket: str, asks: Asks) -> Iterator[Group]:
    """The groups of the whole floor, by way of the profile classes that meet a ring."""
    for ring, alike in groupby(floor.fitting(bucket, asks), key=lambda each: each.ring):
        classes = list(alike)
        for is_interrupting in (False, True) if asks.is_live else (False,):
            for _, spare, profiles in classes:
                group = Group((ring, is_interrupting, spare), [], profiles)
                yield group if len(profiles) > CROWD else Group(group.rank, list(pools_in(floor, asks, group)))


def pools_in(floor: Floor, asks: Asks, group: Group) -> Iterator[PoolKey]:
    """The pools of a group; those of a crowd are looked up one after the other."""
    if not group.crowd:
        yield from group.pools
    for profile in group.crowd:
        for pool in floor.pools_of(profile):
            if is_among(floor, asks, group, pool):
                yield pool


def is_among(floor: Floor, asks: Asks, group: Group, pool: PoolKey) -> bool:
    """Whether a pool belongs to a crowd."""
    return (
        pool.profile in group.crowd
        and has_to_interrupt(asks.medium, pool.load) == group.rank[1]
        and fits(floor, pool, asks)
    )


def fits(floor: Floor, pool: PoolKey, asks: Asks) -> bool:
    """Whether the pool's agents have room for one contact more, now."""
    return not pool.is_ramping and has_hands_free(floor, pool, asks)


def has_hands_free(floor: Floor, pool: PoolKey, asks: Asks) -> bool:
    """Whether what they have in hand leaves room, however long they have been back."""
    profile = floor.profiles[pool.profile]
    capacity = profile.capacity.get(asks.channel, 0)
    return has_room(pool.form, capacity, asks.channel, asks.medium, pool.load, can_interrupt=profile.can_interrupt)
