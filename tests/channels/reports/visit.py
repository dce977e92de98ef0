"""A visit to the report pages: what is typed in, how a city sets them up, the way to the check page."""

from typing import NamedTuple

from channels.reports.channel import ReportsChannel
from channels.reports.settings import ReportsSettings
from tests.channels.recording_inbox import RecordingInbox
from tests.channels.reports.reader import Page, Resident

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
