"""What every theme of the desk stands on: store, city, cards, figures; and how a command finds its contact.

Knows no sockets and no command names.
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from channels.base import Capabilities, FileLimits
from channels.registry import CHANNELS
from router.callbacks import Callbacks
from router.cards import Cards
from router.config import FloorConfig, MeasuresConfig
from router.decisions import Fact
from router.desk.commands import Command
from router.errors import Forbidden, NotFound, StateError, UnknownChannel
from router.floor_care import FloorCare
from router.history import History
from router.identity import Identifier
from router.intake import Intake
from router.model import OpenContact
from router.opening import Opening
from router.redeciding import Redeciding
from router.register.amendable import Finished, Uncoded
from router.store.redis_store import Store
from rules.city import City

LEAST_WAIT_MS = 60_000
"""A moved contact waits at least so long before its steps are looked at: its waiting may have passed them."""
Handler = Callable[[str, object], Awaitable[object]]
Given = TypeVar("Given", bound=Command)


def bound(kind: type[Given], method: Callable[[str, Given], Awaitable[object]]) -> Handler:
    """A method that takes a frame's data and checks that it fits the command."""

    async def carry_out(agent: str, data: object) -> object:
        return await method(agent, msgspec.convert(data, kind))

    return carry_out


class PersonHistory(Protocol):
    """Earlier contacts of a person, from the register."""

    async def read(self, keys: tuple[str, ...], topic: str, now_ms: int) -> History:
        """Repeats, promises and protection of a person; unknown when the register does not answer."""
        ...

    async def history(self, person: str, limit: int) -> Sequence[object]:
        """Newest first, without content."""
        ...


class PastMatters(Protocol):
    """How contacts that are over ended, from the register."""

    async def finished(self, contact_id: str) -> Finished | None:
        """A contact that may have left the store; None when nothing is known of it (yet)."""
        ...

    async def uncoded(self, agent: str, since: int) -> Uncoded:
        """What an agent left uncoded of contacts received since (epoch ms)."""
        ...


class QueueFigures(Protocol):
    """The queues as the floor last published them."""

    def queues(self) -> object:
        """One row for each queue and medium."""
        ...


class Ways(Protocol):
    """How the adapters work that contacts came by."""

    def owes(self, integration: str) -> bool:
        """Whether words for the resident are owed until they are sent."""
        ...

    def file_limits(self, integration: str) -> FileLimits:
        """What may go along with an agent's words; none where no adapter of ours sends them."""
        ...

    def tell_typing(self, integration: str, contact: str) -> None:
        """Show the resident that the agent writes, where the adapter can."""
        ...

    @property
    def sets_up(self) -> bool:
        """Whether any of them has to bring resident and agent together."""
        ...

    def setup_s(self, integration: str, calls_out: str = "") -> float:
        """How long bringing resident and agent together may take; 0 where they are together at once.

        Of a call back `calls_out` is its channel: it goes by whichever line calls out for that.
        """
        ...


class TogetherAtOnce(Ways):
    """No adapter of ours: whoever accepts a contact is with its resident, and words are told as they come."""

    def owes(self, integration: str) -> bool:
        """Nothing."""
        del integration
        return False

    def file_limits(self, integration: str) -> FileLimits:
        """None."""
        del integration
        return FileLimits()

    def tell_typing(self, integration: str, contact: str) -> None:
        """Nobody sees it."""
        del integration, contact

    @property
    def sets_up(self) -> bool:
        """None does."""
        return False

    def setup_s(self, integration: str, calls_out: str = "") -> float:
        """No time."""
        del integration, calls_out
        return 0


TOGETHER_AT_ONCE = TogetherAtOnce()


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
    intake: Intake
    opening: Opening
    callbacks: Callbacks
    redeciding: Redeciding
    history: PersonHistory
    matters: PastMatters
    figures: QueueFigures
    measures: MeasuresConfig
    ways: Ways = TOGETHER_AT_ONCE

    @property
    def now_ms(self) -> int:
        """The store's time."""
        return self.store.clock.now_ms()

    async def setup_until(self, contact_id: str) -> int:
        """Until when the contact's channel must have brought resident and agent together; 0 when they are at once.

        Of a callback its agent says whether the resident answered, however long it rings.
        """
        if not self.ways.sets_up:
            return 0
        contact = await self.store.contact(contact_id)
        return 0 if contact is None or contact.callback_state else self.setup_of(contact)

    def setup_of(self, contact: OpenContact) -> int:
        """The same of a contact whose resident is on the line; a call back goes by another line than it came by."""
        setup_s = self.ways.setup_s(contact.integration, contact.channel if contact.callback_state else "")
        return self.now_ms + int(setup_s * 1000) if setup_s else 0

    async def may_open(self, agent: str, contact: OpenContact) -> bool:
        """Whether an agent may have this before them: what is restricted or protected is for who has such a skill."""
        if not contact.restricted and contact.protection == "none":
            return True
        reader = await self.store.agent(agent)
        skills = reader.record().skills if reader is not None else {}
        return any(skill.id in skills for skill in self.city.skills.values() if skill.restricted)

    def channel(self, code: str) -> Capabilities:
        """What a channel is.

        Raises:
            UnknownChannel: no adapter registers it.
        """
        if code not in CHANNELS:
            raise UnknownChannel(f"known: {', '.join(sorted(CHANNELS))}", field="$.data.channel")
        return CHANNELS[code]

    async def contact(self, contact_id: str) -> OpenContact:
        """The open contact.

        Raises:
            NotFound: it is not open (any more).
        """
        contact = await self.store.contact(contact_id)
        if contact is None:
            raise NotFound(contact_id, field="$.data.contact_id")
        return contact

    async def decide_again(self, point: str, contact_id: str, changes: Mapping[str, Fact] | None = None) -> int:
        """Ask the strategy again after something has changed; returns the contact's revision, 0 when it has gone.

        That somebody else was quicker is no error: their change was decided about as well.
        """
        contact = await self.store.contact(contact_id)
        if contact is None or not contact.decision:
            return 0
        with contextlib.suppress(StateError):
            if await self.redeciding.at(point, contact, changes) != "same":
                contact = await self.store.contact(contact_id)
        return contact.rev if contact is not None else 0

    async def taking_part(self, agent: str, contact_id: str) -> OpenContact:
        """The contact, if this agent may see it: it is theirs, or they have a leg beside the owner's.

        Raises:
            Forbidden: they have nothing to do with it.
        """
        contact = await self.contact(contact_id)
        if contact.agent == agent and contact.state in {"offered", "with_agent", "parked"}:
            return contact
        sides = await self.store.sides(contact_id) if contact.legs else {}
        if not any(side.agent == agent for side in sides.values()):
            raise Forbidden("the contact is not with you", field="$.data.contact_id")
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
