"""The queues as an agent sees them."""

from router.desk.commands import ListQueues
from router.desk.ground import DeskGround, Handler, bound


class QueueDesk:
    """Figures of the queues."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "queue.list": bound(ListQueues, self.list_queues),
        }

    async def list_queues(self, agent: str, wanted: ListQueues) -> object:
        """The queues' figures."""
        del agent, wanted
        return {"queues": self._ground.figures.queues()}
