"""The organisation behind the rules: skills, teams, queues, units and agreements, as a city's files have them."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from router.errors import StrategyError
from rules.calendars import Exceptional
from rules.strategy import ExitWay
from rules.topics import Criterion

Medium = Literal["voice", "messaging", "written", "in_person"]
Flow = Literal["push", "pull", "both"]
Saying = Literal["welcome", "position", "wait_band", "callback_offer", "self_service_offer", "closing_soon", "thanks"]
"""Keys of the catalogue of what is said to somebody who waits."""
UnitKind = Literal["servicecenter", "department", "company", "duty", "registrar", "partner", "external"]

OFFER_TIMEOUT_S: Mapping[Medium, int] = {"voice": 20, "messaging": 60, "written": 300, "in_person": 60}
TARGET_S: Mapping[Medium, int] = {"voice": 60, "messaging": 60, "written": 32_400, "in_person": 600}
EXITS: Mapping[Medium, tuple[str, ...]] = {
    "voice": ("callback",),
    "messaging": ("written", "callback"),
    "written": (),
    "in_person": (),
}
EMERGENCY_NUMBER = "112"


class Exit(NamedTuple):
    """A way out of waiting that is a promise."""

    way: ExitWay
    unit: str = ""
    """Who takes over by the way `unit`."""


class Skill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something an agent can, at level 1 to 5."""

    id: str
    name_sv: str
    restricted: bool = False
    """Opens content that others must not see; given by name, never by widening."""
    name_en: str = ""
    """For readers of English, who else meet the other, in quotes."""


class Team(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Agents who serve the same queues."""

    id: str
    name_sv: str
    name_en: str = ""


class PhoneNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number that an agent may transfer a call to; no other number may be."""

    id: str
    name_sv: str
    number: str
    """International (`+46701740605`) or a short number (`112`)."""


class Referral(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody outside who is right for the matter; nothing is handed over, the resident is told who and how."""

    id: str
    name_sv: str
    name_en: str = ""
    phone: str = ""
    url: str = ""


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What closing time means for those who wait."""

    entry_stops_s: int = 0
    """Nobody new is let in so long before closing."""
    serve_until_s: int = 0
    """Who waits at closing is served until so long after it, then leaves by the queue's exits."""
    answers_late: bool = True
    """Who comes when nobody is let in any more is offered to an agent who is free all the same."""


class Overflow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From `after_s` of waiting on the teams of another queue help, while the agreement is in force."""

    after_s: int
    queue: str
    agreement: str


class Announcement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody who waits hears or reads; places and waits are told as bands only."""

    at_s: int
    say: Saying
    every_s: int = 0
    """Said again after each so many seconds; 0 is once."""


class Queue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where contacts wait for an agent."""

    id: str
    name_sv: str
    media: tuple[Medium, ...]
    calendar: str
    exceptions: tuple[Exceptional, ...] = ()
    """Named days on which this queue's hours differ from its calendar's."""
    flow: Flow = "push"
    flows: dict[Medium, Flow] = {}
    """Flows of single media, where they differ."""
    target_s: int = 32_400
    """Open time until a written contact is due."""
    targets_s: dict[Medium, int] = {}
    """Targets of single media, where they differ from the defaults."""
    offer_timeout_s: dict[Medium, int] = {}
    """How long an agent has to answer an offer, by medium."""
    wrap_up_s: int = 90
    wrap_up_max_s: int = 900
    """The longest wrap-up, with everything by which an agent may extend it."""
    decline_cool_down_s: int = 300
    reserve: int = 0
    """Agents to leave idle for live work before written work is offered."""
    require: dict[str, int] = {}
    max_wait_s: int = 1_800
    closing: Closing = Closing()
    exits: dict[Medium, tuple[str, ...]] = {}
    """Ways out when nobody can ever take a contact or the queue has closed, in the order in which they are tried."""
    exit_s: dict[Medium, int] = {}
    """After so long a wait the exits are taken anyway; a medium that is not named waits on."""
    overflow: tuple[Overflow, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    teams: tuple[str, ...] = ()
    restricted: bool = False
    name_en: str = ""

    def target_for(self, medium: str) -> int:
        """The target of one medium, in open seconds."""
        own: dict[str, int] = {**TARGET_S, "written": self.target_s, **self.targets_s}
        return own.get(medium, self.target_s)

    def flow_for(self, medium: str) -> Flow:
        """How contacts of one medium reach agents: push is offered, pull is taken, both is either."""
        own: dict[str, Flow] = {**self.flows}
        return own.get(medium, self.flow)

    def exits_for(self, medium: str) -> tuple[Exit, ...]:
        """The ways out of one medium, in the order in which they are tried; what none fits waits on for a person."""
        own: dict[str, tuple[str, ...]] = {**EXITS, **self.exits}
        return tuple(read_exit(word) for word in own.get(medium, ()))


def read_exit(word: str) -> Exit:
    """`callback`, `written` or `unit:<id>` as a way out.

    Raises:
        StrategyError: the word is none of these.
    """
    way, colon, unit = word.partition(":")
    if way == "unit" and unit:
        return Exit(way, unit)
    if way in {"callback", "written"} and not colon:
        return Exit("callback" if way == "callback" else "written")
    raise StrategyError(f'expected callback, written or unit:<id>, got "{word}"', field="exits")


class Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who takes over what the servicecenter does not finish."""

    id: str
    name_sv: str
    kind: UnitKind
    calendar: str
    authority: str = ""
    """The board or company that is responsible in law."""
    phone: str = ""
    """Where the unit is called for a warm transfer."""
    name_en: str = ""


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What servicecenter and unit have agreed about handing over these topics; times are the unit's open time."""

    id: str
    topics: tuple[str, ...]
    unit: str
    accept_s: int
    contact_s: int
    finish_s: int
    criterion: Criterion = "registered_complete"
    valid_from: str = ""
    valid_to: str = ""

    def specificity(self, topic: str) -> int:
        """How closely the agreement names the topic: 2 itself, 1 its group, 0 not at all."""
        if topic in self.topics:
            return 2
        return int(any(p == "*" or (p.endswith(".*") and topic.startswith(p[:-1])) for p in self.topics))


class CityInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The city itself."""

    name: str
    tz: str = "Europe/Stockholm"
    inhabitants: int = 0
    phone: str = ""
    suggestion_threshold: float = 0.55
    """How sure a suggested topic must be, 0 to 1."""
    closed_days: tuple[Exceptional, ...] = ()
    """Days when everything that closes on holidays is closed too."""
