"""Adapter `open311`: GeoReport v2 with FixMyStreet's updates and statuses, for systems that post residents' reports.

Scorecard. Can: take reports with photos, places and the services' own questions; take further words about them; tell
how they stand, one or many, and how they have changed; let replies be read (`publish_replies`).
Cannot: hold, transfer, join, show typing: nobody is on the line. Optional abilities: none.
The other side sends again after a time-out: the same report is the same contact for as long as the inbox remembers
keys. Our store is away: 503, and they try again. Our process dies: what was answered is durable, what was not is sent
again. Runs on every router; keeps nothing.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from channels.base import Channel, Inbox, Outgoing, Sent
from channels.catalogues import catalogues_of
from channels.open311.pages import Open311Pages
from channels.open311.services import services_of
from channels.open311.settings import Open311Settings
from channels.site import Site, SiteTopic
from channels.written_pages import WrittenPages

NAME = "open311"


class Open311Channel(WrittenPages):
    """Its addresses, and the few things that the service asks of it."""

    def __init__(
        self,
        inbox: Inbox,
        now_ms: Callable[[], int],
        topics: Mapping[str, SiteTopic],
        settings: Open311Settings,
        public_url: str,
    ) -> None:
        self._settings = settings
        services = services_of(settings.services, topics, settings.language)
        words = catalogues_of(Path(__file__).parent)[settings.language]
        super().__init__(NAME, inbox, Open311Pages(inbox, now_ms, services, settings, words, public_url))

    async def send(self, message: Outgoing) -> Sent:
        """Replies are read by the other side with its next update, if they may be public; all else it tells itself."""
        if message.kind == "reply" and not self._settings.publish_replies:
            return Sent("failed", "no-way-back")
        return Sent("sent")


async def open_open311(site: Site, settings: Open311Settings) -> Channel:
    """The channel that the settings describe."""
    return Open311Channel(site.inbox, site.now_ms, site.topics, settings, site.public_url)
