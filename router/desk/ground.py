"""What every theme of the desk stands on: store, city, cards, figures; and how a command finds its contact.

Knows no sockets and no command names.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from router.cards import Cards
from router.config import FloorConfig
from router.desk.commands import Command
from router.errors import Forbidden, NotFound
from router.floor_care import FloorCare
from router.identity import Identifier
from router.model import OpenContact
from router.store.redis_store import Store
from rules.city import City

Handler = Callable[[str, object], Awaitable[object]]
Given = TypeVar("Given", bound=Command)


def bound(kind: type[Given], method: Callable[[str, Given], Awaitable[object]]) -> Handler:
    """A method that takes a frame's data and checks that it fits the command."""

    async def carry_out(agent: str, data: object) -> object:
        return await method(agent, msgspec.convert(data, kind))

    return carry_out


class PersonHistory(Protocol):
    """Earlier contacts of a person, from the register."""

    async def history(self, person: str, limit: int) -> Sequence[object]:
        """Newest first, without content."""
        ...


class QueueFigures(Protocol):
    """The queues as the floor last published them."""

    def queues(self) -> object:
        """One row for each queue and medium."""
        ...


class Changed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answer to a command that changed a contact."""

    contact_id: str
    rev: int
    leg_id: str = ""
    handover_id: str = ""


@dataclass(frozen=True)
class DeskGround:
    """Everything the themes share."""

    store: Store
    city: City
    cards: Cards
    care: FloorCare
    identifier: Identifier
    config: FloorConfig
    history: PersonHistory
    figures: QueueFigures

    @property
    def now_ms(self) -> int:
        """The store's time."""
        return self.store.clock.now_ms()

    async def contact(self, contact_id: str) -> OpenContact:
        """The open contact.

        Raises:
            NotFound: it is not open (any more).
        """
        contact = await self.store.contact(contact_id)
        if contact is None:
            raise NotFound(contact_id, field="$.data.contact_id")
        return contact

    async def own(self, agent: str, contact_id: str) -> OpenContact:
        """The contact, if it is offered to or with this agent.

        Raises:
            Forbidden: it is somebody else's.
        """
        contact = await self.contact(contact_id)
        if contact.agent != agent or contact.state not in {"offered", "with_agent", "parked"}:
            raise Forbidden("the contact is not with you", field="$.data.contact_id")
        return contact
