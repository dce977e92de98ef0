"""One city: everything in its folder, loaded, checked and compiled, with look-ups on it.

Every mistake in the folder raises StrategyError naming file, table, cell, what was expected and the nearest valid word.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from router.errors import StrategyError, UnknownQueue, UnknownSkill, UnknownUnit
from rules.calendars import Calendar, CalendarTable, build_calendar, local_ms, parse_date
from rules.compile import CompiledStrategy, compile_strategy, rule_rows
from rules.decide import Decision
from rules.duty import DUTY_CHAINS, DutyChain, read_chains
from rules.organisation import Agreement, CityInfo, Exit, PhoneNumber, Queue, Referral, Skill, Team, Unit
from rules.outcome import Receivers
from rules.places import PLACES, Places, parse_geojson, read_places
from rules.queues import check_overflow, queue_hours, read_queues
from rules.references import (
    Names,
    check_case,
    check_floor_rule,
    check_handover_rule,
    check_rows,
    check_rule,
    check_seconds,
)
from rules.routes import merge
from rules.strategy import CALENDAR, CALLBACK, Case, FloorRule, HandoverRule, Meta, RouteStep, Rule, Strategy
from rules.tables import Place, Table, many, one, only, raw_tables, read_file
from rules.topics import Signals, Topic, TopicBook
from rules.written import check_asked, check_said

__all__ = ["Agreement", "City", "CityInfo", "Queue", "Skill", "Topic", "Unit", "load_city", "load_strategy"]

STRATEGY = "strategy.toml"
FILES: Mapping[str, tuple[str, ...]] = {
    "city.toml": ("city", "team", "phone_book", "referral"),
    "topics.toml": ("topic", "signals"),
    "skills.toml": ("skill",),
    "calendars.toml": ("calendar",),
    "units.toml": ("unit",),
    "queues.toml": ("queue",),
    "agreements.toml": ("agreement",),
    STRATEGY: ("meta", "rule", "case", "floor_rule", "handover_rule"),
}
"""The files of a city and the tables in each."""
MOST_ROWS = 1_000
"""Rows of conditions: ten times the example city's. Compiling is linear, but a proof looks at pairs of rows."""
_PHONE = re.compile(r"\+[1-9]\d{6,14}|\d{3,6}")


class City(msgspec.Struct, frozen=True):
    """Everything the service knows of a city, loaded and checked."""

    info: CityInfo
    topics: TopicBook
    skills: Mapping[str, Skill]
    queues: Mapping[str, Queue]
    units: Mapping[str, Unit]
    agreements: tuple[Agreement, ...]
    calendars: Mapping[str, Calendar]
    hours: Mapping[str, Calendar]
    """The open hours of each queue, with the days of its own."""
    teams: Mapping[str, Team]
    phone_book: Mapping[str, PhoneNumber]
    """The only numbers that a call may be transferred to, besides those of units."""
    referrals: Mapping[str, Referral]
    places: Places
    """Districts, maintenance areas, owners and roads; none in a city without `places.geojson`."""
    duty_chains: Mapping[str, DutyChain]
    """Who is called in turn when nobody must be left waiting; none in a city without `duty_chains.toml`."""
    strategy: CompiledStrategy
    """The folder's own; which one decides about a contact is asked of `router.strategies`."""
    names: Names
    """What a strategy may name."""
    hash: str
    """Names the content of all files."""

    @property
    def name(self) -> str:
        """The city's name."""
        return self.info.name

    def queue(self, queue_id: str) -> Queue:
        """The queue with this id."""
        if queue_id not in self.queues:
            raise UnknownQueue(queue_id, field="queue")
        return self.queues[queue_id]

    def unit(self, unit_id: str) -> Unit:
        """The unit with this id."""
        if unit_id not in self.units:
            raise UnknownUnit(unit_id, field="unit")
        return self.units[unit_id]

    def skill(self, skill_id: str) -> Skill:
        """The skill with this id."""
        if skill_id not in self.skills:
            raise UnknownSkill(skill_id, field="skill")
        return self.skills[skill_id]

    def queue_calendar(self, queue_id: str) -> Calendar:
        """The open hours of a queue."""
        if queue_id not in self.hours:
            raise UnknownQueue(queue_id, field="queue")
        return self.hours[queue_id]

    def unit_calendar(self, unit_id: str) -> Calendar:
        """The open hours of a unit."""
        return self.calendars[self.unit(unit_id).calendar]

    def agreement_for(self, topic: str | None, unit_id: str, at_ms: int | None = None) -> Agreement | None:
        """The agreement with a unit that names the topic most closely, in force at a moment if one is given."""
        fitting = [
            agreement
            for agreement in self.agreements
            if agreement.unit == unit_id and agreement.specificity(topic or "") and self._in_force(agreement, at_ms)
        ]
        return max(fitting, key=lambda agreement: agreement.specificity(topic or ""), default=None)

    def _in_force(self, agreement: Agreement, at_ms: int | None) -> bool:
        if at_ms is None:
            return True
        begins = local_ms(agreement.valid_from, self.info.tz) if agreement.valid_from else at_ms
        ends = local_ms(agreement.valid_to + " 23:59", self.info.tz) if agreement.valid_to else at_ms
        return begins <= at_ms <= ends

    def calendar_states(self, at_ms: int) -> dict[str, str]:
        """Every calendar's state at a moment: `open` or `closed`."""
        return {name: "open" if calendar.is_open(at_ms) else "closed" for name, calendar in self.calendars.items()}

    def calendar_facts(self, at_ms: int) -> dict[str, str]:
        """The calendars' states as facts, named `calendar.<id>`."""
        return {f"{CALENDAR}.{name}": state for name, state in self.calendar_states(at_ms).items()}

    def queue_route(self, decision: Decision, medium: str, at_ms: int) -> tuple[RouteStep, ...]:
        """The decision's route with what the queue adds to it: help from other teams, exits after so long a wait."""
        queue = self.queues.get(decision.queue)
        if queue is None or not (queue.overflow or queue.exit_s):
            return decision.route
        return merge((*decision.route, *self._queue_steps(queue, decision, medium, at_ms)))

    def _queue_steps(self, queue: Queue, decision: Decision, medium: str, at_ms: int) -> Iterator[RouteStep]:
        for overflow in queue.overflow if queue.restricted or not decision.restricted else ():
            helper = self.queues[overflow.queue]
            agreement = next(each for each in self.agreements if each.id == overflow.agreement)
            if medium in helper.media and self._in_force(agreement, at_ms):
                yield RouteStep(overflow.after_s, teams=helper.teams)
        after: dict[str, int] = {**queue.exit_s}
        if medium in after:
            for way, unit in self.queue_exits(decision, medium):
                yield RouteStep(after[medium], exit=way, unit=unit)

    def queue_exits(self, decision: Decision, medium: str) -> tuple[Exit, ...]:
        """The queue's ways out that this contact may take, in order; none for an emergency, which has its fallback."""
        if decision.emergency or decision.queue not in self.queues:
            return ()
        ways = self.queues[decision.queue].exits_for(medium)
        return tuple(way for way in ways if decision.can_call_back or way.way != CALLBACK)

    def requirement(self, decision: Decision) -> dict[str, int]:
        """The skills a queued contact needs: the queue's own and the decision's, at the highest level."""
        own = self.queues[decision.queue].require if decision.queue in self.queues else {}
        skills = {*own, *decision.require}
        return {skill: max(own.get(skill, 0), decision.require.get(skill, 0)) for skill in sorted(skills)}


def load_city(path: Path | str) -> City:
    """The city in this folder."""
    folder = Path(path)
    if not folder.is_dir():
        raise StrategyError(f"expected a city's folder at {folder}", field="city.path")
    files = {file: read_file(folder, file) for file in FILES}
    if (folder / DUTY_CHAINS).exists():
        files[DUTY_CHAINS] = read_file(folder, DUTY_CHAINS)
    if (folder / PLACES).exists():
        files[PLACES] = _geojson(folder / PLACES)
    return city_from(files)


def city_from(files: Mapping[str, Table]) -> City:
    """The city in these files, already parsed, by their names; those of duty chains and places may be left out."""
    for file, tables in FILES.items():
        only(files[file], tables, file)
    info = _info(files["city.toml"])
    calendars = _calendars(files["calendars.toml"], info)
    skills = {skill.id: skill for skill in many(files["skills.toml"], "skill", Skill, "skills.toml")}
    units = _units(files["units.toml"], calendars)
    teams = {team.id: team for team in many(files["city.toml"], "team", Team, "city.toml")}
    topics = _topics(files["topics.toml"], info, units)
    agreements = _agreements(files["agreements.toml"], topics, units)
    phone_book = _phone_book(files["city.toml"])
    chains = read_chains(files.get(DUTY_CHAINS, {}), units, phone_book, calendars)
    names = Names(frozenset(), frozenset(units), frozenset(skills), frozenset(calendars), frozenset(teams))
    queues = read_queues(files["queues.toml"], names)
    check_overflow(queues, {agreement.id: agreement for agreement in agreements})
    referrals = _referrals(files["city.toml"])
    names = msgspec.structs.replace(
        names, queues=frozenset(queues), referrals=frozenset(referrals), chains=_first_units(chains), tz=info.tz
    )
    return City(
        info=info,
        topics=topics,
        skills=skills,
        queues=queues,
        units=units,
        agreements=agreements,
        calendars=calendars,
        hours=queue_hours(queues, calendars),
        teams=teams,
        phone_book=phone_book,
        referrals=referrals,
        duty_chains=chains,
        places=read_places(files[PLACES], units, referrals) if PLACES in files else Places(),
        strategy=compiled_strategy(load_strategy(files["strategy.toml"]), topics, names),
        names=names,
        hash=hashlib.sha256(msgspec.json.encode(files, order="deterministic")).hexdigest()[:16],
    )


def load_strategy(content: Table) -> Strategy:
    """The strategy in a `strategy.toml` already read; references are checked by `load_city`."""
    for name, cells in (("rule", ("when",)), ("floor_rule", ("start", "stop")), ("handover_rule", ("when",))):
        for number, table in enumerate(raw_tables(content, name), 1):
            place = Place(STRATEGY, f"{name} {table.get('id') or number}")
            check_asked(place, table, cells)
            for cell in cells:
                check_rows(place, table.get(cell, []), cell)
    rules = many(content, "rule", Rule, STRATEGY)
    if (rows := sum(max(len(rule.when), 1) for rule in rules)) > MOST_ROWS:
        raise Place(STRATEGY).mistake("rule", f"expected at most {MOST_ROWS} rows of conditions, got {rows}")
    for rule, table in zip(rules, raw_tables(content, "rule"), strict=True):
        check_said(Place(STRATEGY, f"rule {rule.id}"), table.get("then"))
    return Strategy(
        meta=one(content, "meta", Meta, STRATEGY),
        rules=rules,
        cases=many(content, "case", Case, STRATEGY),
        floor_rules=many(content, "floor_rule", FloorRule, STRATEGY),
        handover_rules=many(content, "handover_rule", HandoverRule, STRATEGY),
    )


def compiled_strategy(strategy: Strategy, topics: TopicBook, names: Names) -> CompiledStrategy:
    """The strategy ready to decide, once everything that it names is known to be there."""
    Place(STRATEGY, "meta").check("default_queue", "a queue", strategy.meta.default_queue, names.queues)
    for rule in strategy.rules:
        check_rule(Place(STRATEGY, f"rule {rule.id}"), rule, names)
        try:
            rule_rows(rule, topics)
        except StrategyError as error:
            raise Place(STRATEGY, f"rule {rule.id}").mistake(*_cell_and_problem(error)) from error
    for floor_rule in strategy.floor_rules:
        check_floor_rule(Place(STRATEGY, f"floor_rule {floor_rule.id}"), floor_rule, names)
    for handover_rule in strategy.handover_rules:
        place = Place(STRATEGY, f"handover_rule {handover_rule.id}")
        check_handover_rule(place, handover_rule, names, {*topics.codes(), *groups_of(topics)})
    ids = frozenset(rule.id for rule in strategy.rules)
    for case in strategy.cases:
        check_case(Place(STRATEGY, f"case {case.title}"), case, names, ids)
    return compile_strategy(strategy, topics, Receivers(names.units, {**names.chains}))


def _cell_and_problem(error: StrategyError) -> tuple[str, str]:
    """A row's mistake without the place that it names itself."""
    return f"when.{error.field}", error.detail.partition(": ")[2] or error.detail


def _first_units(chains: Mapping[str, DutyChain]) -> dict[str, str]:
    return {chain.id: chain.link[0].unit for chain in chains.values()}


def _info(content: Table) -> CityInfo:
    info, place = one(content, "city", CityInfo, "city.toml"), Place("city.toml", "city")
    if info.phone:
        _check_phone(place, "phone", info.phone)
    if not 0 <= info.suggestion_threshold <= 1:
        raise place.mistake("suggestion_threshold", f"expected a number from 0 to 1, got {info.suggestion_threshold}")
    return info


def _calendars(content: Table, info: CityInfo) -> dict[str, Calendar]:
    calendars: dict[str, Calendar] = {}
    for table in many(content, "calendar", CalendarTable, "calendars.toml"):
        try:
            calendars[table.id] = build_calendar(table, info.tz, info.closed_days)
        except StrategyError as error:
            raise Place("calendars.toml", f"calendar {table.id}").mistake(error.field, error.detail) from error
    return calendars


def _units(content: Table, calendars: Mapping[str, Calendar]) -> dict[str, Unit]:
    units = many(content, "unit", Unit, "units.toml")
    for unit in units:
        place = Place("units.toml", f"unit {unit.id}")
        place.check("calendar", "a calendar", unit.calendar, calendars)
        if unit.phone:
            _check_phone(place, "phone", unit.phone)
    return {unit.id: unit for unit in units}


def _phone_book(content: Table) -> dict[str, PhoneNumber]:
    book = many(content, "phone_book", PhoneNumber, "city.toml")
    for entry in book:
        _check_phone(Place("city.toml", f"phone_book {entry.id}"), "number", entry.number)
    return {entry.id: entry for entry in book}


def _referrals(content: Table) -> dict[str, Referral]:
    referrals = many(content, "referral", Referral, "city.toml")
    for referral in referrals:
        place = Place("city.toml", f"referral {referral.id}")
        if referral.phone:
            _check_phone(place, "phone", referral.phone)
        if referral.url and not referral.url.startswith("https://"):
            raise place.mistake("url", f'expected an address that begins with https://, got "{referral.url}"')
        if not (referral.phone or referral.url):
            raise place.mistake("", "expected a phone or a url, got none")
    return {referral.id: referral for referral in referrals}


def _check_phone(place: Place, cell: str, number: str) -> None:
    if not _PHONE.fullmatch(number):
        raise place.mistake(cell, f'expected a number such as "+46701740605" or "112", got "{number}"')


def _geojson(file: Path) -> Table:
    try:
        return parse_geojson(file.read_bytes())
    except OSError as error:
        raise Place(PLACES).mistake("", f"expected a readable file: {error.strerror}") from error


def _topics(content: Table, info: CityInfo, units: Mapping[str, Unit]) -> TopicBook:
    topics = many(content, "topic", Topic, "topics.toml")
    for topic in topics:
        place = Place("topics.toml", f"topic {topic.code}")
        place.check("unit", "a unit", topic.unit, units)
        if topic.duty:
            place.check("duty", "a unit", topic.duty, units)
        if any(not word.strip(" $") for word in topic.words):
            raise place.mistake("words", "expected words, got an empty one")
    signals = one(content, "signals", Signals, "topics.toml") if "signals" in content else Signals()
    return TopicBook(topics, signals, info.suggestion_threshold)


def groups_of(topics: TopicBook) -> frozenset[str]:
    """The groups of the topics, as they are written."""
    return frozenset(code.partition(".")[0] + ".*" for code in topics.codes())


def _agreements(content: Table, topics: TopicBook, units: Mapping[str, Unit]) -> tuple[Agreement, ...]:
    agreements = many(content, "agreement", Agreement, "agreements.toml")
    groups = groups_of(topics)
    for agreement in agreements:
        place = Place("agreements.toml", f"agreement {agreement.id}")
        place.check("unit", "a unit", agreement.unit, units)
        for cell in ("accept_s", "contact_s", "finish_s"):
            check_seconds(place, cell, getattr(agreement, cell))
        for pattern in agreement.topics:
            place.check("topics", "a topic or a group of topics", pattern, {*topics.codes(), *groups, "*"})
        try:
            _ = [parse_date(day) for day in (agreement.valid_from, agreement.valid_to) if day]
        except StrategyError as error:
            raise place.mistake("valid_from", error.detail) from error
        if agreement.valid_from and agreement.valid_to and agreement.valid_to < agreement.valid_from:
            raise place.mistake(
                "valid_to", f'expected a day from {agreement.valid_from} on, got "{agreement.valid_to}"'
            )
    return agreements
