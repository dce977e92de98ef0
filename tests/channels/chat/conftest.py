"""A chat that serves, for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.channels.chat.chat_house import ChatHouse, opened


@pytest.fixture
async def house() -> AsyncIterator[ChatHouse]:
    """One router, as it is set without settings."""
    async with opened() as made:
        yield made
