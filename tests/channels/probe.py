"""A channel with every ability that keeps what it is told: for tests of everything above an adapter."""

import asyncio

import msgspec

from channels.adapters import Adapter
from channels.base import (
    Channel,
    Connection,
    Health,
    Holds,
    Inbox,
    Joins,
    Outgoing,
    Seen,
    Sent,
    State,
    Transfers,
    Types,
    Waits,
)
from channels.site import Site
from tests.journeys.waiting import eventually

Told = tuple[str, ...]


class ProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to set but a number, to be read from text too."""

    port: int = 0


class Probe(Channel, Waits, Holds, Transfers, Joins, Types):
    """Says yes to everything and remembers it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.told: list[Told] = []
        self.sent: list[Outgoing] = []
        self.answers: list[Sent] = []
        """What `send` answers next; afterwards, that it was sent."""
        self.connects = True
        """Whether it says at once that resident and agent are together."""
        self.state: State = "stopped"
        self._inbox: Inbox | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def adapter(
        self, code: str, *, sets_up: bool = False, owes: bool = False, leads: bool = False
    ) -> Adapter[ProbeSettings]:
        """The line of the table that opens it."""
        return Adapter(code, ProbeSettings, self._open, leads=leads, sets_up=sets_up, owes=owes)

    async def _open(self, site: Site, settings: ProbeSettings) -> Channel:
        del settings
        self._inbox = site.inbox
        return self

    @property
    def inbox(self) -> Inbox:
        """Its way in."""
        assert self._inbox is not None, "it was never opened"
        return self._inbox

    @property
    def name(self) -> str:
        """Its section's name."""
        return self._name

    async def start(self) -> None:
        """Up at once."""
        self.state = "up"

    async def stop(self) -> None:
        """Stopped at once."""
        self.state = "stopped"

    async def connect(self, connection: Connection) -> None:
        """Says that they are together, if it is to."""
        self.told.append(("connect", connection.contact, connection.leg, connection.agent, connection.callback_to))
        if self.connects:
            await self.inbox.connected(connection.leg)

    async def send(self, message: Outgoing) -> Sent:
        """Keeps the words."""
        self.sent.append(message)
        return self.answers.pop(0) if self.answers else Sent("sent")

    async def end(self, contact: str, reason: str) -> None:
        """Keeps it."""
        self.told.append(("end", contact, reason))

    def health(self) -> Health:
        """As it was set."""
        return Health(self.state)

    async def wait(self, seen: Seen) -> None:
        """Keeps where it waits; that its place has changed is no news here."""
        told = ("wait", seen.contact, seen.queue)
        if self.of(seen.contact)[-1:] != [told]:
            self.told.append(told)

    async def hold(self, contact: str, leg: str) -> None:
        """Keeps it."""
        self.told.append(("hold", contact, leg))

    async def resume(self, contact: str, leg: str) -> None:
        """Keeps it."""
        self.told.append(("resume", contact, leg))

    async def transfer(self, contact: str, leg: str, to: str) -> None:
        """Keeps it."""
        self.told.append(("transfer", contact, leg, to))

    async def join(self, contact: str, leg: str, agent: str, *, speaks: bool) -> None:
        """Keeps it."""
        self.told.append(("join", contact, leg, agent, "speak" if speaks else "listen"))

    async def leave(self, contact: str, leg: str) -> None:
        """Keeps it."""
        self.told.append(("leave", contact, leg))

    async def typing(self, contact: str, *, is_typing: bool) -> None:
        """Keeps it."""
        self.told.append(("typing", contact, str(is_typing)))

    def of(self, contact: str) -> list[Told]:
        """What it was told about one contact, in order."""
        return [each for each in self.told if each[1] == contact]

    async def until(self, contact: str, *words: str) -> list[Told]:
        """Wait until it has been told exactly these words about a contact."""

        async def told() -> list[Told]:
            found = self.of(contact)
            assert tuple(each[0] for each in found) == words, found
            return found

        return await eventually(told)
