"""A switchboard for tests of the phone adapter: a PBX in memory, an inbox in memory, the channel between them."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from channels.asterisk.channel import AsteriskChannel
from channels.asterisk.settings import AsteriskSettings
from channels.base import Connection
from router.bench.pbx import ENTITY, Pbx
from tests.channels.recording_inbox import RecordingInbox
from tests.journeys.waiting import eventually

SOURCE = f"ari:{ENTITY}"


@dataclass
class Desk:
    """What a test works with."""

    pbx: Pbx
    inbox: RecordingInbox
    channel: AsteriskChannel

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until the adapter has done something; every word to the inbox follows a request, so ask again then."""
        await self.pbx.until(holds)

    async def taken(self, number: str = "+46701740605") -> tuple[str, str]:
        """A caller who waits: their channel and contact."""
        before = len(self.inbox.contacts)
        caller = await self.pbx.call_in(number)
        await self.pbx.asked_for("POST", f"/channels/{caller}/moh")
        assert len(self.inbox.contacts) == before + 1
        return caller, list(self.inbox.contacts)[-1]

    async def ringing(self, caller: str, contact: str, number: int = 1, agent: str = "6001") -> str:
        """An agent's phone rings for them; its channel."""
        leg = f"{contact}.l{number}"
        self.stand(contact, "with_agent", leg, "connecting", agent)
        await self.channel.connect(Connection(contact, leg, agent, SOURCE, caller))
        await self.pbx.asked_for("POST", f"/channels/sc.{leg}")
        return f"sc.{leg}"

    async def talking(self, agent: str = "6001") -> tuple[str, str, str]:
        """A caller and an agent who talk: the caller's channel, the contact, the agent's channel."""
        caller, contact = await self.taken()
        phone = await self.ringing(caller, contact, agent=agent)
        await self.pbx.pick_up(phone)
        await self.until_told((phone[3:], "connected"))
        self.stand(contact, "with_agent", phone[3:], "connected", agent)
        return caller, contact, phone

    def stand(self, contact: str, state: str, leg: str = "", leg_state: str = "", agent: str = "") -> None:
        """What the service says of a contact from now on."""
        seen = self.inbox.seen[contact]
        self.inbox.seen[contact] = msgspec.structs.replace(seen, state=state, leg=leg, leg_state=leg_state, agent=agent)

    def sent_on(self, contact: str) -> None:
        """The service says that the agent has sent the resident on outside."""
        self.inbox.seen[contact] = msgspec.structs.replace(self.inbox.seen[contact], is_sent_on=True)

    async def until_told(self, setup: tuple[str, str]) -> None:
        """Wait for a word about an agent's phone."""
        await settled(lambda: setup in self.inbox.setups)

    async def until_ended(self, contact: str) -> str:
        """Wait for a contact's end; its reason."""
        await settled(lambda: any(name == contact for name, _ in self.inbox.ends))
        reasons = [end.reason for name, end in self.inbox.ends if name == contact]
        assert len(reasons) == 1
        return reasons[0]


async def settled(holds: Callable[[], bool], limit_s: float = 15.0) -> None:
    """Wait for what the adapter tells the inbox."""

    async def told() -> bool:
        return holds()

    await eventually(told, limit_s)


@asynccontextmanager
async def desk(**settings: object) -> AsyncGenerator[Desk]:
    """A connected adapter."""
    async with Pbx() as pbx, connected(pbx, RecordingInbox(), **settings) as found:
        yield found


@asynccontextmanager
async def connected(pbx: Pbx, inbox: RecordingInbox, **settings: object) -> AsyncGenerator[Desk]:
    """An adapter on this PBX, from its start until its stop."""
    plan = msgspec.convert(
        {"url": pbx.url, "user": pbx.user, "password": pbx.password, "outside": "PJSIP/{number}@trunk"} | settings,
        AsteriskSettings,
    )
    channel = AsteriskChannel(inbox, plan)
    await channel.start()
    found = Desk(pbx, inbox, channel)
    try:
        if plan.mode == "dial":
            await pbx.until(lambda: bool(pbx.filter))
            await settled(lambda: channel.health().state == "up")
        yield found
    finally:
        await channel.stop()
