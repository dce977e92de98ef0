"""The batches: few exchanges for many callers, no acknowledged write lost, none done twice, no caller left waiting."""

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

from router.errors import Overloaded, StoreUnavailable
from router.journal import AgentRecord, EntryData
from router.store.coalescer import NOW, Coalescer
from router.store.embedded import EmbeddedStore, find_server
from router.store.redis_store import Store, connection_pool
from tests.manual_clock import ManualClock
from tests.store.keyspace import broken_chains, dump, journal_of, leaks, wipe
from tests.store.scene import CAPACITY, Scene

OpenLanes = Callable[..., Coalescer]


@pytest.fixture
async def open_lanes(store_url: str) -> AsyncIterator[OpenLanes]:
    """Makes coalescers that are stopped at the end."""
    opened: list[Coalescer] = []

    def make(**options: int) -> Coalescer:
        opened.append(Coalescer(connection_pool(store_url), **options))  # pyright: ignore[reportArgumentType] - numbers only
        return opened[-1]

    yield make
    for each in opened:
        await each.stop()


async def exchanges(store: Store) -> int:
    """How often the server has read from its clients."""
    info = cast("bytes", await store.runner.read("INFO", "stats")).decode()
    return int(info.split("total_reads_processed:")[1].split()[0])


async def test_many_callers_share_few_exchanges(store: Store) -> None:
    """A thousand callers at once travel in batches of up to 200, and each gets its own reply."""
    keys = [f"{store.keys.prefix}lease:{number}" for number in range(1_000)]
    before = await exchanges(store)
    await asyncio.gather(*(store.runner.write("SET", key, key, "PX", 60_000) for key in keys))
    used = await exchanges(store) - before
    assert used <= 60, "batches of 200 need few reads, one command each would need a thousand"
    assert await asyncio.gather(*(store.runner.read("GET", key) for key in keys)) == [key.encode() for key in keys]


async def test_replies_and_errors_reach_their_own_callers(open_lanes: OpenLanes) -> None:
    """An error in the middle of a batch is one caller's; the others get what they asked for."""
    lanes = open_lanes(lanes=1)
    calls = [lanes.call("ECHO", "a"), lanes.call("NOSUCHCOMMAND"), lanes.call("ECHO", "b")]
    lanes.start()
    first, error, second = await asyncio.gather(*calls, return_exceptions=True)
    assert (first, second) == (b"a", b"b")
    assert "unknown command" in str(error)


async def test_beyond_the_limit_callers_are_told_at_once(open_lanes: OpenLanes) -> None:
    """A queue that can't be kept in time is not made longer; what was taken is still done."""
    lanes = open_lanes(limit=3)
    calls = [lanes.call("ECHO", number) for number in range(3)]
    with pytest.raises(Overloaded):
        lanes.call("ECHO", 3)
    assert lanes.depth == 3
    lanes.start()
    assert await asyncio.gather(*calls) == [b"0", b"1", b"2"]
    assert await lanes.call("ECHO", 3) == b"3"


async def test_what_still_waits_at_the_end_is_refused(open_lanes: OpenLanes) -> None:
    """Stopping leaves nobody waiting for ever."""
    lanes = open_lanes()
    call = lanes.call("ECHO", "x")
    await lanes.stop()
    with pytest.raises(StoreUnavailable):
        await call


async def test_a_command_is_stamped_when_it_is_sent(open_lanes: OpenLanes) -> None:
    """However long it has waited, the time in it is the time of sending."""
    clock = ManualClock(1_000)
    lanes = open_lanes(lanes=1)
    lanes._now_ms = clock.now_ms
    call = lanes.call("ECHO", NOW)
    clock.advance_s(60)
    lanes.start()
    assert await call == b"61000"


@pytest.mark.parametrize("argument", [None, True, ["list"], "\ud800"])
async def test_an_argument_that_cannot_be_sent_is_the_callers_error(open_lanes: OpenLanes, argument: object) -> None:
    """It is found before it is queued, so it neither stops a lane nor spoils the batch of others."""
    lanes = open_lanes(lanes=1)
    lanes.start()
    with pytest.raises((TypeError, UnicodeEncodeError)):
        lanes.call("ECHO", cast("str", argument))
    assert await lanes.call("ECHO", "next") == b"next"


async def test_a_lane_outlives_an_error_that_nobody_expected(open_lanes: OpenLanes) -> None:
    """Whatever breaks in a batch, its callers hear of it and the next batch is sent."""
    lanes = open_lanes(lanes=1)
    lanes.scripts = {"unsendable": cast("str", None)}
    lanes.start()
    with pytest.raises(StoreUnavailable, match="TypeError"):
        await lanes.call("EVALSHA", "0" * 40, 0)
    assert await lanes.call("ECHO", "next") == b"next"


async def test_a_script_that_nobody_has_is_an_answer(open_lanes: OpenLanes) -> None:
    """Loading is tried once, not for ever."""
    lanes = open_lanes(lanes=1)
    lanes.start()
    with pytest.raises(Exception, match="No matching script"):
        await lanes.call("EVALSHA", "0" * 40, 0)


async def test_scripts_are_loaded_again_when_the_server_forgot_them(store: Store, manual_clock: ManualClock) -> None:
    """A restarted server knows no scripts: the caller does not notice."""
    scene = Scene(store, manual_clock)
    await scene.desk()
    contact = await scene.receive()
    await store.runner.write("SCRIPT", "FLUSH", "SYNC")
    await asyncio.gather(scene.offer(contact), scene.receive(), scene.receive())
    assert (await scene.contact(contact)).state == "offered"


async def test_a_full_store_refuses_and_changes_nothing(store: Store, manual_clock: ManualClock) -> None:
    """At the memory limit a new contact is refused whole, as unavailable; afterwards it is taken."""
    scene = Scene(store, manual_clock)
    before = await dump(store)
    limit = cast("list[bytes]", await store.runner.read("CONFIG", "GET", "maxmemory"))[1]
    await store.runner.write("CONFIG", "SET", "maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailable, match="OutOfMemory"):
            await scene.receive()
        with pytest.raises(StoreUnavailable, match="OutOfMemory"):
            await store.runner.write("SET", store.keys.secret, "x")
        assert await dump(store) == before
    finally:
        await store.runner.write("CONFIG", "SET", "maxmemory", limit)
    await scene.receive()


# Stores that die -----------------------------------------------------------------------------------------------


class Load:
    """Agents who work through contacts as fast as they can; every acknowledged command is noted."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.acknowledged: Counter[str] = Counter()
        self.lives = 0

    async def note(self, command: str, reply: Awaitable[object]) -> object:
        """Wait for an acknowledgement and count it."""
        found = await reply
        self.acknowledged[command] += 1
        return found

    async def work(self, agent: str, lives: int) -> None:
        """One agent's contacts, one after the other."""
        scene = Scene(self.store, cast("ManualClock", self.store.clock))
        contacts = self.store.contacts
        for number in range(lives):
            contact = f"c-{agent}-{number}"
            data = EntryData(contact=contact, agent=agent)
            await self.note("receive_contact", scene.receive(contact))
            await self.note("issue_offer", scene.offer(contact, agent))
            await self.note("accept_offer", scene.accept(contact, agent))
            notes = (contacts.annotate("add_note", contact, agent, data, number=2 + i, record=b"{}") for i in range(3))
            await asyncio.gather(*(self.note("add_note", note) for note in notes))
            await self.note("finish_work", contacts.finish_work(contact, agent, data))
            self.lives += 1


async def until(is_so: Callable[[], bool]) -> None:
    """Let others run until it is so."""
    changed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look() -> None:
        if is_so():
            changed.set()
        else:
            loop.call_later(0.002, look)

    look()
    await asyncio.wait_for(changed.wait(), 30)


async def test_kill_nine_in_the_middle_of_load(tmp_path: Path) -> None:
    """Twice the store is killed under load: callers only wait, what was acknowledged is there, and nothing twice."""
    server = EmbeddedStore(tmp_path / "var", ballast_bytes=65_536)
    await server.start()
    supervisor = asyncio.create_task(server.supervise())
    store = Store(server.url, "load", give_up_s=20.0)
    await store.start()
    load = Load(store)
    agents = [f"agent{number}" for number in range(10)]
    for agent in agents:
        await Scene(store, cast("ManualClock", store.clock)).desk(agent)
    before = await store.position()
    workers = asyncio.gather(*(load.work(agent, 40) for agent in agents))
    for lives in (60, 180):
        await until(lambda lives=lives: load.lives >= lives)
        victim = server.pid
        assert victim
        os.kill(victim, signal.SIGKILL)
        await until(lambda victim=victim: server.state == "running" and server.pid not in {victim, None})
    await asyncio.wait_for(workers, 60)
    entries = journal_of(await dump(store))
    assert broken_chains(entries) == []
    assert Counter(entry.command for entry in entries[before:]) == load.acknowledged
    assert load.acknowledged["add_note"] == 3 * 400
    assert await leaks(store) == []
    await store.stop()
    await server.stop()
    await supervisor


async def test_a_store_that_stays_away_is_told(tmp_path: Path) -> None:
    """After a while callers hear that nothing can be promised, those behind them at once; then it serves again."""
    server = EmbeddedStore(tmp_path / "var", ballast_bytes=65_536)
    await server.start()
    store = Store(server.url, "away", give_up_s=0.2)
    await store.start()
    await server.stop()
    calls = [store.runner.write("SET", store.keys.secret, number) for number in range(1_000)]
    async with asyncio.timeout(5):
        told = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(each, StoreUnavailable) for each in told)
    await server.start()
    assert await store.runner.write("SET", store.keys.secret, "x") == b"OK"
    await store.stop()
    await server.stop()


async def test_a_clock_that_is_off_is_set_anew_before_anything_is_stamped(store_url: str) -> None:
    """A router whose clock is five seconds off is refused by the store, takes its time and stamps with that."""
    store = Store(store_url, "skewed")
    await store.start()
    assert store._own_clock
    right = store.clock.now_ms()
    store._own_clock.sync(right + 5_000)
    await store.agents.put_agent("anna", "Anna", AgentRecord(), CAPACITY, "cli")
    agent = await store.agent("anna")
    assert agent
    assert abs(agent.since - right) < 1_000
    await store.stop()


# Replicas ------------------------------------------------------------------------------------------------------


async def test_without_a_replica_nothing_is_promised(store_url: str, manual_clock: ManualClock) -> None:
    """Where a replica is wanted and none confirms, callers get an error even though the write was made."""
    store = Store(store_url, "lonely", clock=manual_clock, replicas=1, barrier_ms=20)
    await store.start()
    with pytest.raises(StoreUnavailable, match="no replica has confirmed"):
        await Scene(store, manual_clock).receive("c1")
    assert await store.contact("c1")
    with pytest.raises(StoreUnavailable):
        await wipe(store)
    await store.stop()


async def start_server(folder: Path, *options: str) -> tuple[asyncio.subprocess.Process, int]:
    """A server of its own on a free port, in a folder that is there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = cast("int", free.getsockname()[1])
    arguments = [
        "--port",
        str(port),
        "--dir",
        str(folder),
        "--save",
        "",
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        "--repl-diskless-sync-delay",
        "0",
    ]
    return await asyncio.create_subprocess_exec(
        find_server(), *arguments, *options, stdout=asyncio.subprocess.DEVNULL
    ), port


async def test_with_a_replica_a_write_is_acknowledged_by_both(tmp_path: Path, manual_clock: ManualClock) -> None:
    """A duplicate too waits for the replica: what another connection wrote may not have arrived there yet."""
    for name in ("primary", "replica"):
        tmp_path.joinpath(name).mkdir()
    primary, port = await start_server(tmp_path / "primary")
    replica, replica_port = await start_server(tmp_path / "replica", "--replicaof", f"127.0.0.1 {port}")
    store = Store(f"redis://127.0.0.1:{port}", "pair", clock=manual_clock, replicas=1, barrier_ms=200)
    copy = Store(f"redis://127.0.0.1:{replica_port}", "pair", clock=manual_clock)
    try:
        await store.start()
        await copy.start()
        scene = Scene(store, manual_clock)
        while True:
            try:
                contact = await scene.receive("c1")
                break
            except StoreUnavailable:
                continue
        assert await copy.contact(contact)
        os.kill(replica.pid, signal.SIGSTOP)
        with pytest.raises(StoreUnavailable):
            await scene.receive("c2")
        with pytest.raises(StoreUnavailable):
            await scene.receive("c2")
        os.kill(replica.pid, signal.SIGCONT)
        assert await scene.receive("c2") == "c2"
    finally:
        await store.stop()
        await copy.stop()
        for process in (replica, primary):
            process.kill()
            await process.wait()
