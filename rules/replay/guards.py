"""What blocks publishing: limits that a draft must keep on the history, and on contacts that the history may lack.

A guard that could not be measured says so; it never counts as kept.
"""

from collections.abc import Iterable, Mapping
from itertools import product

import msgspec

from rules.city import City
from rules.decide import DecidedUnder, Decision
from rules.replay.intervals import Change
from rules.replay.passing import Passed
from rules.replay.tallying import Counted, Sides
from rules.strategy import WORDS, FactValue

MOST_NAMED = 5
PROBED_FLAGS = frozenset({"p1_possible", "concern"})
SEVERITIES: tuple[str | None, ...] = (None, "P1", "life")
LEVELS: tuple[FactValue, ...] = ("marked", "protected_registration", "assumed_identity")


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits, as a TOML file may set them."""

    strict_fall_points: float = 0.5
    """The strict share that can be resolved here may fall by so much."""
    registered_fall_points: float = 0.5
    emergency_lost: int = 0
    """Contacts, or kinds of contact, that may lose their emergency flag."""
    protected_opened: int = 0
    """Contacts, or kinds of contact, of protected persons that may become unrestricted or unmasked."""
    unit_growth_percent: float = 10.0
    """Hand-overs to one unit may grow by so much."""
    unit_growth_from: int = 50
    """Growth counts against at least so many hand-overs, so that small units do not block by chance."""
    abandonment_rise_points: float = 2.0
    """On the simulated floor."""
    service_level_fall_points: float = 5.0
    wait_rise_s: float = 60.0


class Guard(msgspec.Struct, frozen=True):
    """One limit and how the draft stands to it."""

    code: str
    value: float | None
    """None: not measured."""
    limit: float
    measure: str
    ok: bool | None
    names: tuple[str, ...] = ()
    """The first that break it."""


def judged(code: str, measure: str, value: float | None, limit: float, names: Iterable[str] = ()) -> Guard:
    """A guard that holds while the value is not over the limit."""
    rounded = None if value is None else round(value, 2)
    ok = None if rounded is None else rounded <= limit
    return Guard(code, rounded, limit, measure, ok, () if ok else tuple(names)[:MOST_NAMED])


def decision_guards(
    passed: Passed, rows: list[Counted], strict: Change, registered: Change, units: Iterable[Sides], limits: Limits
) -> list[Guard]:
    """The guards that decisions alone can tell."""
    emergency = _lost(passed, rows, "emergency") + _probed(passed, _emergencies(passed.baseline), "emergency")
    opened = _lost(passed, rows, "restricted", "mask") + _probed(
        passed, _protected(passed.baseline), "restricted", "mask"
    )
    growth = sorted(((_growth(unit, limits.unit_growth_from), unit.name) for unit in units), reverse=True)
    over = [f"{name} +{percent:.0f} %" for percent, name in growth if percent > limits.unit_growth_percent]
    return [
        judged("strict_fall", "points", _fall(strict), limits.strict_fall_points),
        judged("registered_fall", "points", _fall(registered), limits.registered_fall_points),
        judged("emergency_lost", "contacts", len(emergency), limits.emergency_lost, emergency),
        judged("protected_opened", "contacts", len(opened), limits.protected_opened, opened),
        judged("unit_growth", "percent", growth[0][0] if growth else 0.0, limits.unit_growth_percent, over),
    ]


def _fall(found: Change) -> float | None:
    return None if found.points is None else max(0.0, -found.points)


def _growth(unit: Sides, at_least: int) -> float:
    return max(0.0, 100 * (unit.after - unit.before) / max(unit.before, at_least))


def _lost(passed: Passed, rows: Iterable[Counted], *fields: str) -> list[str]:
    """A name for each contact of the history that had one of these and has it no more."""
    losing = {number for number, pair in enumerate(passed.compared) if _loses(pair.before, pair.after, fields)}
    found: dict[str, int] = {}
    for cell, _, count in rows if losing else ():
        if cell.compared in losing:
            place = cell.group.topic or "-"
            found[place] = found.get(place, 0) + count
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [topic for topic, count in ordered for _ in range(count)]


def _loses(before: Decision, after: Decision, fields: Iterable[str]) -> bool:
    return any(getattr(before, name) and not getattr(after, name) for name in fields)


def _emergencies(city: City) -> Iterable[Mapping[str, FactValue]]:
    """Kinds of contact that may be urgent: every safety-critical topic, medium and severity, and no topic."""
    topics = [None, *(topic.code for topic in city.topics.topics if PROBED_FLAGS.intersection(topic.flags))]
    for topic, medium, severity in product(topics, sorted(WORDS["medium"]), SEVERITIES):
        yield {"point": "received", "topic": topic, "medium": medium, "severity": severity, "protection": "none"}


def _protected(city: City) -> Iterable[Mapping[str, FactValue]]:
    """Kinds of contact of protected persons."""
    topics = [None, *city.topics.codes()]
    for topic, medium, level in product(topics, sorted(WORDS["medium"]), LEVELS):
        yield {"point": "received", "topic": topic, "medium": medium, "protection": level}


def _probed(passed: Passed, kinds: Iterable[Mapping[str, FactValue]], *fields: str) -> list[str]:
    """Kinds of contact that lose one of these under some state of the calendars that the history has."""
    states = passed.moments.facts
    ours = DecidedUnder(passed.baseline.strategy, [before for before, _ in states])
    theirs = DecidedUnder(passed.draft.strategy, [after for _, after in states])
    found: list[str] = []
    for facts in kinds:
        for before, after in zip(ours.decide(facts), theirs.decide(facts), strict=True):
            if before is not after and _loses(before, after, fields):
                found.append(" ".join(str(value) for name, value in facts.items() if value and name != "point"))
                break
    return found


def changed_definitions(baseline: City, draft: City) -> list[str]:
    """Topics that the draft counts otherwise: the report takes the baseline's word, and says so."""
    theirs = draft.topics
    return [
        topic.code
        for topic in baseline.topics.topics
        if (new := theirs.get(topic.code)) and (new.eligible, new.criterion) != (topic.eligible, topic.criterion)
    ]
