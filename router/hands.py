"""What each agent has in hand, kept from the journal: offers, legs, wrap-ups, what is parked, legs beside another's.

Pure state of the floor: no I/O and no clock. An entry older than what was loaded is put right by those that follow it.
"""

from collections.abc import Callable, Mapping

from router.eligibility import INTERRUPTED, PARKED
from router.journal import Asks, Entry, Side
from router.lifecycle import Transition
from router.seating import Seat

FREES = frozenset({"place_contact", "promise_callback"})
"""Commands after which an agent is idle anew also when all they had was an offer, or something parked."""


class Hands:
    """Work items of all agents, and who holds what.

    Args:
        seats: the agents; their `work` is kept here.
        asks_of: what a contact that waits asks for; None when it waits nowhere.
    """

    def __init__(self, seats: Mapping[str, Seat], asks_of: Callable[[str], Asks | None]) -> None:
        self._seats = seats
        self._asks_of = asks_of
        self.holders: dict[str, str] = {}
        """Contact, or leg beside the owner's -> agent."""

    def contact_moved(self, moved: Transition, entry: Entry) -> set[str]:
        """Follow one move of a contact; returns the agents whose hands it changed."""
        if moved.after == "offered":
            return self._hold(moved.id, entry, "offer")
        if moved.after == "with_agent":
            return self._hold(moved.id, entry, "leg")
        if moved.after == "parked":
            touched = self._hold(moved.id, entry, PARKED)
            self._idle(touched & {entry.data.agent}, entry.at)
            return touched
        return self._free(moved, entry)

    def leg_moved(self, moved: Transition, entry: Entry) -> set[str]:
        """Follow one move of a leg, the owner's or one beside it."""
        side = entry.data.side
        if side is not None and side.leg == moved.id:
            return self._side_moved(side, moved, entry)
        if moved.after == "ended":
            return self.drop(moved.id)
        contact = moved.id.partition(".")[0]
        if moved.event == "wrap_up":
            return self._turn(contact, "wrap")
        if moved.event == "interrupt":
            return self._turn(contact, INTERRUPTED)
        if moved.before == INTERRUPTED and moved.event == "resume":
            return self._turn(contact, "leg")
        return set()

    def drop(self, thing: str) -> set[str]:
        """Take a contact or a leg beside out of the hands that hold it."""
        agent = self.holders.pop(thing, None)
        seat = self._seats.get(agent) if agent else None
        if seat is None or agent is None:
            return set()
        seat.work.pop(thing, None)
        return {agent}

    def load(self, agent: str, seat: Seat, known: Seat | None) -> set[str]:
        """Take an agent's work over as the store holds it; returns those from whom something was taken.

        Only one can hold a contact: loading takes time, and one that moved meanwhile is read with two.
        """
        for thing in known.work if known else ():
            if self.holders.get(thing) == agent:
                del self.holders[thing]
        touched: set[str] = set()
        for thing in seat.work:
            touched |= self.drop(thing)
            self.holders[thing] = agent
        return touched

    def _hold(self, contact: str, entry: Entry, kind: str) -> set[str]:
        earlier = self.holders.get(contact, "")
        agent = entry.data.agent or earlier
        if agent not in self._seats:
            return set()
        channel, medium = self._about(contact, earlier, entry)
        touched = self.drop(contact) if earlier != agent else set[str]()
        self._seats[agent].work[contact] = (channel, medium, kind)
        self.holders[contact] = agent
        return touched | {agent}

    def _about(self, contact: str, holder: str, entry: Entry) -> tuple[str, str]:
        """The contact's channel and medium."""
        seat = self._seats.get(holder)
        held = seat.work.get(contact) if seat else None
        if held is not None:
            return held[0], held[1]
        asks = None if entry.data.channel else self._asks_of(contact)
        return (asks.channel, asks.medium) if asks else (entry.data.channel, entry.data.medium)

    def _free(self, moved: Transition, entry: Entry) -> set[str]:
        touched = self.drop(moved.id)
        goes_on = entry.data.side is not None and entry.data.side.role == "wrap"
        is_freed = entry.command in FREES and moved.before in {"offered", "parked"}
        if is_freed or (moved.before == "with_agent" and not goes_on):
            # An entry older than what was loaded may name somebody else.
            self._idle(touched if not entry.data.agent else touched & {entry.data.agent}, entry.at)
        return touched

    def _side_moved(self, side: Side, moved: Transition, entry: Entry) -> set[str]:
        if moved.after == "ended":
            touched = self.drop(moved.id)
            if entry.command == "end_side_leg" and side.role != "supervisor":
                self._idle(touched, entry.at)
            return touched
        seat = self._seats.get(side.agent)
        if seat is None:
            return set()
        seat.work[moved.id] = (side.channel, side.medium, "wrap" if moved.after == "wrapping_up" else side.role)
        self.holders[moved.id] = side.agent
        return {side.agent}

    def _turn(self, contact: str, kind: str) -> set[str]:
        agent = self.holders.get(contact)
        if agent is None:
            return set()
        channel, medium, _ = self._seats[agent].work[contact]
        self._seats[agent].work[contact] = (channel, medium, kind)
        return {agent}

    def _idle(self, agents: set[str], at: int) -> None:
        for agent in agents:
            # An entry that is older than what was loaded makes nobody idle for longer than the store knows them to be.
            self._seats[agent].idle_since = max(self._seats[agent].idle_since, at)
