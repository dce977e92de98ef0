"""Hours: who is there for what is dangerous, at every hour of the year of validity and on every holiday."""

from collections.abc import Iterator
from itertools import product

from rules.city import City
from rules.decide import Decision
from rules.duty import calendar_of, chain_rung
from rules.organisation import EMERGENCY_NUMBER
from rules.proof.findings import Found
from rules.proof.moments import Moment
from rules.proof.sweep import CHANNELS, CRITICAL, Decided, Sweep
from rules.strategy import UNKNOWN, FactValue
from rules.topics import Topic

EMERGENCIES: tuple[tuple[str, str, str | None], ...] = (
    ("phone", "voice", None),
    ("chat", "messaging", None),
    ("visit", "in_person", None),
    *((channel, medium, severity) for channel, medium in CHANNELS for severity in ("P1", "life")),
)
"""Channel, medium and severity of contacts that can't wait for the morning."""
PEOPLE: tuple[dict[str, FactValue], ...] = ({}, {"protection": "marked"}, {"language": "fi"})
"""What else may be known, and must not take the way from anybody."""


def uncovered_hours(city: City, sweep: Sweep) -> Iterator[Found]:
    """Dangers at moments when nobody is there: one finding a topic, medium and severity."""
    for facts in _dangers(city):
        found = next(_alone(city, sweep, facts), None)
        if found:
            said = f"{found.decision.kind}: {found.decision.unit or found.decision.queue or found.decision.reason}"
            rules = ", ".join(found.decision.trace.hits)
            arguments = {"topic": found.topic or UNKNOWN, "medium": found.medium, "way": said, "rules": rules}
            more = {"severity": str(facts.get("severity") or UNKNOWN), "at": found.moment.at}
            yield Found("uncovered_hour", sweep.decided_by(found), {**arguments, **more}, found.example)


def _dangers(city: City) -> Iterator[dict[str, FactValue]]:
    """Every critical topic, and what is dangerous whatever it is about, by every medium."""
    for topic in (each for each in city.topics.topics if CRITICAL & {*each.flags}):
        for channel, medium, severity in (*EMERGENCIES, *_concerns(topic)):
            yield {"channel": channel, "medium": medium, "topic": topic.code, "severity": severity}
    for channel, medium in CHANNELS:
        yield {"channel": channel, "medium": medium, "severity": "life"}
        yield {"channel": channel, "medium": medium, "sensitive_detected": True}


def _concerns(topic: Topic) -> tuple[tuple[str, str, str | None], ...]:
    """A concern that is written can't wait either, whatever it says."""
    return (("email", "written", None), ("web", "written", None)) if "concern" in topic.flags else ()


def _alone(city: City, sweep: Sweep, facts: dict[str, FactValue]) -> Iterator[Decided]:
    for people, moment in product(PEOPLE, sweep.moments):
        each = sweep.decided({**facts, **people}, moment)
        if not somebody_there(city, each.decision, moment):
            yield each


def somebody_there(city: City, decision: Decision, moment: Moment) -> bool:
    """Whether the decision leads to somebody who is there now.

    An open queue or unit, any open link of the duty chain that it rings, the open fallback, or 112.
    """
    if _is_there(city, decision.fallback, moment):
        return True
    if decision.kind == "queue":
        return decision.queue in moment.queues
    return _is_there(city, decision.unit, moment) or _is_rung(city, decision, moment)


def _is_rung(city: City, decision: Decision, moment: Moment) -> bool:
    """Whether a link of the chain may be asked now: those outside their hours are passed over."""
    chain = chain_rung(city.duty_chains, decision)
    calendars = [calendar_of(link, city.units) for link in chain.link] if chain else []
    return any(not calendar or moment.is_open(calendar) for calendar in calendars)


def _is_there(city: City, way: str, moment: Moment) -> bool:
    """A unit that is open, or 112; a queue behind a closed unit is no help, whoever answers can't mend anything."""
    return way == EMERGENCY_NUMBER or (way in city.units and moment.is_open(city.units[way].calendar))


def closed_without_fallback(city: City, sweep: Sweep) -> Iterator[Found]:
    """Urgent contacts of other topics that are handed over to a unit that is closed, with nobody behind it."""
    critical = {topic.code for topic in city.topics.topics if CRITICAL & {*topic.flags}}
    seen: set[tuple[str, str]] = set()
    for each in sweep.all:
        decision = each.decision
        urgent = decision.emergency or decision.priority == "P1"
        if not urgent or decision.kind != "hand_over" or each.topic in critical:
            continue
        if (each.topic, decision.unit) in seen or somebody_there(city, decision, each.moment):
            continue
        seen.add((each.topic, decision.unit))
        arguments = {
            "topic": each.topic or "unknown",
            "unit": decision.unit,
            "at": each.moment.at,
            "fallback": decision.fallback,
        }
        yield Found("closed_without_fallback", sweep.decided_by(each), {**arguments}, each.example)
