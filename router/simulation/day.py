"""A simulated day: residents who come and lose patience, agents who work, pause and go home, on the simulated floor.

Drives `SimulatedFloor` from a plan that is settled beforehand: who comes when, how long each would wait and takes, who
is at work. What the floor makes of it is measured, never steered. Offers are answered at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

import msgspec

from channels.registry import CHANNELS
from router.errors import StateError
from router.journal import LIVE, Entry
from router.simulation.engine import SimulatedFloor
from rules.city import City
from rules.decide import Decision


class Coming(msgspec.Struct, frozen=True):
    """One contact of the plan."""

    at_ms: int
    contact: str
    channel: str
    decision: Decision
    patience_ms: int | None
    """After so long without an answer they leave; None: they never do."""
    service_ms: int
    """How long it takes an agent, wrap-up included."""
    received_ms: int | None = None
    """When it came in, if that was before the day began."""

    @property
    def is_live(self) -> bool:
        """Whether somebody waits at the other end."""
        return CHANNELS[self.channel].medium in LIVE


class Duty(msgspec.Struct, frozen=True):
    """One agent's day."""

    agent: str
    begins_ms: int
    ends_ms: int
    skills: dict[str, int]
    changes: tuple[tuple[int, dict[str, int]], ...] = ()
    """From then on (epoch ms) other skills."""
    pauses: tuple[tuple[int, int], ...] = ()
    """Due at (epoch ms), for so long (ms); one that falls due during a contact begins after it."""
    capacity: dict[str, int] | None = None
    teams: tuple[str, ...] = ()
    can_interrupt: bool = False
    form: str = "both"
    forms: tuple[tuple[int, str], ...] = ()
    """From then on (epoch ms) another form."""


class Life(msgspec.Struct):
    """What became of one contact."""

    at_ms: int
    channel: str
    queue: str
    answered_ms: int | None = None
    left_ms: int | None = None
    agent: str = ""
    estimate_s: float | None = None
    """What would have been announced on arrival, where somebody asked."""

    @property
    def wait_ms(self) -> int | None:
        """Until answered or left; None while neither has happened."""
        end = self.answered_ms if self.answered_ms is not None else self.left_ms
        return None if end is None else end - self.at_ms


class Worked(msgspec.Struct, frozen=True):
    """A stretch of time in which an agent had work in hand (epoch ms)."""

    agent: str
    begin_ms: int
    end_ms: int
    channel: str


class Day:
    """One run of one plan."""

    def __init__(self, city: City, start_ms: int, comings: Sequence[Coming], duties: Iterable[Duty]) -> None:
        self.floor = SimulatedFloor(city, start_ms)
        self.floor.listeners.append(self._follow)
        self.lives: dict[str, Life] = {}
        self.worked: list[Worked] = []
        self._comings = {each.contact: each for each in comings}
        self._duties = {each.agent: each for each in duties}
        self._events: list[tuple[int, int, str, str, int]] = []
        self._n = 0
        self._offers: list[tuple[str, str]] = []
        self._began: dict[str, int] = {}
        self._left_ms: dict[str, int] = {}
        """Work in hand -> how much of it is left, as of `_began`."""
        self._ends: dict[str, int] = {}
        """Work that runs -> the number of the event that ends it."""
        self._hands: dict[str, set[str]] = {agent: set() for agent in self._duties}
        self._owed: dict[str, int] = {}
        self._homeward: set[str] = set()

    def run(self) -> "Day":
        """The whole day, until nobody comes, waits or works any more."""
        for coming in self._comings.values():
            self._at(coming.at_ms, "come", coming.contact)
        for duty in self._duties.values():
            self._plan(duty)
        happen = {
            "come": self._come,
            "leave": self._leave,
            "end": self._end,
            "begin": self._begin,
            "pause": self._pause,
            "back": self._back,
            "home": self._home,
            "change": self._change,
            "form": self._change_form,
        }
        while self._events:
            at_ms, number, kind, thing, argument = heappop(self._events)
            if kind == "end" and self._ends.get(thing) != number:
                continue
            if at_ms > self.floor.now_ms:
                self.floor.advance(at_ms)
                self._answer()
            # What the floor did on the way may have interrupted this very work.
            if kind != "end" or self._ends.get(thing) == number:
                happen[kind](thing, argument)
                self._answer()
        return self

    # The plan ------------------------------------------------------------------------------------------------------

    def _at(self, at_ms: int, kind: str, thing: str, argument: int = 0) -> int:
        self._n += 1
        heappush(self._events, (at_ms, self._n, kind, thing, argument))
        return self._n

    def _plan(self, duty: Duty) -> None:
        self._at(duty.begins_ms, "begin", duty.agent)
        self._at(duty.ends_ms, "home", duty.agent)
        for number, (at_ms, _) in enumerate(duty.changes):
            self._at(at_ms, "change", duty.agent, number)
        for number, (at_ms, _) in enumerate(duty.forms):
            self._at(at_ms, "form", duty.agent, number)
        for at_ms, length_ms in duty.pauses:
            self._at(at_ms, "pause", duty.agent, length_ms)

    # Residents -----------------------------------------------------------------------------------------------------

    def _come(self, contact: str, _: int) -> None:
        coming = self._comings[contact]
        self.lives[contact] = Life(coming.at_ms, coming.channel, coming.decision.queue)
        self.floor.receive(contact, coming.channel, coming.decision, received_at=coming.received_ms)
        if coming.patience_ms is not None:
            self._at(coming.at_ms + coming.patience_ms, "leave", contact)

    def _leave(self, contact: str, _: int) -> None:
        life = self.lives[contact]
        if life.answered_ms is None:
            self.floor.leave(contact)
            life.left_ms = self.floor.now_ms

    # Agents --------------------------------------------------------------------------------------------------------

    def _begin(self, agent: str, _: int) -> None:
        duty = self._duties[agent]
        self.floor.add_agent(
            agent, duty.skills, capacity=duty.capacity, teams=duty.teams, can_interrupt=duty.can_interrupt
        )
        self.floor.connect(agent)
        if duty.form != "both":
            self.floor.set_form(agent, duty.form)
        self._back(agent, 0)

    def _change(self, agent: str, number: int) -> None:
        self.floor.set_skills(agent, self._duties[agent].changes[number][1])

    def _change_form(self, agent: str, number: int) -> None:
        self.floor.set_form(agent, self._duties[agent].forms[number][1])

    def _pause(self, agent: str, length_ms: int) -> None:
        """Due now; with work in hand it begins after it, and several in a row are one."""
        if agent in self._homeward:
            return
        is_resting = agent in self._owed and not self._hands[agent]
        self._owed[agent] = self._owed.get(agent, 0) + length_ms
        if is_resting:
            return
        if self.floor.set_presence(agent, "away", "pause", after_current=True) == "away":
            self._at(self.floor.now_ms + self._owed[agent], "back", agent, self._owed[agent])

    def _back(self, agent: str, length_ms: int) -> None:
        """The pause is over, unless more of it has come due meanwhile."""
        more_ms = self._owed.pop(agent, 0) - length_ms
        if agent in self._homeward:
            return
        if more_ms > 0:
            self._owed[agent] = more_ms
            self._at(self.floor.now_ms + more_ms, "back", agent, more_ms)
            return
        self.floor.set_presence(agent, "available")

    def _home(self, agent: str, _: int) -> None:
        self._homeward.add(agent)
        self.floor.set_presence(agent, "offline", after_current=True)

    # Work ----------------------------------------------------------------------------------------------------------

    def _follow(self, entry: Entry) -> None:
        data = entry.data
        if entry.command == "issue_offer":
            self._offers.append((data.agent, data.contact))
        elif entry.command == "interrupt_leg":
            self._stand_still(data.contact)
        elif entry.command == "resume_leg" and data.contact in self._left_ms:
            self._go_on(data.contact)

    def _answer(self) -> None:
        """Take every offer that has come, live before written; one that was taken back meanwhile is none."""
        while self._offers:
            is_live = [self._comings[contact].is_live for _, contact in self._offers]
            agent, contact = self._offers.pop(is_live.index(True) if True in is_live else 0)
            held = self.floor.ledger.contacts.get(contact)
            if held is None or held.state != "offered" or held.agent != agent:
                continue
            try:
                self.floor.accept(agent, contact)
            except StateError:
                continue
            life = self.lives[contact]
            life.answered_ms, life.agent = self.floor.now_ms, agent
            self._hands[agent].add(contact)
            self._left_ms[contact] = self._comings[contact].service_ms
            if self.floor.ledger.contacts[contact].leg_state != "interrupted":
                self._go_on(contact)

    def _go_on(self, contact: str) -> None:
        now = self.floor.now_ms
        self._began[contact] = now
        self._ends[contact] = self._at(now + self._left_ms[contact], "end", contact)

    def _stand_still(self, contact: str) -> None:
        began = self._began.get(contact)
        if self._ends.pop(contact, None) is not None and began is not None:
            self._left_ms[contact] -= self.floor.now_ms - began
            self._note(contact, began)

    def _note(self, contact: str, began_ms: int) -> None:
        life = self.lives[contact]
        self.worked.append(Worked(life.agent, began_ms, self.floor.now_ms, life.channel))

    def _end(self, contact: str, _: int) -> None:
        agent = self.lives[contact].agent
        self._note(contact, self._began.pop(contact))
        del self._ends[contact], self._left_ms[contact]
        self._hands[agent].discard(contact)
        self.floor.finish(agent, contact)
        owed_ms = self._owed.get(agent, 0)
        if owed_ms and not self._hands[agent]:
            self._at(self.floor.now_ms + owed_ms, "back", agent, owed_ms)


def busy_ms(worked: Iterable[Worked], span: tuple[int, int]) -> int:
    """How long agents had work in hand inside a span (epoch ms)."""
    return sum(max(0, min(each.end_ms, span[1]) - max(each.begin_ms, span[0])) for each in worked)


def waits_s(lives: Mapping[str, Life]) -> list[float]:
    """The waits of those who were answered or left, in seconds."""
    return [life.wait_ms / 1000 for life in lives.values() if life.wait_ms is not None]
