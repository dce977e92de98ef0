"""Dead references: what a city's files define and nothing ever uses."""

from collections.abc import Iterator, Mapping

from rules.city import City
from rules.facts import OWNER
from rules.proof.agreements import covers_any
from rules.proof.findings import Found
from rules.proof.space import Space
from rules.strategy import CALENDAR, Rule


def never_named(city: City, space: Space) -> Iterator[Found]:
    """Each queue, unit, skill, calendar, team, referral and agreement that nothing leads to."""
    for kind, (defined, used) in _kinds(city, space).items():
        for name in sorted({*defined} - used):
            yield Found(f"{kind}_never_named", "", {"name": name})


def _kinds(city: City, space: Space) -> Mapping[str, tuple[Mapping[str, object], set[str]]]:
    rules = space.rules
    return {
        "queue": (city.queues, _queues(city, rules)),
        "unit": (city.units, _units(city, rules)),
        "skill": (city.skills, _skills(city, rules)),
        "calendar": (city.calendars, _calendars(city, space)),
        "team": (city.teams, _teams(city, rules)),
        "referral": (city.referrals, {name for rule in rules for name in rule.then.refer}),
        "agreement": ({each.id: each for each in city.agreements}, _agreements(city, rules)),
    }


def _queues(city: City, rules: tuple[Rule, ...]) -> set[str]:
    helping = {each.queue for queue in city.queues.values() for each in queue.overflow}
    led_to = {name for rule in rules for name in (rule.then.queue, rule.then.fallback, rule.then.warm.fallback)}
    return helping | led_to | {city.strategy.strategy.meta.default_queue}


def _units(city: City, rules: tuple[Rule, ...]) -> set[str]:
    topics = {name for topic in city.topics.topics for name in (topic.unit, topic.duty)}
    exits = {way.unit for queue in city.queues.values() for medium in queue.exits for way in queue.exits_for(medium)}
    owners = {word for rule in rules for row in rule.when for word in _words(row.get(OWNER))}
    return topics | exits | owners | _named_units(rules) | _helpers(city)


def _named_units(rules: tuple[Rule, ...]) -> set[str]:
    return {name for rule in rules for name in rule.then.units_named()}


def _helpers(city: City) -> set[str]:
    """Units behind the agreements under which other queues help."""
    under = _overflow_agreements(city)
    return {each.unit for each in city.agreements if each.id in under}


def _overflow_agreements(city: City) -> set[str]:
    return {each.agreement for queue in city.queues.values() for each in queue.overflow}


def _words(value: object) -> tuple[str, ...]:
    """The words of a cell."""
    words: tuple[object, ...] = value if isinstance(value, tuple) else (value,)  # pyright: ignore[reportUnknownVariableType] (any cell)
    return tuple(word for word in words if isinstance(word, str))


def _skills(city: City, rules: tuple[Rule, ...]) -> set[str]:
    asked = {skill for rule in rules for skill in (*rule.then.require, *rule.then.keep)}
    asked |= {code.partition(":")[2] for rule in rules for code in rule.then.suggestions}
    return asked | {skill for queue in city.queues.values() for skill in queue.require}


def _calendars(city: City, space: Space) -> set[str]:
    cells = {cell.fact.partition(".")[2] for row in space.compiled.rows for cell in row.cells if CALENDAR in cell.fact}
    floor = city.strategy.strategy.floor_rules
    rows = [row for rule in floor for row in (*rule.start, *rule.stop)]
    cells |= {name for row in rows if isinstance(states := row.get(CALENDAR), dict) for name in states}
    keeping = (*city.queues.values(), *city.units.values())
    return cells | {each.calendar for each in keeping}


def _teams(city: City, rules: tuple[Rule, ...]) -> set[str]:
    thens = [rule.then for rule in rules]
    named = {name for then in thens for name in (then.team, *then.limit.teams)}
    named |= {name for then in thens for step in then.route for name in step.teams}
    return named | {name for queue in city.queues.values() for name in queue.teams}


def _agreements(city: City, rules: tuple[Rule, ...]) -> set[str]:
    """Agreements for topics of the unit, with units that rules name, or under which a queue helps."""
    named = _named_units(rules) | {word for rule in rules for row in rule.when for word in _words(row.get(OWNER))}
    used = {each.id for each in city.agreements if each.unit in named or covers_any(each, city.topics)}
    return used | _overflow_agreements(city)
