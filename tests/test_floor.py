"""The floor kept from the journal: the same as one loaded from the store at any moment; nobody forgotten; flat cost."""

import random
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
import pytest

from router.floor import NO_RAMP, FloorState, Place, Seat
from router.floor_loading import load_floor
from router.journal import AgentRecord, CoolDown, Entry, EntryData
from router.lifecycle import Transition
from router.matching import Heads, PoolKey, WorkItem, plan
from router.store.redis_store import Store
from tests.floor_walk import AGENTS, walk
from tests.manual_clock import ManualClock
from tests.store.scene import CAPACITY, Scene, asks_of, place_of

NOW = 1_000_000


class Seen(NamedTuple):
    """What of a floor must be equal: who waits where, who has what, who is free for what."""

    places: dict[str, Place]
    work: dict[str, dict[str, WorkItem]]
    pools: dict[str, list[tuple[int, str]]]
    shown: dict[str, tuple[str, bool, bool, str]]


def seen(floor: FloorState) -> Seen:
    """A floor in comparable form; profile classes by content, as their numbers depend on the order of arrival."""
    pools: dict[str, list[tuple[int, str]]] = {}
    for key, _ in floor.pools():
        name = f"{floor.profiles[key.profile]} {key.form} {key.load}"
        pools[name] = list(floor.idlest(key))
    shown = {a: (s.presence, s.is_alive, s.is_connected, s.form) for a, s in floor.seats.items()}
    return Seen(dict(floor.places), {a: s.work for a, s in floor.seats.items()}, pools, shown)


async def load(store: Store) -> FloorState:
    """The floor as the store holds it now."""
    floor = FloorState({})
    await load_floor(store, floor, NO_RAMP)
    return floor


@pytest.mark.parametrize("seed", range(12))
async def test_a_floor_from_the_journal_is_the_floor_of_the_store(
    store: Store,
    manual_clock: ManualClock,
    seed: int,
) -> None:
    """Followed from the first entry, or loaded at any moment and followed from there or earlier: the same floor."""
    order = random.Random(seed)  # noqa: S311 - a walk that can be repeated
    scene = Scene(store, manual_clock)
    for agent in AGENTS:
        await scene.desk(agent)
    loaded: list[tuple[int, FloorState]] = []
    for _ in range(8):
        await walk(scene, 40, order)
        loaded.append((await store.position(), await load(store)))
    entries = await scene.journal()
    followed = FloorState({})
    for entry in entries:
        followed.apply(entry)
    wanted = seen(await load(store))
    assert any(wanted.work.values()) or wanted.places
    assert seen(followed) == wanted
    for position, floor in loaded:
        overlap = order.randint(0, 30)
        for entry in entries[max(0, position - overlap) :]:
            floor.apply(entry)
        assert seen(floor) == wanted, f"loaded at {position}, followed from {overlap} earlier"


async def test_a_leader_loads_many_buckets_in_few_exchanges(store: Store, manual_clock: ManualClock) -> None:
    """Every assignment to an agent leaves a bucket behind: a new leader must not ask for them one by one."""
    scene, exchanges = Scene(store, manual_clock), 0
    contacts = {await scene.receive(queue=f"q{number}") for number in range(150)}

    def count(commands: int, seconds: float) -> None:
        nonlocal exchanges
        del commands, seconds
        exchanges += 1

    store.runner.reads.on_batch = count
    floor = await load(store)
    assert (set(floor.places), len(floor.asks)) == (contacts, 150)
    assert exchanges < 15


# What must be planned again ------------------------------------------------------------------------------------


def seat(idle_since: int = 0) -> Seat:
    """Somebody available without work."""
    return Seat(presence="available", is_alive=True, is_connected=True, idle_since=idle_since, work={}, cooling={})


def floor_with(*agents: str, contacts: int = 0, reserve: int = 0) -> FloorState:
    """A floor with idle agents and callers who wait in one bucket."""
    floor = FloorState({"centre": reserve})
    for agent in agents:
        floor.seat(agent, seat(), AgentRecord(capacity=CAPACITY))
    asks = asks_of()
    bucket = place_of(asks, 0, 0).placed.bucket
    floor.asks[bucket] = asks
    for number in range(contacts):
        floor.place(f"c{number}", bucket, number, 3)
    return floor


def planned(floor: FloorState) -> dict[str, str]:
    """One round, held as the dispatcher holds it."""
    pairings = plan(floor, floor.heads(NOW, 200), NOW)
    for pairing in pairings:
        floor.hold(pairing.contact, pairing.agent)
    return {pairing.contact: pairing.agent for pairing in pairings}


def entry(n: int, command: str, *transitions: Transition, **data: object) -> Entry:
    """An entry of the journal."""
    return Entry(1, n, NOW, command, transitions, EntryData(**data))  # pyright: ignore[reportArgumentType] - fields by name


def test_after_a_refused_contact_the_agent_takes_the_next() -> None:
    """The first caller hung up just as the offer was made: the second is offered at once."""
    floor = floor_with("anna", contacts=2)
    assert planned(floor) == {"c0": "anna"}
    assert planned(floor) == {}
    floor.refused("c0", floor.places["c0"])
    assert planned(floor) == {"c1": "anna"}


def test_after_the_journal_has_told_first_the_agent_takes_the_next() -> None:
    """The same, when the entry of the hang-up comes before the refusal."""
    floor = floor_with("anna", contacts=2)
    assert planned(floor) == {"c0": "anna"}
    known = floor.places["c0"]
    floor.apply(entry(1, "end_contact", Transition("contact", "c0", 4, "queued", "abandon", "abandoned"), contact="c0"))
    floor.refused("c0", known)
    assert planned(floor) == {"c1": "anna"}


def test_a_late_refusal_leaves_the_new_place_alone() -> None:
    """The journal put the caller elsewhere before the refusal of the old place came: they wait there."""
    floor = floor_with("anna", contacts=1)
    assert planned(floor) == {"c0": "anna"}
    known = floor.places["c0"]
    moved = place_of(asks_of(queue="other"), 0, 0).placed
    step = Transition("contact", "c0", 4, "queued", "requeue", "queued")
    floor.apply(msgspec.structs.replace(entry(1, "requeue_contact", step, contact="c0"), placed=moved))
    floor.refused("c0", known)
    assert floor.places["c0"].bucket == moved.bucket
    assert planned(floor) == {"c0": "anna"}


def test_a_seat_knows_the_entry_of_its_profile() -> None:
    """What the store compares an offer with: the last entry that described the agent."""
    floor = floor_with("anna")
    floor.apply(entry(7, "put_agent", agent="anna", profile=AgentRecord(capacity=CAPACITY)))
    floor.apply(entry(8, "set_form", agent="anna", form="live"))
    assert floor.seats["anna"].profile_n == 7


def test_after_a_refused_agent_another_takes_the_contact() -> None:
    """The first agent had just left: the caller is offered to the next one."""
    floor = floor_with("anna", "berit", contacts=1)
    assert planned(floor) == {"c0": "anna"}
    floor.refused("c0")
    assert planned(floor) == {"c0": "berit"}


def test_an_offer_without_an_answer_is_planned_again() -> None:
    """The store could not be reached: both are free again."""
    floor = floor_with("anna", contacts=1)
    assert planned(floor) == {"c0": "anna"}
    floor.unhold("c0")
    assert planned(floor) == {"c0": "anna"}


def test_offers_on_their_way_hide_nobody() -> None:
    """Those behind many contacts whose offers are on their way are read all the same."""
    floor = floor_with(*(f"a{number:02d}" for number in range(30)), contacts=31)
    first = planned(floor)
    assert len(first) == 30
    floor.unhold("c5")
    assert set(planned(floor)) == {"c5"}
    floor.seat("zoe", seat(), AgentRecord(capacity=CAPACITY))
    assert planned(floor) == {"c30": "zoe"}


def test_a_contact_read_with_two_agents_is_with_one() -> None:
    """Loading takes time: a contact that moved meanwhile is not left in the hands of the one who was read first."""
    floor = floor_with("anna", "berit")
    for agent in ("anna", "berit"):
        held = seat()
        held.work = {"c9": ("phone", "voice", "offer")}
        floor.seat(agent, held, AgentRecord(capacity=CAPACITY))
    floor.apply(entry(1, "revoke_offer", Transition("contact", "c9", 5, "offered", "withdraw", "queued"), contact="c9"))
    assert {agent: held.work for agent, held in floor.seats.items()} == {"anna": {}, "berit": {}}
    floor.seat("anna", seat(), AgentRecord(capacity=CAPACITY))
    assert floor.holders == {}


def test_a_declined_contact_is_tried_again_when_its_time_has_come() -> None:
    """The end of a cool-down is a moment to plan at, and only then is the agent asked again."""
    floor = floor_with("anna", "berit", contacts=1)
    floor.seats["berit"].work = {"c8": ("phone", "voice", "leg")}
    floor.apply(entry(1, "put_agent", agent="berit", profile=AgentRecord(capacity=CAPACITY)))
    floor.apply(entry(2, "decline_offer", agent="anna", cool_down=CoolDown("anna", NOW + 10, contact="c0")))
    assert planned(floor) == {}
    assert floor.next_wake == NOW + 10
    pairings = plan(floor, floor.heads(NOW + 10, 200), NOW + 10)
    assert [(pairing.contact, pairing.agent) for pairing in pairings] == [("c0", "anna")]


def test_a_scarce_skill_is_as_scarce_as_its_holders_are_few() -> None:
    """Profiles that change move the scarcity with them."""
    floor = FloorState({})
    for agent in AGENTS:
        floor.put_agent(agent, AgentRecord(skills={"waste": 1}))
    floor.put_agent("anna", AgentRecord(skills={"finnish": 3}))
    assert floor.scarcity == {"waste": 1 / 2, "finnish": 1.0}


# Cost ----------------------------------------------------------------------------------------------------------


class CountingFloor(FloorState):
    """Counts how many agents a plan looks at."""

    def __init__(self, reserves: dict[str, int]) -> None:
        super().__init__(reserves)
        self.looked_at = 0

    def idlest(self, pool: PoolKey) -> Iterator[tuple[int, str]]:
        """Counted."""
        return self._counted(super().idlest(pool))

    def _counted(self, agents: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        for each in agents:
            self.looked_at += 1
            yield each


@pytest.mark.parametrize(("agents", "contacts"), [(10, 1), (5_000, 1), (10, 50_000)])
def test_a_match_costs_the_same_on_any_floor(agents: int, contacts: int) -> None:
    """However many are free or wait, a plan reads a few agents a match and no more contacts than could be served."""
    floor = CountingFloor({})
    asks = asks_of()
    bucket = place_of(asks, 0, 0).placed.bucket
    floor.asks[bucket] = asks
    for number in range(agents):
        floor.seat(f"a{number}", seat(number), AgentRecord(capacity=CAPACITY))
    for number in range(contacts):
        floor.place(f"c{number}", bucket, number, 3)
    read: list[str] = []

    def noted(head: Heads) -> Iterator[tuple[int, str]]:
        for score, contact in head.contacts:
            read.append(contact)
            yield score, contact

    heads = [msgspec.structs.replace(head, contacts=noted(head)) for head in floor.heads(NOW, 200)]
    pairings = plan(floor, heads, NOW)
    assert len(pairings) == min(agents, contacts)
    assert floor.looked_at <= len(pairings) + 2
    assert len(read) <= len(pairings) + 1
