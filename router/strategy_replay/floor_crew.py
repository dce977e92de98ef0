"""Who is at work on the simulated floor: a number, a staffing plan from a file, or the crew that Erlang A asks for."""

import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

import msgspec

from router.demo import calibration
from router.demo.crew import SPECIAL, crew
from router.errors import ConfigurationError, StrategyError
from router.measures.staffing import Goal, Offered, staff
from router.simulation.day import Coming, Duty
from router.strategy_replay.floor_plan import Hours, Plan
from rules.calendars import DAYS, parse_spans
from rules.city import City

WITHIN_S = 60
"""Answered in time, as the planning defaults have it for calls."""
HALF_HOUR_MS = 1_800_000
OCCUPANCY = 0.85
DAYS_THAT_HOLD = 0.75
TRAINED = 3


class Staffed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One agent, or several alike, of a staffing plan."""

    skills: dict[str, int] = {}
    teams: tuple[str, ...] = ()
    """None named: all."""
    capacity: dict[str, int] | None = None
    hours: str = ""
    """`08:00-17:00`; none: as long as it is open."""
    days: tuple[str, ...] = ()
    """Of `mon` to `sun`; none: every working day."""
    agents: int = 1


class StaffingPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    shift: tuple[Staffed, ...]


class AtWork(Protocol):
    """Whoever is at work, however that is known."""

    @property
    def agents(self) -> int:
        """How many agents there are."""
        ...

    @property
    def source(self) -> str:
        """Where they come from."""
        ...

    def duties(self, hours: Hours, city: City) -> list[Duty]:
        """Who is at work on a day, and when."""
        ...


class Crew(NamedTuple):
    """A crew and where it comes from."""

    staffed: tuple[Staffed, ...]
    source: str

    @property
    def agents(self) -> int:
        """How many agents are on the plan."""
        return sum(each.agents for each in self.staffed)

    def duties(self, hours: Hours, city: City) -> list[Duty]:
        """Who is at work on a day, and when."""
        found: list[Duty] = []
        teams = tuple(sorted({team for queue in city.queues.values() for team in queue.teams}))
        zone = ZoneInfo(city.info.tz)
        weekday = DAYS[datetime.fromtimestamp(hours.opens_ms / 1000, zone).weekday()]
        for number, each in enumerate(self.staffed):
            span = _span(each, hours, zone)
            if (each.days and weekday not in each.days) or span.closes_ms <= span.opens_ms:
                continue
            for copy in range(each.agents):
                found.append(  # noqa: PERF401 # a nested comprehension of seven lines is harder to read
                    Duty(
                        agent=f"agent-{number}-{copy}",
                        begins_ms=span.opens_ms,
                        ends_ms=span.closes_ms,
                        skills=dict(each.skills),
                        capacity=each.capacity,
                        teams=each.teams or teams,
                        can_interrupt=True,
                    )
                )
        return found


def _span(staffed: Staffed, hours: Hours, zone: ZoneInfo) -> Hours:
    if not staffed.hours:
        return hours
    ((begin, end),) = parse_spans((staffed.hours,))
    midnight = datetime.fromtimestamp(hours.opens_ms / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    at = round(midnight.timestamp() * 1000)
    return Hours(at + begin * 60_000, at + end * 60_000)


def read_crew(path: Path, city: City) -> Crew:
    """A staffing plan: tables `[[shift]]`.

    Raises:
        ConfigurationError: it can't be read, or names a skill, a team, a day or hours that do not exist.
    """
    try:
        plan = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), StaffingPlan)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or type(error).__name__}", field="--crew") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}", field="--crew") from None
    for number, each in enumerate(plan.shift, 1):
        _check(f"{path}, shift {number}", each, city)
    return Crew(plan.shift, path.name)


def _check(place: str, staffed: Staffed, city: City) -> None:
    for name, words, known in (
        ("skill", staffed.skills, city.skills),
        ("team", staffed.teams, city.teams),
        ("day", staffed.days, DAYS),
    ):
        if unknown := sorted(set(words) - set(known)):
            raise ConfigurationError(f'{place}: no {name} "{unknown[0]}"', field="--crew")
    if staffed.agents < 1:
        raise ConfigurationError(f"{place}: expected 1 agent or more", field="--crew")
    try:
        _ = parse_spans((staffed.hours,)) if staffed.hours else ()
    except StrategyError as error:
        raise ConfigurationError(f"{place}: {error.detail}", field="--crew") from None


def made_crew(size: int, source: str, city: City, plans: Sequence[Plan]) -> Crew:
    """A crew of so many: uneven, and trained for what both strategies ask for."""
    profiles = crew(size, sorted(city.skills), 1)
    comings = [coming for plan in plans for day in plan.days.values() for coming in day]
    known = [{skill: level for skill, level in each.skills.items() if skill in SPECIAL} for each in profiles]
    for skill, count in _asked(city, comings).most_common():
        wanted = max(2, math.ceil(size * min(1.0, 0.35 + 3 * count / max(1, len(comings)))))
        for skills in sorted(known, key=len)[:wanted]:
            skills[skill] = TRAINED
    pairs = zip(profiles, known, strict=True)
    return Crew(tuple(Staffed(skills=skills, capacity=each.capacity) for each, skills in pairs), source)


def _asked(city: City, comings: Iterable[Coming]) -> Counter[str]:
    """How many contacts need each ordinary skill; equal decisions are read once."""
    needs: dict[int, tuple[str, ...]] = {}
    asked: Counter[str] = Counter()
    for coming in comings:
        skills = needs.get(id(coming.decision))
        if skills is None:
            skills = needs[id(coming.decision)] = tuple(city.requirement(coming.decision).keys() - SPECIAL)
        asked.update(skills)
    return asked


def needed(plan: Plan) -> int:
    """The crew that Erlang A asks for on three days of four: the busiest half hour of live work, and the written."""
    needs = sorted(_needed(hours, comings) for hours, comings in plan.days.items())
    return needs[min(len(needs) - 1, int(len(needs) * DAYS_THAT_HOLD))] if needs else 0


def _needed(hours: Hours, comings: Sequence[Coming]) -> int:
    live = [each for each in comings if each.is_live]
    written_s = sum(each.service_ms for each in comings if not each.is_live) / 1000
    open_s = (hours.closes_ms - hours.opens_ms) / 1000
    writing = math.ceil(written_s / open_s / OCCUPANCY)
    if not live:
        return writing
    halves: Counter[int] = Counter((each.at_ms - hours.opens_ms) // HALF_HOUR_MS for each in live)
    offered = Offered(
        max(halves.values()) / 1800, fmean(each.service_ms / 1000 for each in live), calibration.PATIENCE_MEAN_S
    )
    return staff(offered, Goal(within_s=WITHIN_S)).agents + writing
