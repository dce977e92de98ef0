"""Lines: the adapters that the configuration names, opened, started and stopped; one that leads, on one router only.

Owns when an adapter runs. Knows nothing of contacts.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from channels.adapters import Adapter
from channels.base import Channel, FileLimits, Health, SendsFiles, Types
from router.errors import ConfigurationError, ServicecenterError
from router.store.redis_store import Store

LEASE_MS = 10_000
RENEW_S = 3.0
STOP_S = 5.0
SETUP_S = 60.0
_log = structlog.get_logger(__name__)


@dataclass
class Line:
    """One adapter in service."""

    name: str
    adapter: Adapter[Any]
    channel: Channel
    is_running: bool = False

    @property
    def health(self) -> Health:
        """What the channel says; one that runs elsewhere is `stopped` here."""
        return self.channel.health() if self.is_running else Health("stopped")


class Lines:
    """Every line of one router."""

    def __init__(self, lines: Mapping[str, Line], store: Store, router_id: str) -> None:
        self._lines = dict(lines)
        self._store = store
        self._router_id = router_id
        self._typing: set[asyncio.Task[None]] = set()
        self.on_typing: Callable[[str, str], None] = self.type_here
        """Called when an agent writes to the resident of a contact that came by an adapter."""
        self.on_start: Callable[[str], None] = lambda _: None
        """Called with the name of each line that has started here."""

    @property
    def all(self) -> Collection[Line]:
        """Every line, running here or not."""
        return self._lines.values()

    def get(self, name: str) -> Line | None:
        """The line of an adapter, running or not."""
        return self._lines.get(name)

    def of_channel(self, code: str) -> Line | None:
        """The line that calls out for a channel: its first one that sets conversations up."""
        return next((line for line in self.all if line.adapter.code == code and line.adapter.sets_up), None)

    def owes(self, integration: str) -> bool:
        """Whether words for the resident are owed until they are sent."""
        line = self._lines.get(integration)
        return line is not None and line.adapter.owes

    def file_limits(self, integration: str) -> FileLimits:
        """What may go along with an agent's words; none where no adapter of ours sends them."""
        line = self._lines.get(integration)
        return line.channel.file_limits() if line is not None and isinstance(line.channel, SendsFiles) else FileLimits()

    def tell_typing(self, integration: str, contact: str) -> None:
        """Show the resident that the agent writes, on whichever router they are."""
        self.on_typing(integration, contact)

    def type_here(self, integration: str, contact: str) -> None:
        """Show it if the adapter runs here and can."""
        line = self._lines.get(integration)
        if line is not None and line.is_running and isinstance(line.channel, Types):
            task = asyncio.create_task(line.channel.typing(contact, is_typing=True), name="typing")
            self._typing.add(task)
            task.add_done_callback(self._typing.discard)

    @property
    def sets_up(self) -> bool:
        """Whether any of them has to bring resident and agent together."""
        return any(line.adapter.sets_up for line in self.all)

    def setup_s(self, integration: str, calls_out: str = "") -> float:
        """How long bringing resident and agent together may take; 0 where they are together at once."""
        line = self.of_channel(calls_out) if calls_out else self._lines.get(integration)
        return SETUP_S if line is not None and line.adapter.sets_up else 0

    async def start(self) -> None:
        """Start all that run everywhere.

        Raises:
            ConfigurationError: one can't run as it is configured.
        """
        for line in self.all:
            if not line.adapter.leads:
                await self._start(line)

    async def lead(self) -> float:
        """Take, keep or lose the leases of those that run on one router; how long to pause."""
        for line in self.all:
            if line.adapter.leads:
                await self._lead(line)
        return RENEW_S

    async def stop(self) -> None:
        """Stop all that run, each at the latest after STOP_S."""
        await asyncio.gather(*(self._stop(line) for line in self.all))

    async def _lead(self, line: Line) -> None:
        try:
            is_ours = await self._store.take_lease(f"channel:{line.name}", self._router_id, LEASE_MS)
        except ServicecenterError:
            # While the store is away nobody can take it over, and calls that stand must not fall for it.
            return
        if is_ours and not line.is_running:
            await self._start(line)
        elif not is_ours and line.is_running:
            _log.warning("channel_lost", channel=line.name)
            await self._stop(line)

    async def _start(self, line: Line) -> None:
        try:
            await line.channel.start()
        except ConfigurationError:
            raise
        except ServicecenterError as error:
            _log.warning("channel_not_started", channel=line.name, slug=error.slug)
            return
        line.is_running = True
        _log.info("channel_started", channel=line.name)
        self.on_start(line.name)

    async def _stop(self, line: Line) -> None:
        if not line.is_running:
            return
        line.is_running = False
        try:
            async with asyncio.timeout(STOP_S):
                await line.channel.stop()
        except Exception as error:  # noqa: BLE001 # whatever an adapter does, the others must be stopped
            _log.warning("channel_not_stopped", channel=line.name, error=type(error).__name__)
        if line.adapter.leads:
            with contextlib.suppress(ServicecenterError):
                # The next router need not wait for the lease to run out.
                await self._store.take_lease(f"channel:{line.name}", self._router_id, 1)
