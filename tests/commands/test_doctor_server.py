from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from router.clock import SystemClock
from router.commands.doctor import server as checks
from router.commands.doctor.findings import Finding
from router.config import Config, StoreConfig, load_config
from router.store.embedded import EmbeddedStore
from router.store.redis_store import Store
from tests.manual_clock import ManualClock


@pytest.fixture
async def scratch(tmp_path: Path) -> AsyncIterator[Store]:
    """A server of the test's own, whose settings it may spoil."""
    server = EmbeddedStore(tmp_path / "var", ballast_bytes=65_536)
    await server.start()
    store = Store(server.url, "default")
    await store.start()
    yield store
    await store.stop()
    await server.stop()


async def look(store: Store, config: StoreConfig | None = None) -> dict[str, Finding]:
    """The findings by name."""
    return {each.name: each for each in await checks.of_server(store, config or StoreConfig(), SystemClock())}


def config_for(**store: str) -> Config:
    """A configuration with these keys in [store]."""
    return load_config(None, {f"SERVICECENTER_STORE__{key.upper()}": value for key, value in store.items()})


async def test_our_own_server_is_fine(scratch: Store) -> None:
    """As it is started, the embedded store passes every check."""
    assert {each.status for each in (await look(scratch)).values()} == {"ok"}


@pytest.mark.parametrize(
    ("key", "value"), [("appendfsync", "no"), ("appendonly", "no"), ("maxmemory-policy", "allkeys-lru")]
)
async def test_a_setting_that_could_lose_contacts_is_an_error(scratch: Store, key: str, value: str) -> None:
    """Each of the three settings that a promise rests on is looked at."""
    await scratch.runner.write("CONFIG", "SET", key, value)
    finding = (await look(scratch))["store durability"]
    assert finding.status == "error"
    assert f"{key} is {value}" in finding.found


async def test_a_server_that_hides_its_settings_is_a_warning(scratch: Store) -> None:
    """Where CONFIG is forbidden, nobody knows."""
    await scratch.runner.write("ACL", "SETUSER", "default", "-config")
    assert (await look(scratch))["store durability"].status == "warning"


@pytest.mark.parametrize(("used", "status"), [(95, "error"), (85, "warning"), (50, "ok")])
def test_memory_that_runs_out_is_told_as_the_service_acts(used: int, status: str) -> None:
    """The same limits at which contacts are refused."""
    assert checks._memory({"used_memory": str(used), "maxmemory": "100"}).status == status


async def test_memory_without_a_limit_is_a_warning(scratch: Store) -> None:
    """The kernel would end the server instead of the server refusing."""
    await scratch.runner.write("CONFIG", "SET", "maxmemory", 0)
    assert (await look(scratch))["store memory"].status == "warning"


async def test_clocks_that_differ_are_told(scratch: Store) -> None:
    """A machine whose clock is wrong refuses signed webhooks."""
    now = SystemClock().now_ms()
    for off_ms, status in ((-10_000, "warning"), (1_000_000, "error")):
        clock = ManualClock(now + off_ms)
        found = {each.name: each.status for each in await checks.of_server(scratch, StoreConfig(), clock)}
        assert found["clock"] == status


async def test_replicas_that_are_missing_are_an_error(scratch: Store) -> None:
    """A service that waits for a replica which is not there answers nobody."""
    assert (await look(scratch, StoreConfig(replicas=1)))["replicas"].status == "error"


def test_a_server_too_old_is_an_error() -> None:
    """Versions are compared as numbers, and both families are known."""
    judge = checks._version
    assert judge({"redis_version": "7.0.15"}).status == "error"
    assert judge({"redis_version": "7.2.4"}).status == "ok"
    assert judge({"redis_version": "7.2.4", "valkey_version": "8.1.0"}).found == "Valkey 8.1.0"


async def test_a_store_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    """The finding stands in the list, and the other checks go on without a store."""
    async with checks.reached(config_for(redis_url=f"unix://{tmp_path / 'nobody.sock'}")) as (store, finding):
        assert store is None
        assert finding.status == "error"


async def test_an_address_that_is_none_is_an_error() -> None:
    """A redis_url of another kind is named, not a crash."""
    async with checks.reached(config_for(redis_url="http://somewhere")) as (store, finding):
        assert store is None
        assert finding.status == "error"


async def test_a_store_whose_file_is_damaged_is_an_error_and_left_alone(tmp_path: Path) -> None:
    """The server refuses to load; the file stays as it is for a person to look at."""
    server = EmbeddedStore(tmp_path / "var", ballast_bytes=65_536)
    await server.start()
    store = Store(server.url, "default")
    await store.start()
    for number in range(50):
        await store.runner.write("SET", f"key{number}", "x" * 60_000)
    await store.stop()
    await server.stop()
    (file,) = (tmp_path / "var" / "store" / "appendonlydir").glob("*.incr.aof")
    damaged = bytearray(file.read_bytes())
    damaged[100_000:100_020] = b"\xff" * 20
    damaged[130_000:190_000] = b"\xff" * 60_000
    file.write_bytes(damaged)
    async with checks.reached(config_for(data_dir=str(tmp_path / "var"))) as (found, finding):
        assert found is None
        assert finding.status == "error"
    assert file.read_bytes() == bytes(damaged)


def test_a_finding_has_the_four_keys_of_the_document() -> None:
    """What scripts read does not change unnoticed."""
    assert msgspec.to_builtins(Finding("a", "ok", "b")) == {"name": "a", "status": "ok", "found": "b", "todo": ""}
