import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import InputError
from router.measures.staffing import Expected, Goal, Offered, erlang_a, erlang_b, erlang_c, expect, staff

CALLS = Offered(100 / 1800, 180)
IMPATIENT = Offered(100 / 1800, 180, 300)
LOADS = st.builds(
    Offered,
    arrivals_per_s=st.floats(1e-4, 0.5),
    handling_s=st.floats(5, 300),
    patience_s=st.floats(10, 2_000),
)


def test_erlang_b_and_c_give_the_figures_of_independent_packages() -> None:
    """100 calls in half an hour, 180 s each, 14 agents: every published digit."""
    found = erlang_c(CALLS, 14)
    assert found.wait_probability == pytest.approx(0.174131933595, abs=5e-13)
    assert found.service_level == pytest.approx(0.888350019179, abs=5e-13)
    assert found.mean_wait_s == pytest.approx(7.835937, abs=5e-7)
    assert found.occupancy == pytest.approx(0.714286, abs=5e-7)
    assert erlang_b(10, 14) == pytest.approx(
        10**14 / math.factorial(14) / sum(10**k / math.factorial(k) for k in range(15))
    )


def test_erlang_a_gives_the_figures_of_independent_packages() -> None:
    """The same load with a patience of 300 s: 13 and 14 agents, to the digits given."""
    found = erlang_a(IMPATIENT, 13)
    assert found.wait_probability == pytest.approx(0.225797, abs=5e-7)
    assert found.abandonment == pytest.approx(0.0249633, abs=5e-8)
    assert found.mean_wait_s / 60 == pytest.approx(0.124817, abs=5e-7)
    assert found.occupancy == pytest.approx(0.750028, abs=5e-7)
    assert found.service_level == pytest.approx(0.858178, abs=5e-7)
    assert erlang_a(IMPATIENT, 14).service_level == pytest.approx(0.916792, abs=5e-7)


def test_more_work_than_agents_waits_for_ever() -> None:
    """An unstable crew is infinite, not a number that looks like one."""
    for agents in (0, 9, 10):
        assert erlang_c(CALLS, agents) == Expected(agents, 1.0, 0.0, math.inf, 1.0, 0.0)
    assert erlang_a(IMPATIENT, 0).abandonment == pytest.approx(1)
    assert erlang_a(IMPATIENT, 0).mean_wait_s == pytest.approx(300)
    assert erlang_a(IMPATIENT, 3).abandonment == pytest.approx(0.7, abs=0.01)


def test_nobody_calls() -> None:
    """No arrivals: nobody waits, one agent keeps every goal."""
    for patience in (None, 300.0):
        found = expect(Offered(0, 180, patience), 2)
        assert (found.service_level, found.mean_wait_s, found.occupancy) == (1.0, 0.0, 0.0)
        assert staff(Offered(0, 180, patience)).agents == 1


def test_the_crew_is_the_smallest_that_keeps_the_goal() -> None:
    """80 in 20 with at most 85 % busy: 14 agents, 13 when callers may leave; 30 % shrinkage puts 20 on the schedule."""
    crew = staff(CALLS, Goal(shrinkage=0.3))
    assert (crew.agents, crew.scheduled) == (14, 20)
    assert staff(IMPATIENT).agents == 12 + (erlang_a(IMPATIENT, 12).service_level < 0.8)
    assert staff(CALLS, Goal(occupancy=0.5)).agents == 20
    assert staff(CALLS, Goal(service_level=0)).agents == 12
    assert staff(Offered(10, 180)).agents <= 1_800 / 0.85 + 1


@given(LOADS, st.integers(1, 60))
def test_every_agent_more_makes_it_better(offered: Offered, agents: int) -> None:
    """Fewer wait, shorter, fewer leave, more in time, less busy; and shares are shares."""
    for kind in (erlang_c, erlang_a):
        few, more = kind(offered, agents), kind(offered, agents + 1)
        assert more.wait_probability <= few.wait_probability + 1e-9
        assert more.mean_wait_s <= few.mean_wait_s + 1e-9
        assert more.abandonment <= few.abandonment + 1e-9
        assert more.service_level >= few.service_level - 1e-9
        assert more.occupancy <= few.occupancy + 1e-9
        for share in (few.wait_probability, few.service_level, few.occupancy, few.abandonment):
            assert -1e-12 <= share <= 1 + 1e-12


@given(LOADS, st.integers(1, 60))
def test_what_is_served_is_what_does_not_leave(offered: Offered, agents: int) -> None:
    """Busy agents = arrivals that stayed x handling (Little's law)."""
    found = erlang_a(offered, agents)
    assert found.occupancy * agents == pytest.approx(offered.load * (1 - found.abandonment), rel=1e-6, abs=1e-9)
    assert found.abandonment * offered.arrivals_per_s == pytest.approx(
        found.mean_wait_s * offered.arrivals_per_s / (offered.patience_s or 1), rel=1e-6, abs=1e-12
    )


@given(st.floats(1e-3, 0.1), st.floats(10, 200))
def test_endless_patience_is_erlang_c(arrivals_per_s: float, handling_s: float) -> None:
    """The longer residents wait, the nearer Erlang A comes to Erlang C."""
    agents = math.ceil(arrivals_per_s * handling_s * 1.3) + 1
    patient = erlang_a(Offered(arrivals_per_s, handling_s, 1e8), agents)
    endless = erlang_c(Offered(arrivals_per_s, handling_s), agents)
    assert patient.service_level == pytest.approx(endless.service_level, abs=1e-4)
    assert patient.wait_probability == pytest.approx(endless.wait_probability, abs=1e-4)


@given(LOADS, st.floats(0.1, 0.99), st.floats(0.3, 1.0))
def test_one_agent_less_would_miss_the_goal(offered: Offered, level: float, occupancy: float) -> None:
    """The crew keeps the goal, the next smaller one does not."""
    goal = Goal(service_level=level, occupancy=occupancy)
    crew = staff(offered, goal)
    assert crew.expected.service_level >= level
    assert crew.expected.occupancy <= occupancy
    if crew.agents > 1:
        less = expect(offered, crew.agents - 1)
        assert less.service_level < level or less.occupancy > occupancy


@pytest.mark.parametrize(
    ("offered", "field"),
    [
        (Offered(-1, 180), "arrivals_per_s"),
        (Offered(math.nan, 180), "arrivals_per_s"),
        (Offered(1, 0), "handling_s"),
        (Offered(1, math.inf), "handling_s"),
        (Offered(1, 180, 0), "patience_s"),
    ],
)
def test_figures_that_mean_nothing_are_named(offered: Offered, field: str) -> None:
    """Bad input names its field."""
    with pytest.raises(InputError) as caught:
        expect(offered, 3)
    assert caught.value.field == field


def test_goals_that_mean_nothing_are_named() -> None:
    """A goal of 100 %, no patience for Erlang A, a negative crew, a goal beyond any crew."""
    for goal, field in (
        (Goal(service_level=1), "service_level"),
        (Goal(occupancy=0), "occupancy"),
        (Goal(shrinkage=1), "shrinkage"),
        (Goal(within_s=-1), "within_s"),
    ):
        with pytest.raises(InputError) as caught:
            staff(CALLS, goal)
        assert caught.value.field == field
    with pytest.raises(InputError):
        erlang_a(CALLS, 3)
    with pytest.raises(InputError):
        erlang_b(3, -1)
