"""Supervisors' standing orders: which stand at a moment, and what they say of a queue. Pure.

Orders end by themselves at their `until`. Knows no calendar and no city: `router.opening` puts the two together.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from router.disturbances import Disturbance

OrderKind = Literal["queue_open", "queue_closed", "queue_diverted", "hours", "crisis", "floor_rule", "disturbance"]
QueueState = Literal["", "open", "closed", "diverted"]
"""What orders say of a queue; empty means nothing: it follows its hours."""
STATES: Mapping[str, QueueState] = {"queue_open": "open", "queue_closed": "closed", "queue_diverted": "diverted"}


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """One order; the latest about the same thing stands."""

    kind: OrderKind
    queue: str = ""
    """The queue it is about; hours without one are those of every queue."""
    to: str = ""
    """Where a diverted queue's contacts go."""
    date: str = ""
    """Hours: the local day, as an ISO date."""
    open: tuple[str, ...] = ()
    """Hours: spans such as `08:00-12:00`; none means closed."""
    name: str = ""
    """Hours: what the day is called, for residents. Floor rule: its id."""
    until: int = 0
    """When it ends by itself (epoch ms); 0 is when another order about the same thing takes its place."""
    disturbance: Disturbance | None = None
    """What is out of order."""
    is_citywide: bool = False
    """Floor rule: whether it is about every queue, not only the one whose figures have started it."""
    announce: str = ""
    """Floor rule: what those who wait are told while it holds."""
    banner: str = ""
    """Floor rule: a code for what desktops and the city's web show while it holds."""
    reason: str = ""
    by: str = ""
    at: int = 0
    """When it was given (epoch ms)."""

    @property
    def about(self) -> str:
        """What it is about: an order replaces the one before about the same."""
        if self.kind == "crisis":
            return "crisis"
        if self.kind == "floor_rule":
            return f"floor_rule:{self.queue}:{self.name}"
        if self.kind == "disturbance":
            return f"disturbance:{self.disturbance.id if self.disturbance else ''}"
        return f"hours:{self.queue}:{self.date}" if self.kind == "hours" else f"queue:{self.queue}"

    def stands(self, now_ms: int) -> bool:
        """Whether it holds now; opening a queue without an end only ends what stood before."""
        if self.until:
            return now_ms < self.until
        return self.kind not in {"queue_open", "crisis", "disturbance"}


_decode = msgspec.json.Decoder(Order).decode


def read_order(text: bytes, at: int) -> Order:
    """An order as it stands in the journal and the store, given at `at`."""
    return msgspec.structs.replace(_decode(text), at=at)


class Orders:
    """All orders, by what they are about; questions take the moment (epoch ms)."""

    def __init__(self, orders: Iterable[Order] = ()) -> None:
        self._latest: dict[str, Order] = {}
        self.load(orders)

    def load(self, orders: Iterable[Order]) -> None:
        """Begin anew with these."""
        self._latest = {order.about: order for order in orders}

    def apply(self, order: Order) -> None:
        """Take in an order, in the order of the journal."""
        self._latest[order.about] = order

    def standing(self, now_ms: int) -> tuple[Order, ...]:
        """Every order that holds, for people to see, oldest first."""
        return tuple(sorted((o for o in self._latest.values() if o.stands(now_ms)), key=lambda order: order.at))

    def latest(self, queue: str) -> Order | None:
        """The last order that opened, closed or diverted a queue, whether it still stands or not."""
        return self._latest.get(f"queue:{queue}")

    def about_queue(self, queue: str, now_ms: int) -> Order | None:
        """The order that opens, closes or diverts a queue now."""
        order = self.latest(queue)
        return order if order is not None and order.stands(now_ms) else None

    def state(self, queue: str, now_ms: int) -> QueueState:
        """Whether a queue is held open, closed or diverted; empty when no order says anything."""
        order = self.about_queue(queue, now_ms)
        return STATES[order.kind] if order is not None else ""

    def divert(self, queue: str, now_ms: int) -> str:
        """Where the queue's new contacts go: one hop at most; two that divert to each other keep their own."""
        order = self.about_queue(queue, now_ms)
        if order is None or order.kind != "queue_diverted":
            return queue
        onward = self.about_queue(order.to, now_ms)
        is_loop = onward is not None and onward.kind == "queue_diverted" and onward.to == queue
        return queue if is_loop else order.to

    def hours(self, queue: str, now_ms: int) -> tuple[Order, ...]:
        """The exceptions of a queue's hours that hold, those of every queue before its own."""
        found = (o for o in self._latest.values() if o.kind == "hours" and o.queue in {"", queue} and o.stands(now_ms))
        return tuple(sorted(found, key=lambda order: (order.queue, order.date)))

    def floor_rules(self, now_ms: int) -> tuple[Order, ...]:
        """The floor rules that hold, which the strategy itself has given."""
        return tuple(o for o in self._latest.values() if o.kind == "floor_rule" and o.stands(now_ms))

    def disturbances(self, now_ms: int) -> tuple[Order, ...]:
        """Every disturbance that stands, oldest first."""
        found = (order for order in self._latest.values() if order.kind == "disturbance" and order.stands(now_ms))
        return tuple(sorted(found, key=lambda order: (order.at, order.about)))

    def disturbance(self, name: str, now_ms: int) -> Disturbance | None:
        """The disturbance of this id, while it stands."""
        found = (order.disturbance for order in self.disturbances(now_ms))
        return next((each for each in found if each is not None and each.id == name), None)

    def crisis(self, now_ms: int) -> bool:
        """Whether the city is in crisis mode."""
        order = self._latest.get("crisis")
        return order is not None and order.stands(now_ms)
