"""The organisation behind the rules: skills, queues, units and agreements, as they are written in a city's folder."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from rules.calendars import Exceptional
from rules.topics import Criterion

Medium = Literal["voice", "messaging", "written", "in_person"]
UnitKind = Literal["servicecenter", "department", "company", "duty", "registrar", "partner", "external"]

OFFER_TIMEOUT_S: Mapping[Medium, int] = {"voice": 20, "messaging": 60, "written": 300, "in_person": 60}
TARGET_S: Mapping[Medium, int] = {"voice": 60, "messaging": 60, "written": 32_400, "in_person": 600}
EMERGENCY_NUMBER = "112"


class Skill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something an agent can, at level 1 to 5."""

    id: str
    name_sv: str
    restricted: bool = False
    """Opens content that others must not see; given by name, never by widening."""


class Queue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where contacts wait for an agent."""

    id: str
    name_sv: str
    media: tuple[Medium, ...]
    calendar: str
    target_s: int = 32_400
    """Open time until a written contact is due."""
    targets_s: dict[Medium, int] = {}
    """Targets of single media, where they differ from the defaults."""
    offer_timeout_s: dict[Medium, int] = {}
    """How long an agent has to answer an offer, by medium."""
    wrap_up_s: int = 90
    decline_cool_down_s: int = 300
    reserve: int = 0
    """Agents to leave idle for live work before written work is offered."""
    require: dict[str, int] = {}
    max_wait_s: int = 1_800
    teams: tuple[str, ...] = ()
    restricted: bool = False

    def target_for(self, medium: str) -> int:
        """The target of one medium, in open seconds."""
        own: dict[str, int] = {**TARGET_S, "written": self.target_s, **self.targets_s}
        return own.get(medium, self.target_s)


class Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who takes over what the servicecenter does not finish."""

    id: str
    name_sv: str
    kind: UnitKind
    calendar: str
    authority: str = ""
    """The board or company that is responsible in law."""


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
