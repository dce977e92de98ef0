"""References of the strategy: every queue, unit, skill, calendar and word that a rule or case names must exist.

Owns the checks only; `rules.city` calls them and `rules.tables.Place` words the mistakes.
"""

from collections.abc import Iterable, Mapping

import msgspec

from rules.cells import closed_words
from rules.organisation import EMERGENCY_NUMBER
from rules.outcome import DUTY, OWNER_OF_PLACE, RESPONSIBLE
from rules.strategy import (
    CALENDAR,
    FACTS,
    NOTICE_CHANNELS,
    NOTICE_MOMENTS,
    OFFERS,
    UNKNOWN,
    Case,
    Outcome,
    RouteStep,
    Rule,
)
from rules.tables import Place

MOST_LEVEL = 5


class Names(msgspec.Struct, frozen=True):
    """The ids that a city's files define."""

    queues: frozenset[str]
    units: frozenset[str]
    skills: frozenset[str]
    calendars: frozenset[str]
    teams: frozenset[str]

    @property
    def receivers(self) -> frozenset[str]:
        """Units, and the words for a topic's own."""
        return self.units | {RESPONSIBLE, DUTY}


def check_rows(place: Place, rows: object) -> None:
    """Refuse cells that are no word, number, truth value, or list of them."""
    parts: list[object] = list(rows) if isinstance(rows, list) else []  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
    for row in parts:
        if isinstance(row, dict):
            _check_cells(place, row)  # pyright: ignore[reportUnknownArgumentType] (TOML keys are text)


def _check_cells(place: Place, row: Mapping[str, object]) -> None:
    for fact, value in row.items():
        values: list[object] = list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
        if not all(isinstance(part, str | int) or (isinstance(part, dict) and part is value) for part in values):
            raise place.mistake(f"when.{fact}", f"expected a word, a number, true or false, or a list, got {value!r}")


def check_levels(place: Place, cell: str, levels: Mapping[str, int], skills: Iterable[str]) -> None:
    """Refuse unknown skills and levels outside 1 to 5."""
    for skill, level in levels.items():
        place.check(cell, "a skill", skill, skills)
        if not 1 <= level <= MOST_LEVEL:
            raise place.mistake(f"{cell}.{skill}", f"expected a level from 1 to {MOST_LEVEL}, got {level}")


def check_rule(place: Place, rule: Rule, names: Names) -> None:
    """Refuse a rule that names what is not there."""
    for row in rule.when:
        calendars = row.get(CALENDAR)
        for name in calendars if isinstance(calendars, dict) else ():
            place.check("when.calendar", "a calendar", name, names.calendars)
        for fact in (fact for fact in row if fact.startswith(CALENDAR + ".")):
            place.check("when.calendar", "a calendar", fact.partition(".")[2], names.calendars)
    _check_ways(place, rule.then, names)
    _check_skills(place, rule.then, names)
    for step in rule.then.route:
        _check_step(place, step, names)
    _check_words(place, rule.then)


def _check_ways(place: Place, then: Outcome, names: Names) -> None:
    ways = [bool(then.queue), then.hand_over is not None, bool(then.answer)]
    if sum(ways) > 1:
        raise place.mistake("then", "expected one of queue, hand_over and answer, got several")
    if then.queue:
        place.check("then.queue", "a queue", then.queue, names.queues)
    if then.hand_over:
        place.check("then.hand_over.unit", "a unit", then.hand_over.unit, names.receivers | {OWNER_OF_PLACE})
    if then.warm_transfer:
        place.check("then.warm_transfer", "a unit", then.warm_transfer, names.receivers)
    if then.fallback:
        ways_back = names.receivers | names.queues | {EMERGENCY_NUMBER}
        place.check("then.fallback", "a unit, a queue or 112", then.fallback, ways_back)


def _check_skills(place: Place, then: Outcome, names: Names) -> None:
    check_levels(place, "then.require", then.require, names.skills)
    for skill in then.keep:
        place.check("then.keep", "a skill", skill, names.skills)
    for cell in ("head_start_s", "target_s", "prefer_last_s"):
        check_seconds(place, f"then.{cell}", getattr(then, cell))


def check_seconds(place: Place, cell: str, seconds: int) -> None:
    """Refuse a time before the beginning."""
    if seconds < 0:
        raise place.mistake(cell, f"expected seconds from 0 on, got {seconds}")


def _check_step(place: Place, step: RouteStep, names: Names) -> None:
    """A step is a wider pool or an exit, and what it names is there."""
    if step.at_s < 0:
        raise place.mistake("then.route.at_s", f"expected seconds of waiting from 0 on, got {step.at_s}")
    if not -MOST_LEVEL < step.level <= 0:
        raise place.mistake("then.route.level", f"expected 0 or a negative number of levels, got {step.level}")
    for team in step.teams:
        place.check("then.route.teams", "a team", team, names.teams)
    if step.exit and (step.level or step.drop or step.teams):
        raise place.mistake("then.route.exit", "expected a wider pool or an exit, got both in one step")
    if step.exit == "unit":
        place.check("then.route.unit", "a unit", step.unit, names.receivers)
    elif step.unit:
        raise place.mistake("then.route.unit", f'expected a unit only with exit = "unit", got "{step.unit}"')


def _check_words(place: Place, then: Outcome) -> None:
    for offer in then.offers:
        place.check("then.offers", "an offer", offer, OFFERS)
    for offer in then.suppress:
        place.check("then.suppress", "an offer", offer, OFFERS)
    for channel in then.limit.notices:
        place.check("then.limit.notices", "a notice channel", channel, NOTICE_CHANNELS)
    for notice in then.notices:
        moment, colon, channel = notice.partition(":")
        if not colon:
            raise place.mistake("then.notices", f'expected "moment:channel" such as "done:sms", got "{notice}"')
        place.check("then.notices", "a notice moment", moment, NOTICE_MOMENTS)
        place.check("then.notices", "a notice channel", channel, NOTICE_CHANNELS)


def check_case(place: Place, case: Case, names: Names) -> None:
    """Refuse a case whose facts or time nobody could give."""
    for fact, value in case.facts.items():
        if fact.startswith(CALENDAR + "."):
            place.check("facts", "a calendar", fact.partition(".")[2], names.calendars)
        else:
            place.check("facts", "a fact", fact, FACTS.keys() - {"topic_flag"})
        words = closed_words(fact)
        if words:
            place.check(f"facts.{fact}", f"a value of {fact}", str(value), words)
        if value == UNKNOWN:
            raise place.mistake(f"facts.{fact}", "expected a value; leave the fact out when it is unknown")
