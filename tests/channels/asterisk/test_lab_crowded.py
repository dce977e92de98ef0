"""The laboratory again: phones that nobody answers, menus used badly, many calls when something dies."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import pytest

from channels.base import Connection
from tests.channels.asterisk.desk import settled
from tests.channels.asterisk.test_lab import Lab, ask, lab, members

__all__ = ["lab"]
pytestmark = pytest.mark.asterisk
CALLS = 20
SAID = {"media": "sound:vm-options", "topics": {"2": "TRA.GAT"}, "timeout_s": 1, "default": "OVR"}


@asynccontextmanager
async def callers(count: int = CALLS) -> AsyncGenerator[None]:
    """So many calls that stand until they are hung up by force."""
    sipp = shutil.which("sipp")
    if sipp is None:
        pytest.skip("no sipp to call with")
    scenario = f"-sn uac -s 1800 -m {count} -r {count} -l {count} -d 60000 -i 127.0.0.1 -p 5092 -nostdin".split()
    process = await asyncio.create_subprocess_exec(
        sipp, "127.0.0.1:5060", *scenario, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        for each in await ask("GET", "/channels"):
            await ask("DELETE", f"/channels/{each['id']}")


async def test_a_consulted_phone_that_is_rejected(lab: Lab) -> None:
    """Told; the two who talk talk on."""
    channel = await lab.open()
    contact = await lab.talk(channel)
    await channel.join(contact, f"{contact}.l2", "6002", speaks=True)
    await lab.second.hears("CALL_INCOMING")
    await lab.second.do("hangup")
    await lab.told(f"{contact}.l2", "agent_unreachable")
    await members(contact, 2)
    assert lab.inbox.ends == []


async def test_a_warm_transfer_that_is_rejected(lab: Lab) -> None:
    """The second phone rings when the transfer is made, and says no: the first is rung again and has the caller."""
    channel = await lab.open()
    contact = await lab.talk(channel)
    source = lab.inbox.seen[contact].source
    await channel.join(contact, f"{contact}.l2", "6002", speaks=True)
    await lab.second.hears("CALL_INCOMING")
    lab.stand(contact, "with_agent", f"{contact}.l3", "connecting", "6002")
    await channel.connect(Connection(contact, f"{contact}.l3", "6002", source, ""))
    await lab.agent.hears("CALL_CLOSED")
    await lab.second.do("hangup")
    await lab.told(f"{contact}.l3", "agent_unreachable")
    await lab.ring(channel, contact, f"{contact}.l4", "6001")
    await lab.agent.hears("CALL_INCOMING")
    await lab.agent.do("accept")
    await lab.told(f"{contact}.l4", "connected")
    await members(contact, 2)
    assert lab.inbox.ends == []


async def test_a_number_outside_that_is_rejected_or_not_answered(lab: Lab) -> None:
    """The caller is back, in music, and talks with the agent again."""
    channel = await lab.open(resident_ring_s=2)
    contact = await lab.talk(channel)
    for number, is_rejected in ((2, True), (3, False)):
        lab.inbox.setups.clear()
        await channel.transfer(contact, f"{contact}.l{number - 1}", "6002")
        await lab.second.hears("CALL_INCOMING")
        if is_rejected:
            await lab.second.do("hangup")
        await lab.told(contact, "no_answer")
        await lab.ring(channel, contact, f"{contact}.l{number}", "6001")
        await lab.agent.hears("CALL_INCOMING")
        await lab.agent.do("accept")
        await lab.told(f"{contact}.l{number}", "connected")
        await members(contact, 2)
    assert lab.inbox.ends == []


async def test_the_caller_hangs_up_during_an_announcement(lab: Lab) -> None:
    """Told once; nothing is played to nobody."""
    lab.inbox.wait_s = 30
    await lab.open(wait_bands=[{"up_to_s": 60, "media": "sound:vm-options"}])
    _, contact = await lab.call()
    await lab.caller.do("hangup")
    assert await lab.ended(contact) == "hung_up"


async def test_how_many_are_ahead_is_said(lab: Lab) -> None:
    """Asterisk has the words and the number, and the music comes back."""
    channel = await lab.open(wait_told="position", position={"before": "", "after": "", "say": "digits"})
    _, contact = await lab.call()
    await channel.wait(msgspec.structs.replace(lab.inbox.seen[contact], ahead=3))
    call = channel._calls.of_contact(contact)
    assert call is not None
    await settled(lambda: bool(call.said) and not call.playing, 10)
    assert call.said == "digits:3"


async def test_two_callers_and_one_agent(lab: Lab) -> None:
    """One talks, one hears music; then the other."""
    channel = await lab.open()
    first = await lab.talk(channel)
    _, second = await lab.call()
    await members(first, 2)
    await lab.agent.do("hangup")
    assert await lab.ended(first) == ""
    await lab.ring(channel, second, f"{second}.l1", "6001")
    await lab.agent.hears("CALL_INCOMING")
    await lab.agent.do("accept")
    await lab.told(f"{second}.l1", "connected")


@pytest.mark.parametrize("pressed", ["", "99", "*#"])
async def test_a_menu_used_badly(lab: Lab, pressed: str) -> None:
    """Nothing, or what means nothing, until the last try: the topic that is set for such callers."""
    await lab.open(menu=SAID | {"repeats": 0 if not pressed else 1})
    await lab.caller.do("dial", "sip:1800@127.0.0.1:5060")
    await lab.caller.hears("CALL_ESTABLISHED")
    for digit in pressed:
        await lab.caller.do("sndcode", digit)
    await settled(lambda: len(lab.inbox.contacts) == 1, 30)
    (found,) = lab.inbox.contacts.values()
    assert found.topic == "OVR"


async def test_the_router_dies_under_many_calls(lab: Lab) -> None:
    """The next one knows all of them: each can be taken, none is handed in again, each end is told once."""
    first = await lab.open()
    async with callers():
        await settled(lambda: len(lab.inbox.contacts) == CALLS, 15)
        await first.stop()
        second = await lab.open()
        assert second._calls.count == CALLS
        contact = next(iter(lab.inbox.contacts))
        await lab.ring(second, contact, f"{contact}.l1", "6001")
        await lab.agent.hears("CALL_INCOMING")
        await lab.agent.do("accept")
        await lab.told(f"{contact}.l1", "connected")
    await settled(lambda: len(lab.inbox.ends) == CALLS, 15)
    assert len(lab.inbox.contacts) == CALLS
    assert {contact for contact, _ in lab.inbox.ends} == set(lab.inbox.contacts)


async def test_the_pbx_dies_under_many_calls(lab: Lab) -> None:
    """Every caller's end is told, once, as nobody's doing."""
    channel = await lab.open()
    async with callers():
        await settled(lambda: len(lab.inbox.contacts) == CALLS, 15)
        _, writer = await asyncio.open_connection("127.0.0.1", 5038)
        login = b"Action: Login\r\nUsername: lab\r\nSecret: lab\r\n\r\n"
        writer.write(login + b"Action: Command\r\nCommand: core restart now\r\n\r\n")
        await writer.drain()
        await settled(lambda: len(lab.inbox.ends) == CALLS, 40)
        writer.close()
        await settled(lambda: channel.health().state == "up", 30)
    assert {end.reason for _, end in lab.inbox.ends} == {"line_lost"}
    assert len({contact for contact, _ in lab.inbox.ends}) == CALLS
