"""The floor as a dispatcher sees it: who waits where, who is free for what. Kept from the journal, never from guesses.

Pure state: no I/O and no clock. Applying an entry twice, or entries older than what was loaded, ends in the same floor
once the last entry is applied, so it can be loaded from the store while the journal runs on.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import islice
from typing import Protocol, cast

import msgspec
from sortedcontainers import SortedList

from router.journal import AgentRecord, Asks, Entry, Placement
from router.lifecycle import Transition
from router.matching import Heads, Load, PoolKey, WorkItem, can_ever, is_full

HEAD_SPARE = 8
"""Heads read beyond the free agents of a round, so that declined ones do not hide those behind them."""


class Lane(Protocol):
    """Numbers and names in order; what is used of a `SortedList`, which has no types of its own."""

    def add(self, value: tuple[int, str]) -> None:
        """Put a pair into its place."""
        ...

    def discard(self, value: tuple[int, str]) -> None:
        """Take a pair out, if it is there."""
        ...

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """In order."""
        ...

    def __len__(self) -> int:
        """How many."""
        ...

    def __getitem__(self, index: int) -> tuple[int, str]:
        """The pair at a place."""
        ...

    def bisect_left(self, value: tuple[int, str]) -> int:
        """How many pairs come before."""
        ...


_new_lane = cast("Callable[[], Lane]", SortedList)


class Seat(msgspec.Struct):
    """One agent on the floor."""

    profile: int = -1
    """Number of the profile class; -1 until it is known."""
    presence: str = "offline"
    is_alive: bool = False
    is_connected: bool = False
    form: str = "both"
    idle_since: int = 0
    work: dict[str, WorkItem] = {}
    cooling: dict[str, int] = {}
    pool: PoolKey | None = None
    pooled_since: int = 0
    """`idle_since` as it was when the agent entered the pool: the pool's sort key."""

    def load(self) -> Load:
        """The work without its contacts."""
        return tuple(sorted(self.work.values()))


class FloorState:
    """Waiting contacts by bucket, and available agents by pool."""

    def __init__(self, reserves: Mapping[str, int]) -> None:
        self._reserves = reserves
        self.seats: dict[str, Seat] = {}
        self.profiles: list[AgentRecord] = []
        self.scarcity: dict[str, float] = {}
        self._profile_numbers: dict[str, int] = {}
        self._having: Counter[str] = Counter()
        self._pools: dict[PoolKey, Lane] = {}
        self.asks: dict[str, Asks] = {}
        self.waiting: dict[str, Lane] = {}
        self.places: dict[str, tuple[str, int, int]] = {}
        """Queued contact -> bucket, score, revision."""
        self.holders: dict[str, str] = {}
        self.pending: dict[str, str] = {}
        """Contact -> agent of an offer that is on its way to the store."""
        self._pending_agents: set[str] = set()
        self.declined: dict[str, dict[str, int]] = {}
        self.dirty: set[str] = set()
        self._wakeups: list[tuple[int, str]] = []
        self._able: dict[tuple[int, str], bool] = {}

    # What a plan reads -----------------------------------------------------------------------------------------

    def pools(self) -> Iterator[tuple[PoolKey, int]]:
        """Each pool of available agents and how many of them have no offer on its way."""
        pending = Counter(self.seats[agent].pool for agent in self._pending_agents)
        return ((key, len(agents) - pending[key]) for key, agents in self._pools.items() if len(agents) > pending[key])

    def idlest(self, pool: PoolKey) -> Iterator[tuple[int, str]]:
        """The pool's agents without those whose offer is on its way."""
        return (each for each in self._pools[pool] if each[1] not in self._pending_agents)

    def blocked(self, agent: str, contact: str, medium: str, now_ms: int) -> str:
        """Why this agent is not offered this contact now."""
        if self.seats[agent].cooling.get(medium, 0) > now_ms:
            return "cooling_down"
        if self.declined and self.declined.get(contact, {}).get(agent, 0) > now_ms:
            return "declined"
        return ""

    def interested(self, asks: Asks) -> int:
        """Agents logged in who could ever take this."""
        return sum(
            1
            for seat in self.seats.values()
            if seat.is_alive
            and seat.presence in {"available", "draining"}
            and can_ever(asks, self.profiles[seat.profile])
        )

    def reserve(self, queue: str) -> int:
        """Idle others wanted before written work of this queue is offered."""
        return self._reserves.get(queue, 0)

    def heads(self, now_ms: int, limit: int) -> list[Heads]:
        """The first contacts of the dirty buckets; the buckets are clean afterwards."""
        self.wake(now_ms)
        free = sum(size for _, size in self.pools())
        found: list[Heads] = []
        for bucket in self.dirty:
            lane = self.waiting.get(bucket)
            if lane and free:
                unplanned = ((score, contact) for score, contact in lane if contact not in self.pending)
                found.append(Heads(bucket, self.asks[bucket], islice(unplanned, min(limit, free + HEAD_SPARE))))
        self.dirty.clear()
        return found

    def wake(self, now_ms: int) -> None:
        """Make dirty what a cool-down had kept back."""
        while self._wakeups and self._wakeups[0][0] <= now_ms:
            self._touch_buckets_for(heappop(self._wakeups)[1])

    @property
    def next_wake(self) -> int | None:
        """When the next cool-down ends (epoch ms)."""
        return self._wakeups[0][0] if self._wakeups else None

    # Offers on their way ---------------------------------------------------------------------------------------

    def hold(self, contact: str, agent: str) -> None:
        """Keep both out of the next rounds until the store has answered."""
        self.pending[contact] = agent
        self._pending_agents.add(agent)

    def unhold(self, contact: str) -> None:
        """The offer has come to nothing or the journal has told of it: both are free to be planned again."""
        for agent in self._let_go_of_offer(contact):
            self._touch_buckets_for(agent)
            if contact in self.places:
                self.dirty.add(self.places[contact][0])

    def _let_go_of_offer(self, contact: str) -> set[str]:
        agent = self.pending.pop(contact, None)
        if agent is None:
            return set()
        self._pending_agents.discard(agent)
        return {agent}

    def refused(self, contact: str, *, is_contact_gone: bool) -> None:
        """The store refused an offer: forget the contact's place if that was the reason, otherwise the agent's pool.

        Whoever is left of the two is planned again: the agent for those behind, the contact for another agent.
        """
        agent = self.pending.get(contact)
        self.unhold(contact)
        if is_contact_gone:
            self._leave(contact)
        elif agent is not None:
            self._unpool(agent)

    # Keeping up with the journal -------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> None:
        """Follow one journal entry."""
        data = entry.data
        agent = data.agent
        touched: set[str] = {agent} if agent in self.seats else set()
        for transition in entry.transitions:
            if transition.machine == "contact":
                touched |= self._contact_moved(transition, entry)
            elif transition.machine == "leg" and transition.event == "wrap_up":
                touched |= self._wrap_up(transition.id.split(".", 1)[0])
            elif transition.machine == "presence":
                touched |= self._presence_moved(transition, entry.at)
            elif transition.machine == "lease":
                touched |= self._lease_moved(transition)
        if entry.command in _SEATED:
            touched |= self._seated(entry)
        if data.cool_down is not None:
            self._cool(data.cool_down.agent, data.cool_down.medium, data.cool_down.contact, data.cool_down.until)
        for each in touched:
            self._repool(each)

    def put_agent(self, agent: str, record: AgentRecord) -> None:
        """Set an agent's profile."""
        seat = self.seats.get(agent)
        if seat is None:
            seat = self.seats[agent] = Seat(work={}, cooling={})
        if seat.profile >= 0:
            self._having.subtract(self.profiles[seat.profile].skills.keys())
        key = msgspec.json.encode(record, order="deterministic").decode()
        number = self._profile_numbers.get(key)
        if number is None:
            number = self._profile_numbers[key] = len(self.profiles)
            self.profiles.append(record)
        seat.profile = number
        self._having.update(record.skills.keys())
        self.scarcity = {skill: 1 / count for skill, count in self._having.items() if count > 0}
        self._repool(agent)

    def seat(self, agent: str, seat: Seat, record: AgentRecord) -> None:
        """Take over an agent as the store holds them."""
        self._unpool(agent)
        known = self.seats.get(agent)
        seat.profile = known.profile if known else -1
        for contact in known.work if known else ():
            if self.holders.get(contact) == agent:
                del self.holders[contact]
        self.seats[agent] = seat
        for contact in seat.work:
            self._take_back(contact)
            self.holders[contact] = agent
        self.put_agent(agent, record)

    def _take_back(self, contact: str) -> None:
        """Take a contact from an agent who was read earlier: only one can hold it, and the journal tells the rest."""
        earlier = self.holders.get(contact)
        if earlier is not None and self.seats[earlier].work.pop(contact, None):
            self._repool(earlier)

    def place(self, contact: str, bucket: str, score: int, rev: int) -> None:
        """Put a contact into its place."""
        self._leave(contact)
        lane = self.waiting.get(bucket)
        if lane is None:
            lane = self.waiting[bucket] = _new_lane()
        lane.add((score, contact))
        self.places[contact] = (bucket, score, rev)
        self.dirty.add(bucket)

    def _contact_moved(self, moved: Transition, entry: Entry) -> set[str]:
        contact = moved.id
        planned = self._let_go_of_offer(contact)
        if moved.after == "queued":
            if entry.placed is not None:
                self._place(contact, entry.placed, moved.rev)
            return planned | self._free(contact, moved, entry)
        self._leave(contact)
        if moved.after == "offered":
            return planned | self._take(contact, entry, "offer")
        if moved.after == "with_agent":
            return planned | self._take(contact, entry, "leg")
        self.declined.pop(contact, None)
        return planned | self._free(contact, moved, entry)

    def _place(self, contact: str, placed: Placement, rev: int) -> None:
        self.asks.setdefault(placed.bucket, placed.asks)
        self.place(contact, placed.bucket, placed.score, rev)

    def _take(self, contact: str, entry: Entry, kind: str) -> set[str]:
        agent = self.holders.get(contact) or entry.data.agent
        seat = self.seats.get(agent)
        if seat is None:
            return set()
        held = seat.work.get(contact)
        channel, medium = (held[0], held[1]) if held else (entry.data.channel, entry.data.medium)
        seat.work[contact] = (channel, medium, kind)
        self.holders[contact] = agent
        return {agent}

    def _free(self, contact: str, moved: Transition, entry: Entry) -> set[str]:
        """Empty the hands of who holds it; an entry older than what was loaded may name somebody else."""
        agent = self.holders.pop(contact, None)
        seat = self.seats.get(agent) if agent else None
        if seat is None or agent is None:
            return set()
        seat.work.pop(contact, None)
        if moved.before == "with_agent" and entry.data.agent in {agent, ""}:
            seat.idle_since = entry.at
        return {agent}

    def _wrap_up(self, contact: str) -> set[str]:
        agent = self.holders.get(contact)
        if agent is None:
            return set()
        channel, medium, _ = self.seats[agent].work[contact]
        self.seats[agent].work[contact] = (channel, medium, "wrap")
        return {agent}

    def _presence_moved(self, moved: Transition, at: int) -> set[str]:
        seat = self.seats.get(moved.id)
        if seat is None:
            return set()
        seat.presence = moved.after
        if moved.after == "available":
            seat.idle_since = at
        return {moved.id}

    def _lease_moved(self, moved: Transition) -> set[str]:
        seat = self.seats.get(moved.id)
        if seat is not None:
            seat.is_alive = moved.after == "alive"
        return {moved.id} if seat else set()

    def _seated(self, entry: Entry) -> set[str]:
        data = entry.data
        if data.profile is not None:
            self.put_agent(data.agent, data.profile)
        seat = self.seats.get(data.agent)
        if seat is None:
            return set()
        if entry.command == "open_session":
            seat.is_connected = True
        elif entry.command in {"close_session", "lose_lease"}:
            seat.is_connected = False
        elif entry.command == "set_form":
            seat.form = data.form
        return {data.agent}

    def _cool(self, agent: str, medium: str, contact: str, until: int) -> None:
        if contact:
            self.declined.setdefault(contact, {})[agent] = until
        elif agent in self.seats:
            self.seats[agent].cooling[medium] = until
        heappush(self._wakeups, (until, agent))

    # Pools -----------------------------------------------------------------------------------------------------

    def _leave(self, contact: str) -> None:
        known = self.places.pop(contact, None)
        if known is not None:
            self.waiting[known[0]].discard((known[1], contact))

    def _unpool(self, agent: str) -> None:
        seat = self.seats.get(agent)
        if seat is not None and seat.pool is not None:
            lane = self._pools[seat.pool]
            lane.discard((seat.pooled_since, agent))
            if not len(lane):
                del self._pools[seat.pool]
            seat.pool = None

    def _repool(self, agent: str) -> None:
        """Put the agent where form, load and presence say; makes dirty what they might take."""
        seat = self.seats[agent]
        self._unpool(agent)
        if seat.presence != "available" or not seat.is_alive or not seat.is_connected:
            return
        key = PoolKey(seat.profile, seat.form, seat.load())
        lane = self._pools.get(key)
        if lane is None:
            lane = self._pools[key] = _new_lane()
        lane.add((seat.idle_since, agent))
        seat.pooled_since = seat.idle_since
        seat.pool = key
        if not is_full(key.load):
            self._touch_buckets_for(agent)

    def _touch_buckets_for(self, agent: str) -> None:
        seat = self.seats.get(agent)
        if seat is None:
            return
        for bucket, lane in self.waiting.items():
            if not lane:
                continue
            key = (seat.profile, bucket)
            able = self._able.get(key)
            if able is None:
                able = self._able[key] = can_ever(self.asks[bucket], self.profiles[seat.profile])
            if able or not self.asks[bucket].is_live:
                self.dirty.add(bucket)

    def queue_lengths(self) -> Iterable[tuple[Asks, Lane]]:
        """Each bucket that holds contacts: what it asks for and its lane, in order."""
        return ((self.asks[bucket], lane) for bucket, lane in self.waiting.items() if lane)


_SEATED = frozenset({"put_agent", "open_session", "close_session", "lose_lease", "set_form"})
