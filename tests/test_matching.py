"""Matching: who gets what, and why: single rounds, and the rules of any round on any floor."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router import matching, ranking
from router.journal import Ring
from tests.floor_makers import NOW, MadeFloor, Round, Waiting, asks_of, floor_of, floors, paired, planned, worker

# Single rounds -------------------------------------------------------------------------------------------------


def test_the_longest_idle_gets_the_longest_waiting() -> None:
    """Two free agents, three callers: in the order of waiting to the order of idleness."""
    callers = [Waiting(f"c{score}", asks_of("phone"), score) for score in (30, 10, 20)]
    assert paired(floor_of([worker("anna", 200), worker("berit", 100)], callers)) == {"c10": "berit", "c20": "anna"}


def test_class_comes_before_waiting() -> None:
    """An emergency before a call, a call before a mail, however long the others have waited."""
    mail = Waiting("mail", asks_of("email"), 1)
    call = Waiting("call", asks_of("phone"), 2)
    emergency = Waiting("emergency", asks_of("phone", emergency=True), 3)
    floor = floor_of([worker("anna", 100), worker("berit", 200)], [mail, call, emergency])
    assert paired(floor) == {"emergency": "anna", "call": "berit"}


def test_a_head_that_nobody_can_take_blocks_nobody() -> None:
    """The first asks for Finnish, which nobody here speaks; the one behind is served."""
    first = Waiting("first", asks_of("phone", {"finnish": 3}), 1)
    second = Waiting("second", asks_of("phone"), 2)
    assert paired(floor_of([worker("anna")], [first, second])) == {"second": "anna"}


def test_a_head_that_all_the_free_have_declined_blocks_nobody() -> None:
    """Within one bucket too: those behind a declined contact are read as well."""
    waiting = [Waiting(f"c{number}", asks_of("phone"), number) for number in range(9)]
    workers = [worker("anna"), worker("berit", skills={"waste": 1})]
    workers[1].seat.presence = "draining"
    floor = floor_of(workers, waiting, [("anna", f"c{number}") for number in range(8)])
    assert paired(floor) == {"c8": "anna"}


def test_a_scarce_skill_is_kept_for_who_needs_it() -> None:
    """Of two idle agents the one without the rare skill gets the ordinary call, though less idle."""
    floor = floor_of(
        [worker("anna", 100, skills={"finnish": 3}), worker("berit", 200)], [Waiting("c1", asks_of("phone"), 1)]
    )
    assert paired(floor) == {"c1": "berit"}


def test_who_declined_is_asked_again_only_when_nobody_else_is_there() -> None:
    """While a colleague is merely busy the contact waits; when there is none it is offered again, with that reason."""
    call = Waiting("c1", asks_of("phone"), 1)
    busy = worker("berit")
    busy.seat.work["c0"] = ("phone", "voice", "leg")
    assert paired(floor_of([worker("anna"), busy], [call], [("anna", "c1")])) == {}
    alone = floor_of([worker("anna")], [call], [("anna", "c1")])
    (pairing,) = planned(alone)
    assert (pairing.agent, pairing.chosen.reason, pairing.chosen.losers) == ("anna", "nobody_else", {})


@pytest.mark.parametrize(("reserve", "served"), [(0, 3), (1, 2), (2, 1), (3, 0)])
def test_written_work_leaves_the_reserve_idle(reserve: int, served: int) -> None:
    """Three idle agents and three mails: as many are offered as leave the reserve free for calls."""
    mails = [Waiting(f"m{number}", asks_of("email"), number) for number in range(3)]
    assert len(paired(floor_of([worker(name) for name in "abc"], mails, reserve=reserve))) == served


def test_who_does_written_work_only_is_no_reserve() -> None:
    """An agent in written form gets the mail whatever the reserve, and does not count as one."""
    mail = Waiting("m1", asks_of("email"), 1)
    assert paired(floor_of([worker("anna", form="written")], [mail], reserve=5)) == {"m1": "anna"}
    assert paired(floor_of([worker("anna", form="written"), worker("b")], [mail], reserve=1)) == {"m1": "anna"}


def test_mail_that_waits_for_one_agent_leaves_the_reserve_idle_too() -> None:
    """The last idle agent is kept for calls, also from the mail that waits for nobody else."""
    mail = Waiting("m1", asks_of("email", agent="anna"), 1)
    assert paired(floor_of([worker("anna")], [mail], reserve=1)) == {}
    assert paired(floor_of([worker("anna"), worker("berit")], [mail], reserve=1)) == {"m1": "anna"}


def test_an_agent_held_back_by_the_reserve_does_not_hide_one_who_is_not() -> None:
    """The longest idle agent is the reserve; the mail goes to the one in written form, and the record says why."""
    mail = Waiting("m1", asks_of("email"), 1)
    floor = floor_of([worker("anna", 1), worker("berit", 2, form="written")], [mail], reserve=1)

    (pairing,) = planned(floor)

    assert pairing.agent == "berit"
    assert pairing.chosen.losers == {"reserve": 1}


def test_an_offer_on_its_way_takes_its_agent_out_of_the_reserve() -> None:
    """Two idle agents of whom one is just being offered a call: the other is the reserve, the mail waits."""
    floor = floor_of(
        [worker("anna"), worker("berit")],
        [Waiting("c1", asks_of("phone"), 1), Waiting("m1", asks_of("email"), 2)],
        reserve=1,
    )
    floor.hold("c1", "anna")
    assert paired(floor) == {}


# Rings, preferred agents, interruption -------------------------------------------------------------------------


def test_a_ring_opens_with_waiting_and_says_so() -> None:
    """The generalist is not asked before the step's time; afterwards it is, and the record names the ring."""
    asks = asks_of("phone", {"water": 3}, rings=(Ring(5),))
    early = floor_of([worker("anna")], [Waiting("c6", asks, 6)])
    assert paired(early) == {}
    assert paired(early, NOW + 999) == {}
    (pairing,) = planned(early, NOW + 1_000)
    assert (pairing.agent, pairing.chosen.ring) == ("anna", 1)


def test_inner_rings_keep_first_right() -> None:
    """The specialist gets it though less idle, and the record says that the ring decided."""
    asks = asks_of("phone", {"water": 3}, rings=(Ring(5),))
    floor = floor_of([worker("anna", 1), worker("berit", 2, skills={"water": 3})], [Waiting("c1", asks, 1)])
    (pairing,) = planned(floor)
    assert (pairing.agent, pairing.chosen.reason, pairing.chosen.losers) == ("berit", "ring", {"wider_ring": 1})


def test_losers_are_told_by_what_they_lack() -> None:
    """Skill, team, a ring that is not open yet, work in hand: each is counted under its own name."""
    rings = (Ring(60, (("water", 1),), ("north", "south")),)
    asks = asks_of("phone", {"water": 3}, teams=("north",), rings=rings)
    people = [
        worker("a", teams=("north",), skills={"water": 3}),
        worker("b"),
        worker("c", teams=("west",), skills={"water": 3}),
        worker("d", teams=("south",), skills={"water": 3}),
        worker("e", teams=("north",), skills={"water": 3}, work=(("phone", "voice", "leg"),)),
    ]
    (pairing,) = planned(floor_of(people, [Waiting("c1", asks, 1)]))
    assert pairing.chosen.losers == {"skill": 1, "team": 1, "ring_not_open": 1, "busy": 1}


def test_what_waits_for_one_agent_is_offered_to_that_agent_alone_in_its_turn() -> None:
    """A colleague gets what comes later; the agent takes the older of the own contact and everybody's."""
    own, general = asks_of("phone", agent="berit"), asks_of("phone")
    floor = floor_of([worker("anna"), worker("berit", 9)], [Waiting("own", own, 1), Waiting("next", general, 2)])
    pairings = planned(floor)
    assert {each.contact: each.agent for each in pairings} == {"own": "berit", "next": "anna"}
    assert (pairings[0].chosen.reason, pairings[0].chosen.losers) == ("preferred", {"not_preferred": 1})
    older = floor_of([worker("berit")], [Waiting("own", own, 2), Waiting("older", general, 1)])
    assert paired(older) == {"older": "berit"}


def test_what_one_agent_has_declined_waits_for_its_limit() -> None:
    """Nobody else exists in the agent's own bucket, but everybody does behind it: it is not offered again at once."""
    own = Waiting("own", asks_of("phone", agent="berit"), 1)
    assert paired(floor_of([worker("berit"), worker("anna")], [own], [("berit", "own")])) == {}


def test_what_is_pulled_is_never_offered() -> None:
    """An idle agent with every skill is not asked."""
    assert paired(floor_of([worker("anna")], [Waiting("c1", asks_of("email", is_pulled=True), 1)])) == {}


def test_written_work_stands_still_for_a_call_only_where_the_profile_says_so() -> None:
    """Somebody with nothing in hand comes first, though less idle; then who may be interrupted; never the others."""
    mail = (("email", "written", "leg"),)
    calls = [Waiting(f"c{number}", asks_of("phone"), number) for number in range(3)]
    people = [
        worker("anna", 1, work=mail),
        worker("berit", 2, work=mail, can_interrupt=True),
        worker("cecilia", 3, can_interrupt=True),
    ]
    pairings = planned(floor_of(people, calls))
    assert [(each.agent, each.chosen.reason) for each in pairings] == [("cecilia", "spared"), ("berit", "interrupts")]


def test_written_work_is_held_in_a_crisis_and_offered_after_it() -> None:
    """Calls and emergencies go on; with the end of the crisis the mail is planned again."""
    waiting = [Waiting("mail", asks_of("email"), 1), Waiting("fire", asks_of("email", emergency=True), 2)]
    floor = floor_of([worker("anna"), worker("berit")], waiting)
    floor.is_written_held = True
    assert set(paired(floor)) == {"fire"}
    floor.hold("fire", "anna")
    floor.is_written_held = False
    assert paired(floor) == {"mail": "berit"}


def test_written_work_of_one_queue_is_held_and_offered_again() -> None:
    """A floor rule holds the mail of its own queue only; let go, that mail is planned again."""
    waiting = [Waiting("held", asks_of("email", queue="gata"), 1), Waiting("mail", asks_of("email", queue="bygg"), 2)]
    floor = floor_of([worker("anna"), worker("berit")], waiting)
    floor.hold_queues(frozenset({"gata"}))
    assert set(paired(floor)) == {"mail"}
    floor.hold("mail", "anna")
    floor.hold_queues(frozenset())
    assert paired(floor) == {"held": "berit"}


def test_who_comes_back_gets_one_thing_at_a_time() -> None:
    """A second chat only once the ramp is over; then it is planned without anybody asking."""
    back = worker("anna", work=(("chat", "messaging", "leg"),))
    back.seat.ramp_until = NOW + 100
    floor = floor_of([back], [Waiting("c1", asks_of("chat"), 1)])
    assert paired(floor) == {}
    assert floor.next_wake == NOW + 100
    assert paired(floor, NOW + 100) == {"c1": "anna"}


# Any floor -----------------------------------------------------------------------------------------------------


@settings(max_examples=600, deadline=None)
@given(floors())
def test_any_round_keeps_the_rules(made: MadeFloor) -> None:
    """Nobody twice, nobody who can't, nobody passed over, nobody left idle, inner rings first, the reserve kept."""
    this = Round(made)
    agents = list(this.agent_of.values())
    assert len(agents) == len(set(agents))
    for pairing in this.pairings:
        winner, contact = this.workers[pairing.agent], this.waiting[pairing.contact]
        assert this.can_take(winner, contact)
        is_last = pairing.chosen.reason == "nobody_else"
        assert this.would_take(winner, contact) != is_last
        if is_last:
            assert all((each.id, contact.id) in this.declined for each in this.interested(contact))
        for other in this.waiting.values():
            passed = other.order < contact.order and other.id not in this.agent_of
            assert not (passed and this.would_take(winner, other) and this.needs_no_reserve(winner, other))
        for rival in this.free:
            is_held_back = this.needs_no_reserve(winner, contact) and this.is_held_back(rival, contact)
            if this.would_take(rival, contact) and not is_held_back:
                assert this.rank(winner, contact) < this.rank(rival, contact)
    for contact in this.waiting.values():
        if contact.id not in this.agent_of:
            assert not any(
                this.would_take(each, contact) and this.needs_no_reserve(each, contact) for each in this.free
            )
    if any(not this.needs_no_reserve(this.workers[p.agent], this.waiting[p.contact]) for p in this.pairings):
        assert len(this.idle()) >= this.reserve


@settings(max_examples=300, deadline=None)
@given(floors())
def test_winner_and_losers_are_everybody(made: MadeFloor) -> None:
    """The record of a match accounts for each available agent, and its runners-up are some of them."""
    this = Round(made)
    available = {each.id for each in made.workers if this.is_here(each)}
    for pairing in this.pairings:
        assert 1 + sum(pairing.chosen.losers.values()) == len(available)
        assert all(count > 0 for count in pairing.chosen.losers.values())
        assert set(pairing.chosen.runners_up) <= available - {pairing.agent}


@settings(max_examples=100, deadline=None)
@given(floors(), st.randoms(use_true_random=False))
def test_the_same_floor_gives_the_same_round(made: MadeFloor, order: random.Random) -> None:
    """The plan depends on the floor, not on the order in which it was told."""
    workers, waiting = order.sample(made.workers, len(made.workers)), order.sample(made.waiting, len(made.waiting))
    assert Round(made._replace(workers=workers, waiting=waiting)).pairings == Round(made).pairings


@settings(max_examples=600, deadline=None)
@given(floors(), st.sampled_from([0, 1, 2]))
def test_a_large_floor_is_planned_as_a_small_one(made: MadeFloor, crowd: int) -> None:
    """Comparing only as many as needed finds the same winners, for the same reasons, with the same runners-up."""
    told = [(p.contact, p.agent, p.chosen.reason, p.chosen.ring, p.chosen.runners_up) for p in Round(made).pairings]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "COMPARED", 0)
        patch.setattr(ranking, "CROWD", crowd)
        large = Round(made)
    assert [(p.contact, p.agent, p.chosen.reason, p.chosen.ring, p.chosen.runners_up) for p in large.pairings] == told
    available = {each.id for each in made.workers if large.is_here(each)}
    assert all(1 + sum(pairing.chosen.losers.values()) == len(available) for pairing in large.pairings)
