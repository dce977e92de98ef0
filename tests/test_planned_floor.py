"""What is planned again after what: looking only at what has changed finds all that looking at everything would."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from router.dispatch import ROUND
from router.floor import FloorState, Ramp
from router.journal import AgentRecord, Asks, CoolDown, Entry, EntryData, Placement
from router.lifecycle import Transition
from router.matching import Pairing, plan
from router.model import bucket_of
from tests.floor_makers import NAMES, RECORDS, any_asks

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
                self.floor.refused(contact, is_contact_gone=True)
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
        """It begins, or ends."""
        self.floor.is_written_held = not self.floor.is_written_held

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
@given(st.lists(any_asks(), min_size=1, max_size=5), st.lists(RECORDS, min_size=1, max_size=4), st.integers(0, 10**9))
def test_looking_at_what_has_changed_is_looking_at_everything(
    asked: list[Asks], records: list[AgentRecord], seed: int
) -> None:
    """Whatever happens in whatever order, no contact is left waiting that an idle agent could take now."""
    order = random.Random(seed)  # noqa: S311 - a walk that can be repeated
    day = Day(asked, records, order)
    for _ in range(order.randint(1, 30)):
        day.happen()
    assert day.look_at_everything() == []
