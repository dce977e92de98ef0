"""Scenes: what a morning on the floor looks like, as people write it in TOML. The nouns; `scene_reader` reads them."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from router.simulation.verbs import SUBJECTS
from rules.organisation import Medium
from rules.strategy import ExitWay

ZONE = "Europe/Stockholm"
MEDIA: tuple[Medium, ...] = ("voice", "messaging", "written", "in_person")
OFFICE = "mon-fri 08:00-17:00"
Value = str | int | bool | tuple[str, ...] | dict[str, int] | tuple["Step", ...]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who else may take a contact after so long a wait, or how it leaves the queue."""

    after: str
    level: int = 0
    drop: bool = False
    teams: tuple[str, ...] = ()
    exit: ExitWay | Literal[""] = ""
    unit: str = ""


class QueueTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A queue; lengths of time as in `30s`."""

    id: str
    hours: str = OFFICE
    """`always`, or days and spans: `mon-fri 08:00-17:00`, several with `;` between."""
    media: tuple[Medium, ...] = MEDIA
    flow: Literal["push", "pull", "both"] = "push"
    target: str = "9h"
    """Open time until written work is due."""
    answer_within: dict[Medium, str] = {}
    """How long an offer stands, by medium."""
    wrap_up: str = "90s"
    cool_down: str = "5 min"
    """How long who declined a contact is not asked about it again."""
    reserve: int = 0
    require: dict[str, int] = {}
    max_wait: str = "30 min"
    entry_stops: str = "0s"
    """Nobody is let in so long before closing."""
    serve_until: str = "0s"
    """Who waits at closing is served so long after it."""
    exits: dict[Medium, tuple[str, ...]] = {}
    """What is promised when nobody can answer, by medium: callback, written, unit:<id>."""
    exit_after: dict[Medium, str] = {}
    teams: tuple[str, ...] = ()
    restricted: bool = False
    answers_late: bool = False
    """Who comes after entry has stopped is answered by whoever is free; without it they leave at once by the exits."""
    overflow: tuple["Help", ...] = ()
    other_hours: tuple["OtherHours", ...] = ()


class Help(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From so long a wait on the teams of another queue help."""

    after: str
    queue: str


class OtherHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day on which the queue has other hours; without hours it is closed."""

    date: str
    hours: tuple[str, ...] = ()
    name: str = ""


class UnitTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody that contacts are handed over to."""

    id: str
    hours: str = OFFICE
    accept_within: str = "8h"
    finish_within: str = "16h"
    phone: bool = False
    """Whether calls may be transferred there."""


class SkillTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A skill that opens what others must not see; other skills need no table."""

    id: str
    restricted: bool = True


class TopicTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What contacts about this ask for; contacts that name no topic say it themselves, with the same words."""

    id: str
    queue: str = ""
    needs: dict[str, int] = {}
    keep: tuple[str, ...] = ()
    route: tuple[Step, ...] = ()
    emergency: bool = False
    restricted: bool = False
    """Seen only by who has the queue's or the needed restricted skill."""
    ahead: str = "0s"
    target: str = "0s"
    prefer_last: str = "0s"
    """How long the agent is waited for who has something of the person's open."""
    handed_to: str = ""
    """The unit that it goes to without anybody answering it."""


class AgentTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who answers."""

    name: str
    skills: dict[str, int] = {}
    channels: dict[str, int] = {}
    """How many at once, by channel; without a word, what is usual of each."""
    teams: tuple[str, ...] = ()
    form: Literal["live", "written", "both"] = "both"
    can_interrupt: bool = False
    presence: Literal["available", "away", "offline"] = "available"
    """At the beginning; somebody offline has no desktop open yet."""


class Event(msgspec.Struct, frozen=True):
    """Somebody does something; `cells` are read: moments and lengths in ms."""

    place: str
    at_ms: int
    subject: str
    who: str
    verb: str
    what: Value
    cells: Mapping[str, Value]

    @property
    def command(self) -> str:
        """The command that the verb stands for."""
        return SUBJECTS[self.subject][self.verb].command


class Expected(msgspec.Struct, frozen=True):
    """Something that must be seen, or, among the nevers, must not."""

    place: str
    word: str
    cells: Mapping[str, str]
    at_ms: int = 0
    within_ms: int = 0


class Final(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a contact or an agent stands in the end."""

    contact: str = ""
    agent: str = ""
    state: str = ""
    presence: str = ""
    held_by: str = ""
    """The agent who has the contact; `nobody` when none has."""
    queue: str = ""
    draft: str | None = None
    """What is written to the resident and not sent yet; '' for nothing."""
    work: int | None = None
    """How many things the agent has in hand."""


class Scene(msgspec.Struct, frozen=True):
    """One scene, read and checked."""

    file: str
    title: str
    why: str
    starts_ms: int
    ends_ms: int
    exact: frozenset[str]
    queues: tuple[QueueTable, ...]
    units: tuple[UnitTable, ...]
    skills: tuple[SkillTable, ...]
    topics: tuple[TopicTable, ...]
    agents: tuple[AgentTable, ...]
    events: tuple[Event, ...]
    expected: tuple[Expected, ...]
    never: tuple[Expected, ...]
    final: tuple[Final, ...]

    @property
    def contacts(self) -> frozenset[str]:
        """The names of all contacts that arrive."""
        return frozenset(each.who for each in self.events if each.verb == "arrives")
