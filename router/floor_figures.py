"""What the floor's figures consist of: queues, agents, alarms and the city as a supervisor sees them. Shapes only.

No resident's data: codes, ids, counts and times. Agents' names stand in `AgentList` alone, which supervisors get.
"""

from typing import Literal

import msgspec

from router.measures.service_level import ServiceCounts
from router.orders import Order

QueueState = Literal["open", "closing", "closed", "diverted"]
Band = Literal["under_2_min", "2_to_5_min", "5_to_10_min", "over_10_min", "nobody"]
"""A wait as it is announced; `nobody`: no agent at work may take it."""
AgentState = Literal[
    "lost", "not_responding", "wrapping_up", "live", "draining", "away", "written", "offered", "idle", "offline"
]
"""What an agent does now, the most urgent first: `lost` has a desktop that is gone, `live` talks or chats."""
AlarmKind = Literal["no_one_possible", "overdue", "not_responding", "floor_rule", "duty_exhausted", "handover_rule"]
BANDS: tuple[tuple[int, Band], ...] = ((120, "under_2_min"), (300, "2_to_5_min"), (600, "5_to_10_min"))


class ServiceFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Counts and shares of a period, as `router.measures.service_level` defines them."""

    offered: int = 0
    """Came to wait."""
    answered: int = 0
    """A conversation began."""
    answered_within: int = 0
    """Of these, within the queue's target."""
    abandoned: int = 0
    """Left before a conversation."""
    abandoned_short: int = 0
    """Of these, so soon that they did not wait."""
    left: int = 0
    """Got another promise: callback, writing, unit, other queue."""
    service_level: float | None = None
    """answered_within / (answered + abandoned - abandoned_short), 0 to 1; absent when nothing was measured."""
    abandonment: float | None = None
    """(abandoned - abandoned_short) / (answered + abandoned - abandoned_short); absent when nothing was measured."""


class QueueFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One queue and medium, now."""

    queue: str
    medium: str
    waiting: int
    name_sv: str = ""
    state: QueueState = "open"
    """Written work is let in at any hour: it is `open`, or `diverted`."""
    until: int = 0
    """When the state ends (epoch ms): closing, opening or the end of an order; 0 when no end is in sight."""
    to: str = ""
    """The queue that a diverted one sends new contacts to."""
    first_contact_id: str = ""
    """Who waits longest, or is due first."""
    oldest_at: int = 0
    """Live work: since when the one who has waited longest waits (epoch ms)."""
    next_due_at: int = 0
    """Written work: when the first is due (epoch ms)."""
    due_soon: int = 0
    """Written work due within an hour."""
    overdue: int = 0
    """Written work past its due time."""
    able: int = 0
    """Agents at work who may take somebody who waits here; with nobody waiting, the queue's plain work."""
    idle: int = 0
    """Of these, those with nothing in hand."""
    crew: int | None = None
    """Agents logged in, also away, who may take the queue's plain work: its own skills and teams, nothing more."""
    no_one_possible: int = 0
    """Waiting contacts that nobody who is logged in may ever take."""
    stranded_at: int = 0
    """Since when there have been such (epoch ms)."""
    stranded_contact_id: str = ""
    """The first of them."""
    wait_estimate_s: int | None = None
    """Seconds for somebody who comes now; absent when nobody could take them, or nobody waits."""
    band: Band | None = None
    """The estimate as it is announced; absent when nobody waits."""
    today: ServiceFigure | None = None
    """Since midnight in the city; absent while it is not known yet, or when nothing has happened."""
    last_15_min: ServiceFigure | None = None


class InHand(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that an agent has in hand."""

    contact_id: str
    channel: str
    medium: str
    kind: str
    """offer, leg, wrap, parked, interrupted, consult or supervisor."""
    since: int
    """Since when it is of this kind (epoch ms)."""
    handling_s: int = 0
    """Seconds of handling so far, wrap-up included; parked and interrupted work stands still."""
    leg_id: str = ""
    """A leg beside the owner's."""


class AgentFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One agent, now."""

    id: str
    name: str
    state: AgentState
    since: int
    """Since when the state is what it is (epoch ms)."""
    presence: str
    presence_since: int = 0
    reason: str = ""
    """Why the presence is so, in the agent's or a code's word."""
    form: str = "both"
    skills: dict[str, int] = {}
    teams: tuple[str, ...] = ()
    is_alive: bool = True
    """Whether the lease of the agent's desktop holds."""
    is_connected: bool = True
    in_hand: tuple[InHand, ...] = ()


class AgentList(msgspec.Struct, frozen=True):
    """Agents who are logged in, those first whom a supervisor should look at; the first 500."""

    at: int = 0
    agents: tuple[AgentFigure, ...] = ()


class Alarm(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that a person must look at now."""

    kind: AlarmKind
    """`no_one_possible`: nobody logged in may ever take it; `overdue`: written work is past its due time;
    `not_responding`: the agent did not answer an offer and is away; `floor_rule`: a floor rule holds, see `code`;
    `duty_exhausted`: everybody of a duty chain was asked in vain; `handover_rule`: a unit is late again, see `code`."""
    since: int
    """Epoch ms."""
    queue: str = ""
    medium: str = ""
    agent: str = ""
    contact_id: str = ""
    """The contact that raised it, when one did."""
    contacts: int = 0
    """How many contacts it is about."""
    code: str = ""
    """The strategy's own word for it."""
    unit: str = ""
    """The unit that is late."""


class EscalationFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A handover that is late again, and what the strategy's handover rules say of it."""

    contact_id: str
    handover_id: str
    unit: str
    since: int
    """Epoch ms."""
    overdue: int
    """How many promised times the unit has missed."""
    escalate: str = ""
    """Who should see to it: `unit_manager` or `supervisor`."""
    alarms: tuple[str, ...] = ()
    """The strategy's own words for the alarms."""
    priority: str = ""


class FloorRuleFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A floor rule that holds, and what it does while it does."""

    rule: str
    title: str
    queue: str
    """The queue whose figures have started it."""
    since: int
    """Epoch ms."""
    scope: str = "queue"
    """Whether it acts on this queue or on the whole city."""
    hold_media: tuple[str, ...] = ()
    """Work that is not offered."""
    reserve: int = 0
    """Agents that are left idle for live work, at least."""
    announce: str = ""
    banner: str = ""
    """A code for what the city's web shows."""
    alarm: str = ""


class CallbackFigure(msgspec.Struct, frozen=True):
    """Callbacks that are not kept yet, and those of today that never will be."""

    promised: int = 0
    due: int = 0
    """To be called now, or being called."""
    late: int = 0
    """Of these, due for more than 15 minutes."""
    unanswered: int = 0
    """The resident did not answer; another attempt follows."""
    missed: int = 0
    """Given up today."""


class HandoverFigure(msgspec.Struct, frozen=True):
    """Handovers that are not done."""

    unaccepted: int = 0
    accepted: int = 0
    overdue: int = 0
    """Past a deadline."""


class GoalFigure(msgspec.Struct, frozen=True):
    """How much of what reached the city was handled here, over 30 days."""

    resolved: float | None
    measure: str
    state: str


class DisturbanceFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is out of order, as a supervisor has declared it."""

    id: str
    topics: tuple[str, ...]
    message_sv: str
    since: int
    """Epoch ms."""
    until: int
    """When it ends by itself (epoch ms)."""
    expected_end_at: int = 0
    """When it is thought to be mended (epoch ms)."""


class DutyFigure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A handover that a duty chain is rung for: nobody has taken it yet."""

    contact_id: str
    duty: str
    """The chain."""
    since: int
    """Since when somebody is asked (epoch ms)."""
    to: str
    """Who is asked now: a unit or an entry of the phone book."""
    rings: int = 1
    exhausted_at: int = 0
    """Since when everybody has been asked in vain (epoch ms)."""


class Strategy(msgspec.Struct, frozen=True):
    """The channel strategy that decides now."""

    version: str
    hash: str


class FloorFigures(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything published at one moment. What is not known is absent, never 0."""

    at: int
    city: str = ""
    tz: str = ""
    strategy: Strategy | None = None
    crisis_until: int = 0
    """When the crisis mode ends (epoch ms); 0 without one."""
    orders: tuple[Order, ...] = ()
    """Supervisors' standing orders that hold, oldest first: who gave them and why."""
    disturbances: tuple[DisturbanceFigure, ...] = ()
    """Those that stand, oldest first."""
    duties: tuple[DutyFigure, ...] = ()
    """Duty chains that ring, the longest first. After a restart of every router one shows again at its next ring."""
    escalations: tuple[EscalationFigure, ...] = ()
    """Handovers that units are late with again, the longest first; at most 100."""
    queues: tuple[QueueFigure, ...] = ()
    """Every queue and medium of the city."""
    live_today: ServiceFigure | None = None
    """All queues' live media together, since midnight in the city."""
    live_15_min: ServiceFigure | None = None
    counted_from: int = 0
    """When the day's counts begin later than midnight (epoch ms): the register could not say more."""
    agent_counts: dict[str, int] = {}
    """`<presence>:<form>` -> agents."""
    agent_states: dict[str, int] = {}
    """State -> agents who are logged in or lost."""
    alarms: tuple[Alarm, ...] = ()
    callbacks: CallbackFigure | None = None
    handovers: HandoverFigure | None = None
    notices_late: int | None = None
    """Messages owed to residents for more than an hour."""
    fairness: float | None = None
    """How evenly work falls to agents who can do the same, over the last hour: 1 is evenly."""
    goal: GoalFigure | None = None
    floor_rules: tuple[FloorRuleFigure, ...] = ()
    """The strategy's floor rules that hold now."""


class FloorDocument(FloorFigures, frozen=True, omit_defaults=True):
    """The floor as one supervisor asked for it."""

    agents: tuple[AgentFigure, ...] | None = None
    """Absent unless asked for."""


def service_figure(counts: ServiceCounts | None) -> ServiceFigure | None:
    """Counts with their shares."""
    if counts is None:
        return None
    return ServiceFigure(
        counts.offered,
        counts.answered,
        counts.answered_within,
        counts.abandoned,
        counts.abandoned_short,
        counts.left,
        counts.service_level,
        counts.abandonment,
    )


def band_of(wait_s: int | None) -> Band:
    """A wait as it is announced."""
    if wait_s is None:
        return "nobody"
    for limit, name in BANDS:
        if wait_s < limit:
            return name
    return "over_10_min"
