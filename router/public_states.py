"""How contacts stand for whoever handed them in, and what is known at a place: what a channel may tell anybody.

The store says what is open now, the register what has been. Shows no words, no persons, nothing of protected persons.
"""

import asyncio
import re

import msgspec

from channels.inbound import Location
from channels.public_state import Nearby, Period, PublicState
from router.disturbances import Point
from router.errors import RegisterUnavailable, ServicecenterError
from router.model import OpenContact
from router.opening import Opening
from router.reading import Reading
from router.register import public
from router.register.public import Standing, Wanted
from router.store.redis_store import Store
from router.surroundings import FAULT, NEAR_M, NEAR_MS, Surveyor
from rules.city import City

_ID = re.compile(r"^[a-z0-9]{3,40}$")
FOLLOWING = frozenset({"answered", "closed"})
"""States of a report that does nothing but follow another."""
LOOK_S = 0.5
"""How long a resident who is about to report waits for what is known."""


class PublicStates:
    """Reads."""

    def __init__(self, store: Store, reading: Reading, city: City, opening: Opening) -> None:
        self._store = store
        self._reading = reading
        self._city = city
        self._opening = opening
        self._surveyor = Surveyor(store, city, opening, timeout_s=LOOK_S)

    async def one(self, integration: str, contact_id: str) -> PublicState | None:
        """A contact of an integration; a register that lags or is away hides no open one.

        Raises:
            RegisterUnavailable: it is over, and the register does not answer.
        """
        if not _ID.match(contact_id):
            return None
        contact = await self._store.contact(contact_id)
        if contact is not None and (contact.integration != integration or contact.protection != "none"):
            return None
        try:
            found = await self._reading.ask(public.one, integration, contact_id)
        except RegisterUnavailable:
            if contact is None:
                raise
            found = None
        if contact is not None:
            return self._told(_of_now(contact, found))
        return self._told(found) if found is not None else None

    async def many(self, integration: str, period: Period) -> tuple[PublicState, ...]:
        """Those of a period, newest first, as far as the register has come.

        Raises:
            RegisterUnavailable: the register does not answer.
        """
        wanted = Wanted(
            integration,
            period.since,
            period.until,
            period.by == "changed",
            period.source,
            period.topics,
            period.is_open,
            period.most,
        )
        return tuple(map(self._told, await self._reading.ask(public.many, wanted)))

    async def nearby(self, topic: str, location: Location) -> Nearby:
        """A disturbance that stands there, and open reports of the same fault; late is nothing."""
        now_ms = self._store.clock.now_ms()
        point = Point(location.lat, location.lon)
        place = self._city.places.at(*point)
        known = self._surveyor.disturbed(topic, point, place.district if place else "", now_ms)
        around = self._disturbance(known.disturbance, now_ms) if known.is_known else Nearby()
        if not self._is_fault(topic):
            return around
        times = await self._reports(point, topic, now_ms)
        return msgspec.structs.replace(around, reports=len(times), since=min(times, default=0))

    def _disturbance(self, name: str, now_ms: int) -> Nearby:
        disturbance = self._opening.orders.disturbance(name, now_ms)
        if disturbance is None:
            return Nearby()
        return Nearby(
            disturbance_sv=disturbance.message_sv,
            disturbance_en=disturbance.message_en,
            expected_end_at=disturbance.expected_end_at,
        )

    async def _reports(self, point: Point, topic: str, now_ms: int) -> list[int]:
        """When each open report of the same nearby was received."""
        try:
            async with asyncio.timeout(LOOK_S):
                near = await self._store.faults.near(point, topic, radius_m=NEAR_M, since_ms=now_ms - NEAR_MS)
                rows = await self._store.read_fields(near, "received_at")
        except (TimeoutError, ServicecenterError):
            return []
        return [int(at) for (at,) in rows if at]

    def _is_fault(self, topic: str) -> bool:
        found = self._city.topics.get(topic)
        return found is not None and FAULT in found.flags

    def _told(self, own: Standing) -> PublicState:
        """As channels know it; a place only of faults: where others ask from is nobody's business.

        What only follows another report stands as that one does: whoever reported second hears the same news.
        """
        found = own if own.leader is None else _as_led(own, own.leader)
        is_with_unit = found.handover_state in {"offered", "accepted", "done"}
        unit = self._city.units.get(found.unit) if is_with_unit else None
        location = None
        if found.lat is not None and found.lon is not None and self._is_fault(found.topic):
            location = Location(found.lat, found.lon)
        return PublicState(
            contact=found.id,
            source=found.source,
            state=found.state,
            received_at=found.received_at,
            changed_at=found.changed_at,
            topic=found.topic,
            unit=unit.name_sv if unit else "",
            handover=found.handover_state,
            handovers=int(found.handover.rpartition(".h")[2] or 0) if found.handover else 0,
            resolutions=found.resolutions,
            follows=own.leader is not None,
            closed_at=found.closed_at or 0,
            expected_at=found.finish_by if found.handover_state in {"offered", "accepted"} else 0,
            location=location,
        )


def _as_led(own: Standing, leader: Standing) -> Standing:
    """Its own name, place and arrival; everything that becomes of it is the other's."""
    return msgspec.structs.replace(
        leader,
        id=own.id,
        source=own.source,
        topic=own.topic,
        lat=own.lat,
        lon=own.lon,
        received_at=own.received_at,
        changed_at=max(own.changed_at, leader.changed_at),
    )


def _of_now(contact: OpenContact, found: Standing | None) -> Standing:
    """The store's word on what is open, with what only the register keeps."""
    lat, _, lon = contact.point.partition(" ")
    changed_at = max(contact.received_at, contact.leg_since, contact.closed_at, found.changed_at if found else 0)
    return Standing(
        id=contact.id,
        source=contact.source,
        state=contact.state,
        topic=contact.topic,
        unit=contact.unit,
        related_to=contact.attached_to or (found.related_to if found else ""),
        received_at=contact.received_at,
        changed_at=changed_at,
        closed_at=contact.closed_at or None,
        lat=float(lat) if lat else found.lat if found else None,
        lon=float(lon) if lon else found.lon if found else None,
        handover=contact.handover,
        handover_state=contact.handover_state,
        finish_by=found.finish_by if found else 0,
        resolutions=found.resolutions if found else (),
        leader=found.leader if found and contact.state in FOLLOWING else None,
    )
