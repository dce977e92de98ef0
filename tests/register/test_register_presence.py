"""The simulated floor with the agents who were there: two days of a register written by hand."""

import pytest
from sqlalchemy import Engine

from router.errors import ConfigurationError
from router.journal import AgentRecord, EntryData
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.simulation.day import Duty
from router.strategy_replay.floor import ReplayedFloor
from router.strategy_replay.floor_plan import Hours, Plans
from router.strategy_replay.floor_present import PresentCrew, read_present
from router.strategy_replay.floor_run import run_floor
from rules.calendars import local_ms
from rules.replay.passing import Passed
from tests.register.register_journals import Journal
from tests.replay.replay_samples import contact, example
from tests.rules.spoiled_city import EXAMPLE

CITY = example()
TEAMS = tuple(sorted({team for queue in CITY.queues.values() for team in queue.teams}))
ANNA = AgentRecord(dict.fromkeys(sorted(CITY.skills), 3), {"phone": 1, "chat": 2, "email": 1, "web": 1}, TEAMS, True)
BOSSE = AgentRecord(ANNA.skills, {"phone": 1}, TEAMS)
MINUTE_MS = 60_000


def at(moment: str) -> int:
    """A local moment of the two days."""
    return local_ms(f"2026-09-{moment}")


MONDAY, TUESDAY = Hours(at("07 08:00"), at("07 17:00")), Hours(at("08 08:00"), at("08 17:00"))
EVENTS = {"available": "go_available", "away": "go_away", "offline": "go_offline"}


class Desk(Journal):
    """A journal of who came and went."""

    def profile(self, agent: str, record: AgentRecord) -> None:
        """A supervisor describes an agent."""
        self.write("put_agent", (), EntryData(agent=agent, profile=record))

    def goes(self, moment: str, agent: str, state: str) -> None:
        """The agent's presence changes."""
        self.at = at(moment)
        self.write("set_presence", [("presence", agent, EVENTS[state])], EntryData(agent=agent))

    def form(self, moment: str, agent: str, form: str) -> None:
        """The agent takes another kind of work."""
        self.at = at(moment)
        self.write("set_form", (), EntryData(agent=agent, form=form))


def two_days() -> Desk:
    """Anna is there both days, with lunch on Monday and written work after two; Bosse only on Tuesday morning."""
    desk = Desk(at("07 07:00"))
    desk.profile("anna", ANNA)
    desk.profile("bosse", BOSSE)
    for moment, agent, state in (
        ("07 07:45", "anna", "available"),
        ("07 12:00", "anna", "away"),
        ("07 12:30", "anna", "available"),
    ):
        desk.goes(moment, agent, state)
    desk.form("07 14:00", "anna", "written")
    desk.goes("07 16:00", "anna", "offline")
    desk.goes("08 08:30", "anna", "available")
    desk.goes("08 09:00", "bosse", "available")
    desk.goes("08 11:00", "bosse", "offline")
    return desk


async def crew_of(engine: Engine, desk: Desk) -> PresentCrew:
    """The crew that a register of this journal knows; what still runs ends with Tuesday."""
    _ = await copy_batch(engine, desk, desk.at)
    _ = derive_all(engine, desk.at)
    return read_present(engine, at("07 00:00"), at("09 00:00"))


async def test_agents_are_at_work_as_they_were(engine: Engine) -> None:
    """Inside the hours, with pauses, other forms from their time on, skills, teams and capacity; each day its own."""
    crew = await crew_of(engine, two_days())
    assert (crew.agents, crew.source) == (2, "register")
    (anna,) = crew.duties(MONDAY, CITY)
    assert anna == Duty(
        agent="anna",
        begins_ms=MONDAY.opens_ms,
        ends_ms=at("07 16:00"),
        skills=ANNA.skills,
        capacity=ANNA.capacity,
        teams=TEAMS,
        can_interrupt=True,
        pauses=((at("07 12:00"), 30 * MINUTE_MS),),
        form="both",
        forms=((at("07 14:00"), "written"),),
    )
    tuesday = {duty.agent: (duty.begins_ms, duty.ends_ms, duty.form) for duty in crew.duties(TUESDAY, CITY)}
    assert tuesday == {
        "anna": (at("08 08:30"), TUESDAY.closes_ms, "written"),
        "bosse": (at("08 09:00"), at("08 11:00"), "both"),
    }


async def test_calls_are_answered_only_while_somebody_took_calls(engine: Engine) -> None:
    """Played with the crew that was there: lunch, written form and an empty afternoon lose calls, the rest is met."""
    crew = await crew_of(engine, two_days())
    calls = ("07 09:00", "07 12:10", "07 13:00", "07 14:30", "08 09:30", "08 15:00")
    history = [contact(n, "BAR.FSK", at_ms=at(moment)) for n, moment in enumerate(calls)]
    plans = Plans(CITY, 1)
    _ = Passed(CITY, CITY, 1, plans.follow).run(history)
    floor = run_floor((str(EXAMPLE), str(EXAMPLE)), (CITY, CITY), plans, crew, lambda _done, _total: None)
    assert (floor.days, floor.crew, floor.agents) == (2, "register", 2)
    assert floor.agent_h == 7.5 + 8.5 + 2.0
    patience_ms = {coming.contact: coming.patience_ms or 0 for coming in plans.before.days[MONDAY]}
    waits_for_lunch = patience_ms["c1"] >= 20 * MINUTE_MS
    assert (floor.before.live, floor.before.answered) == (len(calls), 3 + waits_for_lunch)
    assert floor.before == floor.after


def test_who_was_there_is_known_of_a_register_only() -> None:
    """With a file's history nobody knows who was there: that is said before anything long begins."""
    with pytest.raises(ConfigurationError, match="only with --register"):
        _ = ReplayedFloor((CITY, CITY), ("", ""), "register", 1)


def test_a_register_without_agents_is_said_to_have_none(engine: Engine) -> None:
    """An empty floor is a mistake in the question, not a crew of nobody."""
    with pytest.raises(ConfigurationError, match="nobody who was at work"):
        _ = read_present(engine, 0, 1)
