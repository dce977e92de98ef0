"""Crew: skills and levels that the strategy asks for and nobody has."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from rules.city import City
from rules.proof.findings import Found
from rules.proof.sweep import Sweep
from rules.tables import many, only, read_file


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One agent of the crew: what they can, at which level."""

    name: str
    skills: dict[str, int] = {}
    teams: tuple[str, ...] = ()


def read_crew(path: Path) -> tuple[Member, ...]:
    """The agents of a TOML file, `[[agent]]` with name and skills.

    Raises:
        StrategyError: it can't be read.
    """
    content = read_file(path.parent, path.name)
    only(content, ("agent",), path.name)
    return many(content, "agent", Member, path.name)


def skills_nobody_has(city: City, sweep: Sweep, crew: tuple[Member, ...]) -> Iterator[Found]:
    """Requirements of queued contacts that no agent meets, each once."""
    seen: set[tuple[tuple[str, int], ...]] = set()
    for each in sweep.all:
        if each.decision.kind != "queue":
            continue
        wanted = tuple(sorted(city.requirement(each.decision).items()))
        if wanted in seen:
            continue
        seen.add(wanted)
        if not any(_meets(member.skills, dict(wanted)) for member in crew):
            said = ", ".join(f"{skill} {level}" for skill, level in wanted)
            rule = _asking(city, each.decision.trace.hits, dict(wanted), crew)
            yield Found("skill_nobody_has", rule, {"skills": said, "queue": each.decision.queue}, each.example)


def _asking(city: City, hits: tuple[str, ...], wanted: Mapping[str, int], crew: tuple[Member, ...]) -> str:
    """The first rule that asks for what nobody has, or else for any of it."""
    rules = [rule for rule in city.strategy.rules if rule.id in hits and rule.then.require]
    alone = (rule.id for rule in rules if not any(_meets(member.skills, rule.then.require) for member in crew))
    asking = (rule.id for rule in rules if wanted.keys() & rule.then.require.keys())
    return next(alone, "") or next(asking, "")


def _meets(skills: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    return all(skills.get(skill, 0) >= level for skill, level in wanted.items())
