"""Standing orders from the desktop: queues opened, closed and diverted, other hours, a crisis, disturbances.

Every router follows them from the journal; they end by themselves.
"""

from datetime import datetime

import msgspec

from router.declaring import Declaring
from router.desk.ground import DeskGround, Handler, bound
from router.desk.supervisor_commands import (
    BeginCrisis,
    CloseQueue,
    DeclareDisturbance,
    DivertQueue,
    EndCrisis,
    EndDisturbance,
    ExceptHours,
    OpenQueue,
)
from router.opening import check_order, hours_end
from router.orders import Order


class OrderDesk:
    """One method for each kind of order."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground
        self._declaring = Declaring(ground.store, ground.city, ground.opening)

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "queue.open": bound(OpenQueue, self.open_queue),
            "queue.close": bound(CloseQueue, self.close_queue),
            "queue.divert": bound(DivertQueue, self.divert_queue),
            "hours.exception": bound(ExceptHours, self.except_hours),
            "crisis.on": bound(BeginCrisis, self.begin_crisis),
            "crisis.off": bound(EndCrisis, self.end_crisis),
            "disturbance.declare": bound(DeclareDisturbance, self._declaring.declare),
            "disturbance.end": bound(EndDisturbance, self.end_disturbance),
        }

    async def open_queue(self, supervisor: str, wanted: OpenQueue) -> Order:
        """Open until then; without a time, the queue follows its hours again."""
        return await self._give(
            supervisor, Order("queue_open", queue=wanted.queue, until=_ms(wanted.until), reason=wanted.reason)
        )

    async def close_queue(self, supervisor: str, wanted: CloseQueue) -> Order:
        """Close until then, or until it is opened."""
        return await self._give(
            supervisor, Order("queue_closed", queue=wanted.queue, until=_ms(wanted.until), reason=wanted.reason)
        )

    async def divert_queue(self, supervisor: str, wanted: DivertQueue) -> Order:
        """Send new contacts elsewhere until then, or until the queue is opened."""
        order = Order("queue_diverted", queue=wanted.queue, to=wanted.to, until=_ms(wanted.until), reason=wanted.reason)
        return await self._give(supervisor, order)

    async def except_hours(self, supervisor: str, wanted: ExceptHours) -> Order:
        """Other hours on one day."""
        order = Order(
            "hours",
            queue=wanted.queue,
            date=wanted.date,
            name=wanted.name,
            open=wanted.open,
            until=hours_end(self._ground.city, wanted.date),
            reason=wanted.reason,
        )
        return await self._give(supervisor, order)

    async def begin_crisis(self, supervisor: str, wanted: BeginCrisis) -> Order:
        """Everybody answers those who wait; written work is held until the crisis ends."""
        return await self._give(supervisor, Order("crisis", until=_ms(wanted.until), reason=wanted.reason))

    async def end_crisis(self, supervisor: str, wanted: EndCrisis) -> Order:
        """The crisis is over now."""
        return await self._give(supervisor, Order("crisis", reason=wanted.reason), is_over=True)

    async def end_disturbance(self, supervisor: str, wanted: EndDisturbance) -> Order:
        """It is mended."""
        return await self._declaring.end(supervisor, wanted.id, wanted.reason)

    async def _give(self, supervisor: str, order: Order, *, is_over: bool = False) -> Order:
        """Check the order, make it durable and let every router know; `is_over`: what it is about ends with it."""
        now = self._ground.now_ms
        until = now if is_over else order.until
        given = msgspec.structs.replace(order, by=f"supervisor:{supervisor}", at=now, until=until)
        check_order(self._ground.city, given, given.at)
        await self._ground.store.orders.set_order(given, given.by)
        return given


def _ms(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment is not None else 0
