"""A chat that serves, for each test; a browser for each file that needs one."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.channels.chat.browser import chromium
from tests.channels.chat.chat_house import ChatHouse, opened


@pytest.fixture
async def house() -> AsyncIterator[ChatHouse]:
    """One router, as it is set without settings."""
    async with opened() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Started once for a file; its tests run in the same loop."""
    async with chromium() as started:
        yield started
