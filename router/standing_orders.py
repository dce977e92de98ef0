"""Follows supervisors' standing orders: loads them once, then takes in each as the journal tells it. Gives none."""

from router.journal import Entry
from router.orders import Orders, read_order
from router.store.redis_store import Store

SET_ORDER = "set_order"


class StandingOrders:
    """The orders as this router knows them: those of the store, and every entry after."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.orders = Orders()
        """One object for life: whoever asks may keep it."""

    async def load(self) -> None:
        """Read what stands; after the position was taken from which the journal is followed, and after a gap."""
        self.orders.load(await self._store.orders.all())

    def follow(self, entry: Entry) -> None:
        """Take in one entry of the journal."""
        if entry.command == SET_ORDER:
            self.orders.apply(read_order(bytes(entry.data.order), entry.at))
