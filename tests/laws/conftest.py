"""The house in one process, and the real service, for the laws."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.store.redis_store import Store
from tests.journeys.conftest import service, town
from tests.laws.house import House
from tests.manual_clock import ManualClock

__all__ = ["house", "service", "town"]  # the fixtures of the journeys serve here too


@pytest.fixture
async def house(store: Store, manual_clock: ManualClock, tmp_path: Path) -> AsyncIterator[House]:
    """The use cases under a clock that stands still."""
    async with House(store, manual_clock, tmp_path / "blobs") as opened:
        yield opened
