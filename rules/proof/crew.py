"""Crew: skills and levels that the strategy asks for and nobody has, at first or however long the contact waits."""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import msgspec

from rules.city import City
from rules.decide import Decision
from rules.proof.findings import Found
from rules.proof.sweep import Decided, Sweep
from rules.references import check_levels
from rules.strategy import FactValue, RouteStep
from rules.tables import Place, many, only, read_file

PEOPLE: tuple[dict[str, FactValue], ...] = ({"protection": "marked"}, {"language": "fi"})
"""What may come on top of any topic."""
NEVER = -1


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One agent of the crew: what they can, at which level."""

    name: str
    skills: dict[str, int] = {}
    teams: tuple[str, ...] = ()


def read_crew(path: Path) -> tuple[Member, ...]:
    """The agents of a TOML file, `[[agent]]` with name and skills.

    Raises:
        StrategyError: it can't be read, or names nobody.
    """
    content = read_file(path.parent, path.name)
    only(content, ("agent",), path.name)
    crew = many(content, "agent", Member, path.name)
    if not crew:
        raise Place(path.name).mistake("", "expected tables [[agent]], got none")
    return crew


def check_crew(city: City, crew: tuple[Member, ...], file: str = "agents") -> None:
    """Refuse skills and teams that the city does not have.

    Raises:
        StrategyError: says whose, and the nearest there is.
    """
    for member in crew:
        place = Place(file, f"agent {member.name}")
        check_levels(place, "skills", member.skills, city.skills)
        for team in member.teams:
            place.check("teams", "a team", team, city.teams)


def skills_nobody_has(city: City, sweep: Sweep, crew: tuple[Member, ...]) -> Iterator[Found]:
    """Requirements of queued contacts that no agent meets at first, each once."""
    seen: set[tuple[str, int, tuple[tuple[str, int], ...]]] = set()
    for each in (*sweep.all, *_people(city, sweep)):
        if each.decision.kind != "queue":
            continue
        wanted = city.requirement(each.decision)
        after = _met_after(city, each.decision, wanted, crew)
        key = (each.decision.queue, after, tuple(sorted(wanted.items())))
        if not after or key in seen:
            continue
        seen.add(key)
        said = ", ".join(f"{skill} {level}" for skill, level in sorted(wanted.items()))
        rule = _asking(city, each.decision.trace.hits, wanted, crew)
        arguments = {"skills": said, "queue": each.decision.queue, "after": after}
        is_missing = after == NEVER or any(not _has(crew, {skill: level}) for skill, level in wanted.items())
        yield Found("skill_nobody_has" if is_missing else "skill_after_widening", rule, {**arguments}, each.example)


def _people(city: City, sweep: Sweep) -> Iterator[Decided]:
    """Calls about every topic by people for whom something else is asked too."""
    for topic, people in product(city.topics.codes(), PEOPLE):
        yield sweep.decided({"channel": "phone", "medium": "voice", "topic": topic, **people}, sweep.moments[0])


def _met_after(city: City, decision: Decision, wanted: Mapping[str, int], crew: tuple[Member, ...]) -> int:
    """After how long a wait somebody may take it: 0 at once, NEVER when nobody ever may."""
    queue = city.queue(decision.queue)
    last = RouteStep(max([queue.max_wait_s, *(step.at_s for step in decision.route)]), drop=True)
    steps = (RouteStep(0), *decision.route, last)
    return next((step.at_s for step in steps if _has(crew, _widened(city, decision, wanted, step))), NEVER)


def _widened(city: City, decision: Decision, wanted: Mapping[str, int], step: RouteStep) -> dict[str, int]:
    """What is still required from this step on: what is kept, or opens what is restricted, is never let go."""
    queue = city.queue(decision.queue)
    own = queue.require if decision.restricted or queue.restricted else ()
    kept = {*decision.keep, *own, *(skill for skill in wanted if city.skill(skill).restricted)}
    return {
        skill: level if skill in kept else max(1, level + step.level)
        for skill, level in wanted.items()
        if skill in kept or not step.drop
    }


def _asking(city: City, hits: tuple[str, ...], wanted: Mapping[str, int], crew: tuple[Member, ...]) -> str:
    """The first rule that asks for what nobody has, or else for any of it."""
    rules = [rule for rule in city.strategy.rules if rule.id in hits and rule.then.require]
    alone = (rule.id for rule in rules if not _has(crew, rule.then.require))
    asking = (rule.id for rule in rules if wanted.keys() & rule.then.require.keys())
    return next(alone, "") or next(asking, "")


def _has(crew: tuple[Member, ...], wanted: Mapping[str, int]) -> bool:
    """Whether an agent meets all of it."""
    return any(all(each.skills.get(skill, 0) >= level for skill, level in wanted.items()) for each in crew)
