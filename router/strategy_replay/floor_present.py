"""Who was at work, from the register: when each agent was there and in which form, with the profile they have now.

Only reads. Away, and gone and back again, are pauses; one that falls due during a contact begins after it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, or_, select

from router.errors import ConfigurationError
from router.journal import AgentRecord
from router.register import schema
from router.register.engine import using
from router.simulation.day import Duty
from router.strategy_replay.floor_plan import Hours
from rules.city import City

SOURCE = "register"
AVAILABLE = "available"
BOTH = "both"
_profile = msgspec.json.Decoder(AgentRecord).decode


class Present(NamedTuple):
    """A stretch in which an agent took work, in one form (epoch ms)."""

    from_ms: int
    to_ms: int
    form: str


class PresentCrew:
    """The agents of a period, by when they were there."""

    source = SOURCE

    def __init__(self, stretches: dict[str, list[Present]], profiles: dict[str, AgentRecord]) -> None:
        self._stretches, self._profiles = stretches, profiles

    @property
    def agents(self) -> int:
        """How many agents were there at any time."""
        return len(self._stretches)

    def duties(self, hours: Hours, city: City) -> list[Duty]:
        """Who was there on a day, and when."""
        del city
        found: list[Duty] = []
        for agent, stretches in sorted(self._stretches.items()):
            inside = list(_inside(stretches, hours))
            if inside:
                found.append(_duty(agent, inside, self._profiles.get(agent, AgentRecord())))
        return found


def _inside(stretches: Sequence[Present], hours: Hours) -> Iterator[Present]:
    """What of the stretches lies in these hours; where one follows on another in the same form they are one."""
    held: Present | None = None
    for each in stretches:
        begin, end = max(each.from_ms, hours.opens_ms), min(each.to_ms, hours.closes_ms)
        if end <= begin:
            continue
        if held is not None and (held.to_ms, held.form) == (begin, each.form):
            held = held._replace(to_ms=end)
            continue
        if held is not None:
            yield held
        held = Present(begin, end, each.form)
    if held is not None:
        yield held


def _duty(agent: str, inside: Sequence[Present], record: AgentRecord) -> Duty:
    first, last = inside[0], inside[-1]
    gaps = ((one.to_ms, other.from_ms - one.to_ms) for one, other in pairwise(inside))
    return Duty(
        agent=agent,
        begins_ms=first.from_ms,
        ends_ms=last.to_ms,
        skills=record.skills,
        capacity=record.capacity or None,
        teams=record.teams,
        can_interrupt=record.can_interrupt,
        pauses=tuple(gap for gap in gaps if gap[1]),
        form=first.form,
        forms=tuple((other.from_ms, other.form) for one, other in pairwise(inside)
                    if other.form != one.form),
    )  # fmt: skip


def read_present(engine: Engine, from_ms: int, to_ms: int) -> PresentCrew:
    """Everybody who was there in a period.

    Raises:
        ConfigurationError: nobody was.
        RegisterUnavailable: the register does not answer.
    """
    states, agents = schema.agent_states.c, schema.agents.c
    query = (
        select(states.agent, states.form, states.from_at, states.to_at)
        .where(states.state == AVAILABLE, states.from_at < to_ms, or_(states.to_at.is_(None), states.to_at > from_ms))
        .order_by(states.agent, states.from_at, states.n)
    )
    stretches: dict[str, list[Present]] = {}
    with using(engine) as connection:
        for agent, form, begin, end in connection.execute(query):
            stretches.setdefault(agent, []).append(Present(begin, to_ms if end is None else end, form or BOTH))
        known = connection.execute(select(agents.id, agents.profile).where(agents.profile != ""))
        profiles = {agent: _profile(profile) for agent, profile in known if agent in stretches}
    if not stretches:
        raise ConfigurationError("the register knows nobody who was at work in this period", field="--crew")
    return PresentCrew(stretches, profiles)
