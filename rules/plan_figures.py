"""What a city plans with: contacts a year by topic, what can be resolved, how far the mandate goes, work by channel.

Owns the shape of `planning.toml`, which only the planner reads; no decision ever depends on it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from rules.city import City
from rules.organisation import Medium
from rules.tables import Place, Table, many, one, only, read_file
from rules.topics import Criterion

PLANNING = "planning.toml"
MandateDepth = Literal["none", "inform", "guide", "register", "prepare", "decide"]
"""How far into the case the servicecenter may go, by law and by agreement with whoever owns it."""
DEPTHS: tuple[MandateDepth, ...] = ("none", "inform", "guide", "register", "prepare", "decide")
NEEDED_DEPTH: Mapping[Criterion, MandateDepth] = {
    "answered": "inform",
    "referred_external": "inform",
    "guided": "guide",
    "booked": "guide",
    "registered_complete": "register",
    "decided": "decide",
}
"""The mandate without which nobody here can do what makes a contact of the topic resolved."""

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
AtLeastZero = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]


class Work(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The centre's own figures: its days, what it promises, how its people's time is used."""

    source: str = ""
    """Where the figures come from, in words."""
    working_days: Positive = 250
    busiest_day: Annotated[float, msgspec.Meta(ge=1)] = 1.25
    """The busiest day over a mean one."""
    busiest_hour: Annotated[float, msgspec.Meta(gt=0, le=100)] = 13
    """Per cent of a day that come in its busiest hour."""
    open_h: Annotated[float, msgspec.Meta(gt=0, le=24)] = 9
    service_level: Annotated[float, msgspec.Meta(gt=0, lt=100)] = 80
    within_s: AtLeastZero = 60
    patience_s: Positive = 300
    occupancy: Annotated[float, msgspec.Meta(gt=0, le=100)] = 85
    shrinkage: Annotated[float, msgspec.Meta(ge=0, lt=100)] = 30
    """Per cent of paid time in which nobody can take a contact."""
    deepening_s: AtLeastZero = 240
    """How much longer a contact takes when it is resolved that was not before."""
    elsewhere: tuple[str, ...] = ()
    """Queues whose agents are not the servicecenter's."""


class ChannelFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One channel's part of the contacts, and what one of them takes."""

    code: str
    medium: Medium
    share: AtLeastZero
    """Of all contacts; the shares of all channels together are the whole."""
    handling_s: Positive
    off_hours: Percent = 0
    """Per cent that come while the servicecenter is closed."""
    at_once: Positive = 1
    """Contacts that an agent has in hand at the same time."""


class TopicFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One topic's year."""

    code: str
    contacts: AtLeastZero = 0
    """Through the servicecenter."""
    direct: AtLeastZero = 0
    """Straight to the unit."""
    first_contact: Percent | None = None
    """Resolved at the first contact among those whom the servicecenter meets."""
    possible: Percent | None = None
    """The same with the mandate, training and access that could be had."""
    mandate: MandateDepth = "none"
    deepening_s: AtLeastZero | None = None
    """How much longer it takes to resolve one more, where that differs."""
    channels: dict[str, AtLeastZero] = {}
    """Its own mix of channels, where it differs."""


class PlanFigures(msgspec.Struct, frozen=True):
    """Everything in `planning.toml`."""

    work: Work
    channels: Mapping[str, ChannelFigures]
    topics: Mapping[str, TopicFigures]


def read_figures(folder: Path | str, city: City, file: str = PLANNING) -> PlanFigures:
    """The figures in a city's folder.

    Raises:
        StrategyError: there are none, or they can't be read.
    """
    return figures_from(read_file(Path(folder), file), city, file)


def figures_from(content: Table, city: City, file: str = PLANNING) -> PlanFigures:
    """The figures in a file already read, checked against the city."""
    only(content, ("planning", "channel", "topic"), file)
    work = one(content, "planning", Work, file)
    for queue in work.elsewhere:
        Place(file, "planning").check("elsewhere", "a queue", queue, city.queues)
    channels = {each.code: each for each in many(content, "channel", ChannelFigures, file)}
    if not sum(each.share for each in channels.values()):
        raise Place(file, "channel").mistake("share", "expected channels with a share of the contacts, got none")
    topics = {each.code: each for each in many(content, "topic", TopicFigures, file)}
    for topic in topics.values():
        _check_topic(Place(file, f"topic {topic.code}"), topic, city, channels)
    return PlanFigures(work, channels, topics)


def _check_topic(place: Place, topic: TopicFigures, city: City, channels: Mapping[str, ChannelFigures]) -> None:
    place.check("code", "a topic", topic.code, city.topics.codes())
    for channel in topic.channels:
        place.check("channels", "a channel of this file", channel, channels)
    if topic.channels and not sum(topic.channels.values()):
        raise place.mistake("channels", "expected shares, got none")
    if topic.possible is not None and topic.first_contact is not None and topic.possible < topic.first_contact:
        raise place.mistake("possible", f"expected at least first_contact, {topic.first_contact:g}")
    if topic.possible is not None and topic.mandate == "none":
        raise place.mistake("mandate", "expected how far the servicecenter may go, where more is possible")
