"""The floor's figures: who waits, for how long, and an estimate that is honest about not knowing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.figures import measure, wait_estimate_s
from router.floor import FloorState, Seat
from router.journal import AgentRecord, Asks


def test_nobody_at_work_gives_no_estimate() -> None:
    """Without agents the wait is unknown, not zero and not infinite."""
    assert wait_estimate_s(3, 0, 300) is None


def test_the_estimate_is_the_published_sum() -> None:
    """QLr: with 2 agents of 300 s and 300 s patience, the second in line waits 1/(2/300) + 1/(3/300) = 250 s."""
    assert wait_estimate_s(1, 2, 300, 300) == 250


@given(st.integers(0, 200), st.integers(1, 50))
def test_more_waiting_never_shortens_and_more_agents_never_lengthen(waiting: int, agents: int) -> None:
    """The estimate grows with the queue and falls with the crew."""
    here = wait_estimate_s(waiting, agents, 300) or 0

    assert (wait_estimate_s(waiting + 1, agents, 300) or 0) >= here
    assert (wait_estimate_s(waiting, agents + 1, 300) or 0) <= here


@pytest.mark.parametrize(("skills", "nobody", "able"), [({}, 2, 0), ({"finska": 3}, 0, 1)])
def test_a_queue_tells_when_nobody_at_work_may_take_its_contacts(
    skills: dict[str, int], nobody: int, able: int
) -> None:
    """`no_one_possible` counts the waiting contacts that no logged-in agent has the skills for."""
    floor = FloorState({})
    floor.asks["b"] = Asks("finska", "phone", "voice", 1, (("finska", 3),))
    floor.place("c1", "b", 1_000, 3)
    floor.place("c2", "b", 2_000, 3)
    seat = Seat(presence="available", is_alive=True, is_connected=True, work={}, cooling={})
    floor.seat("a1", seat, AgentRecord(skills=skills, capacity={"phone": 1}))

    row = measure(floor, 5_000).queues[0]

    assert (row.waiting, row.oldest_at, row.no_one_possible, row.able) == (2, 1_000, nobody, able)
    assert (row.wait_estimate_s is None) == (able == 0)
