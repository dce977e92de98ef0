"""The projector as its own process on a real Valkey: killed, stopped, orphaned, left alone by its store."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import Engine, func, select

from router.clock import SystemClock
from router.register import schema
from router.register.engine import open_engine, using
from router.register.positions import read_position
from router.register.projector import Heartbeat, Projector
from router.register.queries import lag
from router.register.stream import JournalStream, Mark
from router.store.keys import Keys
from tests.register.register_journals import Journal
from tests.register.register_servers import PATIENCE_S, start_valkey, until


def command(url: str, tenant: str, register_url: str) -> tuple[list[str], bytes]:
    """The process and the line that configures it."""
    config = {"redis_url": url, "tenant": tenant, "register_url": register_url}
    return [sys.executable, "-m", "router.register"], msgspec.json.encode(config) + b"\n"


class Process:
    """A running projector."""

    def __init__(self, url: str, tenant: str, register_url: str) -> None:
        arguments, line = command(url, tenant, register_url)
        self.popen = subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self.popen.stdin
        self.popen.stdin.write(line)
        self.popen.stdin.flush()

    def end(self) -> tuple[int, list[Heartbeat]]:
        """Wait for its end: exit status and heartbeats."""
        _out, told = self.popen.communicate(timeout=PATIENCE_S)
        return self.popen.returncode, [msgspec.json.decode(line, type=Heartbeat) for line in told.splitlines()]


@pytest.fixture
def start(valkey: str, tenant: str, sqlite_url: str) -> Iterator[Callable[[], Process]]:
    """Starts projectors on one store and one register; all are gone afterwards."""
    running: list[Process] = []

    def begin() -> Process:
        running.append(Process(valkey, tenant, sqlite_url))
        return running[-1]

    yield begin
    for process in running:
        process.popen.kill()
        process.popen.communicate()


@pytest.fixture
async def redis(valkey: str) -> AsyncIterator[Redis]:
    """A client that plays the store."""
    client = Redis(unix_socket_path=valkey.removeprefix("unix://"))
    yield client
    await client.aclose()


async def publish(redis: Redis, tenant: str, journal: Journal, since: int = 0) -> None:
    """Put entries and content where the store would put them."""
    keys = Keys(tenant)
    pipe = redis.pipeline(transaction=False)
    for (contact, number), body in journal.bodies.items():
        pipe.hset(keys.content(contact), str(number), body)
    for raw in journal.raws()[since:]:
        pipe.xadd(keys.journal, {"e": raw.entry}, id=f"{raw.n}-0")
    for (machine, thing), (state, _rev) in journal.states.items():
        if machine == "contact":
            pipe.hset(keys.contact(thing), "state", state)
    await pipe.execute()


def derived(engine: Engine) -> int:
    """How far stage 2 is."""
    with using(engine) as connection:
        return read_position(connection, schema.DERIVATION)


def is_beyond(engine: Engine, n: int) -> bool:
    """Whether stage 2 has come further than `n`."""
    return derived(engine) > n


async def test_killed_at_any_moment_every_entry_counts_once(
    start: Callable[[], Process], redis: Redis, tenant: str, sqlite_url: str
) -> None:
    """After eight kills in mid-run the register equals the journal: nothing lost, nothing twice."""
    journal = Journal()
    for number in range(4_000):
        journal.life(f"c{number}")
    await publish(redis, tenant, journal)
    engine = open_engine(sqlite_url, is_reader=True)
    total = len(journal.entries)
    for kill in range(1, 9):
        process = start()
        await until(partial(is_beyond, engine, kill * 2_000 - 2_000))
        process.popen.send_signal(signal.SIGKILL)
        process.popen.communicate()
    start()
    await until(lambda: derived(engine) == total)
    with using(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(schema.journal)) == total
        rows = connection.execute(select(schema.goal_hours.c.name, schema.goal_hours.c["count"]))
        counted = {row[0]: row[1] for row in rows}
    assert counted == {"closed": 4_000, "answered": 4_000}
    engine.dispose()


async def test_it_ends_cleanly_when_told(
    start: Callable[[], Process], redis: Redis, tenant: str, sqlite_url: str
) -> None:
    """SIGTERM: exit status 0, after heartbeats that say it ran and where it is."""
    journal = Journal()
    journal.life("c1")
    await publish(redis, tenant, journal)
    process, engine = start(), open_engine(sqlite_url, is_reader=True)
    await until(lambda: derived(engine) == 4)
    process.popen.terminate()
    status, told = process.end()
    assert status == 0
    assert (told[0].event, told[-1].state, told[-1].journal) == ("register_heartbeat", "running", 4)
    mark = msgspec.json.decode(
        (await redis.hgetall(Keys(tenant).projected))[lag(engine).register_id.encode()], type=Mark
    )
    assert mark.n == 4
    engine.dispose()


async def test_it_ends_with_its_standard_input(start: Callable[[], Process]) -> None:
    """A parent that is gone without a signal closes the pipe, and that is enough."""
    process = start()
    assert process.popen.stdin
    process.popen.stdin.close()
    process.popen.stdin = None
    assert process.end()[0] == 0


def orphan(arguments: list[str], config: Path) -> int:
    """Start the projector from a parent that is killed as soon as the projector has spoken; returns its process id."""
    script = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:], stdin=0); print(p.pid, flush=True); p.wait()"
    with config.open("rb") as stdin:
        parent = subprocess.Popen(
            [sys.executable, "-c", script, *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    assert parent.stdout
    assert parent.stderr
    child = int(parent.stdout.readline())
    parent.stderr.readline()
    parent.kill()
    parent.communicate()
    return child


async def test_it_dies_with_its_parent(valkey: str, tenant: str, sqlite_url: str, tmp_path: Path) -> None:
    """A parent killed with -9 leaves no projector behind."""
    arguments, line = command(valkey, tenant, sqlite_url)
    (tmp_path / "config").write_bytes(line)
    child = orphan(arguments, tmp_path / "config")
    await until(lambda: not Path(f"/proc/{child}").exists() or " Z " in Path(f"/proc/{child}/stat").read_text())


def test_a_wrong_configuration_is_told_at_once() -> None:
    """An unknown key ends the process with status 2 and names the key."""
    arguments = [sys.executable, "-m", "router.register", "--config-json", '{"redis":"x"}']
    done = subprocess.run(arguments, capture_output=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 2
    assert b"redis" in done.stderr


async def test_a_store_that_is_down_is_waited_for(tmp_path: Path, tenant: str, sqlite_url: str) -> None:
    """The projector says that the store is unavailable, and goes on when it comes back."""
    heartbeats: list[Heartbeat] = []
    engine, socket = open_engine(sqlite_url), tmp_path / "s"
    stream = JournalStream(f"unix://{socket}", tenant)
    running = asyncio.create_task(Projector(engine, stream, SystemClock(), report=heartbeats.append).run())
    await until(lambda: bool(heartbeats))
    assert heartbeats[0].state == "store-unavailable"
    with start_valkey(tmp_path):
        await until(lambda: heartbeats[-1].state == "running")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await stream.close()
    engine.dispose()


async def test_a_fork_is_told_and_derivation_goes_on(valkey: str, redis: Redis, tenant: str, sqlite_url: str) -> None:
    """A forked journal stops stage 1 with a slug that can be looked up; what is stored is still derived."""
    journal = Journal()
    journal.life("c1")
    await publish(redis, tenant, journal)
    engine, stream, heartbeats = open_engine(sqlite_url), JournalStream(valkey, tenant), list[Heartbeat]()
    running = asyncio.create_task(Projector(engine, stream, SystemClock(), report=heartbeats.append).run())
    await until(lambda: derived(engine) == 4)
    await redis.delete(Keys(tenant).journal)
    await publish(redis, tenant, Journal())
    journal.life("c2")
    await redis.xadd(Keys(tenant).journal, {"e": b"{}"}, id="9-0")
    await until(lambda: heartbeats[-1].state == "journal-forked")
    assert lag(engine).stalls[0].state == "forked"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await stream.close()
    engine.dispose()
