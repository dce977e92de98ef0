"""What the commands' tests need: a store that a test may break."""

import uuid
from collections.abc import AsyncIterator

import pytest

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
