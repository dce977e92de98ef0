"""Who takes part beside a contact's owner: consulted and connected, or a supervisor. Kept from the journal. Pure.

Whoever wraps up a contact that was passed on takes no part in it any more, and is told nothing of it.
"""

from collections import deque
from collections.abc import Iterable

from router.journal import Entry
from router.store.keys import contact_of

ROLES = frozenset({"consult", "supervisor"})
REMEMBERED = 1_000
"""Legs that ended, so that one that is read a moment too late is not taken for one that goes on."""


class TakingPart:
    """The participants of every contact, by contact."""

    def __init__(self) -> None:
        self._agents: dict[str, dict[str, str]] = {}
        """Contact -> leg -> agent."""
        self._ended: deque[str] = deque(maxlen=REMEMBERED)

    def load(self, agent: str, legs: Iterable[str]) -> None:
        """An agent's legs as the store has them, when their desktop begins."""
        for leg in legs:
            if leg not in self._ended:
                self._agents.setdefault(contact_of(leg), {})[leg] = agent

    def follow(self, entry: Entry) -> frozenset[str]:
        """Who takes part in the contact of an entry when it happens; a leg that ends with it is told it as well."""
        contact = entry.data.contact
        told = frozenset(self._agents.get(contact, {}).values())
        side = entry.data.side
        for moved in entry.transitions:
            if moved.machine == "leg" and moved.after == "ended":
                self._end(moved.id)
            elif side is not None and side.role in ROLES and (moved.id, moved.after) == (side.leg, "connected"):
                self._agents.setdefault(contact, {})[side.leg] = side.agent
        return told

    def _end(self, leg: str) -> None:
        self._ended.append(leg)
        contact = contact_of(leg)
        legs = self._agents.get(contact, {})
        legs.pop(leg, None)
        if not legs:
            self._agents.pop(contact, None)
