"""The floor's figures: who waits, how the queue stands, who does what; honest about what is not known."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.agent_figures import Census, Hand, HandTimes, Named, take_census
from router.floor import FloorState, Seat
from router.floor_figures import QueueFigure, ServiceFigure
from router.journal import AgentRecord, Asks, EntryData
from router.measures.service_level import ServiceCounts
from router.orders import Order
from router.queue_figures import Counts, Crews, QueueMeter, doors_of, wait_estimate_s
from router.waiting_room import Place
from tests.register.register_journals import Journal
from tests.test_opening import CITY, QUEUE, at, opening

NOW = at("10:00")
MINUTE_MS = 60_000
UNKNOWN = Counts(None, None)
PHONE = AgentRecord(capacity={"phone": 1})


def seat(presence: str = "available", **more: object) -> Seat:
    """An agent at their desk."""
    ordinary: dict[str, object] = {"is_alive": True, "is_connected": True, "work": {}, "cooling": {}, "since": NOW}
    return msgspec.convert({"presence": presence, **ordinary, **more}, Seat)


def named(agent: str) -> Named:
    """Everybody is called what they are."""
    return Named(agent.title(), "not_responding" if agent.startswith("deaf") else "")


def census(floor: FloorState, times: HandTimes | None = None, *, most: int = 500) -> Census:
    """The agents now."""
    return take_census(floor, times or HandTimes(), named, NOW, most)


def rows(floor: FloorState, counts: Counts = UNKNOWN, meter: QueueMeter | None = None) -> dict[str, QueueFigure]:
    """The rows of the queue, by medium."""
    found = (meter or QueueMeter(CITY.queues, opening())).measure(floor, census(floor).crews, counts, NOW)
    return {row.medium: row for row in found if row.queue == QUEUE}


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


@pytest.mark.parametrize(
    ("skills", "presence", "nobody", "able", "band"),
    [
        ({}, "available", 2, 0, "nobody"),
        ({"finska": 3}, "available", 0, 1, "5_to_10_min"),
        ({"finska": 3}, "away", 0, 0, "nobody"),
        ({"finska": 3}, "offline", 2, 0, "nobody"),
    ],
)
def test_a_queue_tells_when_nobody_can_ever_take_its_contacts(
    skills: dict[str, int], presence: str, nobody: int, able: int, band: str
) -> None:
    """Without anybody logged in who has the skill it is `no_one_possible`; at lunch there is only nobody able."""
    floor = FloorState({})
    floor.asks["b"] = Asks(QUEUE, "phone", "voice", 1, (("finska", 3),))
    for contact, since in (("c1", NOW - 2_000), ("c2", NOW - 1_000)):
        floor.put(contact, Place("b", since, 3, since))
    floor.seat("a1", seat(presence), AgentRecord(skills=skills, capacity={"phone": 1}))

    row = rows(floor)["voice"]

    assert (row.waiting, row.oldest_at, row.no_one_possible, row.able, row.idle) == (2, NOW - 2_000, nobody, able, able)
    assert (row.band, row.wait_estimate_s is None) == (band, able == 0)
    assert row.stranded_at == (NOW if nobody else 0)


def test_since_when_nobody_is_possible_outlives_the_look_and_the_leader() -> None:
    """The moment is kept while it lasts, also by a router that takes over, and forgotten when it is over."""
    floor = FloorState({})
    floor.asks["b"] = Asks(QUEUE, "phone", "voice", 1)
    floor.put("c1", Place("b", NOW, 3, NOW))
    meter = QueueMeter(CITY.queues, opening())
    meter.carry_on([QueueFigure(QUEUE, "voice", 1, no_one_possible=1, stranded_at=NOW - 9_000)])

    assert rows(floor, meter=meter)["voice"].stranded_at == NOW - 9_000
    floor.seat("a1", seat(), PHONE)
    assert rows(floor, meter=meter)["voice"].stranded_at == 0


def test_a_head_start_is_no_wait() -> None:
    """Who was put ahead has waited since they came, and written work is due when it is due."""
    floor = FloorState({})
    floor.asks["v"] = Asks(QUEUE, "phone", "voice", 1, head_start_s=600)
    floor.asks["w"] = Asks(QUEUE, "email", "written", 2, head_start_s=600)
    floor.put("c1", Place("v", NOW - 20_000 - 600_000, 3, NOW))
    for number, due_at in enumerate((NOW - 1, NOW, NOW + 59 * MINUTE_MS, NOW + 61 * MINUTE_MS)):
        floor.put(f"c{number + 2}", Place("w", due_at - 600_000, 3, NOW))

    found = rows(floor)

    assert found["voice"].oldest_at == NOW - 20_000
    written = found["written"]
    assert (written.waiting, written.next_due_at, written.overdue, written.due_soon) == (4, NOW - 1, 1, 2)


def test_quiet_queues_have_rows_too() -> None:
    """Every queue and medium of the city stands there, with nothing said of waits."""
    row = rows(FloorState({}))["voice"]

    assert (row.waiting, row.band, row.wait_estimate_s, row.able, row.state) == (0, None, None, 0, "open")
    assert row.until == at("17:00")


def test_counts_that_are_not_known_are_absent() -> None:
    """Before the register has told the day there is no service figure; afterwards counts come with their shares."""
    key = (QUEUE, "voice")
    known = Counts({key: ServiceCounts(4, 3, 2, 1, 0)}, {})

    assert rows(FloorState({}))["voice"].today is None
    row = rows(FloorState({}), known)["voice"]
    assert row.today == ServiceFigure(4, 3, 2, 1, 0, 0, 0.5, 0.25)
    assert row.last_15_min is None


@pytest.mark.parametrize(
    ("clock", "order", "medium", "state", "until", "to"),
    [
        ("10:00", None, "voice", "open", "17:00", ""),
        ("16:45", None, "voice", "closing", "17:00", ""),
        ("16:57", None, "voice", "closing", "17:00", ""),
        ("07:00", None, "voice", "closed", "08:00", ""),
        ("07:00", None, "written", "open", "", ""),
        ("10:00", Order("queue_closed", QUEUE, until=at("11:00")), "voice", "closed", "11:00", ""),
        (
            "10:00",
            Order("queue_diverted", QUEUE, "generalist", until=at("12:00")),
            "voice",
            "diverted",
            "12:00",
            "generalist",
        ),
        ("10:00", Order("queue_diverted", QUEUE, "generalist"), "written", "diverted", "", "generalist"),
    ],
)
def test_doors(clock: str, order: Order | None, medium: str, state: str, until: str, to: str) -> None:
    """Open, closing within half an hour, closed until the next opening, or diverted until the order ends."""
    found = doors_of(opening(*([order] if order else [])), QUEUE, medium, at(clock))

    assert (found.state, found.to) == (state, to)
    assert found.until == (at(until) if until else 0)


@pytest.mark.parametrize(
    ("agent", "seated", "state"),
    [
        ("a", seat(), "idle"),
        ("a", seat(work={"c1": ("phone", "voice", "leg")}), "live"),
        ("a", seat(work={"c1": ("phone", "voice", "wrap")}), "wrapping_up"),
        ("a", seat(work={"c1": ("email", "written", "leg")}), "written"),
        ("a", seat(work={"c1": ("phone", "voice", "offer")}), "offered"),
        ("a", seat(work={"c1": ("email", "written", "interrupted"), "c2": ("phone", "voice", "leg")}), "live"),
        ("a", seat(work={"c1": ("email", "written", "parked")}), "idle"),
        ("a", seat("draining"), "draining"),
        ("a", seat("away"), "away"),
        ("deaf", seat("away"), "not_responding"),
        ("a", seat(is_connected=False), "lost"),
        ("a", seat("offline", is_alive=False, is_connected=False, work={"c1": ("email", "written", "leg")}), "lost"),
    ],
)
def test_what_an_agent_does(agent: str, seated: Seat, state: str) -> None:
    """The one word that says most of them."""
    floor = FloorState({})
    floor.seat(agent, seated, PHONE)

    found = census(floor)

    assert [each.state for each in found.agents] == [state]
    assert found.states == {state: 1}


@pytest.mark.parametrize("held", [{}, {"c1": ("email", "written", "parked")}])
def test_who_has_gone_home_is_counted_and_not_shown(held: dict[str, tuple[str, str, str]]) -> None:
    """Offline, with work put aside or without, is nothing to look at."""
    floor = FloorState({})
    floor.seat("a1", seat("offline", is_alive=False, is_connected=False, work=held), PHONE)

    assert (census(floor).agents, census(floor).states, census(floor).counts) == ((), {}, {"offline:both": 1})


def test_of_many_agents_those_to_look_at_are_shown() -> None:
    """With room for two, the one who does not answer and the longest away come before those at ease."""
    floor = FloorState({})
    for agent, seated in (
        ("a1", seat()),
        ("a2", seat("away", since=NOW - 9)),
        ("a3", seat("away")),
        ("deaf", seat("away")),
    ):
        floor.seat(agent, seated, PHONE)

    found = census(floor, most=2)

    assert [each.id for each in found.agents] == ["deaf", "a2"]
    assert sum(found.states.values()) == 4
    assert found.crews == Crews([1], [1], [4])


def test_handling_stands_still_while_work_is_interrupted_or_parked() -> None:
    """A minute of writing, ten minutes interrupted, half a minute of wrap-up: ninety seconds."""
    times = HandTimes()
    for at_ms, kind in ((0, "offer"), (5, "leg"), (65, "interrupted"), (665, "leg"), (665, "wrap")):
        times.note("a1", {"c1": ("email", "written", kind)}, at_ms * 1_000)

    hand = times.of("a1")["c1"]

    assert (hand.since, hand.handling_ms(695_000)) == (665_000, 90_000)
    times.note("a1", {}, 700_000)
    assert not times.of("a1")


def test_work_in_hand_is_followed_from_the_journal() -> None:
    """The agents whom an entry names are looked at when it comes; what was loaded before keeps its time."""
    journal, times = Journal(NOW), HandTimes()
    seats = {"a1": seat(work={"c1": ("phone", "voice", "leg")}), "a2": seat(work={"c2": ("chat", "messaging", "leg")})}
    times.load("a1", "c1", Hand("leg", NOW - 7_000))
    times.follow(journal.write("note_contact", (), EntryData(contact="c1", agent="a1", also=("a2", "gone"))), seats)

    assert times.of("a1")["c1"].since == NOW - 7_000
    assert times.of("a2")["c2"].since == NOW
    floor = FloorState({})
    floor.seat("a1", seats["a1"], PHONE)
    shown = census(floor, times).agents[0]
    assert (shown.since, shown.in_hand[0].handling_s, shown.in_hand[0].contact_id) == (NOW - 7_000, 7, "c1")


@pytest.mark.parametrize(
    ("presence", "skills", "crew", "at_work"),
    [("available", {}, 1, 1), ("away", {}, 1, 0), ("offline", {}, 0, 0), ("available", {"bygg": 3}, 1, 1)],
)
def test_an_unstaffed_queue_is_seen_before_its_first_caller(
    presence: str, skills: dict[str, int], crew: int, at_work: int
) -> None:
    """With nobody waiting, who is logged in and who is at work for the queue's own, plain work is told all the same."""
    floor = FloorState({})
    floor.seat("a1", seat(presence), AgentRecord(skills=skills, capacity={"phone": 1}))
    found = rows(floor)
    assert (found["voice"].crew, found["voice"].able, found["voice"].idle) == (crew, at_work, at_work)
    assert found["written"].crew == 0, "no capacity for any channel of the medium"


@pytest.mark.parametrize(
    ("record", "crew"),
    [
        (AgentRecord(skills={"finska": 2}, capacity={"phone": 1}, teams=("norr",)), 1),
        (AgentRecord(skills={"finska": 1}, capacity={"phone": 1}, teams=("norr",)), 0),
        (AgentRecord(skills={"finska": 2}, capacity={"phone": 1}, teams=("syd",)), 0),
        (AgentRecord(skills={"finska": 2}, capacity={"email": 1}, teams=("norr",)), 0),
    ],
)
def test_plain_work_is_what_the_queue_itself_asks_for(record: AgentRecord, crew: int) -> None:
    """Its skills with their levels, its teams, and a channel of the medium."""
    queue = msgspec.structs.replace(CITY.queues[QUEUE], require={"finska": 2}, teams=("norr",))
    floor = FloorState({})
    floor.seat("a1", seat(), record)
    found = rows(floor, meter=QueueMeter({QUEUE: queue}, opening()))
    assert found["voice"].crew == crew
