"""A call through Asterisk and the whole service: from the first ring to the agent's wrap-up, over real sockets."""

import dataclasses
from collections.abc import AsyncGenerator

import msgspec
import pytest_asyncio

from channels.adapters import ADAPTERS
from channels.asterisk.channel import AsteriskChannel, open_asterisk
from channels.asterisk.settings import AsteriskSettings
from channels.base import Channel
from channels.site import Site
from router.bench.pbx import Pbx
from router.config import Config
from tests.desktop_client import DesktopClient
from tests.http.service_client import ServiceClient
from tests.journeys.waiting import eventually

PBX = Pbx()
CONFIG = Config(
    channels={
        "asterisk": {
            "user": PBX.user,
            "password": PBX.password,
            "outside": "PJSIP/{number}@trunk",
            "callback_digit": "5",
            "wait_told": "position",
            "position": {"first": ""},
        }
    }
)
OPENED_LINES: list[AsteriskChannel] = []


async def opened(site: Site, settings: AsteriskSettings) -> Channel:
    """The adapter on the PBX in memory."""
    await PBX.open()
    channel = await open_asterisk(site, msgspec.structs.replace(settings, url=PBX.url))
    assert isinstance(channel, AsteriskChannel)
    OPENED_LINES.append(channel)
    return channel


OPENED = {"asterisk": dataclasses.replace(ADAPTERS["asterisk"], open=opened)}


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def switched_off(service: ServiceClient) -> AsyncGenerator[None]:
    """The PBX is gone when the module is."""
    assert service.url
    yield
    await PBX.close()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def line(service: ServiceClient) -> AsyncGenerator[AsteriskChannel]:
    """The line, as soon as this router leads it."""
    assert service.url
    channel = OPENED_LINES[-1]

    async def is_up() -> bool:
        return channel.health().state == "up"

    await eventually(is_up)
    yield channel
    for each in list(PBX.channels):
        await PBX.hang_up(each)
    PBX.asked.clear()


async def rung(service: ServiceClient, desk: DesktopClient, number: str) -> tuple[str, str, str, str]:
    """A caller whom an agent has taken: the caller's channel, the contact, its leg, the agent's channel."""
    caller = await PBX.call_in(number)
    offer = await desk.wait_event("offer.issued")
    contact = str(offer["contact_id"])
    told = await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    leg = str(told["leg_id"])
    await PBX.asked_for("POST", f"/channels/sc.{leg}")
    assert (await service.get(f"/v1/contacts/{contact}")).body["state"] == "with_agent"
    return caller, contact, leg, f"sc.{leg}"


async def test_a_call_from_first_ring_to_wrap_up(service: ServiceClient, desk: DesktopClient) -> None:
    """Taken, offered, rung, connected, held, resumed; the agent hangs up and wraps up."""
    caller, contact, leg, phone = await rung(service, desk, "+46701740605")
    await PBX.pick_up(phone)
    await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
    await PBX.until(lambda: PBX.bridges.get(f"sc.{contact}") == [caller, phone])
    await desk.command("work.hold", {"contact_id": contact})
    await PBX.until(lambda: PBX.bridges[f"sc.{contact}"] == [phone])
    await desk.command("work.resume", {"contact_id": contact})
    await PBX.until(lambda: caller in PBX.bridges[f"sc.{contact}"])
    await PBX.hang_up(phone)
    await PBX.until(lambda: caller not in PBX.channels)
    await desk.wait_event("leg.wrapping_up", lambda told: told["contact_id"] == contact)
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
    await service.state(contact, "closed")
    assert leg


async def test_the_agent_finishes_and_the_caller_is_hung_up(service: ServiceClient, desk: DesktopClient) -> None:
    """The desktop ends the call: both phones are down."""
    _, contact, _, phone = await rung(service, desk, "+46701740606")
    await PBX.pick_up(phone)
    await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
    await PBX.until(lambda: not PBX.channels)


async def test_a_phone_that_is_not_answered_gives_the_call_back(service: ServiceClient, desk: DesktopClient) -> None:
    """The caller is back at their place, in music; the agent is away and hears why."""
    caller, contact, _, phone = await rung(service, desk, "+46701740607")
    await PBX.hang_up(phone, 19)
    assert (await desk.wait_event("presence.away"))["reason"] == "not_responding"
    assert caller in PBX.channels
    await PBX.until(lambda: phone not in PBX.channels)

    async def is_back() -> bool:  # in the queue, or on the way out of it, since nobody else is at work
        found = await service.get(f"/v1/contacts/{contact}")
        return found.body["state"] in {"queued", "callback"}

    await eventually(is_back)


async def test_the_caller_hangs_up_before_anybody_answers(service: ServiceClient, desk: DesktopClient) -> None:
    """Abandoned; the agent's phone stops ringing."""
    caller, contact, _, phone = await rung(service, desk, "+46701740608")
    await PBX.hang_up(caller)
    await service.state(contact, "abandoned")
    await PBX.until(lambda: phone not in PBX.channels)


async def test_a_lost_line_is_caught_up_with(
    service: ServiceClient, desk: DesktopClient, line: AsteriskChannel
) -> None:
    """The socket breaks in the middle of a talk; the agent hangs up meanwhile: the service knows it afterwards."""
    _, contact, _, phone = await rung(service, desk, "+46701740609")
    await PBX.pick_up(phone)
    await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
    PBX.is_away = True
    await PBX.drop_socket()

    async def is_down() -> bool:
        return line.health().state == "down"

    await eventually(is_down)
    await PBX.hang_up(phone)
    PBX.is_away = False
    await desk.wait_event("leg.wrapping_up", lambda told: told["contact_id"] == contact)
    await PBX.until(lambda: not PBX.channels)


async def test_a_consulted_agent_gets_the_call(service: ServiceClient, desk: DesktopClient) -> None:
    """A warm transfer: the consulted phone stays, the first is let go; the second agent hangs up and wraps up."""
    caller, contact, _, phone = await rung(service, desk, "+46701740610")
    await PBX.pick_up(phone)
    await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
    async with service.desktop("second") as other:
        await other.command("presence.set", {"state": "available"})
        started = await desk.command("consult.start", {"contact_id": contact, "to": {"agent": "second"}})
        side = f"sc.{started['leg_id']}"
        await other.command("consult.answer", {"leg_id": started["leg_id"]})
        await PBX.asked_for("POST", f"/channels/{side}")
        await PBX.pick_up(side)
        await PBX.until(lambda: PBX.bridges[f"sc.{contact}"] == [caller, phone, side])
        await desk.command("work.transfer", {"contact_id": contact, "to": {"agent": "second"}, "kind": "warm"})
        await PBX.until(lambda: PBX.bridges[f"sc.{contact}"] == [caller, side])
        assert phone not in PBX.channels
        await PBX.hang_up(side)
        await PBX.until(lambda: caller not in PBX.channels)
        await other.wait_event("leg.wrapping_up", lambda told: told["contact_id"] == contact)
        await other.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        await service.state(contact, "closed")
        await service.go_home("second")


async def test_callers_are_told_how_many_are_ahead(service: ServiceClient, desk: DesktopClient) -> None:
    """The second hears of the first; when the first has hung up, nobody is ahead and nothing is said any more."""
    await desk.command("presence.set", {"state": "away", "reason": "lunch"})
    first = await PBX.call_in("+46701740615")
    await PBX.asked_for("POST", f"/channels/{first}/moh")
    second = await PBX.call_in("+46701740616")
    wanted = await PBX.asked_for("POST", f"/channels/{second}/play/sc.{second}.p1")
    assert wanted["media"] == "sound:queue-thereare,number:1,sound:queue-callswaiting"
    assert not [path for _, path, _ in PBX.asked if path.startswith(f"/channels/{first}/play")]
    for each in (first, second):
        await PBX.hang_up(each)
    await PBX.until(lambda: not PBX.channels)
    assert service.url


async def asked(service: ServiceClient, desk: DesktopClient, other: DesktopClient, second: str) -> tuple[str, str]:
    """A caller, an agent who talks with them, a second one who was asked: the contact, the second's ringing phone."""
    _, contact, _, phone = await rung(service, desk, "+46701740612")
    await PBX.pick_up(phone)
    await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
    await other.command("presence.set", {"state": "available"})
    started = await desk.command("consult.start", {"contact_id": contact, "to": {"agent": second}})
    await other.command("consult.answer", {"leg_id": started["leg_id"]})
    side = f"sc.{started['leg_id']}"
    await PBX.asked_for("POST", f"/channels/{side}")
    return contact, side


async def test_a_consulted_agent_who_does_not_answer(service: ServiceClient, desk: DesktopClient) -> None:
    """The one who asked is told why, the other is away, the talk goes on."""
    async with service.desktop("third") as other:
        contact, side = await asked(service, desk, other, "third")
        await PBX.hang_up(side, 19)
        ended = await desk.wait_event("leg.ended", lambda told: told["contact_id"] == contact)
        assert ended["reason"] == "agent_unreachable"
        assert "'agent': 'third'" in str(ended["side"])
        assert (await other.wait_event("presence.away"))["reason"] == "not_responding"
        assert len(PBX.bridges[f"sc.{contact}"]) == 2
        await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        await PBX.until(lambda: not PBX.channels)
        await service.go_home("third")


async def test_a_warm_transfer_that_is_not_answered_comes_back(service: ServiceClient, desk: DesktopClient) -> None:
    """The second agent's phone is busy: the first one's rings again, and they talk on with the caller."""
    async with service.desktop("fourth") as other:
        contact, side = await asked(service, desk, other, "fourth")
        await desk.command("work.transfer", {"contact_id": contact, "to": {"agent": "fourth"}, "kind": "warm"})
        await PBX.until(lambda: f"sc.{contact}.l1" not in PBX.channels)
        await PBX.hang_up(side, 17)
        back = await desk.wait_event("contact.with_agent", lambda told: told.get("status") == "recall")
        assert (back["contact_id"], back["reason"]) == (contact, "agent_unreachable")
        assert (await other.wait_event("presence.away"))["reason"] == "not_responding"
        phone = f"sc.{back['leg_id']}"
        await PBX.asked_for("POST", f"/channels/{phone}")
        await PBX.pick_up(phone)
        await PBX.until(lambda: len(PBX.bridges.get(f"sc.{contact}", ())) == 2)
        await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        await PBX.until(lambda: not PBX.channels)
        await service.go_home("fourth")


async def test_a_number_outside_that_is_busy_gives_the_caller_back(service: ServiceClient, desk: DesktopClient) -> None:
    """The agent's phone rings again; once they have finished, the caller is a new contact at the same number."""
    caller, contact, _, phone = await rung(service, desk, "+46701740614")
    await PBX.pick_up(phone)
    await desk.wait_event("leg.connected", lambda told: told["contact_id"] == contact)
    await desk.command("work.transfer", {"contact_id": contact, "to": {"number": "elnat"}, "kind": "cold"})
    await PBX.asked_for("POST", f"/channels/{phone}.t")
    await PBX.hang_up(f"{phone}.t", 17)
    back = await desk.wait_event("contact.with_agent", lambda told: told.get("status") == "recall")
    again = f"sc.{back['leg_id']}"
    await PBX.asked_for("POST", f"/channels/{again}")
    await PBX.pick_up(again)
    await PBX.until(lambda: caller in PBX.bridges.get(f"sc.{contact}", ()))
    await desk.wait_event("leg.connected", lambda told: told["leg_id"] == back["leg_id"])
    await desk.command("work.transfer", {"contact_id": contact, "to": {"number": "elnat"}, "kind": "cold"})
    await PBX.asked_for("POST", f"/channels/{again}.t")
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
    await PBX.hang_up(f"{again}.t", 19)
    offer = await desk.wait_event("offer.issued")
    assert offer["contact_id"] != contact
    await PBX.hang_up(caller)
    await service.state(str(offer["contact_id"]), "abandoned")


async def test_who_waits_is_called_back_when_it_is_their_turn(service: ServiceClient, name: str) -> None:
    """The digit frees the line and keeps the place; the agent who gets it is rung first, then the resident."""
    number = "+46701740611"
    caller = await PBX.call_in(number)
    await PBX.asked_for("POST", f"/channels/{caller}/moh")
    await PBX.press(caller, "5")
    await PBX.until(lambda: caller not in PBX.channels)
    async with service.desktop(name) as desk:
        await desk.command("presence.set", {"state": "available"})
        offer = await desk.wait_event("offer.issued")
        contact = str(offer["contact_id"])
        told = await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
        phone = f"sc.{told['leg_id']}"
        await PBX.asked_for("POST", f"/channels/{phone}")
        await PBX.pick_up(phone)
        wanted = await PBX.asked_for("POST", f"/channels/{phone}.r")
        assert wanted["endpoint"] == f"PJSIP/{number}@trunk"
        await PBX.pick_up(f"{phone}.r")
        await PBX.until(lambda: len(PBX.bridges.get(f"sc.{contact}", ())) == 2)
        await desk.command("callback.result", {"contact_id": contact, "result": "connected"})
        await PBX.hang_up(f"{phone}.r")
        await desk.wait_event("leg.wrapping_up", lambda told: told["contact_id"] == contact)
        await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        await service.go_home(name)
