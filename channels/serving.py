"""Channels that residents or providers call over HTTP: their routes beside those of the service."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from aiohttp import web


@runtime_checkable
class Serves(Protocol):
    """A channel with routes of its own. What a handler raises as `ServicecenterError` leaves as problem+json."""

    def routes(self) -> Sequence[web.RouteDef]:
        """Called once, before `start`. Paths are the channel's own; no handler answers before it is durable."""
        ...
