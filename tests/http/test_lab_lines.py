"""Real SIP phones, a real Asterisk, the whole service: an agent's day in four calls, when the laboratory is there."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest
import pytest_asyncio

from router.config import Config
from tests.channels.asterisk.softphone import Softphone
from tests.desktop_client import DesktopClient
from tests.http.service_client import ServiceClient
from tests.journeys.waiting import eventually

URL = "http://127.0.0.1:8088/ari"
CONFIG = Config(channels={"asterisk": {"url": URL, "user": "lab", "password": "lab", "outside": "PJSIP/{number}"}})
pytestmark = pytest.mark.asterisk


@pytest_asyncio.fixture(loop_scope="module")
async def phones(service: ServiceClient) -> AsyncGenerator[tuple[Softphone, Softphone, Softphone]]:
    """Two agents' phones and a caller's, as soon as the service has the line."""
    headers = {"Authorization": aiohttp.encode_basic_auth("lab", "lab")}
    try:
        async with aiohttp.ClientSession(headers=headers) as http, http.get(f"{URL}/asterisk/info"):
            pass
    except aiohttp.ClientError:
        pytest.skip("no Asterisk answers")

    async def is_up() -> bool:
        return (await service.get("/readyz")).body["parts"].get("channel_asterisk") == "ok"

    await eventually(is_up)
    async with Softphone("6001") as first, Softphone("6002") as second, Softphone("caller") as caller:
        yield first, second, caller


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """The agent's id is the name of their phone."""
    del request
    return "6001"


async def taken(desk: DesktopClient) -> tuple[str, str]:
    """The agent takes what is offered: contact and leg."""
    offer = await desk.wait_event("offer.issued")
    done = await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    return str(offer["contact_id"]), str(done["leg_id"])


async def test_an_agents_calls(
    service: ServiceClient, desk: DesktopClient, phones: tuple[Softphone, Softphone, Softphone]
) -> None:
    """Talked to and hung up by the agent; left by the caller while it rings; rejected and back in its place."""
    agent, _, caller = phones
    await caller.do("dial", "sip:1800@127.0.0.1:5060")
    contact, _ = await taken(desk)
    await agent.hears("CALL_INCOMING")
    await agent.do("accept")
    await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
    await desk.command("work.hold", {"contact_id": contact})
    await desk.command("work.resume", {"contact_id": contact})
    await agent.do("hangup")
    await caller.hears("CALL_CLOSED")
    await desk.wait_event("leg.wrapping_up", lambda told: told["contact_id"] == contact)
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
    await service.state(contact, "closed")

    await caller.do("dial", "sip:1800@127.0.0.1:5060")
    contact, _ = await taken(desk)
    await agent.hears("CALL_INCOMING")
    await caller.do("hangup")
    await agent.hears("CALL_CLOSED")
    await service.state(contact, "abandoned")

    await caller.do("dial", "sip:1800@127.0.0.1:5060")
    contact, _ = await taken(desk)
    await agent.hears("CALL_INCOMING")
    await agent.do("hangup")
    assert (await desk.wait_event("presence.away"))["reason"] == "not_responding"
    await service.state(contact, "queued")
    await caller.do("hangup")
    await service.state(contact, "abandoned")


async def test_a_call_that_is_consulted_about_and_passed_on(
    service: ServiceClient, desk: DesktopClient, phones: tuple[Softphone, Softphone, Softphone]
) -> None:
    """The second agent joins by phone and desktop, gets the call by a warm transfer, and hangs up."""
    agent, second, caller = phones
    async with service.desktop("6002") as other:
        await desk.command("presence.set", {"state": "available"})
        await caller.do("dial", "sip:1800@127.0.0.1:5060")
        contact, leg = await taken(desk)
        await agent.hears("CALL_INCOMING")
        await agent.do("accept")
        await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
        await other.command("presence.set", {"state": "available"})
        started = await desk.command("consult.start", {"contact_id": contact, "to": {"agent": "6002"}})
        await other.command("consult.answer", {"leg_id": started["leg_id"]})
        await second.hears("CALL_INCOMING")
        await second.do("accept")
        await second.hears("CALL_ESTABLISHED")
        await desk.command("work.transfer", {"contact_id": contact, "to": {"agent": "6002"}, "kind": "warm"})
        await agent.hears("CALL_CLOSED")
        await second.do("hangup")
        await caller.hears("CALL_CLOSED")
        await other.wait_event("leg.wrapping_up", lambda told: told["contact_id"] == contact)
        await other.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        await desk.command("wrap_up.end", {"leg_id": leg})
        await service.go_home("6002")


async def test_a_call_that_is_passed_on_and_rejected_comes_back(
    service: ServiceClient, desk: DesktopClient, phones: tuple[Softphone, Softphone, Softphone]
) -> None:
    """The second agent's phone says no after the warm transfer: the first one's rings, and they talk on."""
    agent, second, caller = phones
    async with service.desktop("6002") as other:
        await desk.command("presence.set", {"state": "available"})
        await caller.do("dial", "sip:1800@127.0.0.1:5060")
        contact, _ = await taken(desk)
        await agent.hears("CALL_INCOMING")
        await agent.do("accept")
        await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
        await other.command("presence.set", {"state": "available"})
        started = await desk.command("consult.start", {"contact_id": contact, "to": {"agent": "6002"}})
        await other.command("consult.answer", {"leg_id": started["leg_id"]})
        await second.hears("CALL_INCOMING")
        await desk.command("work.transfer", {"contact_id": contact, "to": {"agent": "6002"}, "kind": "warm"})
        await agent.hears("CALL_CLOSED")
        await second.do("hangup")
        assert (await other.wait_event("presence.away"))["reason"] == "not_responding"
        await desk.wait_event("contact.with_agent", lambda told: told.get("status") == "recall")
        await agent.hears("CALL_INCOMING")
        await agent.do("accept")
        await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
        await agent.do("hangup")
        await caller.hears("CALL_CLOSED")
        await desk.wait_event("leg.wrapping_up", lambda told: told["contact_id"] == contact)
        await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        await service.state(contact, "closed")
        await service.go_home("6002")
