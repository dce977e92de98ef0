"""From a decision to a place in a queue, and how the place widens."""

import msgspec
import pytest

from channels.registry import CHANNELS
from router import placing
from router.config import example_city
from router.journal import Ring
from rules.calendars import local_ms
from rules.city import City, load_city
from rules.decide import decide
from rules.outcome import Decision
from rules.strategy import Limit, RouteStep

MONDAY = local_ms("2026-02-02 10:00")


@pytest.fixture(scope="module")
def city() -> City:
    """The example city."""
    return load_city(example_city())


@pytest.fixture
def decision(city: City) -> Decision:
    """A call about water in office hours, with a route of its own."""
    facts = {
        "point": "received",
        "channel": "phone",
        "medium": "voice",
        "topic": "VAT.ABO",
        **city.calendar_facts(MONDAY),
    }
    found = decide(city.strategy, facts)
    route = (RouteStep(at_s=60, level=-1), RouteStep(at_s=120, drop=True))
    return msgspec.structs.replace(
        found, queue="vatten", require={"vatten": 3, "finska": 3}, keep=("finska",), route=route
    )


def test_live_work_is_ordered_by_arrival_and_written_by_due_time(city: City, decision: Decision) -> None:
    """A call's score is when it became ready, an e-mail's when it is due in open hours, both less the head start."""
    early = msgspec.structs.replace(decision, head_start_s=60)
    call = placing.place(city, CHANNELS["phone"], early, MONDAY)
    mail = placing.place(city, CHANNELS["email"], early, MONDAY)

    assert call.placed.score == MONDAY - 60_000
    assert mail.placed.score == mail.placed.due_at - 60_000
    assert mail.placed.due_at > MONDAY


def test_due_time_stands_still_while_the_queue_is_closed(city: City, decision: Decision) -> None:
    """A mail on Friday evening is due after as much open time as one on Monday morning."""
    friday = local_ms("2026-02-06 18:40")
    calendar = city.queue_calendar("vatten")
    due = [placing.place(city, CHANNELS["email"], decision, at).placed.due_at for at in (friday, MONDAY)]

    assert calendar.open_ms_between(friday, due[0]) == calendar.open_ms_between(MONDAY, due[1])


def test_equal_asks_share_a_bucket(city: City, decision: Decision) -> None:
    """Two contacts that ask for the same wait in one bucket, whatever the order of the skills."""
    other = msgspec.structs.replace(decision, require={"finska": 3, "vatten": 3})
    one, two = (placing.place(city, CHANNELS["phone"], each, MONDAY).placed.bucket for each in (decision, other))

    assert one == two


def test_an_emergency_is_a_class_of_its_own(city: City, decision: Decision) -> None:
    """An emergency comes before all live work, written work after it."""
    emergency = msgspec.structs.replace(decision, emergency=True)
    classes = [
        placing.place(city, CHANNELS[channel], each, MONDAY).placed.asks.order_class
        for channel, each in (("email", emergency), ("phone", decision), ("email", decision))
    ]

    assert classes == [0, 1, 2]


def test_each_ring_widens_from_what_was_asked_at_first(city: City, decision: Decision) -> None:
    """Levels are counted from the decision, skills that must be kept stay, and every ring opens later than the last."""
    asks = placing.place(city, CHANNELS["phone"], decision, MONDAY).placed.asks

    assert asks.require == (("finska", 3), ("vatten", 3))
    assert [ring.require for ring in asks.rings] == [(("finska", 3), ("vatten", 2)), *[(("finska", 3),)] * 2]
    assert [ring.after_s for ring in asks.rings] == sorted({ring.after_s for ring in asks.rings})


def with_queue(city: City, **cells: object) -> City:
    """The city with other cells in the queue vatten."""
    return msgspec.structs.replace(
        city, queues={**city.queues, "vatten": msgspec.structs.replace(city.queue("vatten"), **cells)}
    )


def test_the_last_ring_is_everybody_who_has_what_must_be_kept(city: City, decision: Decision) -> None:
    """Without a route too, the queue's longest wait opens it to all, whatever their team."""
    asks = placing.place(city, CHANNELS["phone"], msgspec.structs.replace(decision, route=()), MONDAY).placed.asks

    assert asks.rings == (Ring(city.queue("vatten").max_wait_s, (("finska", 3),)),)


def test_no_ring_lets_go_of_what_opens_restricted_content(city: City, decision: Decision) -> None:
    """Neither a restricted skill nor, where the contact is restricted, the queue's own or its teams."""
    secret = next(skill.id for skill in city.skills.values() if skill.restricted)
    wanted = msgspec.structs.replace(decision, require={"vatten": 3, secret: 1}, keep=(), restricted=True)
    there = with_queue(city, require={"vatten": 2}, teams=("syd",))
    asks = placing.place(there, CHANNELS["phone"], wanted, MONDAY).placed.asks

    assert (asks.is_restricted, asks.teams) == (True, ("syd",))
    assert {(each.require, each.teams) for each in asks.rings} <= {((("vatten", 3), (secret, 1)), ("syd",))}


def test_a_step_may_add_teams_and_an_exit_is_a_ring_only_where_it_adds_somebody(city: City, decision: Decision) -> None:
    """Teams of a step help those of the queue; who can't leave by an exit waits on in the pool it has."""
    route = (RouteStep(30, teams=("nord",)), RouteStep(60, teams=("nord",), exit="callback"))
    helped = msgspec.structs.replace(decision, route=route)
    there = with_queue(city, teams=("syd",), overflow=())
    asks = placing.place(there, CHANNELS["phone"], helped, MONDAY).placed.asks

    assert [(ring.after_s, ring.teams) for ring in asks.rings] == [
        (30, ("nord", "syd")),
        (city.queue("vatten").max_wait_s, ()),
    ]


def test_waiting_counts_from_the_queues_opening(city: City, decision: Decision) -> None:
    """A contact of the night has waited since the morning; an emergency since it came."""
    night = local_ms("2026-02-02 03:00")
    opens = city.queue_calendar("vatten").next_open(night)
    placed = placing.place(city, CHANNELS["phone"], decision, night).placed
    emergency = placing.place(city, CHANNELS["phone"], msgspec.structs.replace(decision, emergency=True), night).placed

    assert (placed.ready_at, placed.score, placed.waits_from) == (night, night, opens)
    assert emergency.waits_from == night


def test_a_queue_that_is_pulled_from_is_not_pushed(city: City, decision: Decision) -> None:
    """Its contacts wait for an agent who takes them; an emergency is offered all the same."""
    there = with_queue(city, flow="pull", flows={})
    emergency = msgspec.structs.replace(decision, emergency=True)

    assert placing.place(there, CHANNELS["phone"], decision, MONDAY).placed.asks.is_pulled
    assert not placing.place(there, CHANNELS["phone"], emergency, MONDAY).placed.asks.is_pulled


def test_there_is_always_a_next_moment(city: City, decision: Decision) -> None:
    """The exits of the route first, then the longest wait again and again: nobody is forgotten."""
    wanted = msgspec.structs.replace(decision, route=(RouteStep(60, level=-1), RouteStep(120, exit="callback")))
    place = placing.place(city, CHANNELS["phone"], wanted, MONDAY)
    limit_ms = city.queue("vatten").max_wait_s * 1000
    moments = [place.wait_until]
    for _ in range(5):
        moments.append(placing.next_wait(city, wanted, "voice", place.placed, moments[-1]))

    assert moments == [MONDAY + 120_000, *(MONDAY + limit_ms * number for number in range(1, 6))]


def test_a_unit_without_agreement_still_has_deadlines(city: City) -> None:
    """No agreement means a working day to accept and two to finish, in the unit's own hours."""
    unit = next(unit for unit in city.units.values() if city.agreement_for(None, unit.id) is None)
    agreed = placing.terms(city, unit.id, "", MONDAY)
    calendar = city.unit_calendar(unit.id)

    assert calendar.open_ms_between(MONDAY, agreed.accept_by) == placing.DEFAULT_ACCEPT_S * 1000
    assert agreed.finish_by > agreed.accept_by


def test_a_team_is_asked_alone_until_the_route_opens_the_queue(city: City, decision: Decision) -> None:
    """Only the named team at first; the first step lets the queue's own teams in too."""
    asks = placing.place(city, CHANNELS["phone"], msgspec.structs.replace(decision, team="norrby"), MONDAY).placed.asks

    assert asks.teams == ("norrby",)
    assert (asks.rings[0].after_s, asks.rings[0].teams) == (60, ("servicecenter",))


def test_no_team_outside_the_limit_is_ever_asked(city: City, decision: Decision) -> None:
    """Neither the queue's own teams, nor those that help, nor everybody at the end."""
    limited = msgspec.structs.replace(decision, queue="generalist", limit=Limit(teams=("skyddad",)))
    asks = placing.place(city, CHANNELS["phone"], limited, MONDAY).placed.asks

    assert asks.teams == ("skyddad",)
    assert {ring.teams for ring in asks.rings} == {("skyddad",)}


def test_a_restricted_queue_keeps_other_teams_out(city: City, decision: Decision) -> None:
    """A team that does not serve a restricted queue is not let in by being named."""
    wanted = msgspec.structs.replace(decision, queue="skyddad", team="norrby")

    assert placing.place(city, CHANNELS["phone"], wanted, MONDAY).placed.asks.teams == ("skyddad",)
