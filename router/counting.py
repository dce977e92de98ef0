"""Counts what the journal tells: contacts, offers, handovers, waits. Only the leader counts: nothing counts twice."""

from collections import OrderedDict
from collections.abc import Callable
from functools import cache

from router.journal import Entry
from router.telemetry import Metrics

REMEMBERED = 200_000
"""Contacts whose arrival is remembered until an agent has them."""


class JournalCounter:
    """A listener of the tail."""

    def __init__(self, metrics: Metrics, is_leading: Callable[[], bool]) -> None:
        self._metrics = metrics
        self._is_leading = is_leading
        self._contacts = cache(metrics.contacts.labels)
        self._offers = cache(metrics.offers.labels)
        self._arrived: OrderedDict[str, tuple[int, str, str, str]] = OrderedDict()
        """Contact -> received at, queue, medium, channel."""

    def follow(self, entry: Entry) -> None:
        """Count one entry."""
        if not self._is_leading():
            self._arrived.clear()
            return
        received = entry.data.received
        if received is not None and not received.is_observed and entry.transitions:
            queue = entry.placed.asks.queue if entry.placed else ""
            self._arrived[entry.data.contact] = (received.received_at, queue, received.medium, received.channel)
            if len(self._arrived) > REMEMBERED:
                self._arrived.popitem(last=False)
        for machine, thing, _, _, _, after in entry.transitions:
            if machine == "contact":
                self._count_contact(thing, after, entry)
            elif machine == "offer" and after != "issued":
                self._offers(self._medium(entry), after).inc()
            elif machine == "handover":
                self._metrics.handovers.labels(after).inc()

    def _count_contact(self, contact: str, after: str, entry: Entry) -> None:
        known = self._arrived.get(contact)
        channel = known[3] if known else entry.data.channel
        self._contacts(channel or "-", after).inc()
        if after == "offered":
            self._offers(self._medium(entry), "issued").inc()
        if after == "with_agent" and known is not None:
            received_at, queue, medium, _ = self._arrived.pop(contact)
            self._metrics.wait_seconds.labels(queue, medium).observe(max(0, entry.at - received_at) / 1000)
        elif after in {"closed", "abandoned", "cancelled"}:
            self._arrived.pop(contact, None)

    def _medium(self, entry: Entry) -> str:
        known = self._arrived.get(entry.data.contact)
        return entry.data.medium or (known[2] if known else "-")
