"""What a channel is told, from states alone."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from router.model import OpenContact, SideLeg
from router.switching import NOT_TOLD, Call, Standing, calls, standing


def at(state: str, leg_state: str = "", *, leg: str = "c.l1", queue: str = "q", to: str = "") -> Standing:
    """How a contact in this state stands."""
    contact = OpenContact(
        id="c", state=state, leg=leg, leg_state=leg_state, agent="anna", queue=queue, transferred_to=to
    )
    return standing(contact, {}, {})


def words(told: Sequence[Call]) -> list[str]:
    """The calls' names."""
    return [call.word for call in told]


def test_a_call_all_the_way() -> None:
    """It waits, is connected, held, taken up again, and ends when it goes into wrap-up."""
    way = [
        at("queued"), at("offered"), at("with_agent", "connecting"), at("with_agent", "connected"),
        at("with_agent", "on_hold"), at("with_agent", "connected"), at("with_agent", "wrapping_up"), at("closed"),
    ]  # fmt: skip
    told = [words(calls(before, now)) for before, now in zip([NOT_TOLD, *way], way, strict=False)]
    assert told == [["wait"], [], ["connect"], [], ["hold"], ["resume"], ["end"], []]


def test_who_is_passed_on_waits_and_is_connected_anew() -> None:
    """A cold transfer is waiting in another queue; the next agent's leg is another connection."""
    assert words(calls(at("with_agent", "connected"), at("queued", queue="other"))) == ["wait"]
    assert words(calls(at("queued"), at("queued", queue="other"))) == ["wait"]
    assert calls(at("with_agent", "connected"), at("with_agent", "connected", leg="c.l2")) == [
        Call("connect", "c.l2", "anna")
    ]


def test_who_goes_on_outside_is_transferred_not_hung_up() -> None:
    """The agent wraps up; the call goes where it was sent, once."""
    before, now = at("with_agent", "connected"), at("with_agent", "wrapping_up", to="gata")
    assert calls(before, now) == [Call("transfer", "c.l1", detail="gata")]
    assert calls(now, at("closed", to="gata")) == []


def test_those_beside_join_and_leave() -> None:
    """A consulted agent speaks, a supervisor listens until they say otherwise; both leave when their leg ends."""
    contact = OpenContact(id="c", state="with_agent", leg="c.l1", leg_state="connected", agent="anna")
    alone = standing(contact, {}, {})
    sides = {
        "c.l2": SideLeg("connected", 2, "consult", "berit", 0),
        "c.l3": SideLeg("connected", 2, "supervisor", "eva", 0),
        "c.l4": SideLeg("connecting", 1, "consult", "cilla", 0),
    }
    both = standing(contact, sides, {})
    assert calls(alone, both) == [Call("join", "c.l2", "berit", "speak"), Call("join", "c.l3", "eva", "listen")]
    assert calls(both, standing(contact, sides, {"c.l3": "speak"})) == [Call("join", "c.l3", "eva", "speak")]
    assert words(calls(both, alone)) == ["leave", "leave"]


STANDINGS = st.builds(
    at,
    st.sampled_from(["queued", "offered", "with_agent", "parked", "handed_over", "closed", "callback"]),
    st.sampled_from(["connecting", "connected", "on_hold", "wrapping_up"]),
    leg=st.sampled_from(["c.l1", "c.l2"]),
    queue=st.sampled_from(["q", "r"]),
)


@given(STANDINGS, STANDINGS, STANDINGS)
def test_told_once_is_enough_and_a_missed_state_does_no_harm(first: Standing, second: Standing, last: Standing) -> None:
    """The same state again is silence; whoever missed the state between is told of the last one all the same."""
    assert calls(last, last) == []
    direct, by_steps = calls(first, last), [*calls(first, second), *calls(second, last)]
    if direct:
        assert direct[-1].word in words(by_steps)


@given(STANDINGS)
def test_whoever_starts_late_is_told_what_matters_now(now: Standing) -> None:
    """A channel that has just started is told of everybody who waits or talks."""
    told = words(calls(NOT_TOLD, now))
    assert ("wait" in told) == (now.phase == "waits")
    assert ("connect" in told) == (now.phase == "talks")
