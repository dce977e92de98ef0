"""Measures the agents: what each does, since when, what they have in hand and how long it has taken. Pure.

Names and reasons come from outside (`Named`); times of work in hand are kept from the journal.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import NamedTuple, get_args

import msgspec

from router.eligibility import PARKED, WorkItem
from router.floor import FloorState, Seat
from router.floor_figures import AgentFigure, AgentState, InHand
from router.journal import AgentRecord, Entry
from router.queue_figures import Crews

MOST_AGENTS = 500
"""Agents that are shown one by one; of more, those whom a supervisor should look at."""
_RANK: Mapping[str, int] = {state: number for number, state in enumerate(get_args(AgentState))}
_HANDLED = frozenset({"leg", "wrap", "consult", "supervisor"})
_TALKS = frozenset({"leg", "consult", "supervisor"})
_BUSY: tuple[AgentState, ...] = ("live", "wrapping_up", "written", "offered")
"""What says most of an agent with several things in hand."""


class Named(NamedTuple):
    """What the journal does not tell of an agent."""

    name: str
    reason: str


class Hand(msgspec.Struct):
    """One thing in an agent's hands, as time goes by."""

    kind: str
    since: int
    spent_ms: int = 0
    """Handling before the present kind."""

    def turn(self, kind: str, at: int) -> None:
        """It is of another kind from now on."""
        self.spent_ms = self.handling_ms(at)
        self.kind, self.since = kind, at

    def handling_ms(self, now_ms: int) -> int:
        """Handling so far: conversation and wrap-up, not what was offered, parked or interrupted."""
        return self.spent_ms + (max(0, now_ms - self.since) if self.kind in _HANDLED else 0)


class HandTimes:
    """Since when who has what in hand; follows the floor one agent at a time."""

    def __init__(self) -> None:
        self._hands: dict[str, dict[str, Hand]] = {}

    def load(self, agent: str, thing: str, hand: Hand) -> None:
        """Work that was in hand before anybody followed; what is known already stays."""
        self._hands.setdefault(agent, {}).setdefault(thing, hand)

    def follow(self, entry: Entry, seats: Mapping[str, Seat]) -> None:
        """After the floor has taken in an entry: the agents whom it names."""
        data = entry.data
        for agent in {data.agent, *data.also, data.side.agent if data.side else ""}:
            seat = seats.get(agent)
            if seat is not None and (seat.work or agent in self._hands):
                self.note(agent, seat.work, entry.at)

    def note(self, agent: str, work: Mapping[str, WorkItem], at: int) -> None:
        """What the agent has in hand now."""
        hands = self._hands.setdefault(agent, {})
        for thing, (_, _, kind) in work.items():
            hand = hands.get(thing)
            if hand is None:
                hands[thing] = Hand(kind, at)
            elif hand.kind != kind:
                hand.turn(kind, at)
        if len(hands) > len(work):
            for thing in hands.keys() - work.keys():
                del hands[thing]
        if not hands:
            del self._hands[agent]

    def of(self, agent: str) -> Mapping[str, Hand]:
        """What the agent has in hand, with its times."""
        return self._hands.get(agent, {})


class Census(NamedTuple):
    """The agents, counted and, the first of them, one by one."""

    crews: Crews
    counts: dict[str, int]
    """`<presence>:<form>` -> agents."""
    states: dict[str, int]
    agents: tuple[AgentFigure, ...]


def take_census(
    floor: FloorState, times: HandTimes, named: Callable[[str], Named], now_ms: int, most: int = MOST_AGENTS
) -> Census:
    """Count everybody; list those who are logged in, or lost with work in hand, the most urgent first."""
    seats, classes = floor.seats, len(floor.profiles)
    crews = Crews([0] * classes, [0] * classes, [0] * classes)
    counts: Counter[tuple[str, str]] = Counter()
    states: Counter[str] = Counter()
    shown: list[tuple[int, int, str]] = []
    for agent, seat in seats.items():
        counts[(seat.presence, seat.form)] += 1
        if seat.is_alive and seat.presence != "offline":
            crews.logged_in[seat.profile] += 1
            if seat.presence != "away":
                crews.at_work[seat.profile] += 1
                if not seat.work and seat.presence == "available":
                    crews.idle[seat.profile] += 1
        state, since = state_of(agent, seat, times, named)
        if state != "offline":
            states[state] += 1
            shown.append((_RANK[state], since, agent))
    first = nsmallest(most, shown) if len(shown) > most else sorted(shown)
    profiles = floor.profiles
    figures = tuple(_figure(agent, seats[agent], profiles, times, named, now_ms) for _, _, agent in first)
    return Census(crews, {f"{key[0]}:{key[1]}": number for key, number in counts.items()}, dict(states), figures)


def state_of(agent: str, seat: Seat, times: HandTimes, named: Callable[[str], Named]) -> tuple[AgentState, int]:
    """What an agent does, and since when (epoch ms)."""
    is_gone = not seat.is_alive or not seat.is_connected
    if is_gone and (seat.presence != "offline" or any(kind != PARKED for _, _, kind in seat.work.values())):
        return "lost", seat.since
    if seat.work:
        busy = _busy(agent, seat, times)
        if busy is not None:
            return busy
    match seat.presence:
        case "away":
            return ("not_responding" if named(agent).reason == "not_responding" else "away"), seat.since
        case "draining":
            return "draining", seat.since
        case "offline":
            return "offline", seat.since
        case _:
            return "idle", max(seat.idle_since, seat.since)


def _busy(agent: str, seat: Seat, times: HandTimes) -> tuple[AgentState, int] | None:
    """The state that the work in hand gives; None when all of it stands still."""
    hands = times.of(agent)
    found: list[tuple[int, int, AgentState]] = []
    for thing, (_, medium, kind) in seat.work.items():
        state = _doing(medium, kind)
        if state is not None:
            hand = hands.get(thing)
            found.append((_BUSY.index(state), hand.since if hand else 0, state))
    if not found:
        return None
    _, since, state = min(found)
    return state, since


def _doing(medium: str, kind: str) -> AgentState | None:
    if kind == "wrap":
        return "wrapping_up"
    if kind == "offer":
        return "offered"
    if kind in _TALKS:
        return "written" if medium == "written" else "live"
    return None


def _figure(
    agent: str,
    seat: Seat,
    profiles: Sequence[AgentRecord],
    times: HandTimes,
    named: Callable[[str], Named],
    now_ms: int,
) -> AgentFigure:
    state, since = state_of(agent, seat, times, named)
    known, profile = named(agent), profiles[seat.profile]
    return AgentFigure(
        id=agent,
        name=known.name or agent,
        state=state,
        since=since,
        presence=seat.presence,
        presence_since=seat.since,
        reason=known.reason,
        form=seat.form,
        skills=profile.skills,
        teams=profile.teams,
        is_alive=seat.is_alive,
        is_connected=seat.is_connected,
        in_hand=tuple(_in_hand(seat, times.of(agent), now_ms)),
    )


def _in_hand(seat: Seat, hands: Mapping[str, Hand], now_ms: int) -> Iterator[InHand]:
    for thing, (channel, medium, kind) in seat.work.items():
        hand = hands.get(thing) or Hand(kind, now_ms)
        contact, dot, _ = thing.partition(".")
        handling_s = hand.handling_ms(now_ms) // 1000
        yield InHand(contact, channel, medium, kind, hand.since, handling_s, thing if dot else "")
