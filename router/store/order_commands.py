"""One method for the Lua command on supervisors' standing orders, and their reading."""

from typing import cast

import msgspec

from router.journal import EntryData, encode_data
from router.orders import Order, read_order
from router.store.coalescer import Argument
from router.store.runner import Runner

KEPT_MS = 86_400_000
"""An order that is over is kept for a day: who waits may still be served by it."""


class OrderCommands:
    """The orders of the tenant, one for each thing that they are about."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def set_order(self, order: Order, actor: str) -> int:
        """Keep an order, given now by `actor`; returns the entry's number, 0 when the same stands already."""
        order = msgspec.structs.replace(order, by=actor, at=0)
        said = msgspec.json.encode(order)
        data = EntryData(
            actor=actor, reason=order.reason, queue=order.queue, until=order.until, order=msgspec.Raw(said)
        )
        reply = await self._runner.run(
            "set_order",
            (self._keys.orders, self._keys.seq, self._keys.journal),
            (order.about, said, encode_data(data)),
            await self._over(),
        )
        return int(cast("int", reply[0]))

    async def all(self) -> list[Order]:
        """Every order that is kept, also those that are over, oldest first."""
        kept = await self._runner.read_hash(self._keys.orders)
        return sorted((_read(row) for row in kept.values()), key=lambda order: order.at)

    async def _over(self) -> list[Argument]:
        kept = await self._runner.read_hash(self._keys.orders)
        since = self._runner.clock.now_ms() - KEPT_MS
        over = [
            (about, row) for about, row in kept.items() if not (order := _read(row)).stands(since) and order.at < since
        ]
        return [part for pair in over for part in pair]


def _read(row: bytes) -> Order:
    at, _, text = row.partition(b" ")
    return read_order(text, int(at))
