"""The strategy language: what a rule may ask and what it may say, as frozen data.

Owns the shape of `strategy.toml`. Never evaluates anything: `rules.cells` reads conditions, `rules.outcome` composes.
"""

from typing import Literal

import msgspec

from rules.facts import CALENDAR as CALENDAR  # noqa: PLC0414 (asked for here too)
from rules.facts import FACTS as FACTS  # noqa: PLC0414 (asked for here too)
from rules.facts import UNKNOWN as UNKNOWN  # noqa: PLC0414 (asked for here too)
from rules.facts import WORDS as WORDS  # noqa: PLC0414 (asked for here too)
from rules.facts import FactKind as FactKind  # noqa: PLC0414 (asked for here too)
from rules.facts import FactValue as FactValue  # noqa: PLC0414 (asked for here too)

Tier = Literal["A", "B", "C", "D", "E", "F", "G", "H"]
UnknownEffect = Literal["skip", "hit", "ask"]
ExitWay = Literal["callback", "written", "unit"]
"""Ways out of waiting that are a promise: we call back, we write, somebody else takes over."""
Priority = Literal["P1", "P2", "P3", "P4"]
Demand = Literal["value", "failure", "unknown"]
"""Whether the contact was worth having, or is there because something failed before."""
Captured = Literal["text", "person", "notes", "location", "attachments", "callback_number"]
"""What of a contact is written down."""
Shown = Literal["topic", "severity", "subject", "text", "person", "location", "fields", "attachments", "messages"]
"""What of a contact an agent may be shown, besides its owner and how it stands."""

PROTECTED_TIERS: tuple[Tier, ...] = ("A", "B")
"""Safety and law: no later tier may take back what these say."""
DEFAULT_TIER: Tier = "H"
"""What holds only when no rule of another tier says where the contact goes."""

RESPONSIBLE, DUTY, OWNER_OF_PLACE = "responsible", "duty", "owner_of_place"
"""Words for a unit: the topic's own, the one that stands in for it outside its hours, the one that looks after the
place, or the topic's own where nobody is known to."""

CALLBACK = "callback"
OFFERS = frozenset({"self_service", CALLBACK})
NOTICE_MOMENTS = frozenset({"received", "planned", "done", "neutral", "holding"})
NOTICE_CHANNELS = frozenset({"chosen", "same", "sms", "email", "digital_mailbox", "letter", "phone", "agreed"})

CellScalar = str | int | bool
CellValue = CellScalar | tuple[CellScalar, ...]
Row = dict[str, CellValue | dict[str, CellValue]]
"""Cells joined by AND; the rows of a rule are joined by OR."""


class RouteStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From `at_s` of waiting on, who else may take the contact, or how it leaves the queue with a promise."""

    at_s: int
    level: int = 0
    """Added to every required level: 0 or negative."""
    drop: bool = False
    """Every required skill but the kept ones is dropped: a generalist may take it."""
    teams: tuple[str, ...] = ()
    """Teams that may take it besides those of the queue."""
    exit: ExitWay | Literal[""] = ""
    """How it leaves the queue now, where that is possible; else it waits on in the pool it has."""
    unit: str = ""
    """Who takes over by the exit `unit`: its id, or `responsible` or `duty` for the topic's own."""


class HandOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contact goes to a unit, or to whoever is on duty; with neither, only what a handover carries is said."""

    unit: str = ""
    """Its id, or `responsible`, `duty` or `owner_of_place`."""
    reason: str = ""
    duty: str = ""
    """A duty chain: its links are called one after the other."""
    require_fields: tuple[str, ...] = ()
    """What must be known before it is handed over."""
    forbid_fields: tuple[str, ...] = ()
    """What is not passed on."""

    @property
    def goes(self) -> bool:
        """Whether it says where."""
        return bool(self.unit or self.duty)


class WarmTransfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The resident is connected while somebody of ours is still there."""

    to: str
    """A unit's id, or a word for one."""
    within_s: int = 0
    """How long to try before the fallback."""
    fallback: str = ""


class Capture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What of the contact must not be written down, and what may be all the same."""

    forbid: tuple[Captured, ...] = ()
    allow: tuple[Captured, ...] = ()


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the outcome may use at most, whichever rule asked for more; empty means no limit."""

    notices: tuple[str, ...] = ()
    """Channels a notice may go by, preferred first."""
    fields: tuple[Shown, ...] = ()
    """What of the contact an agent may be shown."""
    teams: tuple[str, ...] = ()
    """Teams that may take it."""
    push: Literal["", "no_content"] = ""
    """A notice that appears on a screen by itself says only that there is a message."""


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one rule says; the outcomes of all rules that hit are composed."""

    queue: str = ""
    hand_over: HandOver | None = None
    answer: str = ""
    team: str = ""
    """Only this team at first; the route opens it to others."""
    require: dict[str, int] = {}
    keep: tuple[str, ...] = ()
    route: tuple[RouteStep, ...] = ()
    emergency: bool = False
    priority: Priority | Literal[""] = ""
    head_start_s: int = 0
    target_s: int = 0
    prefer_last_s: int = 0
    """How long to wait for the agent who had this person last, or has a contact of theirs open."""
    restricted: bool = False
    mask: bool = False
    offers: tuple[str, ...] = ()
    suppress: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    limit: Limit = Limit()
    capture: Capture = Capture()
    checklist: tuple[str, ...] = ()
    """Lists that the agent works through."""
    refer: tuple[str, ...] = ()
    """Referrals of city.toml: who else is right for this, by name and number."""
    demand: Demand | Literal[""] = ""
    suggestions: tuple[str, ...] = ()
    warm_transfer: str | WarmTransfer = ""
    fallback: str = ""
    stop: bool = False

    @property
    def goes_somewhere(self) -> bool:
        """Whether this outcome names where the contact goes."""
        return bool(self.queue or (self.hand_over and self.hand_over.goes) or self.answer)

    def units_named(self) -> tuple[str, ...]:
        """Units, and words for them, that this outcome leads to."""
        steps = (step.unit for step in self.route)
        return (self.hand_over.unit if self.hand_over else "", self.warm.to, self.fallback, self.warm.fallback, *steps)

    @property
    def warm(self) -> WarmTransfer:
        """The warm transfer, however it was written."""
        given = self.warm_transfer
        return WarmTransfer(given) if isinstance(given, str) else given


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When these facts hold, this is said; without `when` it always is."""

    id: str
    tier: Tier
    then: Outcome
    title: str = ""
    when: tuple[Row, ...] = ()
    unknown: UnknownEffect | None = None
    why: str = ""
    title_en: str = ""
    why_en: str = ""
    """Title and reason for readers of English, who else meet the others."""

    @property
    def effect(self) -> UnknownEffect:
        """What an undecided condition does: safety and law rules hit, the others don't."""
        return self.unknown or ("hit" if self.tier in PROTECTED_TIERS else "skip")

    @property
    def protected(self) -> bool:
        """Whether later tiers must leave this rule's word alone."""
        return self.tier in PROTECTED_TIERS


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parts of a decision that a case states; lists say what must be among."""

    kind: str | None = None
    queue: str | None = None
    unit: str | None = None
    reason: str | None = None
    duty: str | None = None
    team: str | None = None
    emergency: bool | None = None
    priority: str | None = None
    head_start_s: int | None = None
    target_s: int | None = None
    prefer_last_s: int | None = None
    restricted: bool | None = None
    mask: bool | None = None
    demand: str | None = None
    push: str | None = None
    warm_transfer: str | None = None
    warm_within_s: int | None = None
    fallback: str | None = None
    stopped_by: str | None = None
    require: dict[str, int] | None = None
    keep: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    refer: tuple[str, ...] = ()
    capture_forbid: tuple[str, ...] = ()
    capture_allow: tuple[str, ...] = ()
    require_fields: tuple[str, ...] = ()
    forbid_fields: tuple[str, ...] = ()
    limit_fields: tuple[str, ...] = ()
    limit_teams: tuple[str, ...] = ()
    route_exits: tuple[str, ...] = ()
    """Exits of the route, such as `callback`."""
    offers: tuple[str, ...] = ()
    offers_not: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    hits_not: tuple[str, ...] = ()


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A worked example kept beside the rules: these facts must give this."""

    title: str
    expect: Expected
    facts: dict[str, str | int | bool] = {}
    at: str = ""
    """Local time `YYYY-MM-DD HH:MM`: the calendars' states then are facts too."""


class Meta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which strategy this is and who decided it."""

    version: str
    default_queue: str
    """Where a person is found when no rule says where."""
    owner: str = ""
    decided_by: str = ""
    valid_from: str = ""


class FloorThen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds while a floor rule does."""

    hold_media: tuple[Literal["written"], ...] = ()
    """Work that is not offered for now."""
    reserve: int = 0
    """Agents to leave idle for live work, at least."""
    announce: str = ""
    """What those who wait are told."""
    banner: str = ""
    """A code for what the city's web shows."""
    alarm: str = ""
    """A code for what supervisors are alarmed by."""


class FloorRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a queue is so and so, this holds for it until it is better; it never touches one contact."""

    id: str
    title: str
    start: tuple[Row, ...]
    then: FloorThen
    stop: tuple[Row, ...] = ()
    """Without rows it stops as soon as none of `start` holds."""
    min_s: int = 0
    """It holds at least so long."""
    queues: tuple[str, ...] = ()
    """Queues that it looks at; none means all."""
    scope: Literal["queue", "city"] = "queue"
    """Whether it acts on the queue that it was started by, or on all."""
    why: str = ""


Escalated = Literal["", "unit_manager", "supervisor"]
"""Whom a broken promise is put to."""


class HandoverThen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows a broken promise."""

    escalate: Escalated = ""
    alarm: str = ""
    """A code for what supervisors are alarmed by."""
    priority: Priority | Literal[""] = ""


class HandoverRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a unit has not kept what was promised, this follows."""

    id: str
    when: Row
    then: HandoverThen
    title: str = ""
    why: str = ""


class Strategy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A versioned set of rules with its cases."""

    meta: Meta
    rules: tuple[Rule, ...] = ()
    cases: tuple[Case, ...] = ()
    floor_rules: tuple[FloorRule, ...] = ()
    """Rules about queues, not contacts."""
    handover_rules: tuple[HandoverRule, ...] = ()

    def ordered(self) -> tuple[Rule, ...]:
        """The rules by tier, inside a tier as written."""
        return tuple(sorted(self.rules, key=lambda rule: rule.tier))
