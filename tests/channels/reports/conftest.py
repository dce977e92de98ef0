"""The report pages on a real socket, and a resident who visits them."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import aiohttp
import pytest

from channels.reports.channel import ReportsChannel
from channels.reports.settings import ReportsSettings
from tests.channels.recording_inbox import RecordingInbox
from tests.channels.reports.reader import Page, Resident
from tests.channels.served import TOPICS, served

FILLED = {
    "topic": "GAT.HÅL",
    "text": "Djupt hål i cykelbanan.\n\nBarnen cyklar omkull.",
    "address": "Skolgatan 4",
    "position": "59,27412, 15,21337",
    "email": "kim@example.se",
    "tell_by": "email",
}
SETTINGS = ReportsSettings(
    urgent_phone="019-12 34 56", home_url="https://www.example.se/", privacy_url="https://www.example.se/gdpr",
    accessibility_url="https://www.example.se/tillganglighet", proxies=1, burst=2,
)  # fmt: skip


class Pages(NamedTuple):
    """The pages, the inbox behind them, somebody in front."""

    inbox: RecordingInbox
    channel: ReportsChannel
    url: str
    resident: Resident

    async def filled(self, **changes: str) -> Page:
        """The page that shows everything once more, reached at a person's pace."""
        page = await self.resident.open()
        self.inbox.time_ms += 10_000
        return await self.resident.press(page, "check", FILLED | changes)


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    """The adapter as a city would set it up."""
    inbox = RecordingInbox()
    channel = ReportsChannel(inbox, lambda: inbox.time_ms, TOPICS, SETTINGS, "Ekeby stad")
    async with served(channel) as url, aiohttp.ClientSession() as http:
        yield Pages(inbox, channel, url, Resident(url, http))
