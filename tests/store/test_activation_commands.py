"""Strategy versions in service: one entry for each change, nothing lost between two who change at once."""

import asyncio

import pytest

from router.activations import Scope, read_changed
from router.errors import StaleRevision
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.keyspace import dump
from tests.store.scene import Scene


@pytest.fixture
def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A store on which nothing stands."""
    return Scene(store, manual_clock)


async def test_an_activation_is_one_entry_with_all_that_it_moves(scene: Scene) -> None:
    """The entry names every version that moved, and the records whole; the store gives the same back."""
    await scene.activate("s1")
    n = await scene.activate("s2")
    entry = (await scene.journal())[-1]
    kept = await scene.store.activations.all()

    assert (entry.n, entry.command, entry.data.to, entry.data.actor) == (
        n,
        "activate_strategy",
        "s2",
        "strategy_owner:olle",
    )
    assert [(move.id, move.rev, move.before, move.after) for move in entry.transitions] == [
        ("s2", 1, "", "active"),
        ("s1", 2, "active", "superseded"),
    ]
    changed = read_changed(bytes(entry.data.activations))
    assert (changed.number, set(changed.records)) == (2, set(kept.all()))
    assert kept.number == 2


async def test_the_same_command_again_changes_nothing(scene: Scene) -> None:
    """A command whose answer was lost is sent again and happens once."""
    found = await scene.store.activations.all()
    await scene.activate("s1")
    record = (await scene.store.activations.all()).get("s1")
    assert record
    before = await dump(scene.store)
    again = found.activated(record)
    assert await scene.store.activations.activate_strategy(again, found.number) == 0
    assert await dump(scene.store) == before


async def test_of_two_at_once_one_is_told_to_look_again(scene: Scene) -> None:
    """Two versions activated at the same moment: one stands, the other's owner must see that first."""
    results = await asyncio.gather(scene.activate("s1"), scene.activate("s2"), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["StaleRevision", "int"]
    kept = await scene.store.activations.all()
    assert len(kept.all()) == 1
    assert len(await scene.journal()) == 1


async def test_a_rollback_is_one_entry_that_reinstates(scene: Scene) -> None:
    """What ends and what comes back stand together."""
    await scene.activate("s1")
    await scene.activate("s2", scope=Scope(share_pct=10))
    await scene.activate("s3")
    found = await scene.store.activations.all()
    record = found.get("s3")
    assert record
    await scene.store.activations.end_strategy(found.rolled_back(record), found.number)
    entry = (await scene.journal())[-1]
    assert entry.command == "end_strategy"
    assert {(move.id, move.event) for move in entry.transitions} == {
        ("s3", "roll_back"),
        ("s2", "reinstate"),
        ("s1", "reinstate"),
    }
    assert await scene.store.activations.end_strategy(found.rolled_back(record), found.number) == 0
    with pytest.raises(StaleRevision):
        await scene.store.activations.end_strategy(found.ended(record, "expire"), found.number)
