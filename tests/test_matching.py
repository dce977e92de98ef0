"""Matching: who gets what, and why; the same answer about room as the store; properties over random floors."""

import random
from importlib.resources import files
from typing import NamedTuple, Protocol, cast

import msgspec
import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from router.floor import FloorState, Seat
from router.journal import AgentRecord, Asks, CoolDown, Entry, EntryData
from router.matching import Pairing, WorkItem, can_ever, has_room, plan, thrift
from router.model import bucket_of, order_class, requirements

NOW = 1_000_000
MEDIA = {"phone": "voice", "chat": "messaging", "email": "written", "visit": "in_person"}
CAPACITY = {"phone": 1, "chat": 2, "email": 1, "visit": 1}
ROOM = (files("router.store") / "lua" / "lib" / "room.lua").read_text()
ASK_ROOM = """
local answers = {}
for i, case in ipairs(cjson.decode(ARGV[1])) do
  answers[i] = has_room(case.entries, case.form, case.capacity, case.channel, case.medium) and 1 or 0
end
return answers
"""


class Waiting(NamedTuple):
    """A contact of a made-up floor."""

    id: str
    asks: Asks
    score: int

    @property
    def order(self) -> tuple[int, int, str]:
        """Its turn."""
        return self.asks.order_class, self.score, self.id


class Worker(NamedTuple):
    """An agent of a made-up floor."""

    id: str
    record: AgentRecord
    seat: Seat


class Evaluates(Protocol):
    """What is used of the client."""

    def eval(self, script: str, numkeys: int, *args: bytes) -> list[int]:
        """Run a script."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


def asks_of(channel: str, require: dict[str, int] | None = None, *, queue: str = "q", emergency: bool = False) -> Asks:
    """What a contact asks for."""
    medium = MEDIA[channel]
    return Asks(queue, channel, medium, order_class(medium, is_emergency=emergency), requirements(require or {}))


def worker(name: str, idle_since: int = 0, *, form: str = "both", skills: dict[str, int] | None = None) -> Worker:
    """Somebody available without work."""
    seat = Seat(
        presence="available", is_alive=True, is_connected=True, form=form, idle_since=idle_since, work={}, cooling={}
    )
    return Worker(name, AgentRecord(skills=skills or {}, capacity=CAPACITY), seat)


def floor_of(
    workers: list[Worker], waiting: list[Waiting], declined: list[tuple[str, str]] | None = None, *, reserve: int = 0
) -> FloorState:
    """A floor with these people and contacts; `declined` are pairs of agent and contact."""
    floor = FloorState({"q": reserve})
    for each in workers:
        seat = msgspec.structs.replace(each.seat, work=dict(each.seat.work), cooling=dict(each.seat.cooling))
        floor.seat(each.id, seat, each.record)
    for contact in waiting:
        bucket, _ = bucket_of(contact.asks)
        floor.asks[bucket] = contact.asks
        floor.place(contact.id, bucket, contact.score, 3)
    for agent, contact in declined or []:
        data = EntryData(cool_down=CoolDown(agent, NOW + 1, contact=contact))
        floor.apply(Entry(1, 1, NOW, "decline_offer", (), data))
    return floor


def paired(floor: FloorState) -> dict[str, str]:
    """Contact -> agent of one round."""
    return {pairing.contact: pairing.agent for pairing in plan(floor, floor.heads(NOW, 200), NOW)}


# Room ----------------------------------------------------------------------------------------------------------

ITEMS = st.tuples(st.sampled_from(sorted(MEDIA)), st.sampled_from(["offer", "leg", "wrap"])).map(
    lambda pair: (pair[0], MEDIA[pair[0]], pair[1])
)
ROOM_CASES = st.tuples(
    st.lists(ITEMS, max_size=4),
    st.sampled_from(["live", "written", "both"]),
    st.integers(0, 3),
    st.sampled_from(sorted(MEDIA)),
)


@settings(max_examples=25, deadline=None)
@given(cases=st.lists(ROOM_CASES, min_size=100, max_size=200))
def test_the_store_and_the_plan_agree_about_room(
    store_url: str, cases: list[tuple[list[WorkItem], str, int, str]]
) -> None:
    """For any work in hand, the Lua that commits an offer and the Python that plans it give the same answer."""
    asked = [
        {
            "entries": [":".join(item) for item in load],
            "form": form,
            "capacity": capacity,
            "channel": channel,
            "medium": MEDIA[channel],
        }
        for load, form, capacity, channel in cases
    ]
    client = cast("Evaluates", redis.Redis.from_url(store_url, protocol=2))  # pyright: ignore[reportUnknownMemberType] - open **kwargs
    try:
        answers = client.eval(ROOM + ASK_ROOM, 0, msgspec.json.encode(asked))
    finally:
        client.close()
    assert [bool(answer) for answer in answers] == [
        has_room(form, capacity, channel, MEDIA[channel], load) for load, form, capacity, channel in cases
    ]


@pytest.mark.parametrize(
    ("load", "channel", "room"),
    [
        ([], "phone", True),
        ([("phone", "voice", "leg")], "chat", False),
        ([("phone", "voice", "wrap")], "phone", False),
        ([("chat", "messaging", "leg")], "chat", True),
        ([("chat", "messaging", "leg")] * 2, "chat", False),
        ([("chat", "messaging", "leg")], "phone", False),
        ([("chat", "messaging", "leg")], "email", False),
        ([("email", "written", "leg")], "phone", False),
        ([("email", "written", "offer")], "phone", True),
        ([("email", "written", "leg")], "email", False),
    ],
)
def test_room_beside_work_in_hand(load: list[WorkItem], channel: str, *, room: bool) -> None:
    """A call excludes everything, chats go beside chats, and live work waits for written work but not for its offer."""
    assert has_room("both", CAPACITY[channel], channel, MEDIA[channel], load) == room


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
    (pairing,) = plan(alone, alone.heads(NOW, 10), NOW)
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


def test_an_agent_held_back_by_the_reserve_does_not_hide_one_who_is_not() -> None:
    """The longest idle agent is the reserve; the mail goes to the one in written form, and the record says why."""
    mail = Waiting("m1", asks_of("email"), 1)
    floor = floor_of([worker("anna", 1), worker("berit", 2, form="written")], [mail], reserve=1)

    (pairing,) = plan(floor, floor.heads(NOW, 200), NOW)

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


# Any floor -----------------------------------------------------------------------------------------------------

SKILLS = st.dictionaries(st.sampled_from(["waste", "roads", "finnish"]), st.integers(1, 3), max_size=3)
RECORDS = st.builds(
    AgentRecord,
    skills=SKILLS,
    capacity=st.fixed_dictionaries({"phone": st.integers(0, 1), "chat": st.integers(0, 2), "email": st.integers(0, 2)}),
)
SEATS = st.builds(
    Seat,
    presence=st.sampled_from(["available", "available", "available", "draining", "away"]),
    is_alive=st.just(value=True),
    is_connected=st.sampled_from([True, True, True, False]),
    form=st.sampled_from(["both", "both", "live", "written"]),
    idle_since=st.integers(0, 5),
    work=st.dictionaries(st.sampled_from(["w1", "w2"]), ITEMS, max_size=1),
    cooling=st.dictionaries(st.just("written"), st.sampled_from([NOW - 1, NOW + 1]), max_size=1),
)


@st.composite
def floors(draw: st.DrawFn) -> tuple[list[Worker], list[Waiting], list[tuple[str, str]], int]:
    """People, contacts, who declined what, and the reserve."""
    workers = [Worker(f"a{number}", draw(RECORDS), draw(SEATS)) for number in range(draw(st.integers(0, 6)))]
    for each in workers:
        items = list(each.seat.work.values())
        each.seat.work = {f"{each.id}-{number}": item for number, item in enumerate(items)}
    kinds = st.tuples(st.sampled_from(["phone", "chat", "email"]), SKILLS, st.booleans())
    asked = [
        asks_of(channel, require, emergency=emergency)
        for channel, require, emergency in draw(st.lists(kinds, max_size=4))
    ]
    waiting = [
        Waiting(f"c{number}", draw(st.sampled_from(asked)), draw(st.integers(0, 9)))
        for number in range(draw(st.integers(0, 8)) if asked else 0)
    ]
    pairs = [(each.id, contact.id) for each in workers for contact in waiting]
    declined = draw(st.lists(st.sampled_from(pairs), max_size=6)) if pairs else []
    return workers, waiting, declined, draw(st.integers(0, 2))


class Round:
    """One planned round beside what it was planned from, with the rules written a second time and plainly."""

    def __init__(self, made: tuple[list[Worker], list[Waiting], list[tuple[str, str]], int]) -> None:
        self.workers = {each.id: each for each in made[0]}
        self.waiting = {contact.id: contact for contact in made[1]}
        self.declined, self.reserve = set(made[2]), made[3]
        self.floor = floor_of(made[0], made[1], made[2], reserve=made[3])
        self.pairings: list[Pairing] = plan(self.floor, self.floor.heads(NOW, 200), NOW)
        self.agent_of = {pairing.contact: pairing.agent for pairing in self.pairings}
        self.free = [each for each in made[0] if each.id not in self.agent_of.values()]

    def is_here(self, each: Worker) -> bool:
        """Available with a living desktop."""
        return each.seat.presence == "available" and each.seat.is_alive and each.seat.is_connected

    def can_take(self, each: Worker, contact: Waiting) -> bool:
        """Eligible, present and with room."""
        asks, seat = contact.asks, each.seat
        capacity = each.record.capacity.get(asks.channel, 0)
        return (
            self.is_here(each)
            and can_ever(asks, each.record)
            and has_room(seat.form, capacity, asks.channel, asks.medium, seat.work.values())
        )

    def would_take(self, each: Worker, contact: Waiting) -> bool:
        """Can take it, is not cooling down and has not declined it."""
        is_cooling = each.seat.cooling.get(contact.asks.medium, 0) > NOW
        return self.can_take(each, contact) and not is_cooling and (each.id, contact.id) not in self.declined

    def idle(self) -> list[Worker]:
        """Who is left for live work after the round."""
        return [each for each in self.free if self.is_here(each) and each.seat.form != "written" and not each.seat.work]

    def needs_no_reserve(self, each: Worker, contact: Waiting) -> bool:
        """Whether the reserve has no say in this pair."""
        is_urgent = contact.asks.is_live or contact.asks.order_class == 0
        return is_urgent or self.reserve == 0 or each.seat.form == "written"


@settings(max_examples=400, deadline=None)
@given(floors())
def test_any_round_keeps_the_rules(made: tuple[list[Worker], list[Waiting], list[tuple[str, str]], int]) -> None:
    """Nobody twice, nobody who can't, nobody passed over, nobody left idle, the reserve kept."""
    this = Round(made)
    agents = list(this.agent_of.values())
    assert len(agents) == len(set(agents))
    for pairing in this.pairings:
        winner, contact = this.workers[pairing.agent], this.waiting[pairing.contact]
        assert this.can_take(winner, contact)
        assert this.would_take(winner, contact) == (pairing.chosen.reason == "longest_idle")
        if pairing.chosen.reason == "nobody_else":
            able = [
                each
                for each in made[0]
                if each.seat.presence in {"available", "draining"} and can_ever(contact.asks, each.record)
            ]
            assert all((each.id, contact.id) in this.declined for each in able)
        for other in this.waiting.values():
            passed = other.order < contact.order and other.id not in this.agent_of
            assert not (passed and this.would_take(winner, other) and this.needs_no_reserve(winner, other))
        scarcity = this.floor.scarcity
        for other in this.free:
            is_held_back = (
                this.needs_no_reserve(winner, contact)
                and not this.needs_no_reserve(other, contact)
                and len(this.idle()) - 1 < this.reserve
            )
            if this.would_take(other, contact) and not is_held_back:
                rank = (thrift(contact.asks, winner.record, scarcity), winner.seat.idle_since, winner.id)
                assert rank < (thrift(contact.asks, other.record, scarcity), other.seat.idle_since, other.id)
    for contact in this.waiting.values():
        if contact.id not in this.agent_of:
            assert not any(
                this.would_take(each, contact) and this.needs_no_reserve(each, contact) for each in this.free
            )
    from_reserve = [
        p for p in this.pairings if not this.needs_no_reserve(this.workers[p.agent], this.waiting[p.contact])
    ]
    if from_reserve:
        assert len(this.idle()) >= this.reserve


@settings(max_examples=200, deadline=None)
@given(floors())
def test_winner_and_losers_are_everybody(made: tuple[list[Worker], list[Waiting], list[tuple[str, str]], int]) -> None:
    """The record of a match accounts for each available agent, and its runners-up are some of them."""
    this = Round(made)
    available = {each.id for each in made[0] if this.is_here(each)}
    for pairing in this.pairings:
        assert 1 + sum(pairing.chosen.losers.values()) == len(available)
        assert all(count > 0 for count in pairing.chosen.losers.values())
        assert set(pairing.chosen.runners_up) <= available - {pairing.agent}


@settings(max_examples=100, deadline=None)
@given(floors(), st.randoms(use_true_random=False))
def test_the_same_floor_gives_the_same_round(
    made: tuple[list[Worker], list[Waiting], list[tuple[str, str]], int], order: random.Random
) -> None:
    """The plan depends on the floor, not on the order in which it was told."""
    workers, waiting, declined, reserve = made
    first = Round(made).pairings
    shuffled = order.sample(workers, len(workers)), order.sample(waiting, len(waiting)), declined, reserve
    assert Round(shuffled).pairings == first
