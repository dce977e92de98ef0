"""The open work of a plain day, in plain Python: what the store keeps in keys, and the checks its commands share.

Every change is one command and one journal entry, as in the store: everything is validated before anything is written,
moves come from `router.lifecycle`. Moves no clock and writes no JSON. The commands stand beside, one file a theme; a
test holds their entries equal to those of the store.
"""

from collections import deque
from collections.abc import Callable
from typing import cast

from router.errors import NotFound, NotYours, StaleRevision, TransitionRefused
from router.journal import VERSION, AgentRecord, Entry, EntryData, Placement
from router.lifecycle import MACHINES, Transition
from router.matching import WorkItem
from router.model import Agent, OpenContact
from router.simulation.deadlines import Deadlines
from router.store.contact_commands import QueuePlace
from rules.outcome import Decision

Moves = list[Transition]
_move = cast("Callable[[type[Transition], tuple[str, str, int, str, str, str]], Transition]", tuple.__new__)
"""Makes a `Transition` without the detour over its keywords: eleven of them for every call."""
KEPT_MS = 60_000
"""How long a contact that is over is still known."""


class Held(OpenContact, kw_only=True):
    """An open contact with place and decision as they are, and not as text."""

    leg_rev: int = 0
    leg_offer: str = ""
    case_rev: int = 0
    placement: Placement | None = None
    decided: Decision | None = None


class AtDesk(Agent, kw_only=True):
    """An agent with their work and counters."""

    declines: int = 0
    next_reason: str = ""
    work: dict[str, WorkItem]
    kept: AgentRecord = AgentRecord()

    def record(self) -> AgentRecord:
        """Skills, teams and capacity, without reading them anew."""
        return self.kept


def step(moves: Moves, machine: str, thing: str, rev: int, before: str, event: str) -> str:
    """Note one move of one thing; the state it leads to.

    Raises:
        TransitionRefused: the machine has no such move.
    """
    try:
        after = MACHINES[machine][before][event]
    except KeyError:
        raise TransitionRefused(f"{machine} {before} {event}") from None
    moves.append(_move(Transition, (machine, thing, rev, before, event, after)))
    return after


class Ledger:
    """All state of one simulated tenant."""

    def __init__(self, now_ms: int) -> None:
        self.time_ms = now_ms
        self.n = 0
        self.contacts: dict[str, Held] = {}
        self.agents: dict[str, AtDesk] = {}
        self.deadlines = Deadlines()
        self.listeners: list[Callable[[Entry], None]] = []
        self._over: deque[tuple[int, str]] = deque()

    # What a command begins with ----------------------------------------------------------------------------------

    def fence(self, contact_id: str, expected: int = -1) -> Held:
        """The contact, if it is as the caller saw it.

        Raises:
            NotFound: there is no such contact.
            StaleRevision: it has moved on.
        """
        contact = self.contacts.get(contact_id)
        if contact is None:
            raise NotFound("contact")
        if expected >= 0 and expected != contact.rev:
            raise StaleRevision(str(contact.rev))
        return contact

    def owned(self, contact_id: str, agent: str, expected: int = -1) -> Held:
        """The contact, if it is this agent's.

        Raises:
            NotYours: it is not.
        """
        contact = self.fence(contact_id, expected)
        if contact.agent != agent:
            raise NotYours(contact_id)
        return contact

    @staticmethod
    def in_bucket(contact: Held, bucket: str) -> None:
        """Refuse a caller who saw the contact in another bucket."""
        if contact.bucket != bucket:
            raise StaleRevision(str(contact.rev))

    # What a command ends with ------------------------------------------------------------------------------------

    def append(self, command: str, moves: Moves, data: EntryData, placed: Placement | None = None) -> int:
        """Write the one entry of a command and tell everybody."""
        self.n = n = self.n + 1
        entry = Entry(VERSION, n, self.time_ms, command, tuple(moves), data, placed)
        for listen in self.listeners:
            listen(entry)
        return n

    def queue_at(self, contact: Held, place: QueuePlace) -> None:
        """Let the contact wait at a place."""
        placed = place.placed
        contact.bucket, contact.score, contact.wait_until = placed.bucket, placed.score, place.wait_until
        contact.placed, contact.placement = place.placed_json, placed
        self.deadlines.set("contact:" + contact.id, place.wait_until)

    # Agents --------------------------------------------------------------------------------------------------------

    def agent(self, agent_id: str) -> AtDesk:
        """An agent.

        Raises:
            NotFound: nobody has described them.
        """
        agent = self.agents.get(agent_id)
        if agent is None:
            raise NotFound("agent")
        return agent

    def drained(self, agent: AtDesk | None, leaving: str, moves: Moves) -> str:
        """Where a draining agent goes whose last work ends with `leaving`; '' when they stay as they are."""
        if agent is None or agent.presence != "draining":
            return ""
        if any(item != leaving and kind != "parked" for item, (_, _, kind) in agent.work.items()):
            return ""
        event = "go_offline" if agent.next == "offline" else "go_away"
        return step(moves, "presence", agent.id, agent.rev + 1, agent.presence, event)

    def show(self, agent: AtDesk | None, presence: str, reason: str | None = None) -> None:
        """Set an agent's presence, if there is one to set; without a reason, the one they were bound for."""
        if agent is None or not presence:
            return
        agent.reason = agent.next_reason if reason is None else reason
        agent.presence, agent.since, agent.rev = presence, self.time_ms, agent.rev + 1
        agent.next = agent.next_reason = ""

    # Over ----------------------------------------------------------------------------------------------------------

    def let_go(self, contact_id: str) -> None:
        """The contact is over: it is forgotten a while later, and others that have been over for so long at once."""
        over, now = self._over, self.time_ms
        over.append((now, contact_id))
        while over[0][0] < now - KEPT_MS:
            self.contacts.pop(over.popleft()[1], None)
