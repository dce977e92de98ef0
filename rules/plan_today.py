"""Topics today: each topic's year as it is, before any step.

Owns the table that a plan begins with. Never proposes anything.
"""

from collections.abc import Sequence

import msgspec

from rules.city import City
from rules.plan_flows import Flow, Flows
from rules.plan_here import Here, Way
from rules.plan_yield import RateSource, Yields


class TopicToday(msgspec.Struct, frozen=True):
    """One topic as it is, in contacts a year."""

    topic: str
    contacts: float
    here: float
    """Met by the servicecenter, or answered by the strategy itself."""
    direct: float
    resolved: float
    strict: float
    rate: RateSource
    """Where the share that is resolved comes from."""
    ways: tuple[Way, ...]


def topics_today(city: City, flows: Flows, here: Here, yields: Yields) -> tuple[TopicToday, ...]:
    """Every topic that has contacts, those with most unresolved first."""
    by_topic: dict[str, list[Flow]] = {}
    for flow in flows.flows:
        by_topic.setdefault(flow.topic, []).append(flow)
    rows = [
        _today(code, by_topic.get(code, []), flows, here, yields)
        for code in dict.fromkeys((*city.topics.codes(), *by_topic, *flows.direct))
        if by_topic.get(code) or flows.direct.get(code)
    ]
    return tuple(sorted(rows, key=lambda row: (row.resolved - row.contacts - row.direct, row.topic)))


def _today(topic: str, own: Sequence[Flow], flows: Flows, here: Here, yields: Yields) -> TopicToday:
    years = flows.years
    return TopicToday(
        topic=topic,
        contacts=sum(flow.contacts for flow in own) / years,
        here=sum(flow.contacts for flow in own if here.is_here(flow.decision)) / years,
        direct=flows.direct.get(topic, 0) / years,
        resolved=sum(yields.today(flow).resolved * flow.contacts for flow in own) / years,
        strict=sum(yields.today(flow).strict * flow.contacts for flow in own) / years,
        rate=yields.rate(topic)[1],
        ways=tuple(here.ways(own, years)),
    )
