"""What the commands' tests need: a store that a test may break, and logs that go on after a command has set them up."""

import logging
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.keyspace import wipe
from tests.store.scene import Scene


@pytest.fixture
async def scene(store_url: str, manual_clock: ManualClock) -> AsyncIterator[Scene]:
    """A tenant's floor on the worker's server."""
    store = Store(store_url, f"broken-{uuid.uuid4().hex[:12]}", clock=manual_clock)
    await store.start()
    yield Scene(store, manual_clock)
    await wipe(store)
    await store.stop()


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command sends the logs to a stream that ends with its test."""
    configured, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**configured)
    root.handlers[:] = handlers
    root.setLevel(level)
