"""Declaring what is out of order: a disturbance is a standing order, told to every router, that ends by itself.

Called from the desktop socket and over REST.
"""

import secrets
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from router.disturbances import Area, Disturbance
from router.errors import NotFound
from router.opening import Opening, check_order
from router.orders import Order
from router.store.redis_store import Store
from rules.city import City

DisturbanceId = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$")]
Message = Annotated[str, Meta(max_length=500)]
Instant = Annotated[datetime, Meta(tz=True)]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something is out of order; with an id that stands already, this takes its place."""

    topics: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...], Meta(min_length=1, max_length=50)]
    """Codes of the topics it explains, or groups such as `VAT.*`."""
    area: Area
    message_sv: Annotated[str, Meta(min_length=1, max_length=500)]
    """What residents are told."""
    until: Instant
    """When it ends by itself."""
    reason: Reason
    message_en: Message = ""
    expected_end_at: Instant | msgspec.UnsetType = msgspec.UNSET
    """When it is thought to be mended."""
    id: DisturbanceId | None = None
    """Left out, it gets one."""


class Declaring:
    """Declares disturbances, changes them and ends them."""

    def __init__(self, store: Store, city: City, opening: Opening) -> None:
        self._store = store
        self._city = city
        self._opening = opening

    def standing(self) -> tuple[Order, ...]:
        """Every disturbance that stands, as it was declared, oldest first."""
        return self._opening.orders.disturbances(self._store.clock.now_ms())

    async def declare(self, supervisor: str, wanted: Declaration) -> Order:
        """From now on reports about it are answered with its message.

        Raises:
            SchemaMismatch: a cell names what is not there; the field says which.
        """
        disturbance = Disturbance(
            id=wanted.id or "d" + secrets.token_hex(4),
            topics=wanted.topics,
            area=wanted.area,
            message_sv=wanted.message_sv,
            message_en=wanted.message_en,
            expected_end_at=_ms(wanted.expected_end_at),
        )
        order = Order("disturbance", disturbance=disturbance, until=_ms(wanted.until), reason=wanted.reason)
        return await self._give(supervisor, order)

    async def end(self, supervisor: str, disturbance_id: str, reason: str) -> Order:
        """It is mended, before its time.

        Raises:
            NotFound: no such disturbance stands.
        """
        for order in self.standing():
            if order.disturbance is not None and order.disturbance.id == disturbance_id:
                return await self._give(supervisor, msgspec.structs.replace(order, reason=reason), is_over=True)
        raise NotFound(disturbance_id, field="$.data.id")

    async def _give(self, supervisor: str, order: Order, *, is_over: bool = False) -> Order:
        now = self._store.clock.now_ms()
        given = msgspec.structs.replace(order, by=supervisor, at=now, until=now if is_over else order.until)
        check_order(self._city, given, given.at)
        await self._store.orders.set_order(given, f"supervisor:{supervisor}")
        self._opening.orders.apply(given)  # the journal tells it to every router, and to this one once more
        return given


def _ms(moment: datetime | msgspec.UnsetType) -> int:
    return 0 if isinstance(moment, msgspec.UnsetType) else int(moment.timestamp() * 1000)
