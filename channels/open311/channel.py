"""Adapter `open311`: GeoReport v2 with FixMyStreet's updates and statuses, for systems that post residents' reports.

Scorecard. Can: take reports with photos, places and the services' own questions; take further words about them; tell
how they stand, one or many, and how they have changed; let replies be read (`publish_replies`).
Cannot: hold, transfer, join, show typing: nobody is on the line. Optional abilities: none.
The other side sends again after a time-out: the same report is the same contact for as long as the inbox remembers
keys. Our store is away: 503, and they try again. Our process dies: what was answered is durable, what was not is sent
again. Runs on every router; keeps nothing.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from aiohttp import web

from channels.base import Channel, Connection, Health, Inbox, Outgoing, Sent
from channels.catalogues import catalogues_of
from channels.open311.pages import Open311Pages
from channels.open311.services import services_of
from channels.open311.settings import Open311Settings
from channels.site import Site, SiteTopic
from router.errors import ServicecenterError

NAME = "open311"


class Open311Channel:
    """Its addresses, and the few things that the service asks of it."""

    def __init__(
        self,
        inbox: Inbox,
        now_ms: Callable[[], int],
        topics: Mapping[str, SiteTopic],
        settings: Open311Settings,
        public_url: str,
    ) -> None:
        self._inbox = inbox
        self._settings = settings
        self._is_up = False
        services = services_of(settings.services, topics, settings.language)
        words = catalogues_of(Path(__file__).parent)[settings.language]
        self._pages = Open311Pages(inbox, now_ms, services, settings, words, public_url)

    @property
    def name(self) -> str:
        """As in the configuration."""
        return NAME

    def routes(self) -> Sequence[web.RouteDef]:
        """Below `/open311/v2`."""
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
        """Replies are read by the other side with its next update, if they may be public; all else it tells itself."""
        if message.kind == "reply" and not self._settings.publish_replies:
            return Sent("failed", "no-way-back")
        return Sent("sent")

    async def end(self, contact: str, reason: str) -> None:
        """They read it with the next update."""

    def health(self) -> Health:
        """Up as long as the service is."""
        return Health("up" if self._is_up else "stopped")


async def open_open311(site: Site, settings: Open311Settings) -> Channel:
    """The channel that the settings describe."""
    return Open311Channel(site.inbox, site.now_ms, site.topics, settings, site.public_url)
