"""References of the strategy: every queue, unit, skill, calendar and word that a rule or case names must exist.

Owns the checks only; `rules.city` calls them and `rules.tables.Place` words the mistakes.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import get_args

import msgspec

from router.errors import StrategyError
from rules.calendars import is_on_clock, local_ms
from rules.cells import parse_row
from rules.facts import CALENDAR, FACTS, FLOOR_FACTS, HANDOVER_FACTS, UNKNOWN, FactKind, closed_words, fits
from rules.organisation import EMERGENCY_NUMBER, Saying
from rules.strategy import (
    DUTY,
    NOTICE_CHANNELS,
    NOTICE_MOMENTS,
    OFFERS,
    OWNER_OF_PLACE,
    RESPONSIBLE,
    Case,
    FloorRule,
    HandOver,
    HandoverRule,
    Outcome,
    RouteStep,
    Row,
    Rule,
)
from rules.tables import Place

MOST_LEVEL = 5
MOST_SECONDS = 315_360_000
_CODE = re.compile(r"[a-zåäö][a-zåäö0-9_.-]*")


class Names(msgspec.Struct, frozen=True):
    """The ids that a city's files define."""

    queues: frozenset[str]
    units: frozenset[str]
    skills: frozenset[str]
    calendars: frozenset[str]
    teams: frozenset[str]
    referrals: frozenset[str] = frozenset()
    chains: Mapping[str, str] = {}
    """Duty chains, each with the unit of its first link."""
    tz: str = "Europe/Stockholm"

    @property
    def receivers(self) -> frozenset[str]:
        """Units, and the words for a topic's or a place's own."""
        return self.units | {RESPONSIBLE, DUTY, OWNER_OF_PLACE}


def check_rows(place: Place, rows: object, cell: str = "when") -> None:
    """Refuse cells that are no word, number, truth value, or list of them."""
    parts: list[object] = list(rows) if isinstance(rows, list) else [rows]  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
    for row in parts:
        if isinstance(row, dict):
            _check_cells(place, row, cell)  # pyright: ignore[reportUnknownArgumentType] (TOML keys are text)


def _check_cells(place: Place, row: Mapping[str, object], cell: str) -> None:
    for fact, value in row.items():
        values: list[object] = list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
        if not all(isinstance(part, str | int) or (isinstance(part, dict) and part is value) for part in values):
            raise place.mistake(f"{cell}.{fact}", f"expected a word, a number, true or false, or a list, got {value!r}")


def check_levels(place: Place, cell: str, levels: Mapping[str, int], skills: Iterable[str]) -> None:
    """Refuse unknown skills and levels outside 1 to 5."""
    for skill, level in levels.items():
        place.check(cell, "a skill", skill, skills)
        if not 1 <= level <= MOST_LEVEL:
            raise place.mistake(f"{cell}.{skill}", f"expected a level from 1 to {MOST_LEVEL}, got {level}")


def check_rule(place: Place, rule: Rule, names: Names) -> None:
    """Refuse a rule that names what is not there."""
    _check_calendars(place, rule.when, names, "when")
    _check_ways(place, rule.then, names)
    _check_skills(place, rule.then, names)
    for step in rule.then.route:
        _check_step(place, step, names)
    _check_words(place, rule.then)
    _check_lists(place, rule.then, names)


def _check_calendars(place: Place, rows: Iterable[Row], names: Names, cell: str) -> None:
    for row in rows:
        calendars = row.get(CALENDAR)
        for name in calendars if isinstance(calendars, dict) else ():
            place.check(f"{cell}.calendar", "a calendar", name, names.calendars)
        for fact in (fact for fact in row if fact.startswith(CALENDAR + ".")):
            place.check(f"{cell}.calendar", "a calendar", fact.partition(".")[2], names.calendars)


def _check_ways(place: Place, then: Outcome, names: Names) -> None:
    ways = [bool(then.queue), then.hand_over is not None and then.hand_over.goes, bool(then.answer)]
    if sum(ways) > 1:
        raise place.mistake("then", "expected one of queue, hand_over and answer, got several")
    if then.queue:
        place.check("then.queue", "a queue", then.queue, names.queues)
    if then.team:
        place.check("then.team", "a team", then.team, names.teams)
    if then.hand_over:
        _check_hand_over(place, then.hand_over, names)
    _check_warm_transfer(place, then, names)
    _check_fallback(place, then)


def _check_warm_transfer(place: Place, then: Outcome, names: Names) -> None:
    is_table = not isinstance(then.warm_transfer, str)
    if then.warm.to or is_table:
        cell = "then.warm_transfer.to" if is_table else "then.warm_transfer"
        place.check(cell, "a unit", then.warm.to, names.receivers)
    check_seconds(place, "then.warm_transfer.within_s", then.warm.within_s)
    if then.fallback and then.warm.fallback not in {"", then.fallback}:
        raise place.mistake("then.fallback", f'expected one fallback, got "{then.fallback}" and "{then.warm.fallback}"')
    for cell, way in (("then.fallback", then.fallback), ("then.warm_transfer.fallback", then.warm.fallback)):
        if way:
            place.check(cell, "a unit, a queue or 112", way, names.receivers | names.queues | {EMERGENCY_NUMBER})


def _check_fallback(place: Place, then: Outcome) -> None:
    """Refuse a fallback that is the very way it should stand behind."""
    unit = then.hand_over.unit if then.hand_over else ""
    for cell, way, firsts in (
        ("then.fallback", then.fallback, {then.warm.to, unit, then.queue}),
        ("then.warm_transfer.fallback", then.warm.fallback, {then.warm.to, unit}),
    ):
        if way and way in firsts:
            raise place.mistake(cell, f'expected another way than the first, "{way}" stands behind itself')


def _check_hand_over(place: Place, given: HandOver, names: Names) -> None:
    """Exactly one receiver, or none where only the fields of any handover are said."""
    cell = "then.hand_over"
    if given.unit and given.duty:
        raise place.mistake(cell, "expected either unit or duty, got both")
    if not (given.goes or given.require_fields or given.forbid_fields):
        raise place.mistake(cell, "expected a unit, a duty chain, or the fields of a handover, got none")
    if both := sorted({*given.require_fields} & {*given.forbid_fields}):
        raise place.mistake(cell, f'expected "{both[0]}" to be required or forbidden, got both')
    if given.unit:
        place.check(f"{cell}.unit", "a unit", given.unit, names.receivers)
    if given.duty:
        place.check(f"{cell}.duty", "a duty chain of duty_chains.toml", given.duty, names.chains)
    for name in ("require_fields", "forbid_fields"):
        for word in getattr(given, name):
            _check_code(place, f"{cell}.{name}", "the name of a field", word)


def _check_code(place: Place, cell: str, kind: str, word: str) -> None:
    if not _CODE.fullmatch(word):
        raise place.mistake(cell, f'expected {kind} in lower case without spaces, got "{word}"')


def _check_skills(place: Place, then: Outcome, names: Names) -> None:
    check_levels(place, "then.require", then.require, names.skills)
    for skill in then.keep:
        place.check("then.keep", "a skill", skill, names.skills)
    for cell in ("head_start_s", "target_s", "prefer_last_s"):
        check_seconds(place, f"then.{cell}", getattr(then, cell))


def check_seconds(place: Place, cell: str, seconds: int) -> None:
    """Refuse a time before the beginning, or beyond all sense."""
    if seconds < 0:
        raise place.mistake(cell, f"expected seconds from 0 on, got {seconds}")
    if seconds > MOST_SECONDS:
        raise place.mistake(cell, f"expected at most {MOST_SECONDS} seconds, ten years")


def _check_step(place: Place, step: RouteStep, names: Names) -> None:
    """A step is a wider pool or an exit, and what it names is there."""
    if step.at_s < 0:
        raise place.mistake("then.route.at_s", f"expected seconds of waiting from 0 on, got {step.at_s}")
    check_seconds(place, "then.route.at_s", step.at_s)
    if not -MOST_LEVEL < step.level <= 0:
        raise place.mistake("then.route.level", f"expected 0 or a negative number of levels, got {step.level}")
    for team in step.teams:
        place.check("then.route.teams", "a team", team, names.teams)
    if not (step.level or step.drop or step.teams or step.exit):
        raise place.mistake("then.route", f"expected level, drop, teams or an exit at {step.at_s} s, got none")
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
    if both := sorted({*then.offers} & {*then.suppress}):
        raise place.mistake("then", f'expected "{both[0]}" to be offered or suppressed, got both')
    for channel in then.limit.notices:
        place.check("then.limit.notices", "a notice channel", channel, NOTICE_CHANNELS)
    for notice in then.notices:
        moment, colon, channel = notice.partition(":")
        if not colon:
            raise place.mistake("then.notices", f'expected "moment:channel" such as "done:sms", got "{notice}"')
        place.check("then.notices", "a notice moment", moment, NOTICE_MOMENTS)
        place.check("then.notices", "a notice channel", channel, NOTICE_CHANNELS)


def _check_lists(place: Place, then: Outcome, names: Names) -> None:
    for code in then.checklist:
        _check_code(place, "then.checklist", "the code of a checklist", code)
    for referral in then.refer:
        place.check("then.refer", "a referral of city.toml", referral, names.referrals)
    for team in then.limit.teams:
        place.check("then.limit.teams", "a team", team, names.teams)
    if both := sorted(set(then.capture.forbid) & set(then.capture.allow)):
        raise place.mistake("then.capture", f'expected "{both[0]}" to be forbidden or allowed, got both')


def check_floor_rule(place: Place, rule: FloorRule, names: Names) -> None:
    """Refuse a floor rule that could never start, or that names what is not there."""
    if not rule.start:
        raise place.mistake("start", 'expected at least one row, such as {wait_estimate_s = ">600"}')
    for cell, rows in (("start", rule.start), ("stop", rule.stop)):
        _check_calendars(place, rows, names, cell)
        for row in rows:
            _check_row(place, cell, row, FLOOR_FACTS)
            _check_named(place, f"{cell}.queue", "a queue", row.get("queue"), names.queues)
    for queue in rule.queues:
        place.check("queues", "a queue", queue, names.queues)
    check_seconds(place, "min_s", rule.min_s)
    _check_floor_then(place, rule)


def _check_floor_then(place: Place, rule: FloorRule) -> None:
    then = rule.then
    if then.reserve < 0:
        raise place.mistake("then.reserve", f"expected a number of agents from 0 on, got {then.reserve}")
    if then.announce:
        place.check("then.announce", "something that is said", then.announce, get_args(Saying))
    for cell in ("banner", "alarm"):
        if word := getattr(then, cell):
            _check_code(place, f"then.{cell}", "a code", word)
    if not (then.hold_media or then.reserve or then.announce or then.banner or then.alarm):
        raise place.mistake("then", "expected one of hold_media, reserve, announce, banner and alarm, got none")


def check_handover_rule(place: Place, rule: HandoverRule, names: Names, topics: Collection[str]) -> None:
    """Refuse a handover rule that names what is not there; `topics` are codes and groups of codes."""
    _check_row(place, "when", rule.when, HANDOVER_FACTS)
    _check_named(place, "when.unit", "a unit", rule.when.get("unit"), names.units)
    _check_named(place, "when.topic", "a topic or a group of topics", rule.when.get("topic"), topics)
    if rule.then.alarm:
        _check_code(place, "then.alarm", "a code", rule.then.alarm)
    if not (rule.then.escalate or rule.then.alarm or rule.then.priority):
        raise place.mistake("then", "expected one of escalate, alarm and priority, got none")


def _check_named(place: Place, cell: str, kind: str, value: object, words: Iterable[str]) -> None:
    """Refuse words of a cell that name nothing."""
    for word in value if isinstance(value, tuple) else (value,):  # pyright: ignore[reportUnknownVariableType] (any cell)
        if isinstance(word, str) and word != UNKNOWN:
            place.check(cell, kind, word.removeprefix("!"), words)


def _check_row(place: Place, cell: str, row: Row, facts: Mapping[str, FactKind]) -> None:
    try:
        _ = parse_row(row, facts)
    except StrategyError as error:
        raise place.mistake(f"{cell}.{error.field}", error.detail) from error


def check_case(place: Place, case: Case, names: Names, rules: Collection[str]) -> None:
    """Refuse a case whose facts or time nobody could give, or that expects what is not there."""
    _check_expected(place, case, rules)
    if case.at:
        _check_time(place, case.at, names.tz)
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
        if not fits(fact, value):
            kinds = {"code": "a word", "number": "a number", "switch": "true or false"}
            kind = kinds.get(FACTS.get(fact, "code"), "a value")
            raise place.mistake(f"facts.{fact}", f"expected {kind}, got {value!r}")


def _check_time(place: Place, at: str, tz: str) -> None:
    try:
        at_ms = local_ms(at, tz)
    except StrategyError as error:
        raise place.mistake("at", error.detail) from error
    if not is_on_clock(at, at_ms, tz):
        raise place.mistake("at", f'expected a time that there is, "{at}" is skipped when the clock is put forward')


def _check_expected(place: Place, case: Case, rules: Collection[str]) -> None:
    """Rules and offers that a case speaks of: a word that is none would make the case hold whatever happens."""
    expect = case.expect
    named = {"hits": expect.hits, "hits_not": expect.hits_not, "stopped_by": (expect.stopped_by,)}
    for cell, ids in named.items():
        for rule in ids:
            if rule:
                place.check(f"expect.{cell}", "a rule", rule, rules)
    for cell, offers in (("offers", expect.offers), ("offers_not", expect.offers_not)):
        for offer in offers:
            place.check(f"expect.{cell}", "an offer", offer, OFFERS)
