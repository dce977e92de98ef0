"""What is around the point that a contact is about: its place, a known disturbance, open reports of the same.

Read at intake and when the topic becomes another, in the time that facts get; late is unknown, never zero. Decides
nothing.
"""

import asyncio
from collections.abc import Mapping

import msgspec

from channels.inbound import Location
from router.disturbances import Disturbance, Match, Point, match
from router.errors import ServicecenterError
from router.opening import Opening
from router.records import DISTURBANCE
from router.store.redis_store import Store
from rules.city import City

NEAR_M = 50
"""How far two reports of the same may be from each other."""
NEAR_MS = 14 * 86_400_000
"""A report that is older is no sign of a fault that others see now."""
FAULT = "fault"
OF_ITS_TOPIC = ("disturbance", "similar_open")
"""Facts that were found for one topic: about another one they are looked for anew."""


class Surroundings(msgspec.Struct, frozen=True):
    """What is known of the point, as facts, and what the report seems to repeat."""

    facts: Mapping[str, str | int | bool | None]
    related_to: str = ""
    """The disturbance (`disturbance:<id>`) or the open contact that says the same already."""
    point: Point | None = None
    """Where an open report of a fault is remembered, for whoever reports the same."""

    def of_topic(self) -> dict[str, str | int | bool | None]:
        """The facts that another topic changes; the place stays what it was."""
        return {name: self.facts.get(name) for name in OF_ITS_TOPIC}


class Surveyor:
    """Looks around points."""

    def __init__(self, store: Store, city: City, opening: Opening, *, timeout_s: float) -> None:
        self._store = store
        self._city = city
        self._opening = opening
        self._timeout_s = timeout_s

    async def look(self, location: Location | None, topic: str, now_ms: int, but: str = "") -> Surroundings:
        """Everything around the point; about nowhere, only whether any disturbance could matter.

        A contact that is known already, `but`, is not found to repeat itself.
        """
        point = Point(location.lat, location.lon) if location is not None else None
        place = self._city.places.at(*point) if point is not None else None
        known = self.disturbed(topic, point, place.district if place else "", now_ms)
        facts: dict[str, str | int | bool | None] = {"disturbance": known.is_known}
        if point is None or place is None:
            return Surroundings(facts)
        facts |= place.facts()
        if not self._is_fault(topic):
            return Surroundings(facts, _named(known))
        near = await self._near(point, topic, now_ms, but)
        facts["similar_open"] = None if near is None else len(near)
        return Surroundings(facts, _named(known) or (near[0] if near else ""), point)

    def disturbed(self, topic: str, point: Point | None, district: str, now_ms: int) -> Match:
        """Whether a disturbance that stands explains a report."""
        orders = self._opening.orders.disturbances(now_ms)
        standing: list[Disturbance] = [order.disturbance for order in orders if order.disturbance is not None]
        return match(standing, topic, point, district)

    def _is_fault(self, topic: str) -> bool:
        """Only reports of faults are about a public place; where other contacts come from is nobody's business."""
        found = self._city.topics.get(topic)
        return found is not None and FAULT in found.flags

    async def _near(self, point: Point, topic: str, now_ms: int, but: str) -> list[str] | None:
        """Open reports of the same nearby, nearest first; None when the store does not say so in time."""
        try:
            async with asyncio.timeout(self._timeout_s):
                since_ms = now_ms - NEAR_MS
                return await self._store.faults.near(point, topic, radius_m=NEAR_M, since_ms=since_ms, but=but)
        except (TimeoutError, ServicecenterError):
            return None


def _named(known: Match) -> str:
    return f"{DISTURBANCE}{known.disturbance}" if known.disturbance else ""
