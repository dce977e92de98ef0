"""The desk: every command of the desktop by name, carried out for one agent, answered.

Knows no sockets. Raises the error that the desktop shows.
"""

from collections.abc import Mapping

from router.desk.commands import SUPERVISOR_COMMANDS
from router.desk.ground import DeskGround, Handler
from router.desk.handing_over import HandoverDesk
from router.desk.offers import OfferDesk
from router.desk.person import PersonDesk
from router.desk.presence import PresenceDesk
from router.desk.queues import QueueDesk
from router.desk.words import WordDesk
from router.desk.work import WorkDesk
from router.errors import Forbidden, UnknownCommand


class Desk:
    """All commands of the desktop."""

    def __init__(self, ground: DeskGround) -> None:
        presence = PresenceDesk(ground)
        words = WordDesk(ground)
        self._handlers: Mapping[str, Handler] = {
            **presence.handlers(),
            **OfferDesk(ground, presence).handlers(),
            **WorkDesk(ground).handlers(),
            **words.handlers(),
            **PersonDesk(ground).handlers(),
            **QueueDesk(ground).handlers(),
            **HandoverDesk(ground, words).handlers(),
        }

    async def command(self, agent: str, name: str, data: object, *, role: str = "agent") -> object:
        """Carry one command out; `data` is what the frame held.

        Raises:
            UnknownCommand: no command has this name.
            Forbidden: the command is a supervisor's.
            msgspec.ValidationError: the data does not fit the command.
        """
        if name in SUPERVISOR_COMMANDS and role != "supervisor":
            raise Forbidden("a supervisor's command", field="$.name")
        if name not in self._handlers:
            raise UnknownCommand(f"known: {', '.join(sorted(self._handlers))}", field="$.name")
        return await self._handlers[name](agent, data)
