"""The floor as a dispatcher sees it: who waits where, who is free for what. Kept from the journal, never from guesses.

Pure state: no I/O and no clock. Applying an entry twice, or entries older than what was loaded, ends in the same floor
once the last entry is applied, so it can be loaded from the store while the journal runs on.
"""

from collections.abc import Iterable, Iterator, Mapping
from heapq import heappush
from typing import NamedTuple

from router.eligibility import INTERRUPTED
from router.fairness import Fairness
from router.hands import Hands
from router.journal import AgentRecord, Asks, Entry
from router.lanes import Lane
from router.lifecycle import Transition
from router.planned_floor import PlannedFloor
from router.seating import Seat
from router.waiting_room import Place, place_of

__all__ = ["Chore", "FloorState", "Lane", "Place", "Ramp", "Seat"]


class Ramp(NamedTuple):
    """After an absence of `after_ms` an agent gets one thing at a time for `up_ms`; 0 is never."""

    after_ms: int = 0
    up_ms: int = 0


NO_RAMP = Ramp()
_LIVE_WORK = frozenset({"leg", "wrap", "consult", "supervisor"})
_GIVEN = frozenset({"accept", "pull"})
_SEATED = frozenset({"put_agent", "open_session", "close_session", "lose_lease", "set_form"})


class Chore(NamedTuple):
    """Written work that has to stand still under live work, or goes on after it."""

    contact: str
    agent: str
    is_resume: bool


class FloorState(PlannedFloor):
    """Waiting contacts by bucket, and available agents by pool, as the journal tells.

    Args:
        reserves: queue -> idle others wanted before written work of this queue is offered.
        ramp: how agents come back from an absence.
    """

    def __init__(self, reserves: Mapping[str, int], *, ramp: Ramp = NO_RAMP) -> None:
        super().__init__(reserves)
        self._ramp = ramp
        self._hands = Hands(self.seats, self._asks_of)
        self.holders = self._hands.holders
        self._fairness = Fairness()
        self._unsettled: set[str] = set()
        self._possible: dict[str, tuple[int, bool]] = {}

    # Keeping up with the journal -------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> None:
        """Follow one journal entry."""
        data = entry.data
        self._fairness.observe_from(entry.at)
        touched: set[str] = {data.agent} if data.agent in self.seats else set()
        for transition in entry.transitions:
            if transition.machine == "contact":
                touched |= self._contact_moved(transition, entry)
            elif transition.machine == "leg":
                touched |= self._hands.leg_moved(transition, entry)
            elif transition.machine == "presence":
                touched |= self._presence_moved(transition, entry.at)
            elif transition.machine == "lease":
                touched |= self._lease_moved(transition)
        if entry.command in _SEATED:
            touched |= self._seated(entry)
        if data.cool_down is not None:
            self._cool(data.cool_down.agent, data.cool_down.medium, data.cool_down.contact, data.cool_down.until)
        for each in touched:
            self._repool(each, entry.at)

    def put_agent(self, agent: str, record: AgentRecord) -> None:
        """Set an agent's profile."""
        self._seating.put_profile(agent, record)
        self._repool(agent)

    def seat(self, agent: str, seat: Seat, record: AgentRecord) -> None:
        """Take over an agent as the store holds them."""
        known = self._seating.forget(agent)
        seat.profile = known.profile if known else -1
        self.seats[agent] = seat
        for other in self._hands.load(agent, seat, known) - {agent}:
            self._repool(other)
        for until in (*seat.cooling.values(), seat.ramp_until):
            if until:
                heappush(self._wakeups, (until, agent))
        self.put_agent(agent, record)

    def put(self, contact: str, place: Place) -> None:
        """Put a contact into its place."""
        self._waiting.place(contact, place)

    def decline(self, contact: str, agent: str, until: int) -> None:
        """Do not ask the agent about this contact before `until` (epoch ms) unless nobody else exists."""
        self.declined.setdefault(contact, {})[agent] = until
        heappush(self._wakeups, (until, agent))

    def place(self, contact: str, bucket: str, score: int, rev: int, waits_from: int | None = None) -> None:
        """Put a contact into its place; without `waits_from` it waits since its score."""
        self._waiting.place(contact, Place(bucket, score, rev, score if waits_from is None else waits_from))

    def _contact_moved(self, moved: Transition, entry: Entry) -> set[str]:
        contact = moved.id
        self.late.discard(contact)
        touched = self._let_go_of_offer(contact) | self._hands.contact_moved(moved, entry)
        if moved.after == "queued":
            if entry.placed is not None:
                placed = entry.placed
                self.asks.setdefault(placed.bucket, placed.asks)
                self._waiting.place(contact, place_of(placed, moved.rev))
            elif contact in self.places:
                self.places[contact] = self.places[contact]._replace(rev=moved.rev)
            return touched
        self._waiting.leave(contact)
        if moved.after == "with_agent" and moved.event in _GIVEN:
            self._fairness.give(entry.data.agent, entry.at)
        if moved.after not in {"offered", "with_agent"}:
            self.declined.pop(contact, None)
        return touched

    def _presence_moved(self, moved: Transition, at: int) -> set[str]:
        seat = self.seats.get(moved.id)
        if seat is None:
            return set()
        if moved.after == "available":
            seat.idle_since = max(seat.idle_since, at)
            was_gone = moved.before in {"away", "offline"} and self._ramp.up_ms
            if was_gone and at - seat.since >= self._ramp.after_ms:
                seat.ramp_until = at + self._ramp.up_ms
                heappush(self._wakeups, (seat.ramp_until, moved.id))
        seat.presence, seat.since = moved.after, at
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
        if entry.command == "put_agent":
            seat.profile_n = entry.n
        if entry.command == "open_session":
            seat.is_connected = True
        elif entry.command in {"close_session", "lose_lease"}:
            seat.is_connected = False
        elif entry.command == "set_form":
            seat.form = data.form
        elif not seat.since:
            seat.since = entry.at
        return {data.agent}

    def _cool(self, agent: str, medium: str, contact: str, until: int) -> None:
        if contact:
            self.decline(contact, agent, until)
        elif agent in self.seats:
            self.seats[agent].cooling[medium] = until
            heappush(self._wakeups, (until, agent))

    def _repool(self, agent: str, at: int = 0) -> None:
        """Work out anew what an agent may be given."""
        seat = self.seats[agent]
        was_at_work = seat.counted is not None and seat.counted[1]
        self._seating.repool(agent)
        if was_at_work and not seat.is_at_work:
            for contact in self.declined:
                self._waiting.touch_contact(contact)
        if seat.work:
            self._unsettled.add(agent)
        self._note_idle()
        self._fairness.show(agent, at, is_available=seat.pool is not None)

    def _asks_of(self, contact: str) -> Asks | None:
        place = self.places.get(contact)
        return self.asks[place.bucket] if place else None

    # What others ask -------------------------------------------------------------------------------------------

    def chores(self) -> list[Chore]:
        """Written work to interrupt or resume now, of agents who were touched since the last call."""
        found = [chore for agent in sorted(self._unsettled) for chore in self._chores_of(agent)]
        self._unsettled.clear()
        return found

    def unsettle(self, agent: str) -> None:
        """A chore of this agent could not be done: it is named again."""
        self._unsettled.add(agent)

    def _chores_of(self, agent: str) -> Iterator[Chore]:
        seat = self.seats[agent]
        is_busy = any(medium != "written" and kind in _LIVE_WORK for _, medium, kind in seat.work.values())
        can_interrupt = self.profiles[seat.profile].can_interrupt
        for contact, (_, medium, kind) in seat.work.items():
            if not is_busy and kind == INTERRUPTED:
                yield Chore(contact, agent, is_resume=True)
            elif is_busy and can_interrupt and (medium, kind) == ("written", "leg"):
                yield Chore(contact, agent, is_resume=False)

    def impossible(self) -> Iterator[tuple[str, Iterator[str]]]:
        """Buckets, with their contacts in order, of which no agent who is logged in meets any ring.

        What waits for one agent alone is among them while that agent is not logged in.
        """
        for bucket, asks, lane in self._waiting.occupied():
            if not self._is_possible(bucket, asks):
                yield bucket, (contact for _, contact in lane)

    def _is_possible(self, bucket: str, asks: Asks) -> bool:
        if asks.agent:
            return asks.agent in self.seats and self.seats[asks.agent].is_logged_in
        shift, is_possible = self._possible.get(bucket, (-1, False))
        if shift != self._seating.shifts:
            is_possible = self._seating.counted_for(self._seating.logged_in, bucket, asks) > 0
            self._possible[bucket] = (self._seating.shifts, is_possible)
        return is_possible

    def fairness(self, now_ms: int) -> float | None:
        """Jain's index of work per time available over the last hour, as `Fairness.index` defines it."""
        classes: dict[int, list[str]] = {}
        for agent, seat in self.seats.items():
            classes.setdefault(seat.profile, []).append(agent)
        return self._fairness.index(classes.values(), now_ms)

    def queue_lengths(self) -> Iterable[tuple[Asks, Lane]]:
        """Each bucket that holds contacts: what it asks for and its lane, in order."""
        return ((asks, lane) for _, asks, lane in self._waiting.occupied())
