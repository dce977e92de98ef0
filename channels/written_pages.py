"""Written channels that are pages of ours: the service listens for them, there is nothing to open or to connect."""

import contextlib
from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from channels.base import Channel, Connection, Health, Inbox
from channels.serving import Serves
from router.errors import ServicecenterError


class Pages(Protocol):
    """What an adapter serves."""

    def routes(self) -> Sequence[web.RouteDef]:
        """Its addresses and who answers them."""
        ...


class WrittenPages(Channel, Serves):
    """All of such a channel but `send`: whether words reach anybody, each knows for itself."""

    def __init__(self, name: str, inbox: Inbox, pages: Pages) -> None:
        self._name = name
        self._inbox = inbox
        self._pages = pages
        self._is_up = False

    @property
    def name(self) -> str:
        """As in the configuration."""
        return self._name

    def routes(self) -> Sequence[web.RouteDef]:
        """Those of its pages."""
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

    async def end(self, contact: str, reason: str) -> None:
        """Whoever wrote reads it when they look."""

    def health(self) -> Health:
        """Up as long as the service is."""
        return Health("up" if self._is_up else "stopped")
