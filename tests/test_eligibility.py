"""Who may take what: rings and teams, and the same answer about room as the store gives."""

from importlib.resources import files
from typing import Protocol, cast

import msgspec
import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from router.eligibility import WorkItem, can_ever, has_room, ring_of, rings_open
from router.journal import AgentRecord, Asks, Ring
from tests.floor_makers import CAPACITY, ITEMS, MEDIA, RECORDS, any_asks, asks_of

ROOM = (files("router.store") / "lua" / "lib" / "room.lua").read_text()
ASK_ROOM = """
local answers = {}
for i, case in ipairs(cjson.decode(ARGV[1])) do
  local has = has_room(case.entries, case.form, case.capacity, case.channel, case.medium, case.can_interrupt)
  answers[i] = has and 1 or 0
end
return answers
"""
LEVELS = (Ring(60, (("water", 2),)), Ring(120))


class Evaluates(Protocol):
    """What is used of the client."""

    def eval(self, script: str, numkeys: int, *args: bytes) -> list[int]:
        """Run a script."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


# Rings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("skills", "ring"), [({"water": 3}, 0), ({"water": 2}, 1), ({"water": 1}, 2), ({}, 2)])
def test_the_innermost_ring_that_is_met(skills: dict[str, int], ring: int) -> None:
    """A level lower is a ring further out; the last ring asks for nothing."""
    asks = asks_of("phone", {"water": 3}, rings=LEVELS)
    assert ring_of(asks, AgentRecord(skills, CAPACITY)) == ring


def test_without_the_channel_nothing_is_met() -> None:
    """No ring gives an agent a telephone."""
    asks = asks_of("phone", rings=LEVELS)
    assert ring_of(asks, AgentRecord(capacity={"chat": 2})) is None
    assert not can_ever(asks, AgentRecord(capacity={"chat": 2, "phone": 0}))


@pytest.mark.parametrize(
    ("asked", "own", "restricted", "met"),
    [
        ((), (), False, True),
        ((), ("north",), False, True),
        ((), ("north",), True, True),
        (("north",), (), False, True),
        (("north",), (), True, False),
        (("north",), ("north", "south"), True, True),
        (("north",), ("south",), False, False),
    ],
)
def test_teams(asked: tuple[str, ...], own: tuple[str, ...], *, restricted: bool, met: bool) -> None:
    """Agents without a team serve everything that is not restricted; the others what is everybody's or their team's."""
    asks = msgspec.structs.replace(asks_of("phone", teams=asked), is_restricted=restricted)
    assert can_ever(asks, AgentRecord(capacity=CAPACITY, teams=own)) == met


@pytest.mark.parametrize(("waited_s", "reach"), [(0, 0), (59.999, 0), (60, 1), (120, 2), (9_999, 2), (-5, 0)])
def test_rings_open_with_waiting(waited_s: float, reach: int) -> None:
    """Each at its time; before the queue has opened none but the first."""
    assert rings_open(asks_of("phone", rings=LEVELS), int(waited_s * 1000)) == reach


@settings(max_examples=300, deadline=None)
@given(any_asks(), RECORDS)
def test_the_ring_is_the_first_of_all_that_are_met(asks: Asks, record: AgentRecord) -> None:
    """Asked ring by ring, each as if it stood alone, the first yes is the ring; no yes is no ring."""
    alone = [msgspec.structs.replace(asks, require=each.require, teams=each.teams, rings=()) for each in asks.rings]
    met = [can_ever(each, record) for each in (msgspec.structs.replace(asks, rings=()), *alone)]
    assert ring_of(asks, record) == (met.index(True) if any(met) else None)


# Room ----------------------------------------------------------------------------------------------------------

ROOM_CASES = st.tuples(
    st.lists(ITEMS, max_size=4),
    st.sampled_from(["live", "written", "both"]),
    st.integers(0, 3),
    st.sampled_from(sorted(MEDIA)),
    st.booleans(),
)


@settings(max_examples=25, deadline=None)
@given(cases=st.lists(ROOM_CASES, min_size=100, max_size=200))
def test_the_store_and_the_plan_agree_about_room(
    store_url: str, cases: list[tuple[list[WorkItem], str, int, str, bool]]
) -> None:
    """For any work in hand, the Lua that commits an offer and the Python that plans it give the same answer."""
    asked = [
        {
            "entries": [":".join(item) for item in load],
            "form": form,
            "capacity": capacity,
            "channel": channel,
            "medium": MEDIA[channel],
            "can_interrupt": can_interrupt,
        }
        for load, form, capacity, channel, can_interrupt in cases
    ]
    client = cast("Evaluates", redis.Redis.from_url(store_url, protocol=2))  # pyright: ignore[reportUnknownMemberType] - open **kwargs
    try:
        answers = client.eval(ROOM + ASK_ROOM, 0, msgspec.json.encode(asked))
    finally:
        client.close()
    assert [bool(answer) for answer in answers] == [
        has_room(form, capacity, channel, MEDIA[channel], load, can_interrupt=can_interrupt)
        for load, form, capacity, channel, can_interrupt in cases
    ]


@pytest.mark.parametrize(
    ("load", "channel", "room"),
    [
        ([], "phone", True),
        ([("phone", "voice", "leg")], "chat", False),
        ([("phone", "voice", "wrap")], "phone", False),
        ([("phone", "voice", "consult")], "phone", False),
        ([("phone", "voice", "parked")], "phone", True),
        ([("chat", "messaging", "leg")], "chat", True),
        ([("chat", "messaging", "leg")] * 2, "chat", False),
        ([("chat", "messaging", "leg")], "phone", False),
        ([("chat", "messaging", "leg")], "email", False),
        ([("email", "written", "leg")], "phone", False),
        ([("email", "written", "offer")], "phone", True),
        ([("email", "written", "interrupted")], "phone", True),
        ([("email", "written", "interrupted")], "email", False),
        ([("email", "written", "parked")], "email", True),
        ([("email", "written", "leg")], "email", False),
    ],
)
def test_room_beside_work_in_hand(load: list[WorkItem], channel: str, *, room: bool) -> None:
    """A call excludes everything, chats go beside chats, live work waits for written work but not for its offer."""
    assert has_room("both", CAPACITY[channel], channel, MEDIA[channel], load) == room


@pytest.mark.parametrize(("kind", "room"), [("leg", True), ("wrap", False), ("supervisor", False)])
def test_what_may_be_interrupted(kind: str, *, room: bool) -> None:
    """A written leg gives way to a call where the profile says so; nothing else does."""
    assert has_room("both", 1, "phone", "voice", [("email", "written", kind)], can_interrupt=True) == room
