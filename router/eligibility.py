"""Who may take what: skills, teams, rings and room. Pure; knows no queue, no order and no clock.

`has_room` and the store's `lib/room.lua` give the same answer for the same work in hand.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from router.journal import AgentRecord, Asks

WorkItem = tuple[str, str, str]
"""Channel, medium and kind (offer, leg, wrap, parked, interrupted, consult, supervisor) of one thing in hand."""
Load = tuple[WorkItem, ...]
"""An agent's work, sorted, without the contacts and what is parked: agents with equal load are interchangeable."""
PARKED, INTERRUPTED = "parked", "interrupted"
SCALES = 1_000
"""Scarce skill is weighed in thousandths of a person."""


FULL: Load = (("", "voice", "leg"),)
"""The load of everybody with whom nothing fits: what it is in detail matters to nobody who waits."""


class PoolKey(msgspec.Struct, frozen=True):
    """Agents who can take the same things: same profile class, form and load."""

    profile: int
    form: str
    load: Load
    is_ramping: bool = False
    """Back from a longer absence with something in hand: nothing more for a moment."""


class Fitting(NamedTuple):
    """The profile classes that stand alike to what a bucket asks for."""

    ring: int
    thrift: int
    profiles: frozenset[int]


class Standing(NamedTuple):
    """How a profile class stands to what a bucket asks for."""

    ring: int
    """The innermost ring that it meets, 0 = what is asked at first; -1: none."""
    missing: str
    """What it lacks when it meets no ring: skill or team."""
    thrift: int
    """Scarce skill it has that these contacts do not need, in thousandths; less is better."""


def has_room(
    form: str, capacity: int, channel: str, medium: str, load: Iterable[WorkItem], *, can_interrupt: bool = False
) -> bool:
    """Whether the load leaves room for one more contact of a channel.

    Voice and visits exclude everything else; chats exclude written work. A written leg excludes live work unless the
    agent may be interrupted; a written offer never does, it is taken back when the live one is accepted. What is
    parked takes no room, what stands interrupted none that live work needs.
    """
    is_live = medium != "written"
    if (form == "live" and not is_live) or (form == "written" and is_live):
        return False
    same = 0
    for held_channel, held_medium, kind in load:
        if kind == PARKED:
            continue
        is_written = held_medium == "written"
        if not is_written and (held_medium != "messaging" or medium != "messaging"):
            return False
        if is_written and is_live and not _gives_way(kind, can_interrupt=can_interrupt):
            return False
        same += held_channel == channel
    return same < capacity


def _gives_way(kind: str, *, can_interrupt: bool) -> bool:
    return kind in {"offer", INTERRUPTED} or (can_interrupt and kind == "leg")


def has_to_interrupt(medium: str, load: Iterable[WorkItem]) -> bool:
    """Whether taking a contact of this medium makes written work stand still."""
    return medium != "written" and any(held == "written" and kind == "leg" for _, held, kind in load)


def is_full(load: Iterable[WorkItem]) -> bool:
    """Whether nothing at all fits beside the load: voice and visits exclude everything else."""
    return any(medium not in {"written", "messaging"} and kind != PARKED for _, medium, kind in load)


def is_idle_for_live(pool: PoolKey) -> bool:
    """Whether the pool's agents have nothing in hand and may take calls: they are the reserve."""
    return pool.form != "written" and not pool.load


def ring_of(asks: Asks, profile: AgentRecord) -> int | None:
    """The innermost ring whose skills and teams the profile meets (0 = `asks` itself); None when it meets none.

    Where a ring names teams, agents who have any need one of them. Agents without teams serve everything that no skill
    keeps from them; what is restricted and asks for no skill is for its teams alone.
    """
    if profile.capacity.get(asks.channel, 0) <= 0:
        return None
    if _meets(asks.require, asks.teams, profile, is_restricted=asks.is_restricted):
        return 0
    for number, ring in enumerate(asks.rings, 1):
        if _meets(ring.require, ring.teams, profile, is_restricted=asks.is_restricted):
            return number
    return None


def can_ever(asks: Asks, profile: AgentRecord) -> bool:
    """Whether the profile meets any ring."""
    return ring_of(asks, profile) is not None


def rings_open(asks: Asks, waited_ms: int) -> int:
    """The outermost ring that is open after so long a wait."""
    open_until = 0
    for number, ring in enumerate(asks.rings, 1):
        if ring.after_s * 1000 > waited_ms:
            break
        open_until = number
    return open_until


def thrift(asks: Asks, profile: AgentRecord, scarcity: Mapping[str, float]) -> int:
    """How much scarce skill the profile has that these contacts do not need, in thousandths; less is better."""
    needed = {skill for skill, _ in asks.require}
    return round(SCALES * sum(scarcity.get(skill, 0.0) for skill in profile.skills if skill not in needed))


def standing(asks: Asks, profile: AgentRecord, scarcity: Mapping[str, float]) -> Standing:
    """Ring, what is missing, and thrift of one profile."""
    ring = ring_of(asks, profile)
    if ring is not None:
        return Standing(ring, "", thrift(asks, profile, scarcity))
    widest = [asks.require, *(ring.require for ring in asks.rings)]
    has_skills = profile.capacity.get(asks.channel, 0) > 0 and any(_has_skills(each, profile) for each in widest)
    return Standing(-1, "team" if has_skills else "skill", 0)


def _meets(
    require: Sequence[tuple[str, int]], teams: Sequence[str], profile: AgentRecord, *, is_restricted: bool
) -> bool:
    if not _has_skills(require, profile):
        return False
    if not teams or (not profile.teams and (require or not is_restricted)):
        return True
    return any(team in teams for team in profile.teams)


def _has_skills(require: Sequence[tuple[str, int]], profile: AgentRecord) -> bool:
    return all(profile.skills.get(skill, 0) >= level for skill, level in require)
