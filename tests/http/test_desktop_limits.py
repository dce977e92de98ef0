"""Desktops that flood, do not read or fall far behind: they are closed, and nobody else notices."""

import socket as sockets
from typing import cast

import aiohttp

from router.config import Config, DesktopConfig
from router.http import frames
from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient
from tests.http.test_desktop_socket import closing
from tests.journeys.waiting import eventually, pause

CONFIG = Config(
    desktop=DesktopConfig(
        commands_per_s=20, command_burst=30, ring_bytes=4_000, max_queued_frames=64, max_queued_bytes=100_000,
        max_unauthenticated_per_address=3, auth_timeout_s=3, resume_ttl_s=1,
    ),
)  # fmt: skip
MESSAGES = 40


async def test_a_flood_is_refused_and_then_closed(service: ServiceClient, name: str) -> None:
    """Above the burst commands are too-many-requests, and whoever goes on is closed with 4029."""
    async with service.socket() as socket:
        await service.spoken(socket, name)
        await ask(socket, 55)
        answers: list[Json] = [await socket.receive_json(timeout=20) for _ in range(55)]
        await ask(socket, 200)
        assert await closing(socket) == frames.CLOSE_RATE
    assert sum(answer["ok"] for answer in answers) >= 30
    refused = [answer["problem"] for answer in answers if not answer["ok"]]
    assert {problem["type"] for problem in refused} == {"urn:servicecenter:problem:too-many-requests"}


async def ask(socket: aiohttp.ClientWebSocketResponse, times: int) -> None:
    """Ask for the queues again and again."""
    for i in range(times):
        await socket.send_json({"t": "cmd", "id": f"k{i}", "name": "queue.list", "data": {}})


async def test_a_flooding_desktop_may_come_back(service: ServiceClient, name: str) -> None:
    """The rate is the socket's: a new one begins with a full burst."""
    async with service.desktop(name) as desk:
        assert "queues" in await desk.command("queue.list")


async def test_too_many_silent_sockets_from_one_address(service: ServiceClient, name: str) -> None:
    """Beyond the limit a connection is closed at once; when the others are gone there is room again."""
    async with service.socket() as a, service.socket() as b, service.socket() as c, service.socket() as d:
        for opened in (a, b, c):
            await opened.receive_json(timeout=20)
        assert await closing(d) == frames.CLOSE_RATE
    async with service.desktop(name) as desk:
        assert desk.sid


async def test_a_desktop_that_missed_too_much_is_reset(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """The ring holds a few events only: who missed more gets `gap` and a fresh snapshot."""
    await service.in_hand(desk, "chat", name, text="x" * 900)
    await desk.drop()
    for i in range(8):
        await service.event("contact.message", {"text": f"nr {i} " + "x" * 900}, subject=name)
    await desk.resume()
    assert desk.other[-1] == {"t": "reset", "why": "gap"}
    assert len(cast("list[Json]", desk.snapshot["work"])) == 1


async def test_a_session_is_forgotten_after_its_time(service: ServiceClient, name: str) -> None:
    """Longer away than `resume_ttl` is `expired`."""
    async with service.desktop(name) as desk:
        await desk.drop()

        async def probe() -> bool:
            await desk.resume()
            if desk.other[-1]["t"] == "reset":
                return True
            await desk.drop()
            await pause(4.5)
            return False

        await eventually(probe, 30)
        assert desk.other[-1] == {"t": "reset", "why": "expired"}


async def test_a_desktop_that_never_reads_is_closed_alone(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """4008 for the deaf one, while another agent's commands are answered in time."""
    deaf = f"{name}-deaf"
    text = "x" * 6_000
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
    raw.setblocking(False)

    def made(_: aiohttp.AddrInfoType) -> sockets.socket:
        return raw

    connector = aiohttp.TCPConnector(socket_factory=made)
    async with aiohttp.ClientSession(connector=connector, read_bufsize=1_024) as http:
        socket = await http.ws_connect(f"{service.url}/v1/desktop", max_msg_size=0)
        answer = await service.spoken(socket, deaf)
        assert answer["t"] == "ready"
        await socket.send_json({"t": "cmd", "id": "1", "name": "presence.set", "data": {"state": "available"}})
        await desk.command("presence.set", {"state": "away", "reason": "test"})
        contact = await taken_by_deaf(service, socket, name, text)
        transport = socket.get_extra_info("socket")
        assert transport is not None
        response = getattr(socket, "_response")  # noqa: B009 # the only way to stop reading
        response.connection.transport.pause_reading()
        for i in range(MESSAGES * 5):
            await service.event("contact.message", {"contact": contact, "text": f"nr {i} {text * 10}"})
            if i % 10 == 0:
                assert (await desk.command("queue.list", {}))["queues"] is not None

        async def probe() -> bool:
            return (await service.get(f"/v1/agents/{deaf}")).body["is_connected"] is False

        await eventually(probe, 30)
        metrics = cast("bytes", (await service.call("GET", "/metrics")).body).decode()
        assert 'servicecenter_desktop_closed_total{code="4008"} 1.0' in metrics
        response.connection.transport.abort()


async def taken_by_deaf(service: ServiceClient, socket: aiohttp.ClientWebSocketResponse, name: str, text: str) -> str:
    """The chat that the deaf desktop accepts before it stops listening."""
    contact = await service.receive("chat", name, text=text)
    while (frame := await socket.receive_json(timeout=20)).get("type") != "offer.issued":
        pass
    data = frame["data"]
    accept = {"offer_id": data["offer_id"], "rev": data["rev"]}
    await socket.send_json({"t": "cmd", "id": "2", "name": "offer.accept", "data": accept})
    while (frame := await socket.receive_json(timeout=20)).get("id") != "2":
        pass
    assert frame["ok"], frame
    return contact
