"""The laws of the floor, read from the raw journal alone: who was offered what, and whether they might have it.

Written from the design, with eligibility, room and order of its own: only the entry's form is the router's.
What several processes did at nearly the same time is no breach: a plan may be `SLACK_MS` older than its offer.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from router.journal import LIVE, AgentRecord, Asks, Entry, Placement
from router.lifecycle import Transition

SLACK_MS = 600
CLOCKS_MS = 60
"""How far the clocks of two routers may be apart."""
Item = tuple[str, str, str]


@dataclass
class Worked:
    """What the journal has told of one agent."""

    record: AgentRecord = field(default_factory=AgentRecord)
    presence: str = ""
    lease: str = ""
    is_connected: bool = False
    form: str = "both"
    work: dict[str, Item] = field(default_factory=dict[str, Item])
    cooling: dict[str, int] = field(default_factory=dict[str, int])
    changed: int = 0
    """When presence, profile or work changed, without the entry at hand."""


@dataclass
class Waited:
    """What the journal has told of one contact."""

    state: str = ""
    channel: str = ""
    medium: str = ""
    placed: Placement | None = None
    holder: str = ""
    declined: dict[str, int] = field(default_factory=dict[str, int])
    moved: list[int] = field(default_factory=list[int])


class FloorLaws:
    """Follows entries from the first; `broken` names every breach."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.agents: dict[str, Worked] = {}
        self.contacts: dict[str, Waited] = {}
        self._offers: dict[str, str] = {}
        self._beside: dict[str, str] = {}
        self._passed: list[tuple[Entry, str]] = []

    def follow(self, entries: Iterable[Entry]) -> list[str]:
        """Every breach in a whole journal."""
        for entry in entries:
            self.apply(entry)
        for entry, contact in self._passed:
            if not any(abs(at - entry.at) <= SLACK_MS for at in self.contacts[contact].moved):
                self._no(entry, f"passed {contact}, who waited longer")
        return self.broken

    def apply(self, entry: Entry) -> None:
        """Follow one entry; an offer is judged by what was before it."""
        data = entry.data
        if entry.command == "issue_offer":
            self._judge(entry)
        if data.agent and entry.command in {"put_agent", "set_form", "open_session", "close_session", "lose_lease"}:
            self._sit(self._agent(data.agent), entry)
        if data.cool_down is not None and data.cool_down.contact:
            self._contact(data.cool_down.contact).declined[data.cool_down.agent] = data.cool_down.until
        elif data.cool_down is not None:
            self._agent(data.cool_down.agent).cooling[data.cool_down.medium] = data.cool_down.until
        if data.received is not None:
            contact = self._contact(data.contact)
            contact.channel, contact.medium = data.received.channel, data.received.medium
        for move in entry.transitions:
            self._moved(entry, move)
        if entry.placed is not None:
            contact = self._contact(data.contact)
            contact.placed, contact.channel, contact.medium = entry.placed, *_form(entry.placed.asks)

    def _moved(self, entry: Entry, move: Transition) -> None:
        match move.machine:
            case "presence" | "lease":
                self._agent_moved(entry, move)
            case "offer":
                self._offer_moved(entry, move)
            case "contact":
                self._contact_moved(entry, move)
            case "leg":
                self._leg_moved(entry, move)
            case _:
                pass

    def _agent(self, agent: str) -> Worked:
        return self.agents.setdefault(agent, Worked())

    def _contact(self, contact: str) -> Waited:
        return self.contacts.setdefault(contact, Waited())

    def _no(self, entry: Entry, what: str) -> None:
        self.broken.append(f"entry {entry.n} {entry.command} {entry.data.contact} {entry.data.agent}: {what}")

    # What happened -------------------------------------------------------------------------------------------------

    def _sit(self, agent: Worked, entry: Entry) -> None:
        agent.changed = entry.at
        if entry.data.profile is not None:
            agent.record = entry.data.profile
        if entry.command == "set_form":
            agent.form = entry.data.form
        elif entry.command != "put_agent":
            agent.is_connected = entry.command == "open_session"

    def _agent_moved(self, entry: Entry, move: Transition) -> None:
        agent = self._agent(move.id)
        agent.changed = entry.at
        if move.machine == "presence":
            agent.presence = move.after
        else:
            agent.lease = move.after

    def _offer_moved(self, entry: Entry, move: Transition) -> None:
        if move.event == "issue":
            self._offers[move.id] = entry.data.agent
        elif move.event == "accept" and self._offers.get(move.id) != entry.data.agent:
            self._no(entry, f"accepted what {self._offers.get(move.id)} was offered")

    def _contact_moved(self, entry: Entry, move: Transition) -> None:
        contact = self._contact(move.id)
        contact.state = move.after
        contact.moved.append(entry.at)
        if contact.holder:
            self._hold(contact.holder, move.id, None, entry.at)
        contact.holder = entry.data.agent if move.after in {"offered", "with_agent", "parked"} else ""
        if contact.holder:
            kind = {"offered": "offer", "with_agent": "leg"}.get(move.after, move.after)
            self._hold(contact.holder, move.id, (contact.channel, contact.medium, kind), entry.at)
        if move.after not in {"queued", "offered", "with_agent"}:
            contact.declined.clear()

    def _leg_moved(self, entry: Entry, move: Transition) -> None:
        contact_id, side = move.id.split(".", 1)[0], entry.data.side
        contact = self._contact(contact_id)
        if side is not None and side.leg == move.id:
            self._beside[move.id] = side.agent
        if move.id in self._beside:
            item = None if move.after == "ended" else (contact.channel, contact.medium, "beside")
            self._hold(self._beside[move.id], move.id, item, entry.at)
        elif contact.holder and contact_id in self._agent(contact.holder).work and move.after != "ended":
            kind = "interrupted" if move.after == "interrupted" else "leg"
            self._hold(contact.holder, contact_id, (contact.channel, contact.medium, kind), entry.at)

    def _hold(self, agent_id: str, thing: str, item: Item | None, at: int) -> None:
        agent = self._agent(agent_id)
        agent.changed = at
        if item is None:
            agent.work.pop(thing, None)
        else:
            agent.work[thing] = item

    # What might have happened --------------------------------------------------------------------------------------

    def _judge(self, entry: Entry) -> None:
        """Whether this agent may be offered this contact now, and nobody else was before it."""
        agent, contact = self._agent(entry.data.agent), self._contact(entry.data.contact)
        if contact.state != "queued" or contact.placed is None:
            self._no(entry, f"offered while {contact.state}")
            return
        if agent.presence != "available" or agent.lease != "alive" or not agent.is_connected:
            self._no(entry, f"offered to {agent.presence} {agent.lease} connected={agent.is_connected}")
        why = may_not(agent, entry.data.agent, contact, entry.at + CLOCKS_MS)
        if why and not (why == "declined" and entry.data.reason == "nobody_else"):
            self._no(entry, f"offered in spite of {why}")
        if not entry.data.chosen or not entry.data.reason:
            self._no(entry, "no record of the choice")
        if agent.changed < entry.at - SLACK_MS:
            self._passed += [(entry, each) for each in self._before(entry, contact.placed, agent)]

    def _before(self, entry: Entry, taken: Placement, agent: Worked) -> Iterable[str]:
        """Live contacts who had waited longer, for whom this agent was as good."""
        turn = (taken.asks.order_class, taken.score)
        for name, other in self.contacts.items():
            placed = other.placed
            if other.state != "queued" or placed is None or placed.asks.is_pulled or other.medium not in LIVE:
                continue
            is_later = (placed.asks.order_class, placed.score) >= turn or other.moved[-1] > entry.at - SLACK_MS
            if not is_later and not may_not(agent, entry.data.agent, other, entry.at - SLACK_MS):
                yield name


def _form(asks: Asks) -> tuple[str, str]:
    return asks.channel, asks.medium


def may_not(agent: Worked, name: str, contact: Waited, at: int) -> str:
    """Why the agent may not be offered the contact at this moment; empty when they may."""
    placed = contact.placed
    if placed is None or placed.asks.agent not in {"", name}:
        return "waiting for somebody else"
    opens_s = _ring(agent.record, placed.asks)
    if opens_s is None:
        return "skill or team"
    if at < (placed.waits_from or placed.ready_at) + opens_s * 1000:
        return "a ring that is not open"
    if agent.cooling.get(contact.medium, 0) > at:
        return "cooling down"
    if contact.declined.get(name, 0) > at:
        return "declined"
    return _no_room(agent, contact)


def _ring(record: AgentRecord, asks: Asks) -> int | None:
    """After how many seconds of waiting the first ring opens that the agent meets."""
    if not record.capacity.get(asks.channel, 0):
        return None
    rings = [(0, asks.require, asks.teams), *((each.after_s, each.require, each.teams) for each in asks.rings)]
    for after_s, require, teams in rings:
        has_skills = all(record.skills.get(skill, 0) >= level for skill, level in require)
        serves_all = not record.teams and (bool(require) or not asks.is_restricted)
        if has_skills and (not teams or serves_all or not set(teams).isdisjoint(record.teams)):
            return after_s
    return None


def _no_room(agent: Worked, contact: Waited) -> str:
    """A call excludes everything; chats exclude mail; mail in hand excludes live work unless it may be interrupted."""
    is_live = contact.medium in LIVE
    if agent.form == ("written" if is_live else "live"):
        return "the form of work"
    held = [item for item in agent.work.values() if item[2] != "parked"]
    for _, medium, kind in held:
        if medium in {"voice", "in_person"} or (medium == "messaging" and contact.medium != "messaging"):
            return f"{medium} in hand: {kind}"
        gives_way = kind in {"offer", "interrupted"} or (kind == "leg" and agent.record.can_interrupt)
        if medium == "written" and is_live and not gives_way:
            return "mail in hand"
    same = Counter(channel for channel, _, _ in held)[contact.channel]
    return "" if same < agent.record.capacity.get(contact.channel, 0) else "its capacity"
