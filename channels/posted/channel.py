"""Adapter `posted`: forms of web pages and apps, mapped to contacts of any registered channel by configuration alone.

Scorecard. Can: take JSON and forms with files from systems (bearer key, Standard Webhooks) and from visitors' browsers;
take further words of a contact; let the system that posts read how it stands and what was answered (`answers`).
Cannot: reach anybody by itself: without `answers` a reply fails with `no-way-back` and whoever wrote it is told.
Optional abilities: none. The other side posts again: the same id is the same contact. Our store is away: 503, and they
try again. Our process dies: what was answered is durable. Runs on every router; keeps nothing but counts of addresses.
"""

import contextlib
from collections.abc import Callable, Sequence

from aiohttp import web

from channels.base import Channel, Connection, Health, Inbox, Outgoing, Sent
from channels.posted.doors import Doors
from channels.posted.pages import FormPages
from channels.posted.settings import PostedSettings, check, source_of
from channels.site import Site
from router.errors import ServicecenterError

NAME = "posted"


class PostedChannel:
    """Its addresses, and the few things that the service asks of it."""

    def __init__(self, inbox: Inbox, now_ms: Callable[[], int], settings: PostedSettings) -> None:
        check(settings)
        self._inbox = inbox
        self._is_up = False
        self._pages = FormPages(inbox, settings, Doors(settings, inbox.sign, now_ms), now_ms)
        self._answering = {source_of(name, form) for name, form in settings.forms.items() if form.answers}

    @property
    def name(self) -> str:
        """As in the configuration."""
        return NAME

    def routes(self) -> Sequence[web.RouteDef]:
        """Below `/v1/forms`."""
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
        """Kept words are read by the system that posted, where it may."""
        return Sent("sent") if message.source in self._answering else Sent("failed", "no-way-back")

    async def end(self, contact: str, reason: str) -> None:
        """The other side reads it when it asks."""

    def health(self) -> Health:
        """Up as long as the service is."""
        return Health("up" if self._is_up else "stopped")


async def open_posted(site: Site, settings: PostedSettings) -> Channel:
    """The channel that the settings describe."""
    return PostedChannel(site.inbox, site.now_ms, settings)
