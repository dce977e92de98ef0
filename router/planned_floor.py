"""The floor as a plan reads it: who is free, what is to be planned, and which offers are on their way.

Pure state: no I/O and no clock. A plan is made from what has changed alone: buckets that are dirty are looked at for
everybody, buckets that are not only for the agents who have come free since.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop
from itertools import chain, islice

from router.eligibility import FULL, Fitting, PoolKey, Standing, has_room, is_idle_for_live
from router.journal import Asks
from router.model import WRITTEN_CLASS
from router.pairing import Counts, Heads
from router.seating import Seating
from router.waiting_room import Place, RowKey, WaitingRoom


class PlannedFloor:
    """Waiting contacts by bucket, and available agents by pool.

    Args:
        reserves: queue -> idle others wanted before written work of this queue is offered.
    """

    def __init__(self, reserves: Mapping[str, int]) -> None:
        self._raised: Mapping[str, int] = {}
        self._reserves = reserves
        self._seating = Seating()
        self._waiting = WaitingRoom(self._own_reserve, self._has_a_story)
        self.seats = self._seating.seats
        self.profiles = self._seating.profiles
        self.asks = self._waiting.asks
        self.waiting = self._waiting.lanes
        self.dirty = self._waiting.dirty
        self.places = self._waiting.places
        """Queued contact -> where it waits."""
        self.pending: dict[str, str] = {}
        self.late: set[str] = set()
        """Who came when nobody was let in any more, until they have left."""
        """Contact -> agent of an offer that is on its way to the store."""
        self._pending_agents: set[str] = set()
        self._pending_idle: set[str] = set()
        self.declined: dict[str, dict[str, int]] = {}
        """Contact -> agent -> not offered to them before (epoch ms)."""
        self._wakeups: list[tuple[int, str]] = []
        self._idle_low = 0
        """The fewest who were idle for live work since the last round."""
        self._is_written_held = False
        self._held: frozenset[str] = frozenset()

    # What a plan reads -----------------------------------------------------------------------------------------

    @property
    def scarcity(self) -> Mapping[str, float]:
        """Skill -> how scarce it is (1 / agents who have it)."""
        return self._seating.scarcity

    def standing(self, bucket: str, asks: Asks, profile: int) -> Standing:
        """How a profile class stands to what a bucket asks for."""
        return self._seating.standing(bucket, asks, profile)

    def fitting(self, bucket: str, asks: Asks) -> list[Fitting]:
        """The profile classes that meet a ring of a bucket, innermost ring first, then least scarce skill."""
        return self._seating.fitting(bucket, asks)

    def idlest_of_all(self) -> Iterator[tuple[int, str]]:
        """The agents of all open pools without those whose offer is on its way, longest idle first."""
        return (each for each in self._seating.idle if each[1] not in self._pending_agents)

    def counts(self) -> Counts:
        """How many there are without those whose offer is on its way."""
        pending = [pool for agent in self._pending_agents if (pool := self.seats[agent].pool)]
        is_open = sum(pool.load != FULL for pool in pending)
        idle = sum(map(is_idle_for_live, pending))
        seating = self._seating
        return Counts(
            seating.available - len(pending), seating.open - is_open, seating.idle_for_live - idle, len(seating.pools)
        )

    def size(self, pool: PoolKey) -> int:
        """The pool's agents without those whose offer is on its way."""
        size = len(self._seating.pools.get(pool, ()))
        if not self._pending_agents:
            return size
        return size - sum(self.seats[agent].pool == pool for agent in self._pending_agents)

    def open_pools(self) -> Iterable[PoolKey]:
        """The pools with whom anything fits."""
        return self._seating.pools

    def pools_of(self, profile: int) -> Iterable[PoolKey]:
        """The open pools of one profile class."""
        return self._seating.by_profile.get(profile, ())

    def pools(self) -> Iterator[tuple[PoolKey, int]]:
        """Each pool of available agents and how many of them have no offer on its way."""
        pending = Counter(self.seats[agent].pool for agent in self._pending_agents)
        for key, agents in self._seating.pools.items():
            if len(agents) > pending[key]:
                yield key, len(agents) - pending[key]
        for key, count in self._seating.full.items():
            if count > pending[key]:
                yield key, count - pending[key]

    def idlest(self, pool: PoolKey) -> Iterator[tuple[int, str]]:
        """The pool's agents without those whose offer is on its way."""
        idlest = self._seating.idlest(pool)
        return (each for each in idlest if each[1] not in self._pending_agents) if self._pending_agents else idlest

    def sitting(self, agent: str) -> tuple[PoolKey, int] | None:
        """The pool of an available agent without an offer on its way, and since when they are idle."""
        seat = self.seats.get(agent)
        if seat is None or seat.pool is None or agent in self._pending_agents:
            return None
        return seat.pool, seat.pooled_since

    def waits_from(self, contact: str) -> int:
        """From when the waiting time of the rings counts (epoch ms)."""
        return self.places[contact].waits_from

    def blocked(self, agent: str, contact: str, medium: str, now_ms: int) -> str:
        """Why this agent is not offered this contact now."""
        if self.seats[agent].cooling.get(medium, 0) > now_ms:
            return "cooling_down"
        if self.declined and self.declined.get(contact, {}).get(agent, 0) > now_ms:
            return "declined"
        return ""

    def interested(self, bucket: str, asks: Asks) -> int:
        """Agents at work who could ever take this."""
        return self._seating.counted_for(self._seating.crew, bucket, asks)

    def reserve(self, queue: str) -> int:
        """Idle others wanted before written work of this queue is offered: the queue's own, or a floor rule's."""
        return max(self._own_reserve(queue), self._raised.get(queue, 0), self._raised.get("", 0))

    def _own_reserve(self, queue: str) -> int:
        return self._reserves.get(queue, 0)

    @property
    def raised_reserves(self) -> Mapping[str, int]:
        """Queue -> agents that a floor rule leaves idle; an empty name is every queue."""
        return self._raised

    def raise_reserves(self, reserves: Mapping[str, int]) -> None:
        """Keep more agents idle, or let go of them again, as floor rules say."""
        if reserves != self._raised:
            self._raised = reserves
            self._touch_written()

    @property
    def held_queues(self) -> frozenset[str]:
        """Queues whose written work a floor rule holds."""
        return self._held

    def hold_queues(self, queues: frozenset[str]) -> None:
        """Offer no written work of these queues; that of others, held until now, is looked at again."""
        freed, self._held = self._held - queues, queues
        for bucket, asks, _ in self._waiting.occupied() if freed else ():
            if asks.queue in freed:
                self._waiting.touch(bucket)

    def is_held(self, queue: str) -> bool:
        """Whether written work of this queue is not offered now: none is, or a floor rule holds the queue's."""
        return self._is_written_held or queue in self._held

    @property
    def is_written_held(self) -> bool:
        """Whether no written work is offered now, as in a crisis."""
        return self._is_written_held

    @is_written_held.setter
    def is_written_held(self, is_held: bool) -> None:
        if self._is_written_held and not is_held:
            self._touch_written()
        self._is_written_held = is_held

    def _touch_written(self) -> None:
        """Written work is looked at again."""
        for bucket, asks, _ in self._waiting.occupied():
            if not asks.is_live:
                self._waiting.touch(bucket)

    # What is to be planned -------------------------------------------------------------------------------------

    def heads(self, now_ms: int, limit: int) -> Iterable[Heads]:
        """What is to be planned, at most `limit` contacts of a bucket; all of it counts as planned afterwards.

        First the dirty buckets; then, in the order of their first contacts and read only as far as needed, those from
        which the agents who have come free might take. Empty when there is nothing to plan.
        """
        self.wake(now_ms)
        hungry = [pool for agent in self._seating.hungry if (pool := self._dine(agent))]
        self._seating.hungry.clear()
        pools, rows = frozenset(hungry), self._rows_for(set(hungry))
        eased = self._eased_rows()
        if eased:
            pools, rows = pools | {pool for pool, _ in self.pools()}, {*rows, *eased}
        self._idle_low = self._idle()
        dirty = sorted(self.dirty)
        self.dirty.clear()
        if not dirty and not rows:
            return ()
        now = (Heads(bucket, self.asks[bucket], self._unplanned(bucket, limit)) for bucket in dirty)
        return chain(now, self._in_turn(rows, pools, set(dirty), limit))

    def touch_all(self) -> None:
        """Let everything be planned again."""
        for bucket, _, _ in self._waiting.occupied():
            self._waiting.touch(bucket)

    def wake(self, now_ms: int) -> None:
        """Let be planned what time has changed: cool-downs and ramps that have ended, rings that have opened."""
        self._waiting.open_rings(now_ms)
        while self._wakeups and self._wakeups[0][0] <= now_ms:
            agent = heappop(self._wakeups)[1]
            seat = self.seats.get(agent)
            if seat is None:
                continue
            if 0 < seat.ramp_until <= now_ms:
                seat.ramp_until = 0
                self._seating.repool(agent)
            self._seating.hungry.add(agent)

    @property
    def next_wake(self) -> int | None:
        """When time changes something next (epoch ms)."""
        moments = [self._wakeups[0][0]] if self._wakeups else []
        ring = self._waiting.next_ring
        return min([*moments, ring] if ring is not None else moments, default=None)

    def _has_a_story(self, contact: str) -> bool:
        """Whether agents may be kept from this contact who are not kept from those behind it."""
        return contact in self.pending or contact in self.declined

    def _dine(self, agent: str) -> PoolKey | None:
        """The pool of an agent who has come free; work that waits for this agent alone is planned again."""
        seat = self.seats.get(agent)
        if seat is None or seat.pool is None or agent in self._pending_agents:
            return None
        for bucket in self._waiting.own.get(agent, ()):
            self._waiting.touch(bucket)
        return seat.pool

    def _unplanned(self, bucket: str, limit: int) -> Iterator[tuple[int, str]]:
        lane: Iterable[tuple[int, str]] = self.waiting.get(bucket, ())
        return islice((each for each in lane if each[1] not in self.pending and each[1] not in self.late), limit)

    def _rows_for(self, pools: Iterable[PoolKey]) -> set[RowKey]:
        return {row for row, buckets in self._waiting.rows.items() if len(buckets) and self._fits_any(row, pools)}

    def _fits_any(self, row: RowKey, pools: Iterable[PoolKey]) -> bool:
        if self._is_written_held and row.order_class == WRITTEN_CLASS:
            return False
        is_short = row.reserve > self._idle()
        return any(self._fits(row, pool) for pool in pools if not is_short or pool.form == "written")

    def _fits(self, row: RowKey, pool: PoolKey) -> bool:
        profile = self.profiles[pool.profile]
        capacity = profile.capacity.get(row.channel, 0)
        return capacity > 0 and has_room(
            pool.form, capacity, row.channel, row.medium, pool.load, can_interrupt=profile.can_interrupt
        )

    def _eased_rows(self) -> list[RowKey]:
        """Rows whose reserve was wanting and may be there now: others than those who came free may take from them."""
        low, high = self._idle_low, self._idle()
        if low >= high:
            return []
        is_raised_one = any(low <= reserve <= high for reserve in self._raised.values())
        return [
            row
            for row, buckets in self._waiting.rows.items()
            if len(buckets) and self._is_eased(row, is_raised_one=is_raised_one)
        ]

    def _is_eased(self, row: RowKey, *, is_raised_one: bool) -> bool:
        if is_raised_one and row.order_class == WRITTEN_CLASS:
            return True
        return row.reserve > 0 and self._idle_low <= row.reserve <= self._idle()

    def _in_turn(self, rows: set[RowKey], pools: frozenset[PoolKey], besides: set[str], limit: int) -> Iterator[Heads]:
        """The buckets that agents of these pools might take from, by their first contacts."""
        profiles = {pool.profile for pool in pools}
        standing = self._seating.standing
        for turn, bucket in self._waiting.in_turn(rows):
            asks = self.asks[bucket]
            for profile in profiles:
                if standing(bucket, asks, profile).ring >= 0:
                    if bucket not in besides:
                        yield Heads(bucket, asks, self._unplanned(bucket, limit), turn, pools)
                    break

    def _idle(self) -> int:
        """Agents idle for live work without an offer on its way."""
        return self._seating.idle_for_live - len(self._pending_idle)

    def _note_idle(self) -> None:
        self._idle_low = min(self._idle_low, self._idle())

    # Offers on their way ---------------------------------------------------------------------------------------

    def hold(self, contact: str, agent: str) -> None:
        """Keep both out of the next rounds until the store has answered."""
        self.pending[contact] = agent
        self._pending_agents.add(agent)
        pool = self.seats[agent].pool
        if pool is not None and is_idle_for_live(pool):
            self._pending_idle.add(agent)
        self._note_idle()

    def unhold(self, contact: str) -> None:
        """The offer has come to nothing or the journal has told of it: both are free to be planned again."""
        if self._let_go_of_offer(contact):
            self._waiting.touch_contact(contact)

    def _let_go_of_offer(self, contact: str) -> set[str]:
        agent = self.pending.pop(contact, None)
        if agent is None:
            return set()
        self._pending_agents.discard(agent)
        self._pending_idle.discard(agent)
        self._seating.hungry.add(agent)
        return {agent}

    # Who came too late ------------------------------------------------------------------------------------------

    def shut_out(self, contact: str) -> None:
        """It came when nobody was let in any more: offered to nobody until it has left, or can't."""
        self.late.add(contact)

    def let_in(self, contact: str) -> None:
        """No other promise fits it, or the queue is open again: it waits for a person like any other."""
        if contact in self.late:
            self.late.discard(contact)
            self._waiting.touch_contact(contact)

    def let_all_in(self, contacts: Iterable[str]) -> None:
        """The queue lets people in."""
        if self.late:
            for contact in [each for each in contacts if each in self.late]:
                self.let_in(contact)

    def refused(self, contact: str, gone_from: Place | None = None) -> None:
        """The store refused an offer: the contact has left the place it was planned at, or the agent takes it not.

        Whoever is left of the two is planned again: the agent for those behind, the contact for another agent. Whom the
        journal has put elsewhere meanwhile stays there.
        """
        agent = self.pending.get(contact)
        self.unhold(contact)
        if gone_from is not None:
            if self.places.get(contact) == gone_from:
                self._waiting.leave(contact)
        elif agent is not None:
            self._seating.unpool(agent)
            self._note_idle()
