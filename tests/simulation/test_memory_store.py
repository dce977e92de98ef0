"""The store in memory does what the real one does: every command, at every stage of a contact's way."""

import pytest

from router.errors import NotYours, ServicecenterError
from router.journal import Entry
from router.simulation.keyspace import Keyspace, UnknownCommand
from router.simulation.memory_store import MemoryStore
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.commands import prepare
from tests.store.keyspace import wipe
from tests.store.scene import Scene
from tests.store.stages import ALLOWED, STAGES, agent_at

FOR_EVER_MS = 10**14


async def play(scene: Scene, stage: str, name: str) -> str:
    """One command on a contact at this stage: done, or refused with which word."""
    for agent in ("anna", "berit", "cecilia"):
        await scene.desk(agent)
    contact = await STAGES[stage](scene)
    call = await prepare(scene, name, contact, agent=agent_at(name, stage))
    try:
        await call()
    except ServicecenterError as error:
        return f"{error.slug} {error.detail}"
    return "done"


def plain(entry: Entry) -> tuple[object, ...]:
    """All of an entry."""
    return entry.n, entry.at, entry.command, entry.transitions, entry.data, entry.placed


@pytest.mark.parametrize("stage", STAGES)
async def test_commands_end_alike_in_memory_and_in_the_store(
    store: Store, manual_clock: ManualClock, stage: str
) -> None:
    """The same commands give the same answers, the same journal and the same deadlines."""
    started = manual_clock.time_ms
    for name in [each for each, stages in ALLOWED.items() if stage in stages] + ["issue_offer", "accept_offer"]:
        manual_clock.time_ms = started
        real = Scene(store, manual_clock)
        said = await play(real, stage, name)
        clock, told = ManualClock(started), list[Entry]()
        memory = Scene(MemoryStore(clock, [told.append]), clock)
        assert (name, await play(memory, stage, name)) == (name, said)
        assert [plain(entry) for entry in told] == [plain(entry) for entry in await real.journal()], name
        assert await memory.store.due(FOR_EVER_MS, 1_000) == await store.due(FOR_EVER_MS, 1_000), name
        await wipe(store)


async def test_a_refusal_is_the_commands_own() -> None:
    """What Lua refuses reaches the caller as the error it names."""
    clock = ManualClock()
    scene = Scene(MemoryStore(clock, []), clock)
    await scene.desk("anna")
    contact = await scene.receive()
    with pytest.raises(NotYours, match=contact):
        await scene.finish(contact, "anna")


def test_what_is_not_kept_is_refused_by_name() -> None:
    """A read that the keyspace does not know shows itself instead of answering nothing."""
    keyspace = Keyspace(ManualClock().now_ms, lambda _: None)
    with pytest.raises(UnknownCommand, match="GEOADD"):
        keyspace.call("GEOADD", "somewhere", 1, 2, "here")


def test_texts_end_by_themselves() -> None:
    """A key with a life is gone when that is over."""
    clock = ManualClock()
    keyspace = Keyspace(clock.now_ms, lambda _: None)
    keyspace.call("SET", "lease", "anna", "PX", 1_000)
    assert keyspace.call("SET", "lease", "bo", "NX") is None
    clock.advance_s(1)
    assert keyspace.call("GET", "lease") is None
