"""The laws of the floor can be broken: each breach is named, and nothing else is."""

import msgspec
import pytest

from router.journal import AgentRecord, Asks, Entry, EntryData, Placement, Received
from router.lifecycle import Transition
from tests.faults.floor_laws import SLACK_MS, FloorLaws

START = 1_000_000
LATER = START + 10 * SLACK_MS
CALL = Asks("q", "phone", "voice", 1, require=(("miljo", 2),))
ABLE = AgentRecord(skills={"miljo": 3}, capacity={"phone": 1})


def arrives(contact: str, at: int, asks: Asks = CALL) -> Entry:
    """A contact waits."""
    data = EntryData(contact=contact, received=Received(asks.channel, "voice", at))
    placed = Placement("b", asks, at, at, at)
    return Entry(1, 1, at, "receive_contact", (Transition("contact", contact, 1, "", "queue", "queued"),), data, placed)


def sits(agent: str, record: AgentRecord = ABLE, presence: str = "available") -> list[Entry]:
    """An agent at a desktop."""
    data = EntryData(agent=agent, profile=record)
    taken = Transition("lease", agent, 1, "", "take", "alive")
    shown = Transition("presence", agent, 2, "offline", "go_available", presence)
    return [
        Entry(1, 1, START, "put_agent", (), data),
        Entry(1, 1, START, "open_session", (taken,), EntryData(agent=agent)),
        Entry(1, 1, START, "set_presence", (shown,), EntryData(agent=agent)),
    ]


def offers(contact: str, agent: str, at: int = LATER) -> Entry:
    """The contact is offered."""
    moved = (
        Transition("contact", contact, 2, "queued", "offer", "offered"),
        Transition("offer", f"{contact}.o1", 1, "", "issue", "issued"),
    )
    data = EntryData(contact=contact, agent=agent, reason="longest_idle", chosen=msgspec.Raw(b"{}"))
    return Entry(1, 9, at, "issue_offer", moved, data)


def test_what_is_right_is_no_breach() -> None:
    """An able agent who is free gets the one who has waited longest, then, elsewhere, the next."""
    entries = [*sits("anna"), *sits("berit"), arrives("c1", START), arrives("c2", START + 1)]
    assert FloorLaws().follow([*entries, offers("c1", "anna"), offers("c2", "berit")]) == []


@pytest.mark.parametrize(
    ("record", "presence", "said"),
    [
        (AgentRecord(skills={"miljo": 1}, capacity={"phone": 1}), "available", "in spite of skill or team"),
        (AgentRecord(skills={"miljo": 3}), "available", "in spite of skill or team"),
        (ABLE, "away", "offered to away"),
    ],
)
def test_an_agent_who_might_not_have_it(record: AgentRecord, presence: str, said: str) -> None:
    """Too low a level, no capacity for the channel, not available."""
    (broken,) = FloorLaws().follow([*sits("anna", record, presence), arrives("c1", START), offers("c1", "anna")])
    assert said in broken


def test_two_calls_at_once() -> None:
    """Who is offered a call has no room for another."""
    entries = [*sits("anna"), arrives("c1", START), arrives("c2", START + 1)]
    (broken,) = FloorLaws().follow([*entries, offers("c1", "anna"), offers("c2", "anna", LATER + 1)])
    assert "in spite of voice in hand: offer" in broken


def test_whoever_came_later_is_served_first() -> None:
    """Passed and left waiting; in the same round it would have been no breach."""
    entries = [*sits("anna"), arrives("c1", START), arrives("c2", START + 1), offers("c2", "anna")]
    (broken,) = FloorLaws().follow(entries)
    assert "passed c1" in broken
    assert FloorLaws().follow([*entries, *sits("berit"), offers("c1", "berit", LATER + SLACK_MS)]) == []


def test_an_offer_accepted_by_another() -> None:
    """What anna was offered is anna's."""
    taken = Transition("offer", "c1.o1", 2, "issued", "accept", "accepted")
    accepts = Entry(1, 10, LATER + 1, "accept_offer", (taken,), EntryData(contact="c1", agent="berit"))
    (broken,) = FloorLaws().follow([*sits("anna"), arrives("c1", START), offers("c1", "anna"), accepts])
    assert "accepted what anna was offered" in broken
