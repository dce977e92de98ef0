"""The desk: every command of the desktop by name, carried out for one agent, answered.

Knows no sockets. Raises the error that the desktop shows.
"""

from collections.abc import Mapping
from typing import cast

from router.desk.amending import AmendingDesk
from router.desk.attaching import AttachingDesk
from router.desk.callbacks import CallbackDesk
from router.desk.facts import FactDesk
from router.desk.ground import DeskGround, Handler
from router.desk.handing_over import HandoverDesk
from router.desk.legs import LegDesk
from router.desk.offers import OfferDesk
from router.desk.ordering import OrderDesk
from router.desk.parking import ParkingDesk
from router.desk.participants import Participants
from router.desk.person import PersonDesk
from router.desk.presence import PresenceDesk
from router.desk.queues import QueueDesk
from router.desk.suggestions import SuggestionDesk
from router.desk.supervising import SupervisorDesk
from router.desk.supervisor_commands import SUPERVISOR_COMMANDS
from router.desk.taking import TakingDesk
from router.desk.transfers import TransferDesk
from router.desk.words import WordDesk
from router.desk.work import WorkDesk
from router.errors import Forbidden, StaleRevision, UnknownCommand


class Desk:
    """All commands of the desktop."""

    def __init__(self, ground: DeskGround) -> None:
        presence = PresenceDesk(ground)
        words = WordDesk(ground)
        participants = Participants(ground)
        amending = AmendingDesk(ground)
        self._handlers: Mapping[str, Handler] = {
            **presence.handlers(),
            **OfferDesk(ground, presence).handlers(),
            **WorkDesk(ground).handlers(),
            **words.handlers(),
            **PersonDesk(ground).handlers(),
            **QueueDesk(ground).handlers(),
            **HandoverDesk(ground, words).handlers(),
            **TakingDesk(ground, presence).handlers(),
            **ParkingDesk(ground, words, presence).handlers(),
            **TransferDesk(ground, words, participants).handlers(),
            **LegDesk(ground, participants).handlers(),
            **CallbackDesk(ground, words).handlers(),
            **AttachingDesk(ground).handlers(),
            **SuggestionDesk(ground).handlers(),
            **FactDesk(ground).handlers(),
            **OrderDesk(ground).handlers(),
            **SupervisorDesk(ground, presence).handlers(),
            **amending.handlers(),
        }
        self._as_supervisor: Mapping[str, Handler] = {**self._handlers, **amending.supervisor_handlers()}

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
        handlers = self._as_supervisor if role == "supervisor" else self._handlers
        try:
            return await handlers[name](agent, data)
        except StaleRevision as stale:
            raise stale if stale.field else _explained(stale, data) from None


def _explained(stale: StaleRevision, data: object) -> StaleRevision:
    """What was seen too early, and what to do: the store says no more than the revision that there is now."""
    rev = int(stale.detail) if stale.detail.isdigit() else 0
    if isinstance(data, dict) and cast("Mapping[str, object]", data).get("rev", -1) != -1:
        problem = "the contact has changed since this revision: look at it again, decide anew, name the current one"
        return StaleRevision(problem, field="$.data.rev", rev=rev)
    return StaleRevision("the contact changed at the same moment: send the command again", field="$.data", rev=rev)
