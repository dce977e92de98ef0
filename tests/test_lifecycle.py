"""The state machines: whole, closed, final where they must be, and drawn from the same tables."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import TransitionRefused
from router.lifecycle import MACHINES, NEW, WAITING, Transition, advance, is_final, mermaid, moves

STATES = {
    "contact": "received decided queued offered with_agent parked callback handed_over answered"
    " closed abandoned cancelled",
    "leg": "connecting connected on_hold interrupted wrapping_up ended",
    "offer": "issued accepted declined expired revoked failed_setup",
    "presence": "available away draining offline",
    "lease": "alive lost",
    "callback": "promised due dialling connected no_answer kept given_up superseded",
    "handover": "offered accepted returned withdrawn done",
    "closure_notice": "owed sent delivered failed given_up",
    "sending": "owed sent failed delivered",
    "case": "new_case ongoing suspended closed",
    "strategy": "draft checked simulated approved in_folder refused withdrawn",
    "activation": "active superseded expired rolled_back withdrawn",
}
"""Written out a second time, on purpose: the table may not lose a state unnoticed."""
FINAL = {
    "contact": {"closed", "abandoned", "cancelled"},
    "leg": {"ended"},
    "offer": {"declined", "expired", "revoked", "failed_setup"},
    "presence": set[str](),
    "lease": set[str](),
    "callback": {"kept", "given_up", "superseded"},
    "handover": {"returned", "withdrawn", "done"},
    "closure_notice": {"delivered", "given_up"},
    "sending": {"delivered"},
    "case": set[str](),
    "strategy": {"approved", "in_folder", "refused", "withdrawn"},
    "activation": {"rolled_back", "withdrawn"},
}
ROWS = [
    (machine, before, event, after)
    for machine, table in MACHINES.items()
    for before, row in table.items()
    for event, after in row.items()
]
EVENTS = {machine: sorted({event for row in table.values() for event in row}) for machine, table in MACHINES.items()}
REFUSED = [
    (machine, state, event)
    for machine, table in MACHINES.items()
    for state, row in table.items()
    for event in sorted({event for events in EVENTS.values() for event in events})
    if event not in row
]


def test_every_machine_has_its_states_and_no_others() -> None:
    """The tables hold the machines and states that the service promises, and `new` before the first."""
    assert {machine: set(table) for machine, table in MACHINES.items()} == {
        machine: {NEW, *states.split()} for machine, states in STATES.items()
    }


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_is_reached_and_every_move_ends_in_a_state(machine: str) -> None:
    """No row leads out of the table, and no state is there that nothing leads to."""
    table = MACHINES[machine]
    reached = {after for row in table.values() for after in row.values()}
    assert reached == set(table) - {NEW}


@pytest.mark.parametrize("machine", MACHINES)
def test_final_states_are_the_agreed_ones(machine: str) -> None:
    """What is over stays over, and everything else can go on."""
    assert {state for state in MACHINES[machine] if is_final(machine, state)} == FINAL[machine]


@pytest.mark.parametrize("machine", [machine for machine, final in FINAL.items() if final])
def test_from_every_state_there_is_a_way_to_the_end(machine: str) -> None:
    """Nothing can get stuck by its table: each state leads to a final one."""
    ending = set(FINAL[machine])
    while True:
        more = {state for state, row in MACHINES[machine].items() if ending & set(row.values())} - ending
        if not more:
            break
        ending |= more
    assert ending == set(MACHINES[machine])


@pytest.mark.parametrize(("machine", "before", "event", "after"), ROWS)
def test_every_row_is_a_move(machine: str, before: str, event: str, after: str) -> None:
    """A row of the table is what `advance` does."""
    assert advance(machine, before, event) == after


@pytest.mark.parametrize("machine", MACHINES)
def test_every_pair_without_a_row_is_refused(machine: str) -> None:
    """Whatever no row allows is refused, and the error names the machine, the state and the event."""
    pairs = [(state, event) for known, state, event in REFUSED if known == machine]
    for state, event in pairs:
        with pytest.raises(TransitionRefused) as refused:
            advance(machine, state, event)
        assert refused.value.params == {"machine": machine, "state": state or "new", "event": event}
    assert len(pairs) > len(MACHINES[machine])


def test_an_unknown_machine_or_state_is_refused_too() -> None:
    """A name that stands in no table moves nothing."""
    with pytest.raises(TransitionRefused):
        advance("printer", "ready", "print")
    with pytest.raises(TransitionRefused):
        advance("contact", "lost", "offer")


@pytest.mark.parametrize("machine", MACHINES)
def test_moves_give_every_before_and_after_of_an_event(machine: str) -> None:
    """Put together, the moves of all events are the table again."""
    told = {(before, event, after) for event in EVENTS[machine] for before, after in moves(machine, event).items()}
    assert told == {(before, event, after) for known, before, event, after in ROWS if known == machine}
    assert moves(machine, "explode") == {}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_drawing_shows_every_row_and_every_end(machine: str) -> None:
    """The mermaid diagram has one arrow for each row, one for each final state, and no others."""
    first, *arrows = mermaid(machine).splitlines()
    rows = {f"    {before or '[*]'} --> {after}: {event}" for known, before, event, after in ROWS if known == machine}
    ends = {f"    {state} --> [*]" for state in FINAL[machine]}
    assert first == "stateDiagram-v2"
    assert len(arrows) == len(set(arrows))
    assert set(arrows) == rows | ends


def test_tables_cannot_be_changed() -> None:
    """Nobody adds a move while the service runs."""
    with pytest.raises(TypeError):
        MACHINES["contact"]["closed"]["reopen"] = "queued"  # pyright: ignore[reportIndexIssue] - the point of the test


@given(st.sampled_from(sorted(MACHINES)), st.data())
def test_any_walk_stays_in_the_table(machine: str, data: st.DataObject) -> None:
    """Whatever happens, a thing is always in a known state, and only an undoing leaves a final one."""
    state = NEW
    walked: list[Transition] = []
    for event in data.draw(st.lists(st.sampled_from(EVENTS[machine]), max_size=30)):
        try:
            after = advance(machine, state, event)
        except TransitionRefused:
            continue
        walked.append(Transition(machine, "x", len(walked) + 1, state, event, after))
        assert not is_final(machine, state) or event == "undo"
        state = after
    assert state in MACHINES[machine]
    assert all(earlier.after == later.before for earlier, later in pairwise(walked))


def test_waiting_states_are_contact_states_that_can_be_left() -> None:
    """The states in which a resident waits are open states of a contact."""
    assert set(MACHINES["contact"]) > WAITING
    assert not any(is_final("contact", state) for state in WAITING)
