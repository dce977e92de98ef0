"""The supervisor's commands as they come over the desktop socket: each names its object and a reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from router.declaring import Declaration
from router.desk.commands import Command, Id, Rev, Short

Reason = Annotated[str, Meta(min_length=1, max_length=500)]
Instant = Annotated[datetime, Meta(tz=True)]
"""RFC 3339 with a zone."""
MOST_HEAD_START_S = 86_400


class AssignContact(Command, frozen=True, forbid_unknown_fields=True):
    """This agent shall have it: it waits for them alone, at its place, for as long as `wait_s`, then for everybody."""

    contact_id: Id
    agent_id: Id
    rev: Rev
    reason: Reason
    wait_s: Annotated[int, Meta(ge=10, le=86_400)] = 300


class RequeueContact(Command, frozen=True, forbid_unknown_fields=True):
    """Take it from whoever has it; it waits for everybody again, at its place."""

    contact_id: Id
    rev: Rev
    reason: Reason


class MoveContact(Command, frozen=True, forbid_unknown_fields=True):
    """It waits in another queue from now on, at its place."""

    contact_id: Id
    queue: Id
    rev: Rev
    reason: Reason


class PrioritiseContact(Command, frozen=True, forbid_unknown_fields=True):
    """So many seconds ahead of (or, negative, behind) others who have waited as long."""

    contact_id: Id
    head_start_s: Annotated[int, Meta(ge=-MOST_HEAD_START_S, le=MOST_HEAD_START_S)]
    rev: Rev
    reason: Reason


class CancelContact(Command, frozen=True, forbid_unknown_fields=True):
    """Nobody needs an answer any more: the contact is taken out of waiting and counted as cancelled."""

    contact_id: Id
    rev: Rev
    reason: Reason


class RevokeOffer(Command, frozen=True, forbid_unknown_fields=True):
    """Take an offer back without blame."""

    offer_id: Id
    reason: Reason


class SetAgentPresence(Command, frozen=True, forbid_unknown_fields=True):
    """Set somebody else's presence, who forgot to."""

    agent_id: Id
    state: Literal["available", "away", "offline"]
    reason: Reason
    when: Literal["now", "after_current"] = "now"


class SetAgentSkills(Command, frozen=True, forbid_unknown_fields=True):
    """What the agent can from now on: all skills with levels. Offers that need a removed one are revoked."""

    agent_id: Id
    skills: dict[str, Annotated[int, Meta(ge=1, le=5)]]
    reason: Reason


class JoinLeg(Command, frozen=True, forbid_unknown_fields=True):
    """Take part in a contact that is with an agent: listening, or speaking as well. The agent is told."""

    contact_id: Id
    mode: Literal["listen", "speak"]
    reason: Reason


class LeaveLeg(Command, frozen=True, forbid_unknown_fields=True):
    """Take part no more."""

    leg_id: Id


class WatchFloor(Command, frozen=True, forbid_unknown_fields=True):
    """Watch the floor: a `floor` frame every so many seconds and alarms at once, until `off` or a new session."""

    queues: Annotated[tuple[Id, ...], Meta(max_length=200)] = ()
    """Only these; left out, all of them."""
    agents: bool = False
    """With the agents one by one."""
    every_s: Annotated[int, Meta(ge=1, le=10)] = 1
    off: bool = False


class ListWaiting(Command, frozen=True, forbid_unknown_fields=True):
    """Who waits in a queue, in the order in which they are served: what the commands on a contact are to name."""

    queue: Id
    medium: Literal["", "voice", "messaging", "written", "in_person"] = ""
    """Only these; left out, all of them."""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class OpenQueue(Command, frozen=True, forbid_unknown_fields=True):
    """Open the queue outside its hours until then, or end an order to close or divert it."""

    queue: Id
    reason: Reason
    until: Instant | None = None


class CloseQueue(Command, frozen=True, forbid_unknown_fields=True):
    """Admit nobody more; those who wait are served as at closing time."""

    queue: Id
    reason: Reason
    until: Instant | None = None


class DivertQueue(Command, frozen=True, forbid_unknown_fields=True):
    """Send new contacts to another queue."""

    queue: Id
    to: Id
    reason: Reason
    until: Instant | None = None


class ExceptHours(Command, frozen=True, forbid_unknown_fields=True):
    """Other hours on one named day; none means closed."""

    queue: Id
    date: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    reason: Reason
    open: Annotated[tuple[Short, ...], Meta(max_length=8)] = ()
    """`08:00-12:00`, in the city's time."""


class BeginCrisis(Command, frozen=True, forbid_unknown_fields=True):
    """Crisis until then: written work waits, everybody answers. It ends by itself."""

    until: Instant
    reason: Reason


class EndCrisis(Command, frozen=True, forbid_unknown_fields=True):
    """The crisis is over before its time."""

    reason: Reason


class DeclareDisturbance(Command, Declaration, frozen=True, forbid_unknown_fields=True):
    """Something is out of order: reports about it are answered with its message until then. It ends by itself."""


class EndDisturbance(Command, frozen=True, forbid_unknown_fields=True):
    """It is mended before its time."""

    id: Id
    reason: Reason


SUPERVISOR_COMMANDS: Mapping[str, type[Command]] = {
    "floor.watch": WatchFloor,
    "queue.waiting": ListWaiting,
    "contact.assign": AssignContact,
    "contact.requeue": RequeueContact,
    "contact.move": MoveContact,
    "contact.priority": PrioritiseContact,
    "contact.cancel": CancelContact,
    "offer.revoke": RevokeOffer,
    "agent.presence.set": SetAgentPresence,
    "agent.skills.set": SetAgentSkills,
    "leg.join": JoinLeg,
    "leg.leave": LeaveLeg,
    "queue.open": OpenQueue,
    "queue.close": CloseQueue,
    "queue.divert": DivertQueue,
    "hours.exception": ExceptHours,
    "crisis.on": BeginCrisis,
    "crisis.off": EndCrisis,
    "disturbance.declare": DeclareDisturbance,
    "disturbance.end": EndDisturbance,
}
"""Commands that only a supervisor's socket may send."""
