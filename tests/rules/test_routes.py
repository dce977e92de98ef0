from hypothesis import given, settings
from hypothesis import strategies as st

from rules.routes import merge
from rules.strategy import RouteStep
from tests.rules.rules_samples import steps

some_steps = st.lists(steps, max_size=6).map(tuple)
Steps = tuple[RouteStep, ...]


def pool(route: Steps, at_s: int) -> tuple[int, bool, frozenset[str]]:
    """What has been opened after so long a wait."""
    due = [step for step in route if step.at_s <= at_s]
    teams = frozenset(team for step in due for team in step.teams)
    return min((step.level for step in due), default=0), any(step.drop for step in due), teams


def ways(route: Steps) -> set[tuple[int, str, str]]:
    """When and how it may be left."""
    return {(step.at_s, step.exit, step.unit) for step in route if step.exit}


@settings(max_examples=300, deadline=None)
@given(some_steps, some_steps, some_steps)
def test_merging_knows_no_order_and_no_brackets(a: Steps, b: Steps, c: Steps) -> None:
    """Steps of several rules give the same route however they are grouped, ordered or repeated."""
    whole = merge((*a, *b, *c))

    assert merge((*c, *a, *b)) == whole
    assert merge((*merge((*a, *b)), *c)) == whole
    assert merge((*a, *merge((*b, *c)))) == whole
    assert merge(whole) == whole


@settings(max_examples=300, deadline=None)
@given(some_steps, st.sampled_from([0, 5, 10, 60, 100, 300, 999]))
def test_at_every_moment_the_pool_is_all_that_was_opened(a: Steps, at_s: int) -> None:
    """The last merged step that is due holds everything that any step has opened by then."""
    due = [step for step in merge(a) if step.at_s <= at_s]
    last = pool(tuple(due[-1:]), at_s)

    assert last == pool(a, at_s)


@settings(max_examples=300, deadline=None)
@given(some_steps, some_steps)
def test_exits_keep_their_time(a: Steps, b: Steps) -> None:
    """No exit is lost, moved or invented, and more steps never close what fewer had opened."""
    assert ways(merge((*a, *b))) == ways(a) | ways(b)
    for at_s in (0, 10, 60, 300):
        level, drop, teams = pool(merge(a), at_s)
        wider_level, wider_drop, wider_teams = pool(merge((*a, *b)), at_s)
        assert wider_level <= level
        assert wider_drop >= drop
        assert wider_teams >= teams


def test_exits_of_one_moment_are_tried_in_one_order() -> None:
    """Calling back comes before writing, writing before somebody else; each keeps the pool that is open by then."""
    route = merge(
        (
            RouteStep(60, exit="unit", unit="gata"),
            RouteStep(60, exit="written"),
            RouteStep(30, level=-1, teams=("south",)),
            RouteStep(60, exit="callback"),
            RouteStep(60, teams=("north",)),
        )
    )

    assert [(step.at_s, step.exit) for step in route] == [(30, ""), (60, "callback"), (60, "written"), (60, "unit")]
    assert {(step.level, step.teams) for step in route[1:]} == {(-1, ("north", "south"))}
    assert route[0].teams == ("south",)


def test_steps_that_change_nothing_are_left_out() -> None:
    """Nothing is woken up for a step that opens nobody."""
    assert merge((RouteStep(10), RouteStep(20, level=-1), RouteStep(30, level=-1))) == (RouteStep(20, level=-1),)
