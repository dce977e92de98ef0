"""Fixtures for every room: one real server for each worker, a clock that stands still, a check that nothing leaks."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from router.store.embedded import EmbeddedStore
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.keyspace import leaks, wipe

SMALL_BALLAST = 65_536
# How fast examples are found and run says something of the machine and nothing of the code.
settings.register_profile("servicecenter", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("servicecenter")


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command sends the logs to a stream that ends with its test; whoever logs after it must not."""
    configured, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**configured)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def manual_clock() -> ManualClock:
    """A clock that stands at a Monday morning until it is moved."""
    return ManualClock()


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of this worker's own server; it has a loop of its own, because the loops of tests come and go."""
    server = EmbeddedStore(tmp_path_factory.mktemp("embedded") / "var", ballast_bytes=SMALL_BALLAST)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(server.start())
    yield server.url
    loop.run_until_complete(server.stop())
    loop.close()


@pytest.fixture
async def store(store_url: str, manual_clock: ManualClock) -> AsyncIterator[Store]:
    """A tenant of its own under a clock that stands still; afterwards every key must be accounted for."""
    opened = Store(store_url, f"test-{uuid.uuid4().hex[:12]}", clock=manual_clock)
    await opened.start()
    yield opened
    found = await leaks(opened)
    await wipe(opened)
    await opened.stop()
    assert not found, "keys or deadlines that belong to nothing open"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the checkout; tests that need it are skipped where it is absent."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the real data in ../shared/data")
    return folder
