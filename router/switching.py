"""What a channel must be told about a contact: the calls between what it was told last and what is now. Pure.

Compares states, never events: whoever lost entries, started late or was told twice ends where the contact stands.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from router.model import OpenContact, SideLeg

Word = Literal["wait", "connect", "hold", "resume", "transfer", "end", "join", "leave"]
WAITS = frozenset({"queued", "offered"})
TALKS = frozenset({"connecting", "connected", "on_hold", "interrupted"})
UNTOLD = "untold"


class Call(NamedTuple):
    """One call on a channel; what it means stands in `channels.base`."""

    word: Word
    leg: str = ""
    agent: str = ""
    detail: str = ""
    """Why it ended, where it goes, or how somebody takes part (`listen`, `speak`)."""


class Standing(NamedTuple):
    """How a contact stands for its channel."""

    phase: Literal["untold", "waits", "talks", "over", "open"] = UNTOLD
    leg: str = ""
    leg_state: str = ""
    agent: str = ""
    queue: str = ""
    transferred_to: str = ""
    sides: tuple[tuple[str, str, str], ...] = ()
    """(leg, agent, how) of everybody who takes part beside the owner."""


NOT_TOLD, IS_OVER = Standing(), Standing("over")


def standing(contact: OpenContact | None, sides: Mapping[str, SideLeg], modes: Mapping[str, str]) -> Standing:
    """How it stands; no contact is over. `modes`: how supervisors take part, by leg; who has not said it listens."""
    if contact is None:
        return IS_OVER
    beside = tuple(
        (leg, side.agent, "speak" if side.role == "consult" else modes.get(leg, "listen"))
        for leg, side in sorted(sides.items())
        if side.state == "connected" and side.role in {"consult", "supervisor"}
    )
    return Standing(
        phase=_phase(contact),
        leg=contact.leg if contact.state == "with_agent" else "",
        leg_state=contact.leg_state if contact.state == "with_agent" else "",
        agent=contact.agent,
        queue=contact.queue,
        transferred_to=contact.transferred_to,
        sides=beside if contact.state == "with_agent" else (),
    )


def _phase(contact: OpenContact) -> Literal["waits", "talks", "over", "open"]:
    """`open` is everything in which nobody waits at the other end and nobody talks: parked, with a unit, answered."""
    if contact.state in WAITS:
        return "waits"
    if contact.state == "with_agent":
        return "talks" if contact.leg_state in TALKS else "over"
    return "over" if contact.state in {"closed", "abandoned", "cancelled", "callback"} else "open"


def calls(before: Standing, now: Standing) -> list[Call]:
    """What to tell, in order."""
    told = [Call("leave", leg) for leg, _, _ in before.sides if leg not in {each[0] for each in now.sides}]
    if now.phase == "talks":
        told += _talking(before, now)
    elif now.phase == "waits":
        if (before.phase, before.queue) != ("waits", now.queue):
            told.append(Call("wait"))
    elif now.phase == "over" and before.phase != "over":
        if now.transferred_to and not before.transferred_to:
            told.append(Call("transfer", before.leg, detail=now.transferred_to))
        else:
            told.append(Call("end"))
    return told + [
        Call("join", leg, agent, how) for leg, agent, how in now.sides if (leg, agent, how) not in before.sides
    ]


def _talking(before: Standing, now: Standing) -> list[Call]:
    told: list[Call] = []
    if before.leg != now.leg or before.phase != "talks":
        told.append(Call("connect", now.leg, now.agent))
        if now.leg_state == "on_hold":
            told.append(Call("hold", now.leg))
    elif now.leg_state == "on_hold" and before.leg_state != "on_hold":
        told.append(Call("hold", now.leg))
    elif before.leg_state == "on_hold" and now.leg_state == "connected":
        told.append(Call("resume", now.leg))
    return told
