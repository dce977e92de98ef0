"""Checking a city: what loads may still be wrong, such as an hour without anybody for a dangerous fault.

Errors must be mended before the strategy may be used; warnings are for people to judge.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Literal

import msgspec

from router.errors import StrategyError
from rules.calendars import MINUTE_MS, local_ms
from rules.cases import CaseResult, run_cases
from rules.city import City, load_city
from rules.decide import Decision, FactValue, decide
from rules.organisation import EMERGENCY_NUMBER
from rules.strategy import CALENDAR, PROTECTED_TIERS, WORDS

STEP_MS = 15 * MINUTE_MS
DEFAULT_YEAR = "2026"
EMERGENCIES: tuple[tuple[str, str | None], ...] = (
    ("voice", None),
    ("voice", "P1"),
    ("voice", "life"),
    ("messaging", "P1"),
    ("in_person", "P1"),
    ("written", "P1"),
    ("written", "life"),
)
"""Medium and severity of the contacts that somebody must be there for at every hour."""


class Finding(msgspec.Struct, frozen=True):
    """One thing to mend or to judge."""

    level: Literal["error", "warning"]
    code: str
    text: str


class Report(msgspec.Struct, frozen=True):
    """What a check of a city's folder found."""

    path: str
    city: str = ""
    strategy_version: str = ""
    strategy_hash: str = ""
    rules: int = 0
    topics: int = 0
    cases: tuple[CaseResult, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the city may be used."""
        return not any(finding.level == "error" for finding in self.findings)


def check_city(path: Path | str) -> Report:
    """Load the folder and look for what no single table shows; never raises for mistakes in it."""
    try:
        city = load_city(path)
    except StrategyError as error:
        return Report(str(path), findings=(Finding("error", "not_loaded", error.detail),))
    return check_loaded(city, str(path))


def check_loaded(city: City, path: str = "") -> Report:
    """Look for what no single table of a city shows."""
    cases = tuple(run_cases(city))
    return Report(
        path=path,
        city=city.name,
        strategy_version=city.strategy.version,
        strategy_hash=city.strategy.hash,
        rules=len(city.strategy.rules),
        topics=len(city.topics.topics),
        cases=cases,
        findings=(
            *_failed_cases(cases),
            *_uncovered_hours(city),
            *_lost_contacts(city),
            *_hits_on_nothing(city),
            *_without_case(city, cases),
            *_never_named(city),
            *_without_agreement(city),
        ),
    )


def _failed_cases(cases: Iterable[CaseResult]) -> Iterator[Finding]:
    for case in cases:
        if not case.ok:
            yield Finding("error", "case_failed", f'case "{case.title}": {"; ".join(case.differences)}')


def calendar_moments(city: City, year: str) -> dict[tuple[tuple[str, str], ...], int]:
    """Every combination of calendar states that the year has, with the first moment of each."""
    moments: dict[tuple[tuple[str, str], ...], int] = {}
    first, last = (local_ms(f"{day} 00:00", city.info.tz) for day in (f"{year}-01-01", f"{int(year) + 1}-01-01"))
    for at_ms in range(first, last, STEP_MS):
        moments.setdefault(tuple(city.calendar_states(at_ms).items()), at_ms)
    return moments


def _year(city: City) -> str:
    return city.strategy.strategy.meta.valid_from[:4] or DEFAULT_YEAR


def _uncovered_hours(city: City) -> Iterator[Finding]:
    """Safety-critical topics must find somebody at every quarter of an hour of the year."""
    critical = [topic.code for topic in city.topics.topics if "p1_possible" in topic.flags]
    moments = calendar_moments(city, _year(city))
    for topic, (medium, severity) in product(critical, EMERGENCIES):
        for states, at_ms in moments.items():
            calendars = {f"{CALENDAR}.{name}": state for name, state in states}
            facts: dict[str, FactValue] = {**calendars, "topic": topic, "medium": medium, "severity": severity}
            decision = decide(city.strategy, facts)
            if not somebody_there(city, decision, dict(states)):
                minute = city.calendars[states[0][0]].minute_of_week(at_ms)
                day, clock = divmod(minute, 1_440)
                when = f"weekday {day + 1} at {clock // 60:02d}:{clock % 60:02d}"
                way = f"{decision.kind} {decision.unit or decision.queue}, rules {', '.join(decision.trace.hits)}"
                yield Finding(
                    "error", "uncovered_hour", f"{topic} by {medium}, severity {severity}: nobody on {when} ({way})"
                )
                break


def somebody_there(city: City, decision: Decision, states: Mapping[str, str]) -> bool:
    """Whether the decision leads to somebody who is there now: an open queue or unit, the open fallback, or 112."""
    if decision.kind == "queue":
        ways = [city.queue(decision.queue).calendar]
    else:
        units = [way for way in (decision.unit, decision.fallback) if way in city.units]
        ways = [city.units[way].calendar for way in units]
    return decision.fallback == EMERGENCY_NUMBER or any(states[calendar] == "open" for calendar in ways)


def _lost_contacts(city: City) -> Iterator[Finding]:
    """Every decision leads to a queue that takes the medium, or to a unit, and names a fallback."""
    topics = [None, *city.topics.codes()]
    seen: set[tuple[str, str]] = set()
    for topic, medium, protection in product(topics, sorted(WORDS["medium"]), (None, "marked")):
        decision = decide(city.strategy, {"topic": topic, "medium": medium, "protection": protection})
        wrong = decision.kind == "queue" and medium not in city.queue(decision.queue).media
        if wrong and (decision.queue, medium) not in seen:
            seen.add((decision.queue, medium))
            yield Finding("error", "medium_not_taken", f"queue {decision.queue} does not take {medium} (topic {topic})")


def _hits_on_nothing(city: City) -> Iterator[Finding]:
    """A safety or law rule that hits when nothing is known hits every contact."""
    protected = {rule.id for rule in city.strategy.rules if rule.tier in PROTECTED_TIERS}
    for rule in decide(city.strategy, {}).trace.hits:
        if rule in protected:
            yield Finding(
                "error", "hits_on_nothing", f'rule {rule} hits although nothing is known: use unknown = "skip"'
            )


def _without_case(city: City, cases: Iterable[CaseResult]) -> Iterator[Finding]:
    covered = {rule for case in cases for rule in case.hits}
    for rule in city.strategy.rules:
        if rule.tier in (*PROTECTED_TIERS, "H") and rule.when and not (rule.unknown == "ask" or rule.id in covered):
            yield Finding("warning", "no_case", f"rule {rule.id}, tier {rule.tier}: no case hits it")


def _never_named(city: City) -> Iterator[Finding]:
    outcomes = [rule.then for rule in city.strategy.rules]
    queues = {then.queue for then in outcomes} | {city.strategy.strategy.meta.default_queue}
    queues |= {overflow.queue for queue in city.queues.values() for overflow in queue.overflow}
    for queue in sorted(set(city.queues) - queues):
        yield Finding("warning", "queue_never_named", f"queue {queue}: no rule leads to it")


def _without_agreement(city: City) -> Iterator[Finding]:
    for topic in city.topics.topics:
        decision = decide(city.strategy, {"topic": topic.code, "medium": "written", "channel": "web"})
        if decision.kind == "hand_over" and city.agreement_for(topic.code, decision.unit) is None:
            yield Finding(
                "warning", "no_agreement", f"{topic.code} is handed over to {decision.unit} without agreement"
            )
