"""The simulated floor of a replay: the same days, residents and crew under both strategies."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from router.errors import ConfigurationError
from router.strategy_replay.floor_crew import Crew, made_crew, needed, read_crew
from router.strategy_replay.floor_plan import Hours, Plans
from router.strategy_replay.floor_run import run_floor
from rules.calendars import local_ms
from rules.city import City
from rules.replay.history import Recorded
from rules.replay.passing import Passed
from rules.replay.report import Floor
from tests.replay.replay_samples import contact, example, graffiti
from tests.rules.spoiled_city import EXAMPLE

OPENS, CLOSES = local_ms("2026-09-07 08:00"), local_ms("2026-09-07 17:00")
TUESDAY = Hours(local_ms("2026-09-08 08:00"), local_ms("2026-09-08 17:00"))
MINUTE_MS = 60_000


def planned(baseline: City, draft: City, history: Iterable[Recorded]) -> Plans:
    """Who comes under each strategy."""
    plans = Plans(baseline, 1)
    _ = Passed(baseline, draft, 1, plans.follow).run(history)
    return plans


def busy_day(topic: str = "PRK.KLO") -> list[Recorded]:
    """A call every two minutes of a working day."""
    return [contact(n, topic, at_ms=OPENS + n * 2 * MINUTE_MS) for n in range(200)]


def simulated(folder: Path, baseline: City, draft: City, history: Iterable[Recorded], agents: int) -> Floor:
    """Both floors."""
    plans = planned(baseline, draft, history)
    crew = made_crew(agents, "number", baseline, (plans.before, plans.after))
    return run_floor((str(EXAMPLE), str(folder / "city")), (baseline, draft), plans, crew, lambda _done, _total: None)


def test_contacts_come_when_somebody_is_at_work() -> None:
    """Calls come as they came; mail waits at the door for the next working day; calls out of hours are counted only."""
    history = [
        contact(1, at_ms=OPENS + 5 * MINUTE_MS),
        contact(2, at_ms=OPENS - MINUTE_MS),
        contact(3, at_ms=CLOSES),
        contact(4, at_ms=local_ms("2026-09-06 23:00"), channel="email", medium="written"),
        contact(5, at_ms=CLOSES, channel="email", medium="written"),
    ]
    plan = planned(example(), example(), history).before
    monday = Hours(OPENS, CLOSES)
    assert {day: [(each.contact, each.at_ms) for each in comings] for day, comings in plan.days.items()} == {
        monday: [("c1", OPENS + 5 * MINUTE_MS), ("c4", OPENS - MINUTE_MS)],
        TUESDAY: [("c5", TUESDAY.opens_ms - MINUTE_MS)],
    }
    assert plan.outside == 2


def test_both_strategies_meet_the_same_residents(tmp_path: Path) -> None:
    """A contact that both strategies queue has the same patience and the same work under both; others are left out."""
    draft = graffiti(tmp_path)
    plans = planned(example(), draft, [*busy_day("BAR.FSK"), contact(999, at_ms=OPENS + 1)])
    (before,), (after,) = plans.before.days.values(), plans.after.days.values()
    kept = [(each.contact, each.patience_ms, each.service_ms) for each in before if each.contact != "c999"]
    assert [(each.contact, each.patience_ms, each.service_ms) for each in after] == kept
    assert len(before) == len(after) + 1


def test_equal_strategies_give_equal_floors(tmp_path: Path) -> None:
    """With nothing changed every figure of both floors is the same."""
    floor = simulated(tmp_path, example(), example(), busy_day(), 3)
    assert floor.before == floor.after
    assert floor.before.live == 200
    assert (floor.agents, floor.agent_h, floor.days) == (3, 27.0, 1)


def test_contacts_that_are_handed_over_free_the_floor(tmp_path: Path) -> None:
    """Without the graffiti calls two agents have less to do, answer more of the others and lose fewer."""
    other = [
        contact(1000 + n, "GAT.BEL", at_ms=OPENS + n * 4 * MINUTE_MS + 1, topic_confidence=100) for n in range(120)
    ]
    floor = simulated(tmp_path, example(), graffiti(tmp_path), [*busy_day(), *other], 2)
    old, new = floor.before, floor.after
    assert (old.live, new.live) == (320, 120)
    assert new.work_h < old.work_h
    assert new.needed < old.needed
    assert (new.abandonment or 0) < (old.abandonment or 0)
    assert sum(queue.live for queue in old.queues) == 320


def test_erlang_asks_for_a_crew_and_for_none() -> None:
    """A busy day needs some agents, a floor that nobody comes to needs none."""
    plans = planned(example(), example(), busy_day())
    assert needed(plans.before) >= 3
    assert needed(planned(example(), example(), []).before) == 0


PLAN = """
[[shift]]
skills = { gata = 3 }
hours = "08:00-12:00"
days = ["mon"]
agents = 2

[[shift]]
teams = ["servicecenter"]
"""


def test_a_staffing_plan_says_who_is_at_work(tmp_path: Path) -> None:
    """Shifts have their hours, days, teams and number; without them they cover the day, the week and every team."""
    path = tmp_path / "crew.toml"
    _ = path.write_text(PLAN, encoding="utf-8")
    crew = read_crew(path, example())
    assert (crew.agents, crew.source) == (3, "crew.toml")
    monday = crew.duties(Hours(OPENS, CLOSES), example())
    assert [(duty.begins_ms, duty.ends_ms) for duty in monday] == [(OPENS, OPENS + 4 * 3_600_000)] * 2 + [
        (OPENS, CLOSES)
    ]
    assert monday[0].skills == {"gata": 3}
    assert monday[2].teams == ("servicecenter",)
    assert len(crew.duties(TUESDAY, example())) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[shift]]\nskills = { flying = 1 }", 'shift 1: no skill "flying"'),
        ('[[shift]]\nteams = ["x"]', 'no team "x"'),
        ('[[shift]]\ndays = ["monday"]', 'no day "monday"'),
        ('[[shift]]\nhours = "8-17"', "expected hours"),
        ("[[shift]]\nagents = 0", "expected 1 agent or more"),
        ("[[shift]]\nwage = 3", "unknown field"),
        ("shift = 3", "Expected `array`"),
        ("nonsense", "Expected '='"),
        ("", "missing required field"),
    ],
)
def test_a_plan_with_a_mistake_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """Each mistake names the file, the shift and what was expected."""
    path = tmp_path / "crew.toml"
    _ = path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=says.replace("(", r"\(")) as error:
        read_crew(path, example())
    assert "crew.toml" in error.value.detail


def test_a_plan_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A file that can't be opened is an error, not a crew of nobody."""
    with pytest.raises(ConfigurationError, match="No such file"):
        _ = read_crew(tmp_path / "none.toml", example())
    assert Crew((), "empty").agents == 0
