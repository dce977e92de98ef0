"""Real SIP calls through a real Asterisk with SIP phones, when one answers on 127.0.0.1:8088 (user `lab`)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from channels.asterisk.channel import AsteriskChannel
from channels.asterisk.requests import channels as channels_asked
from channels.asterisk.settings import AsteriskSettings
from channels.base import Connection
from tests.channels.asterisk.desk import settled
from tests.channels.asterisk.softphone import Softphone
from tests.channels.recording_inbox import RecordingInbox

URL = "http://127.0.0.1:8088/ari"
AUTHORIZATION = {"Authorization": aiohttp.encode_basic_auth("lab", "lab")}
pytestmark = pytest.mark.asterisk


@dataclass
class Lab:
    """Three phones, an inbox in memory and the channel."""

    agent: Softphone
    second: Softphone
    caller: Softphone
    inbox: RecordingInbox
    stack: AsyncExitStack

    async def open(self, **settings: object) -> AsteriskChannel:
        """A connected adapter."""
        known = {"url": URL, "user": "lab", "password": "lab", "outside": "PJSIP/{number}"}
        channel = AsteriskChannel(self.inbox, msgspec.convert(known | settings, AsteriskSettings))
        await channel.start()
        self.stack.push_async_callback(channel.stop)
        await settled(lambda: channel.health().state == "up")
        return channel

    async def call(self) -> tuple[str, str]:
        """A caller who hears us; their channel and contact."""
        before = len(self.inbox.contacts)
        await self.caller.do("dial", "sip:1800@127.0.0.1:5060")
        await settled(lambda: len(self.inbox.contacts) > before)
        contact = list(self.inbox.contacts)[-1]
        await self.caller.hears("CALL_ESTABLISHED")
        return self.inbox.seen[contact].subject, contact

    async def ring(self, channel: AsteriskChannel, contact: str, leg: str, agent: str) -> None:
        """An agent takes the contact; their phone rings."""
        seen = self.inbox.seen[contact]
        self.stand(contact, "with_agent", leg, "connecting", agent)
        await channel.connect(Connection(contact, leg, agent, seen.source, seen.subject))

    async def talk(self, channel: AsteriskChannel) -> str:
        """Caller and first agent talk; the contact."""
        _, contact = await self.call()
        await self.ring(channel, contact, f"{contact}.l1", "6001")
        await self.agent.hears("CALL_INCOMING")
        await self.agent.do("accept")
        await self.told(f"{contact}.l1", "connected")
        self.stand(contact, "with_agent", f"{contact}.l1", "connected", "6001")
        return contact

    def stand(self, contact: str, state: str, leg: str, leg_state: str, agent: str) -> None:
        """What the service says of a contact."""
        self.inbox.seen[contact] = msgspec.structs.replace(
            self.inbox.seen[contact], state=state, leg=leg, leg_state=leg_state, agent=agent
        )

    async def told(self, leg: str, word: str) -> None:
        """Wait for a word about an agent's phone."""
        await settled(lambda: (leg, word) in self.inbox.setups)

    async def ended(self, contact: str) -> str:
        """Wait for the end of a contact; its reason."""
        await settled(lambda: any(name == contact for name, _ in self.inbox.ends))
        (end,) = (end for name, end in self.inbox.ends if name == contact)
        return end.reason


async def ask(method: str, path: str) -> list[dict[str, Any]]:
    """What Asterisk itself says."""
    async with aiohttp.ClientSession(headers=AUTHORIZATION) as http, http.request(method, URL + path) as answer:
        body = await answer.read()
    return msgspec.json.decode(body) if answer.status == 200 else [{"id": "not answering"}]


async def all_quiet() -> None:
    """Wait until no channel and no bridge of ours is left."""
    async with asyncio.timeout(15):
        while await ask("GET", channels_asked().path) or await ask("GET", "/bridges"):
            await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=0.05)


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    """The laboratory, when it is there; nothing may be left on a line afterwards."""
    try:
        await ask("GET", "/asterisk/info")
    except aiohttp.ClientError:
        pytest.skip("no Asterisk answers")
    async with AsyncExitStack() as phones, AsyncExitStack() as stack:
        agent, second, caller = [
            await phones.enter_async_context(Softphone(name)) for name in ("6001", "6002", "caller")
        ]
        yield Lab(agent, second, caller, RecordingInbox(), stack)
        for phone in (agent, second, caller):
            await phone.do("hangupall")
        await all_quiet()


async def test_a_whole_call(lab: Lab) -> None:
    """Answered, connected, ended by the agent: the caller's phone is down too."""
    channel = await lab.open()
    contact = await lab.talk(channel)
    assert lab.inbox.contacts[contact].channel == "phone"
    await lab.agent.do("hangup")
    assert await lab.ended(contact) == ""
    await lab.caller.hears("CALL_CLOSED")


async def test_the_caller_hangs_up_at_every_step(lab: Lab) -> None:
    """Waiting, ringing, talking: told once, and no phone goes on ringing."""
    channel = await lab.open()
    _, waiting = await lab.call()
    await lab.caller.do("hangup")
    assert await lab.ended(waiting) == "hung_up"
    _, ringing = await lab.call()
    await lab.ring(channel, ringing, f"{ringing}.l1", "6001")
    await lab.agent.hears("CALL_INCOMING")
    await lab.caller.do("hangup")
    assert await lab.ended(ringing) == "hung_up"
    await lab.agent.hears("CALL_CLOSED")
    talking = await lab.talk(channel)
    await lab.caller.do("hangup")
    assert await lab.ended(talking) == "hung_up"
    await lab.agent.hears("CALL_CLOSED")


async def test_an_agent_who_rejects_or_does_not_answer(lab: Lab) -> None:
    """The attempt fails, the caller waits on, the next agent gets them."""
    channel = await lab.open(ring_s=2)
    _, contact = await lab.call()
    await lab.ring(channel, contact, f"{contact}.l1", "6001")
    await lab.agent.hears("CALL_INCOMING")
    await lab.agent.do("hangup")
    await lab.told(f"{contact}.l1", "agent_unreachable")
    await lab.ring(channel, contact, f"{contact}.l2", "6001")
    await lab.told(f"{contact}.l2", "agent_unreachable")
    await lab.ring(channel, contact, f"{contact}.l3", "6009")
    await lab.told(f"{contact}.l3", "agent_unreachable")
    await lab.ring(channel, contact, f"{contact}.l4", "6002")
    await lab.second.hears("CALL_INCOMING")
    await lab.second.do("accept")
    await lab.told(f"{contact}.l4", "connected")


async def test_hold_consult_and_warm_transfer(lab: Lab) -> None:
    """The second agent joins while the caller hears music, then has the call; the first agent's phone is down."""
    channel = await lab.open()
    contact = await lab.talk(channel)
    first, second, third = f"{contact}.l1", f"{contact}.l2", f"{contact}.l3"
    await channel.hold(contact, first)
    await channel.join(contact, second, "6002", speaks=True)
    await lab.second.hears("CALL_INCOMING")
    await lab.second.do("accept")
    await members(contact, 2)
    lab.stand(contact, "with_agent", third, "connected", "6002")
    await channel.leave(contact, second)
    await channel.connect(Connection(contact, third, "6002", lab.inbox.seen[contact].source, ""))
    await lab.told(third, "connected")
    await lab.agent.hears("CALL_CLOSED")
    await members(contact, 2)
    assert lab.inbox.ends == []


async def test_a_supervisor_listens_then_speaks(lab: Lab) -> None:
    """A third, muted phone in the bridge."""
    channel = await lab.open()
    contact = await lab.talk(channel)
    await channel.join(contact, f"{contact}.l2", "6002", speaks=False)
    await lab.second.hears("CALL_INCOMING")
    await lab.second.do("accept")
    await members(contact, 3)
    await channel.join(contact, f"{contact}.l2", "6002", speaks=True)
    await channel.leave(contact, f"{contact}.l2")
    await lab.second.hears("CALL_CLOSED")
    await members(contact, 2)


async def test_a_phone_put_down_on_hold_rings_again(lab: Lab) -> None:
    """The caller hears music, then the agent again; not answered, they wait for the next one."""
    channel = await lab.open(ring_s=2)
    contact = await lab.talk(channel)
    leg = f"{contact}.l1"
    await channel.hold(contact, leg)
    await members(contact, 1)
    await lab.agent.do("hangup")
    await lab.agent.hears("CALL_INCOMING")
    await lab.agent.do("accept")
    await members(contact, 1)
    await channel.resume(contact, leg)
    await members(contact, 2)
    await channel.hold(contact, leg)
    await members(contact, 1)
    await lab.agent.do("hangup")
    await lab.told(leg, "agent_unreachable")
    await lab.ring(channel, contact, f"{contact}.l2", "6002")
    await lab.second.hears("CALL_INCOMING")
    await lab.second.do("accept")
    await lab.told(f"{contact}.l2", "connected")
    await members(contact, 2)
    assert lab.inbox.ends == []


async def test_a_transfer_to_a_number(lab: Lab) -> None:
    """The agent's phone is down at once, the number and the resident talk until one hangs up."""
    channel = await lab.open()
    contact = await lab.talk(channel)
    await channel.transfer(contact, f"{contact}.l1", "6002")
    await lab.agent.hears("CALL_CLOSED")
    await lab.second.hears("CALL_INCOMING")
    await channel.end(contact, "closed")
    await lab.second.do("accept")
    await members(contact, 2)
    await lab.second.do("hangup")
    await lab.caller.hears("CALL_CLOSED")


async def test_a_callback_rings_the_agent_first(lab: Lab) -> None:
    """Then the resident; when they do not answer, that is told and the agent's phone is let go."""
    channel = await lab.open(resident_ring_s=2)
    await lab.call()
    contact = list(lab.inbox.contacts)[-1]
    await lab.caller.do("hangup")
    await lab.ended(contact)
    for number, word in (("1", "no_answer"), ("2", "connected")):
        leg = f"{contact}.l{number}"
        await channel.connect(Connection(contact, leg, "6001", "", "", callback_to="6002"))
        await lab.agent.hears("CALL_INCOMING")
        await lab.agent.do("accept")
        await lab.second.hears("CALL_INCOMING")
        if word == "connected":
            await lab.second.do("accept")
        await lab.told(leg, word)
        if word == "no_answer":
            await lab.agent.hears("CALL_CLOSED")
    await members(contact, 2)
    await lab.second.do("hangup")
    await lab.agent.hears("CALL_CLOSED")


async def test_what_happened_while_nobody_listened(lab: Lab) -> None:
    """A router dies; the agent hangs up; the next router finds out that the conversation is over."""
    first = await lab.open()
    contact = await lab.talk(first)
    await first.stop()
    await lab.agent.do("hangup")
    await lab.agent.hears("CALL_CLOSED")
    await lab.open()
    assert await lab.ended(contact) == ""
    await lab.caller.hears("CALL_CLOSED")


async def test_a_talk_outlives_the_router(lab: Lab) -> None:
    """The next router knows both ends: it holds, resumes and ends the call."""
    first = await lab.open()
    contact = await lab.talk(first)
    await first.stop()
    second = await lab.open()
    await second.hold(contact, f"{contact}.l1")
    await members(contact, 1)
    await second.resume(contact, f"{contact}.l1")
    await members(contact, 2)
    await second.end(contact, "finished")
    await lab.caller.hears("CALL_CLOSED")
    await lab.agent.hears("CALL_CLOSED")


async def test_who_is_replaced_gives_way(lab: Lab) -> None:
    """A second connection for the application: the first says so and does not come back."""
    first = await lab.open()
    second = await lab.open()
    await settled(lambda: first.health().state == "replaced")
    assert second.health().state == "up"
    _, contact = await lab.call()
    await lab.caller.do("hangup")
    assert await lab.ended(contact) == "hung_up"


async def members(contact: str, count: int) -> None:
    """Wait until so many are in the contact's bridge."""
    async with asyncio.timeout(15):
        while True:
            found = [each for each in await ask("GET", "/bridges") if each["id"] == f"sc.{contact}"]
            if found and len(found[0]["channels"]) == count:
                return
            await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=0.05)


async def test_a_topic_by_digit(lab: Lab) -> None:
    """A digit of the caller's phone, pressed while the prompt is played, becomes the topic of the contact."""
    channel = await lab.open(menu={"media": "sound:vm-options", "topics": {"2": "TRA.GAT"}})
    await lab.caller.do("dial", "sip:1800@127.0.0.1:5060")
    await lab.caller.hears("CALL_ESTABLISHED")
    await lab.caller.do("sndcode", "2")
    await settled(lambda: len(lab.inbox.contacts) == 1)
    (contact,) = lab.inbox.contacts
    assert lab.inbox.contacts[contact].topic == "TRA.GAT"
    await lab.ring(channel, contact, f"{contact}.l1", "6001")
    await lab.agent.hears("CALL_INCOMING")
    await lab.agent.do("accept")
    await lab.told(f"{contact}.l1", "connected")


async def test_wait_bands_are_played_and_the_music_comes_back(lab: Lab) -> None:
    """An announcement ends by itself; whoever is connected in the middle of it does not hear its rest."""
    lab.inbox.wait_s = 30
    channel = await lab.open(wait_bands=[{"up_to_s": 60, "media": "sound:vm-options"}])
    _, contact = await lab.call()
    await lab.ring(channel, contact, f"{contact}.l1", "6001")
    await lab.agent.hears("CALL_INCOMING")
    await lab.agent.do("accept")
    await lab.told(f"{contact}.l1", "connected")


async def test_the_pbx_restarts_in_the_middle_of_a_call(lab: Lab) -> None:
    """Every call of before is told as over, and the next caller is taken."""
    channel = await lab.open()
    contact = await lab.talk(channel)
    _, writer = await asyncio.open_connection("127.0.0.1", 5038)
    writer.write(
        b"Action: Login\r\nUsername: lab\r\nSecret: lab\r\n\r\nAction: Command\r\nCommand: core restart now\r\n\r\n"
    )
    await writer.drain()
    assert await lab.ended(contact) == "line_lost"
    writer.close()
    await settled(lambda: channel.health().state != "up", 10)
    await settled(lambda: channel.health().state == "up", 30)
    await lab.caller.do("hangupall")
    await lab.call()


async def test_asterisk_opens_the_websocket_to_us(lab: Lab) -> None:
    """Outbound websocket: requests and events share one socket that Asterisk opened; a whole call over it."""
    plan = {"mode": "listen", "user": "pbx", "password": "made-up"}
    channel = AsteriskChannel(lab.inbox, msgspec.convert(plan, AsteriskSettings))
    app = web.Application()
    app.router.add_routes(channel.routes())
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await channel.start()
    lab.stack.push_async_callback(channel.stop)
    await runner.setup()
    lab.stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 18080).start()
    try:
        await settled(lambda: channel.health().state == "up", 20)
    except AssertionError:
        pytest.skip("this Asterisk opens no websocket to us")
    contact = await lab.talk(channel)
    await lab.agent.do("hangup")
    assert await lab.ended(contact) == ""
    await lab.caller.hears("CALL_CLOSED")
