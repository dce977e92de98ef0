"""Adapter `reports`: the page where residents report faults and follow them, in Swedish and English, without scripts.

Scorecard. Can: take reports with photos and a place; tell before sending what is known there already; show whoever
holds a report's key how it stands and what was answered; take further words.
Cannot: reach anybody by itself: a reply waits on the page, notices by e-mail or text message are others' work.
Optional abilities: none. A second click, a reload: the same report. Our store is away: the page comes back with all
that was typed, and can be sent again. Our process dies: what was thanked for is durable; a photo that was kept for a
report that never came is swept. Runs on every router; keeps nothing but counts of addresses.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from channels.base import Channel, Inbox, Outgoing, Sent
from channels.catalogues import catalogues_of
from channels.reports.pages import ReportPages
from channels.reports.settings import ReportsSettings
from channels.site import Site, SiteTopic
from channels.written_pages import WrittenPages
from router.errors import ConfigurationError

NAME = "reports"


class ReportsChannel(WrittenPages):
    """Its pages, and the few things that the service asks of it."""

    def __init__(
        self,
        inbox: Inbox,
        now_ms: Callable[[], int],
        topics: Mapping[str, SiteTopic],
        settings: ReportsSettings,
        city: str,
    ) -> None:
        offered = offered_of(settings, topics)
        words = catalogues_of(Path(__file__).parent)
        super().__init__(NAME, inbox, ReportPages(inbox, now_ms, offered, settings, words, city))

    async def send(self, message: Outgoing) -> Sent:
        """Kept words stand on the report's page: they are there when the resident looks."""
        return Sent("sent", external_id=f"{message.contact}-{message.number}")


def offered_of(settings: ReportsSettings, topics: Mapping[str, SiteTopic]) -> Mapping[str, SiteTopic]:
    """What may be reported, in its order.

    Raises:
        ConfigurationError: a topic is unknown.
    """
    for i, code in enumerate(settings.topics):
        if code not in topics:
            raise ConfigurationError(f"unknown topic {code!r}", field=f"$.channels.reports.topics[{i}]")
    codes = settings.topics or tuple(code for code, topic in topics.items() if topic.is_fault)
    return {code: topics[code] for code in codes}


async def open_reports(site: Site, settings: ReportsSettings) -> Channel:
    """The channel that the settings describe."""
    return ReportsChannel(site.inbox, site.now_ms, site.topics, settings, site.city)
