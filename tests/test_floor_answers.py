"""What others ask the floor: chores, contacts that nobody can take, how evenly work falls, who comes back slowly."""

import pytest

from router.fairness import LEAST_MS, WINDOW_MS, Fairness
from router.floor import Chore, FloorState, Ramp
from router.journal import Entry, EntryData
from router.lifecycle import Transition
from tests.floor_makers import NOW, Waiting, asks_of, floor_of, paired, put, worker

CALL, MAIL = ("phone", "voice", "leg"), ("email", "written", "leg")
STILL = ("email", "written", "interrupted")


def told(floor: FloorState, command: str, moved: Transition, data: EntryData, *, at: int = NOW) -> None:
    """An entry of the journal."""
    floor.apply(Entry(1, 1, at, command, (moved,), data))


def shows(floor: FloorState, agent: str, before: str, after: str, at: int) -> None:
    """The agent's presence changes."""
    moved = Transition("presence", agent, 2, before, "x", after)
    told(floor, "set_presence", moved, EntryData(agent=agent), at=at)


# Chores --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("work", "can_interrupt", "chores"),
    [
        ((MAIL, CALL), True, [Chore("a-0", "a", is_resume=False)]),
        ((MAIL, CALL), False, []),
        ((MAIL, ("phone", "voice", "offer")), True, []),
        ((MAIL, ("phone", "voice", "wrap")), True, [Chore("a-0", "a", is_resume=False)]),
        ((MAIL, ("phone", "voice", "parked")), True, []),
        ((STILL, CALL), True, []),
        ((STILL, ("phone", "voice", "offer")), True, [Chore("a-0", "a", is_resume=True)]),
        ((STILL,), False, [Chore("a-0", "a", is_resume=True)]),
        ((MAIL,), True, []),
    ],
)
def test_written_work_stands_still_under_live_work(
    work: tuple[tuple[str, str, str], ...], chores: list[Chore], *, can_interrupt: bool
) -> None:
    """It is interrupted while live work is in hand, where the profile says so, and resumed when none is left."""
    floor = floor_of([worker("a", work=work, can_interrupt=can_interrupt)], [])
    assert floor.chores() == chores
    assert floor.chores() == []


def test_a_chore_that_could_not_be_sent_is_named_again() -> None:
    """The store was away for a moment."""
    floor = floor_of([worker("a", work=(MAIL, CALL), can_interrupt=True)], [])
    (chore,) = floor.chores()
    floor.unsettle(chore.agent)
    assert floor.chores() == [chore]


def test_accepting_a_call_makes_the_mail_stand_still_and_its_end_lets_it_go_on() -> None:
    """As the journal tells it: accept, interrupt, finish, resume."""
    floor = floor_of([worker("a", work=(MAIL,), can_interrupt=True)], [Waiting("c1", asks_of("phone"), 1)])
    assert paired(floor) == {"c1": "a"}
    said = EntryData(contact="c1", agent="a", channel="phone", medium="voice")
    told(floor, "issue_offer", Transition("contact", "c1", 4, "queued", "offer", "offered"), said)
    assert floor.chores() == []
    told(floor, "accept_offer", Transition("contact", "c1", 5, "offered", "accept", "with_agent"), said)
    assert floor.chores() == [Chore("a-0", "a", is_resume=False)]
    still = Transition("leg", "a-0.l1", 3, "connected", "interrupt", "interrupted")
    told(floor, "interrupt_leg", still, EntryData(contact="a-0", agent="a"))
    assert floor.chores() == []
    told(floor, "finish_work", Transition("contact", "c1", 6, "with_agent", "close", "closed"), said)
    assert floor.chores() == [Chore("a-0", "a", is_resume=True)]


# Nobody can ever -----------------------------------------------------------------------------------------------


def impossible(floor: FloorState) -> list[str]:
    """The contacts that nobody who is logged in can ever take."""
    return sorted(contact for _, contacts in floor.impossible() for contact in contacts)


def test_whom_nobody_can_ever_take() -> None:
    """Away counts as here, offline does not; a wider ring makes it possible before it opens."""
    finnish = worker("f", skills={"finnish": 3})
    floor = floor_of([worker("a"), finnish], [Waiting("c1", asks_of("phone", {"finnish": 2}), 1)])
    assert impossible(floor) == []
    shows(floor, "f", "available", "away", NOW)
    assert impossible(floor) == []
    shows(floor, "f", "away", "offline", NOW)
    assert impossible(floor) == ["c1"]
    assert paired(floor) == {}
    shows(floor, "f", "offline", "away", NOW)
    assert impossible(floor) == []


def test_a_skill_that_is_taken_away_makes_it_impossible() -> None:
    """The only one who had it has it no more."""
    finnish = worker("f", skills={"finnish": 3})
    floor = floor_of([finnish], [Waiting("c1", asks_of("phone", {"finnish": 2}), 1)])
    assert impossible(floor) == []
    floor.put_agent("f", worker("f").record)
    assert impossible(floor) == ["c1"]


def test_what_waits_for_one_agent_is_impossible_without_that_agent() -> None:
    """Others who could take it do not count; work that is pulled counts like any other."""
    floor = floor_of([worker("a"), worker("b")], [Waiting("own", asks_of("phone", agent="b"), 1)])
    put(floor, Waiting("pulled", asks_of("email", is_pulled=True), 1))
    assert impossible(floor) == []
    shows(floor, "b", "available", "offline", NOW)
    assert impossible(floor) == ["own"]
    shows(floor, "a", "available", "offline", NOW)
    assert impossible(floor) == ["own", "pulled"]


# Coming back slowly --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("absence_ms", "before", "is_slow"), [(299, "away", False), (300, "away", True), (300, "draining", False)]
)
def test_a_long_absence_ends_slowly(absence_ms: int, before: str, *, is_slow: bool) -> None:
    """After five minutes away a second chat waits two minutes, or until the first is done."""
    floor = FloorState({}, ramp=Ramp(300, 120))
    anna = worker("a")
    floor.seat("a", anna.seat, anna.record)
    shows(floor, "a", "available", before, NOW - absence_ms)
    shows(floor, "a", before, "available", NOW)
    put(floor, Waiting("c1", asks_of("chat"), 1))
    assert paired(floor) == {"c1": "a"}
    said = EntryData(contact="c1", agent="a", channel="chat", medium="messaging")
    told(floor, "issue_offer", Transition("contact", "c1", 4, "queued", "offer", "offered"), said)
    put(floor, Waiting("c2", asks_of("chat"), 2))
    assert paired(floor) == ({} if is_slow else {"c2": "a"})
    assert paired(floor, NOW + 119) == {}
    assert paired(floor, NOW + 120) == ({"c2": "a"} if is_slow else {})


# Fairness ------------------------------------------------------------------------------------------------------


def over_an_hour(*given: int) -> Fairness:
    """Agents a, b, ... who were available for the whole hour and got so many contacts each."""
    fairness = Fairness()
    fairness.observe_from(NOW)
    for name, count in zip("abcdef", given, strict=False):
        fairness.show(name, NOW, is_available=True)
        for number in range(count):
            fairness.give(name, NOW + 1 + number)
    return fairness


@pytest.mark.parametrize(("given", "index"), [((5, 5, 5), 1.0), ((9, 0, 0), 1 / 3), ((3, 1), 0.8), ((0, 0), None)])
def test_fairness_is_jains_index(given: tuple[int, ...], index: float | None) -> None:
    """Alike is 1, all to one of n is 1 / n, nothing given is no figure."""
    found = over_an_hour(*given).index(["abcdef"[: len(given)]], NOW + LEAST_MS)
    assert found == (None if index is None else pytest.approx(index))


def test_fairness_counts_by_the_time_that_somebody_was_available() -> None:
    """Half the contacts in half the time is fair; classes are weighed by their agents; an hour is all that counts."""
    fairness = over_an_hour(4, 2, 3, 1)
    half = NOW + WINDOW_MS // 2
    fairness.show("b", half, is_available=False)
    assert fairness.index(["ab"], NOW + WINDOW_MS - 1_000) == pytest.approx(1.0, abs=0.001)
    assert fairness.index(["ab", "cd"], NOW + WINDOW_MS - 1_000) == pytest.approx(0.9, abs=0.001)
    assert fairness.index(["ab", "cd"], NOW + 2 * WINDOW_MS + 100) is None


def test_who_has_just_come_says_nothing_about_fairness() -> None:
    """A quarter of an hour must have been seen of at least two."""
    fairness = over_an_hour(1, 3)
    assert fairness.index(["ab"], NOW + LEAST_MS - 1) is None
    assert fairness.index(["a"], NOW + LEAST_MS) is None


def test_the_floor_tells_fairness_from_the_journal() -> None:
    """Offers taken count, by profile class."""
    floor = floor_of([worker("a"), worker("b")], [])
    shows(floor, "a", "available", "available", NOW)
    for number in range(4):
        said = EntryData(contact=f"c{number}", agent="a", channel="phone", medium="voice")
        moved = Transition("contact", f"c{number}", 5, "offered", "accept", "with_agent")
        told(floor, "accept_offer", moved, said, at=NOW + 1)
    assert floor.fairness(NOW + LEAST_MS) == pytest.approx(0.5)
