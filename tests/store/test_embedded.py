"""The embedded store: its life, what survives a kill, and what it refuses."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from router.errors import ConfigurationError
from router.store import data_dir, embedded
from router.store.embedded import EmbeddedStore, Verdict, after_death

SMALL = 65_536

HOLD_A_STORE = """
import asyncio, pathlib, sys
from router.store.embedded import EmbeddedStore

async def main():
    store = EmbeddedStore(pathlib.Path(sys.argv[1]), ballast_bytes=65536)
    await store.start()
    print(store.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def connect(store: EmbeddedStore) -> Redis:
    """A client that never tries twice, so that what it counts as answered was answered."""
    return Redis(unix_socket_path=str(store.socket), retry=Retry(NoBackoff(), 0), protocol=2)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    """A running store in a directory of its own."""
    running = EmbeddedStore(tmp_path / "var", ballast_bytes=SMALL)
    await running.start()
    yield running
    await running.stop()


async def put(store: EmbeddedStore, key: str, value: str) -> None:
    """Write one key, durably."""
    client = connect(store)
    await client.set(key, value)
    await client.aclose()


async def get(store: EmbeddedStore, key: str) -> object:
    """Read one key."""
    client = connect(store)
    value = await client.get(key)
    await client.aclose()
    return value


def newest_file(store: EmbeddedStore) -> Path:
    """The append-only file that is written to."""
    return max((store.data_dir / "store" / "appendonlydir").glob("*.incr.aof"))


def test_the_url_reads_back_as_the_socket(tmp_path: Path) -> None:
    """The address that others connect to names the socket, also with spaces and letters that addresses can't hold."""
    store = EmbeddedStore(tmp_path / "å b")
    assert Redis.from_url(store.url).connection_pool.connection_kwargs["path"] == str(store.socket)  # pyright: ignore[reportUnknownMemberType] - open **kwargs


async def test_data_survive_a_stop_and_a_start(store: EmbeddedStore) -> None:
    """What was written is there after a clean stop and a new start, and the store says how it is."""
    assert store.state == "running"
    await put(store, "k", "v")
    await store.stop()
    assert (store.state, store.pid, store.socket.exists()) == ("stopped", None, False)
    await store.start()
    assert await get(store, "k") == b"v"


async def test_stop_may_come_twice_or_first(tmp_path: Path) -> None:
    """Stopping a store that never started, or has stopped, does nothing."""
    store = EmbeddedStore(tmp_path / "var", ballast_bytes=SMALL)
    await store.stop()
    await store.start()
    await store.stop()
    await store.stop()
    assert store.state == "stopped"


async def test_every_write_is_fsynced_and_nothing_listens_on_the_network(store: EmbeddedStore) -> None:
    """The running server has the settings that the promise of an accepted contact rests on."""
    client = connect(store)
    found = cast("dict[str, str]", await client.config_get("*"))  # pyright: ignore[reportUnknownMemberType] - open **kwargs
    await client.aclose()
    expected = {
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "maxmemory-policy": "noeviction",
        "port": "0",
        "save": "",
        "unixsocketperm": "700",
    }
    assert {name: found[name] for name in expected} == expected
    assert int(found["maxmemory"]) > 0
    assert (store.data_dir.stat().st_mode & 0o777, store.socket.stat().st_mode & 0o777) == (0o700, 0o700)


async def test_a_contact_lies_in_one_piece(store: EmbeddedStore) -> None:
    """A hash of as many fields as a contact has, one of them long as a decision's record, is no table."""
    client = connect(store)
    await client.hset("contact", "decision", "d" * 2_000)
    for number in range(70):
        await client.hset("contact", f"field{number}", str(number))
    encoding = cast("bytes", await client.object("ENCODING", "contact"))  # pyright: ignore[reportUnknownMemberType] - open **kwargs
    await client.aclose()
    assert encoding in {b"listpack", "listpack"}


async def test_a_second_router_is_refused_by_the_lock(store: EmbeddedStore) -> None:
    """A data directory has one holder; the second is told which process holds what."""
    with pytest.raises(ConfigurationError) as refused:
        await EmbeddedStore(store.data_dir).start()
    assert f"{store.data_dir} is held by another process (pid {os.getpid()})" in refused.value.detail
    assert await get(store, "k") is None, "the first store still serves"


async def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    """A socket file that nobody listens on does not stop the start."""
    store = EmbeddedStore(tmp_path / "var", ballast_bytes=SMALL)
    store.data_dir.mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(store.socket))
    await store.start()
    await put(store, "k", "v")
    await store.stop()


async def test_a_long_data_directory_gets_a_short_private_socket(tmp_path: Path) -> None:
    """A path that no socket address can hold still works, through a folder that only this user may enter."""
    store = EmbeddedStore(tmp_path / ("d" * 120), ballast_bytes=SMALL)
    await store.start()
    try:
        assert len(os.fsencode(store.socket)) <= data_dir.MAX_SOCKET_PATH
        assert store.socket.parent.stat().st_mode & 0o777 == 0o700
        await put(store, "k", "v")
    finally:
        await store.stop()
        store.socket.parent.rmdir()


def test_a_missing_server_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine for which no server ships, the error names the setting that helps."""
    monkeypatch.setattr(embedded.platform, "machine", lambda: "riscv64")
    with pytest.raises(ConfigurationError, match="redis_url"):
        embedded.find_server()


async def keep_adding(client: Redis, acknowledged: list[bytes]) -> None:
    """Add entries in pipelines until the connection breaks, noting each batch once it is answered."""
    number = 0
    try:
        while True:
            pipe = client.pipeline(transaction=False)
            for _ in range(20):
                number += 1
                pipe.xadd("s", {"n": number})
            acknowledged += await pipe.execute()
    except (RedisError, OSError):
        return


async def until_running(store: EmbeddedStore, former: int | None) -> None:
    """Return when another server than `former` is up."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look() -> None:
        if store.state == "running" and store.pid not in {former, None}:
            event.set()
        else:
            loop.call_later(0.01, look)

    look()
    await asyncio.wait_for(event.wait(), 20)


async def test_kill_nine_loses_no_acknowledged_write(tmp_path: Path) -> None:
    """Three times the server is killed under load; every entry that was answered is there afterwards."""
    states: list[str] = []
    store = EmbeddedStore(tmp_path / "var", on_exit=states.append, ballast_bytes=SMALL)
    await store.start()
    supervisor = asyncio.create_task(store.supervise())
    acknowledged: list[bytes] = []
    for _ in range(3):
        client, before, victim = connect(store), len(acknowledged), store.pid
        writer = asyncio.create_task(keep_adding(client, acknowledged))
        while len(acknowledged) < before + 400:
            await asyncio.wait_for(client.exists("s"), 5)
        assert victim
        os.kill(victim, signal.SIGKILL)
        await writer
        await until_running(store, victim)
        await client.aclose()
    client = connect(store)
    kept = {entry for entry, _ in await client.xrange("s") or []}
    await client.aclose()
    await store.stop()
    await asyncio.wait_for(supervisor, 5)
    assert states == ["restarting"] * 3
    assert len(acknowledged) >= 1200
    assert set(acknowledged) <= kept


@pytest.mark.parametrize("damage", ["cut off in the middle of a command", "followed by zeroes"])
async def test_a_damaged_tail_is_tolerated(store: EmbeddedStore, damage: str) -> None:
    """A file as a power loss leaves it, cut off or grown by zeroes, costs nothing that was complete."""
    await put(store, "whole", "1")
    await store.stop()
    tail = b"*3\r\n$3\r\nSET\r\n$4\r\nhal" if damage.startswith("cut off") else bytes(4096)
    with newest_file(store).open("ab") as file:
        file.write(tail)
    await store.start()
    assert await get(store, "whole") == b"1"
    await put(store, "next", "2")
    kept = newest_file(store).with_suffix(".cut")
    assert not kept.exists() or kept.read_bytes() == tail


async def test_large_damage_is_left_to_a_person(store: EmbeddedStore) -> None:
    """A file with more damage than one write could leave is not touched, and the start says what is wrong."""
    await put(store, "whole", "1")
    await store.stop()
    with newest_file(store).open("ab") as file:
        file.write(bytes(data_dir.MAX_CUT_BYTES + 1))
    size = newest_file(store).stat().st_size
    with pytest.raises(ConfigurationError, match="Bad file format"):
        await store.start()
    assert newest_file(store).stat().st_size == size
    assert store.state == "stopped"


async def test_a_new_router_starts_after_the_old_one_was_killed(tmp_path: Path) -> None:
    """Kill -9 of the router ends its server too, cleanly, and the next router finds the data."""
    folder = tmp_path / "var"
    pipe = asyncio.subprocess.PIPE
    router = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLD_A_STORE, folder, stdout=pipe)
    assert router.stdout
    assert (await router.stdout.readline()).strip().isdigit()
    store = EmbeddedStore(folder, ballast_bytes=SMALL)
    await put(store, "k", "v")
    router.kill()
    await router.wait()
    await store.start()
    assert await get(store, "k") == b"v"
    await store.stop()


async def test_a_server_left_behind_is_ended_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server outlives its router, the next start asks it to end before it opens the same files."""
    monkeypatch.setattr(embedded.sys, "platform", "elsewhere")
    left = EmbeddedStore(tmp_path / "var", ballast_bytes=SMALL)
    await left.start()
    await put(left, "k", "v")
    assert left._lock is not None
    os.close(left._lock)
    left._lock = None
    store = EmbeddedStore(tmp_path / "var", ballast_bytes=SMALL)
    await store.start()
    assert left._process
    assert await asyncio.wait_for(left._process.wait(), 5) == 0
    assert await get(store, "k") == b"v"
    await store.stop()


@pytest.mark.parametrize(
    ("deaths", "free_bytes", "has_ballast", "verdict"),
    [
        (1, 10**9, True, Verdict("restart", 0.05)),
        (2, 10**9, True, Verdict("restart", 0.1)),
        (4, 10**9, False, Verdict("restart", 0.4)),
        (5, 10**9, True, Verdict("give_up", 0.0)),
        (1, 0, True, Verdict("drop_ballast", 0.0)),
        (5, 0, True, Verdict("drop_ballast", 0.0)),
        (1, 0, False, Verdict("wait_for_space", 1.0)),
        (5, 0, False, Verdict("give_up", 0.0)),
    ],
)
def test_the_decision_after_a_death(deaths: int, free_bytes: int, has_ballast: bool, verdict: Verdict) -> None:
    """A lone death restarts, a full disk costs the ballast first and then waits, the fifth death ends it."""
    assert after_death(deaths, free_bytes, has_ballast=has_ballast) == verdict


async def test_a_full_disk_costs_the_ballast(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that died of a full disk comes back after the ballast has made room."""
    ballast = store.data_dir / "ballast"
    assert ballast.stat().st_blocks * 512 >= SMALL

    def free_bytes(_path: Path) -> int:
        return 0 if ballast.exists() else 10**9

    monkeypatch.setattr(embedded, "free_bytes", free_bytes)
    supervisor = asyncio.create_task(store.supervise())
    victim = store.pid
    assert victim
    os.kill(victim, signal.SIGKILL)
    await until_running(store, victim)
    assert not ballast.exists()
    await store.stop()
    await asyncio.wait_for(supervisor, 5)


async def test_a_server_that_keeps_dying_is_given_up(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five deaths within half a minute end the supervision with a state that says so, instead of a crash loop."""
    monkeypatch.setattr(embedded, "FIRST_DELAY_S", 0.0)
    supervisor = asyncio.create_task(store.supervise())
    for death in range(1, 6):
        victim = store.pid
        assert victim
        os.kill(victim, signal.SIGKILL)
        if death < 5:
            await until_running(store, victim)
    await asyncio.wait_for(supervisor, 5)
    assert store.state == "given_up"
