"""The queues as an agent sees them, and what a supervisor watches of the floor."""

import msgspec

from router.desk.commands import ListQueues
from router.desk.ground import DeskGround, Handler, bound
from router.desk.supervisor_commands import WatchFloor
from router.errors import UnknownQueue


class Watching(msgspec.Struct, frozen=True):
    """What one desktop watches from now on."""

    is_on: bool
    queues: tuple[str, ...] = ()
    """Only these queues, and alarms about them; empty is all."""
    agents: bool = False
    every_s: int = 1


class QueueDesk:
    """Figures of the queues and the floor."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "queue.list": bound(ListQueues, self.list_queues),
            "floor.watch": bound(WatchFloor, self.watch_floor),
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
