"""What is planned again after what: looking only at what has changed finds all that looking at everything would."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router import matching
from router.dispatch import ROUND
from router.floor import FloorState, Ramp
from router.journal import AgentRecord, Asks, CoolDown, Entry, EntryData, Placement, Ring
from router.lifecycle import Transition
from router.matching import Heads, Pairing, plan
from router.model import bucket_of
from tests.floor_makers import NAMES, NOW, RECORDS, Waiting, any_asks, asks_of, floor_of, paired, put, worker

START = 1_000_000


class Day:
    """A floor on which things happen one after the other; after each, rounds are planned until nothing more comes."""

    def __init__(self, asked: list[Asks], records: list[AgentRecord], order: random.Random) -> None:
        self.asked, self.records, self.order = asked, records, order
        self.floor = FloorState({"q": order.randint(0, 3)}, ramp=Ramp(5_000, 3_000))
        self.now = START
        self.contacts = 0
        self.placed: dict[str, Placement] = {}
        for name in NAMES:
            self.describe(name)
            self.tell("open_session", Transition("lease", name, 1, "", "take", "alive"), data=EntryData(agent=name))
            self.show(name, "available")

    def tell(
        self, command: str, *moved: Transition, data: EntryData | None = None, placed: Placement | None = None
    ) -> None:
        """The journal says so."""
        self.floor.apply(Entry(1, 1, self.now, command, moved, data or EntryData(), placed))

    def describe(self, name: str) -> None:
        """The agent is somebody else from now on."""
        self.tell("put_agent", data=EntryData(agent=name, profile=self.order.choice(self.records)))

    def show(self, name: str, presence: str) -> None:
        """The agent says how things are."""
        before = self.floor.seats[name].presence
        self.tell("set_presence", Transition("presence", name, 1, before, "x", presence), data=EntryData(agent=name))

    def move(self, contact: str, before: str, event: str, after: str, data: EntryData | None = None) -> None:
        """A contact goes on; back in the queue it has the place that it had."""
        placed = self.placed[contact] if after == "queued" else None
        self.tell(event, Transition("contact", contact, 4, before, event, after), data=data, placed=placed)

    def happen(self) -> None:
        """Anything."""
        name = self.order.choice(NAMES)
        kinds = [self.receive] * 4 + [self.wait, self.leave, self.answer, self.answer, self.finish, self.finish]
        kinds += [lambda: self.show(name, self.order.choice(["available", "away"])), lambda: self.describe(name)]
        kinds += [lambda: self.form(name), self.crisis]
        self.order.choice(kinds)()
        self.settle()

    def receive(self) -> None:
        """Somebody comes."""
        asks = self.order.choice(self.asked)
        self.contacts += 1
        contact, (bucket, _) = f"c{self.contacts}", bucket_of(asks)
        self.placed[contact] = Placement(bucket, asks, self.now, self.now, self.now, self.now)
        self.move(contact, "decided", "queue", "queued", EntryData(contact=contact))

    def wait(self) -> None:
        """Time passes."""
        self.now += self.order.choice([500, 2_000, 5_000])

    def leave(self) -> None:
        """Somebody who waits goes."""
        waiting = sorted(set(self.floor.places) - set(self.floor.pending))
        if waiting:
            self.move(self.order.choice(waiting), "queued", "abandon", "abandoned")

    def answer(self) -> None:
        """The store, or the agent, answers an offer that is out."""
        out = sorted(self.floor.pending)
        if not out:
            return
        contact = self.order.choice(out)
        agent = self.floor.pending[contact]
        asks = self.placed[contact].asks
        data = EntryData(contact=contact, agent=agent, channel=asks.channel, medium=asks.medium)
        match self.order.choice(["gone", "failed", "accept", "accept", "decline", "expire"]):
            case "gone":
                self.floor.refused(contact, self.floor.places.get(contact))
            case "failed":
                self.floor.unhold(contact)
            case "accept":
                self.move(contact, "queued", "offer", "offered", data)
                self.move(contact, "offered", "accept", "with_agent", data)
            case said:
                self.move(contact, "queued", "offer", "offered", data)
                until, medium = self.now + 3_000, asks.medium if said == "expire" else ""
                cool_down = CoolDown(agent, until, medium=medium, contact="" if medium else contact)
                back = EntryData(contact=contact, agent=agent, cool_down=cool_down)
                self.move(contact, "offered", "withdraw", "queued", back)

    def finish(self) -> None:
        """Somebody's work ends."""
        held = sorted(self.floor.holders)
        if held:
            contact = self.order.choice(held)
            data = EntryData(contact=contact, agent=self.floor.holders[contact])
            self.move(contact, "with_agent", "close", "closed", data)

    def form(self, name: str) -> None:
        """The agent takes other work from now on."""
        form = self.order.choice(["both", "live", "written"])
        self.tell("set_form", data=EntryData(agent=name, form=form))

    def crisis(self) -> None:
        """It begins, or ends; or a floor rule holds the written work of one queue, or lets it go."""
        if self.order.choice((True, False)):
            self.floor.is_written_held = not self.floor.is_written_held
        else:
            queues = frozenset(asks.queue for asks in self.floor.asks.values())
            self.floor.hold_queues(frozenset() if self.floor.held_queues else frozenset(sorted(queues)[:1]))

    def settle(self) -> None:
        """As the dispatcher does it."""
        while heads := self.floor.heads(self.now, ROUND):
            pairings = plan(self.floor, heads, self.now)
            for pairing in pairings:
                self.floor.hold(pairing.contact, pairing.agent)
                self.floor.dirty.add(pairing.bucket)

    def look_at_everything(self) -> list[Pairing]:
        """What a look at the whole floor finds."""
        self.floor.touch_all()
        return plan(self.floor, self.floor.heads(self.now, ROUND), self.now)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(any_asks(), min_size=1, max_size=5),
    st.lists(RECORDS, min_size=1, max_size=4),
    st.integers(0, 10**9),
    st.sampled_from([0, matching.COMPARED]),
)
def test_looking_at_what_has_changed_is_looking_at_everything(
    asked: list[Asks], records: list[AgentRecord], seed: int, compared: int
) -> None:
    """Whatever happens in whatever order, no contact is left waiting that an idle agent could take now."""
    order = random.Random(seed)  # noqa: S311 - a walk that can be repeated
    day = Day(asked, records, order)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "COMPARED", compared)
        for _ in range(order.randint(1, 30)):
            day.happen()
    assert day.look_at_everything() == []


# One thing at a time -------------------------------------------------------------------------------------------


def goes(floor: FloorState, agent: str, before: str, after: str, at: int = NOW) -> None:
    """The agent's presence changes."""
    moved = Transition("presence", agent, 2, before, "x", after)
    floor.apply(Entry(1, 1, at, "set_presence", (moved,), EntryData(agent=agent)))


def test_somebody_else_who_is_idle_frees_the_reserve() -> None:
    """The one who has come can't take the mail, but may take calls: so the other is offered it."""
    coming = worker("berit", 2)
    coming = coming._replace(record=AgentRecord(capacity={"phone": 1}))
    coming.seat.presence = "away"
    floor = floor_of([worker("anna", 1), coming], [Waiting("m1", asks_of("email"), 1)], reserve=1)
    assert paired(floor) == {}
    goes(floor, "berit", "away", "available")
    assert paired(floor) == {"m1": "anna"}


def test_an_offer_that_comes_to_nothing_frees_the_reserve() -> None:
    """Two are idle again: the mail that was held back meanwhile is offered."""
    floor = floor_of([worker("anna", 1), worker("berit", 2)], [Waiting("c1", asks_of("phone"), 1)], reserve=1)
    floor.hold("c1", "anna")
    put(floor, Waiting("m1", asks_of("email"), 2))
    assert paired(floor) == {}
    floor.refused("c1", floor.places["c1"])
    assert paired(floor) == {"m1": "anna"}


def test_when_the_last_other_goes_who_declined_is_asked_again() -> None:
    """Berit was busy and might have taken it; now she has gone home."""
    busy = worker("berit", work=(("phone", "voice", "leg"),))
    floor = floor_of([worker("anna"), busy], [Waiting("c1", asks_of("phone"), 1)], [("anna", "c1")])
    assert paired(floor) == {}
    goes(floor, "berit", "available", "offline")
    assert paired(floor) == {"c1": "anna"}


def test_a_pause_in_cooling_down_ends_by_itself() -> None:
    """Nothing happens but time: the mail is offered again."""
    cooling = worker("anna")
    cooling.seat.cooling = {"written": NOW + 500}
    floor = floor_of([cooling], [Waiting("m1", asks_of("email"), 1)])
    assert (paired(floor), floor.next_wake) == ({}, NOW + 500)
    assert paired(floor, NOW + 500) == {"m1": "anna"}


def test_the_next_ring_of_each_contact_is_a_moment_to_plan_at() -> None:
    """The first in line leaves before its ring opens; that of the second opens in its own time."""
    asks = asks_of("phone", {"water": 3}, rings=(Ring(5), Ring(60)))
    floor = floor_of([worker("anna")], [Waiting("c7", asks, 7), Waiting("c9", asks, 9)])
    assert (paired(floor), floor.next_wake) == ({}, NOW + 2_000)
    gone = Transition("contact", "c7", 4, "queued", "abandon", "abandoned")
    floor.apply(Entry(1, 1, NOW, "end_contact", (gone,), EntryData(contact="c7")))
    assert paired(floor, NOW + 3_999) == {}
    assert paired(floor, NOW + 4_000) == {"c9": "anna"}


def test_only_as_many_buckets_are_read_as_there_are_agents() -> None:
    """One agent comes free on a floor with 500 buckets full: one bucket is looked at, whatever waits behind."""
    waiting = [Waiting(f"c{number}", asks_of("phone", queue=f"q{number}"), number) for number in range(500)]
    floor = floor_of([], waiting)
    assert paired(floor) == {}
    anna = worker("anna")
    floor.seat("anna", anna.seat, anna.record)
    read: list[str] = []

    def noted() -> Iterator[Heads]:
        for heads in floor.heads(NOW, ROUND):
            read.append(heads.bucket)
            yield heads

    assert [each.contact for each in plan(floor, noted(), NOW)] == ["c0"]
    assert len(read) == 1
