"""Flows: contacts alike, as a plan counts them; from a city's planning figures, or from a replayed history.

Owns what an ordinary planned contact is and what counts. Never decides itself: it asks the strategy.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from router.errors import StrategyError
from router.measures.goal import LEFT_OUT_TOPICS, exclusion
from rules.calendars import local_ms, local_stamp
from rules.city import City
from rules.compile import CompiledStrategy
from rules.decide import Decision, FactValue, decide
from rules.plan_figures import ChannelFigures, PlanFigures, TopicFigures
from rules.replay.passing import Passed
from rules.topics import Topic

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
WEEK_DAYS = 14
TEN, TWENTY = 10, 20
FIRST_DAY = "2026-02-03"
"""Where a strategy does not say from when it is valid."""
YEAR_DAYS = 365


class Flow(NamedTuple):
    """Contacts with the same topic, channel and decision; matters, where the history knows them."""

    topic: str
    """Empty when nobody knew it."""
    channel: str
    day: str
    """Empty when they are planned, not recorded."""
    decision: Decision
    contacts: float
    resolution: str = ""
    """How they ended; empty when that is not known."""


class Flows(msgspec.Struct, frozen=True):
    """Everything that a plan counts."""

    flows: tuple[Flow, ...]
    direct: Mapping[str, float]
    """By topic, straight to a unit; empty when nobody has counted them."""
    excluded: Mapping[str, float]
    """What is no matter for a servicecenter, by reason."""
    years: float = 1
    """How long a time the counts are of."""
    source: str = ""


class PlannedContact(NamedTuple):
    """One kind of contact that a year holds so many of."""

    topic: str
    channel: ChannelFigures
    facts: Mapping[str, FactValue]
    contacts: float


def planned_flows(city: City, figures: PlanFigures) -> Flows:
    """The flows of a planned year, each kind of contact decided by the city's strategy."""
    flows: list[Flow] = []
    excluded: dict[str, float] = {}
    for topic in city.topics.topics:
        for each in planned_contacts(city, figures, topic):
            if not each.contacts:
                continue
            if is_excluded(topic):
                excluded[topic.code] = excluded.get(topic.code, 0.0) + each.contacts
            else:
                flows.append(Flow(topic.code, each.channel.code, "", decided(city.strategy, each), each.contacts))
    direct = {code: each.direct for code, each in figures.topics.items() if each.direct and not _excluded(city, code)}
    return Flows(tuple(flows), direct, excluded, 1, figures.work.source)


def recorded_flows(passed: Passed, source: str) -> Flows:
    """The flows of a history that the city's strategy has been asked about."""
    city = passed.baseline
    flows: Counter[tuple[str, str, str, int, str]] = Counter()
    excluded: Counter[str] = Counter()
    for cell, count in passed.cells.items():
        for topic, resolution in cell.matters or ((cell.group.topic, ""),):
            reason = topic if _excluded(city, topic) else exclusion(topic, resolution)
            if reason:
                excluded[reason] += count
            else:
                flows[topic, cell.group.channel, cell.day, cell.compared, resolution] += count
    span = (passed.last_ms - passed.first_ms) / DAY_MS
    return Flows(
        flows=tuple(
            Flow(topic, channel, day, passed.compared[number].before, count, resolution)
            for (topic, channel, day, number, resolution), count in flows.items()
        ),
        direct={topic: count for topic, count in passed.observed.items() if not _excluded(city, topic)},
        excluded={**excluded},
        years=max(1.0, span) / YEAR_DAYS,
        source=source,
    )


def planned_contacts(city: City, figures: PlanFigures, topic: Topic) -> Iterator[PlannedContact]:
    """The kinds of contact about one topic: by each channel, while the servicecenter is open and while it is closed."""
    known = figures.topics.get(topic.code, TopicFigures(topic.code))
    mix = known.channels or {code: each.share for code, each in figures.channels.items()}
    whole = sum(mix.values())
    for code, share in mix.items():
        channel = figures.channels[code]
        contacts = known.contacts * share / whole
        for at_ms, part in zip(_moments(city), (100 - channel.off_hours, channel.off_hours), strict=True):
            if part and share:
                facts = {**city.calendar_facts(at_ms), **_facts(topic, channel)}
                yield PlannedContact(topic.code, channel, facts, contacts * part / 100)


def decided(strategy: CompiledStrategy, contact: PlannedContact) -> Decision:
    """What a strategy makes of it."""
    return decide(strategy, contact.facts)


def is_excluded(topic: Topic) -> bool:
    """Whether contacts about it are no matter for a servicecenter."""
    return not topic.eligible or topic.code in LEFT_OUT_TOPICS


def total(flows: Iterable[Flow]) -> float:
    """How many contacts."""
    return sum(flow.contacts for flow in flows)


def _excluded(city: City, code: str) -> bool:
    topic = city.topics.get(code)
    return code in LEFT_OUT_TOPICS if topic is None else is_excluded(topic)


def _facts(topic: Topic, channel: ChannelFigures) -> dict[str, FactValue]:
    """An ordinary contact: not urgent, from somebody likely known and not protected, about a named topic."""
    return {
        "point": "received",
        "channel": channel.code,
        "medium": channel.medium,
        "topic": topic.code,
        "topic_confidence": 100,
        "severity": "P3",
        "identity": "likely",
        "protection": "none",
        "language": "sv",
        "attachments": 0,
        "sensitive_detected": False,
        "anonymous": False,
        "automatic": False,
        "has_location": "fault" in topic.flags,
    }


def _moments(city: City) -> tuple[int, int]:
    """An ordinary day's morning, while the default queue is open, and its evening.

    Raises:
        StrategyError: the default queue has no ordinary day within two weeks.
    """
    meta, tz = city.strategy.strategy.meta, city.info.tz
    hours = city.queue_calendar(meta.default_queue)
    first = local_ms(f"{meta.valid_from or FIRST_DAY} 12:00", tz)
    for number in range(WEEK_DAYS):
        day = local_stamp(first + number * DAY_MS, tz)[:10]
        open_at, closed_at = (local_ms(f"{day} {hour}:00", tz) for hour in (TEN, TWENTY))
        if hours.is_open(open_at) and not hours.is_open(closed_at):
            return open_at, closed_at
    raise StrategyError(
        f"expected a day on which {meta.default_queue} is open at {TEN}:00 and closed at {TWENTY}:00",
        field="default_queue",
    )
