"""Adapter `reports`: the page where residents report faults and follow them, in Swedish and English, without scripts.

Scorecard. Can: take reports with photos and a place; tell before sending what is known there already; show whoever
holds a report's key how it stands and what was answered; take further words.
Cannot: reach anybody by itself: a reply waits on the page, notices by e-mail or text message are others' work.
Optional abilities: none. A second click, a reload: the same report. Our store is away: the page comes back with all
that was typed, and can be sent again. Our process dies: what was thanked for is durable; a photo that was kept for a
report that never came is swept. Runs on every router; keeps nothing but counts of addresses.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from aiohttp import web

from channels.base import Channel, Connection, Health, Inbox, Outgoing, Sent
from channels.catalogues import catalogues_of
from channels.reports.pages import ReportPages
from channels.reports.settings import ReportsSettings
from channels.site import Site, SiteTopic
from router.errors import ConfigurationError, ServicecenterError

NAME = "reports"


class ReportsChannel:
    """Its pages, and the few things that the service asks of it."""

    def __init__(
        self,
        inbox: Inbox,
        now_ms: Callable[[], int],
        topics: Mapping[str, SiteTopic],
        settings: ReportsSettings,
        city: str,
    ) -> None:
        self._inbox = inbox
        self._is_up = False
        offered = offered_of(settings, topics)
        words = catalogues_of(Path(__file__).parent)
        self._pages = ReportPages(inbox, now_ms, offered, settings, words, city)

    @property
    def name(self) -> str:
        """As in the configuration."""
        return NAME

    def routes(self) -> Sequence[web.RouteDef]:
        """Below `/report`."""
        return self._pages.routes()

    async def start(self) -> None:
        """Nothing to open: the service listens."""
        self._is_up = True

    async def stop(self) -> None:
        """Nothing to close."""
        self._is_up = False

    async def connect(self, connection: Connection) -> None:
        """Written work is read at once: there is nobody to bring together, and nothing to fail."""
        with contextlib.suppress(ServicecenterError):
            await self._inbox.connected(connection.leg)

    async def send(self, message: Outgoing) -> Sent:
        """Kept words stand on the report's page: they are there when the resident looks."""
        return Sent("sent", external_id=f"{message.contact}-{message.number}")

    async def end(self, contact: str, reason: str) -> None:
        """The page says it."""

    def health(self) -> Health:
        """Up as long as the service is."""
        return Health("up" if self._is_up else "stopped")


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
