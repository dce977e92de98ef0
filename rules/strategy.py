"""The strategy language: what a rule may ask and what it may say, as frozen data.

Owns the shape of `strategy.toml`. Never evaluates anything: `rules.cells` reads conditions, `rules.outcome` composes.
"""

from typing import Literal

import msgspec

FactValue = str | int | bool | None
"""What a fact may be; None (or a missing key) means unknown, which is not false."""

Tier = Literal["A", "B", "C", "D", "E", "F", "G", "H"]
UnknownEffect = Literal["skip", "hit", "ask"]
FactKind = Literal["code", "number", "switch", "flags"]
ExitWay = Literal["callback", "written", "unit"]
"""Ways out of waiting that are a promise: we call back, we write, somebody else takes over."""

PROTECTED_TIERS: tuple[Tier, ...] = ("A", "B")
"""Safety and law: no later tier may take back what these say."""
DEFAULT_TIER: Tier = "H"
"""What holds only when no rule of another tier says where the contact goes."""

UNKNOWN = "unknown"
CALENDAR = "calendar"

FACTS: dict[str, FactKind] = {
    "point": "code",
    "channel": "code",
    "medium": "code",
    "topic": "code",
    "topic_flag": "flags",
    "topic_confidence": "number",
    "severity": "code",
    "identity": "code",
    "loa": "number",
    "protection": "code",
    "language": "code",
    "repeats_7d": "number",
    "repeats_30d": "number",
    "open_promise": "switch",
    "attachments": "number",
    "sensitive_detected": "switch",
    "queue_wait_s": "number",
    "business": "switch",
    "anonymous": "switch",
    "authority": "code",
    "automatic": "switch",
    "has_location": "switch",
    "district": "code",
    "maintenance_area": "code",
    "owner": "code",
    "road_authority": "code",
    "place_unit": "code",
    "similar_open": "number",
    "disturbance": "switch",
    "crisis": "switch",
    "declared_need": "code",
    "no_digital": "switch",
}
"""Every fact a rule may ask about; a fact nobody supplies is unknown. Calendars are facts named `calendar.<id>`."""

WORDS: dict[str, frozenset[str]] = {
    "point": frozenset({"received", "topic_set", "fact_changed", "waited", "queue_closing", "returned", "resumed"}),
    "medium": frozenset({"voice", "messaging", "written", "in_person"}),
    "severity": frozenset({"life", "P1", "P2", "P3", "P4"}),
    "identity": frozenset({"verified", "likely", "shared", "none"}),
    "protection": frozenset({"none", "marked", "protected_registration", "assumed_identity"}),
    "topic_flag": frozenset({"p1_possible", "secret", "needs_id", "fault", "concern", "company"}),
    CALENDAR: frozenset({"open", "closed"}),
}
"""Facts whose values are a closed list: another word in a cell is a mistake."""

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
    """The contact goes to a unit: its id, `responsible`, `duty`, or `owner_of_place`."""

    unit: str
    reason: str = ""


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the outcome may use at most, whichever rule asked for more."""

    notices: tuple[str, ...] = ()
    """Channels a notice may go by, preferred first; empty means no limit."""


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one rule says; the outcomes of all rules that hit are composed."""

    queue: str = ""
    hand_over: HandOver | None = None
    answer: str = ""
    require: dict[str, int] = {}
    keep: tuple[str, ...] = ()
    route: tuple[RouteStep, ...] = ()
    emergency: bool = False
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
    suggestions: tuple[str, ...] = ()
    warm_transfer: str = ""
    fallback: str = ""
    stop: bool = False

    @property
    def goes_somewhere(self) -> bool:
        """Whether this outcome names where the contact goes."""
        return bool(self.queue or self.hand_over or self.answer)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When these facts hold, this is said; without `when` it always is."""

    id: str
    tier: Tier
    then: Outcome
    title: str = ""
    when: tuple[Row, ...] = ()
    unknown: UnknownEffect | None = None
    why: str = ""

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
    emergency: bool | None = None
    head_start_s: int | None = None
    prefer_last_s: int | None = None
    restricted: bool | None = None
    mask: bool | None = None
    warm_transfer: str | None = None
    fallback: str | None = None
    stopped_by: str | None = None
    require: dict[str, int] | None = None
    keep: tuple[str, ...] = ()
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


class Strategy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A versioned set of rules with its cases."""

    meta: Meta
    rules: tuple[Rule, ...] = ()
    cases: tuple[Case, ...] = ()
    floor_rules: tuple[dict[str, object], ...] = ()
    """Rules about queues, not contacts: kept as written."""

    def ordered(self) -> tuple[Rule, ...]:
        """The rules by tier, inside a tier as written."""
        return tuple(sorted(self.rules, key=lambda rule: rule.tier))
