"""The report pages on a real socket, and a resident who visits them."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from channels.reports.channel import ReportsChannel
from tests.channels.recording_inbox import RecordingInbox
from tests.channels.reports.reader import Resident
from tests.channels.reports.visit import SETTINGS, Pages
from tests.channels.served import TOPICS, served


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    """The adapter as a city would set it up."""
    inbox = RecordingInbox()
    channel = ReportsChannel(inbox, lambda: inbox.time_ms, TOPICS, SETTINGS, "Ekeby stad")
    async with served(channel) as url, aiohttp.ClientSession() as http:
        yield Pages(inbox, channel, url, Resident(url, http))
