"""The queues as an agent sees them, and what a supervisor watches of the floor."""

import msgspec

from router.desk.commands import ListQueues
from router.desk.ground import DeskGround, Handler, bound
from router.desk.supervisor_commands import ListWaiting, WatchFloor
from router.errors import UnknownQueue
from router.journal import Asks

MOST_WAITING = 10_000
"""Of one bucket; more are not counted."""


class Watching(msgspec.Struct, frozen=True):
    """What one desktop watches from now on."""

    is_on: bool
    queues: tuple[str, ...] = ()
    """Only these queues, and alarms about them; empty is all."""
    agents: bool = False
    every_s: int = 1


class WaitingContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """One contact that waits, without its content."""

    contact_id: str
    rev: int
    channel: str
    medium: str
    order_class: int
    """0 emergency, 1 live, 2 written."""
    ready_at: int
    """Since when it waits (epoch ms); its place."""
    due_at: int
    """Epoch ms."""
    require: dict[str, int] = {}
    """Skill -> lowest level that the innermost ring asks for."""
    teams: tuple[str, ...] = ()
    agent_id: str = ""
    """The one agent it waits for, for a while."""
    is_restricted: bool = False


class WaitingList(msgspec.Struct, frozen=True):
    """The first of those who wait, and how many there are."""

    queue: str
    total: int
    contacts: list[WaitingContact]


class QueueDesk:
    """Figures of the queues and the floor."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "queue.list": bound(ListQueues, self.list_queues),
            "floor.watch": bound(WatchFloor, self.watch_floor),
            "queue.waiting": bound(ListWaiting, self.list_waiting),
        }

    async def list_queues(self, agent: str, wanted: ListQueues) -> object:
        """The queues' figures."""
        del agent, wanted
        return {"queues": self._ground.figures.queues()}

    async def watch_floor(self, supervisor: str, wanted: WatchFloor) -> Watching:
        """What is to be watched, checked; whoever holds the socket sends the frames.

        Raises:
            UnknownQueue: the city has no such queue.
        """
        del supervisor
        known = self._ground.city.queues
        for number, queue in enumerate(wanted.queues):
            if queue not in known:
                raise UnknownQueue(f"known: {', '.join(sorted(known))}", field=f"$.data.queues[{number}]")
        return Watching(not wanted.off, tuple(sorted(set(wanted.queues))), wanted.agents, wanted.every_s)

    async def list_waiting(self, supervisor: str, wanted: ListWaiting) -> WaitingList:
        """Who waits, emergencies before calls before letters, each in the order of their places.

        Raises:
            UnknownQueue: the city has no such queue.
        """
        del supervisor
        store = self._ground.store
        if wanted.queue not in self._ground.city.queues:
            raise UnknownQueue(f"known: {', '.join(sorted(self._ground.city.queues))}", field="$.data.queue")
        total, found = 0, list[tuple[int, int, str, Asks]]()
        for bucket, asks in (await store.buckets_of(wanted.queue)).items():
            if wanted.medium in {"", asks.medium}:
                heads = await store.heads(bucket, MOST_WAITING)
                total += len(heads)
                found += [(asks.order_class, score, contact, asks) for score, contact in heads[: wanted.limit]]
        first = sorted(found, key=lambda row: row[:3])[: wanted.limit]
        rows = await store.read_fields([contact for _, _, contact, _ in first], "rev", "ready_at", "due_at")
        contacts = [_waiting(contact, asks, row) for (_, _, contact, asks), row in zip(first, rows, strict=True)]
        return WaitingList(wanted.queue, total, contacts)


def _waiting(contact: str, asks: Asks, row: list[bytes | None]) -> WaitingContact:
    rev, ready_at, due_at = (int(cell or 0) for cell in row)
    return WaitingContact(
        contact_id=contact,
        rev=rev,
        channel=asks.channel,
        medium=asks.medium,
        order_class=asks.order_class,
        ready_at=ready_at,
        due_at=due_at,
        require=dict(asks.require),
        teams=asks.teams,
        agent_id=asks.agent,
        is_restricted=asks.is_restricted,
    )
