"""Ways out of waiting, as tables: who fits which, in what order, and when a route's time has come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.exits import can_take, first_fitting, route_exits
from router.model import OpenContact
from rules.organisation import Exit
from rules.strategy import ExitWay, RouteStep

CALLBACK, WRITTEN, UNIT = Exit("callback"), Exit("written"), Exit("unit", "gata")
LIVE = ["voice", "messaging", "in_person"]
ways = st.sampled_from([CALLBACK, WRITTEN, UNIT, Exit("unit")])
contacts = st.builds(
    OpenContact,
    medium=st.sampled_from([*LIVE, "written"]),
    ways=st.sampled_from(["", "phone", "email", "phone,email"]),
    has_text=st.integers(0, 1),
    contents=st.integers(1, 3),
    callback_state=st.sampled_from(["", "promised", "due", "dialling", "no_answer", "kept", "given_up"]),
)


@pytest.mark.parametrize(
    ("way", "medium", "by", "has_text", "contents", "fits"),
    [
        (CALLBACK, "voice", "phone", 0, 1, True),
        (CALLBACK, "messaging", "phone,email", 1, 1, True),
        (CALLBACK, "voice", "", 0, 1, False),
        (CALLBACK, "voice", "email", 0, 1, False),
        (CALLBACK, "written", "phone", 1, 1, False),
        (WRITTEN, "messaging", "email", 1, 1, True),
        (WRITTEN, "messaging", "email", 0, 2, True),
        (WRITTEN, "messaging", "email", 0, 1, False),
        (WRITTEN, "messaging", "phone", 1, 1, False),
        (WRITTEN, "written", "email", 1, 1, False),
        (UNIT, "voice", "", 0, 1, True),
        (UNIT, "written", "", 0, 1, True),
        (Exit("unit"), "voice", "phone", 1, 1, False),
    ],
)
def test_a_way_fits_who_can_be_reached_by_it(
    way: Exit, medium: str, by: str, has_text: int, contents: int, fits: bool
) -> None:
    """A call needs a number, a written answer an address and words, a unit nothing but its name."""
    contact = OpenContact(medium=medium, ways=by, has_text=has_text, contents=contents)
    assert can_take(way, contact) is fits


@pytest.mark.parametrize(
    ("state", "fits"), [("", True), ("kept", True), ("given_up", True), ("promised", False), ("due", False)]
)
def test_a_call_is_promised_once_at_a_time(state: str, fits: bool) -> None:
    """Who is to be called already leaves by no second call."""
    assert can_take(CALLBACK, OpenContact(medium="voice", ways="phone", callback_state=state)) is fits


@given(st.lists(ways), contacts)
def test_the_first_that_fits_is_taken(exits: list[Exit], contact: OpenContact) -> None:
    """None before it fits; when none fits at all, the contact stays with a person."""
    taken = first_fitting(exits, contact)
    fitting = [each for each in exits if can_take(each, contact)]
    assert taken == (fitting[0] if fitting else None)


@given(
    st.lists(st.tuples(st.integers(0, 900), st.sampled_from(["", "callback", "written", "unit"]))),
    st.integers(0, 1_000_000),
)
def test_a_step_leads_out_when_its_time_has_come(steps: list[tuple[int, ExitWay]], waited_ms: int) -> None:
    """Earliest first, exactly those whose seconds have passed; steps that only widen are none."""
    route = [RouteStep(at_s, exit=way, unit="gata" if way == "unit" else "") for at_s, way in steps]
    due = sorted(
        (step.at_s, number) for number, step in enumerate(route) if step.exit and step.at_s * 1000 <= waited_ms
    )
    assert [each.way for each in route_exits(route, waited_ms)] == [route[number].exit for _, number in due]
