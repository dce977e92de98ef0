"""The desktop socket: who gets in, what a lost connection costs, what is told and in which order."""

import asyncio
from collections.abc import Callable

import aiohttp
import pytest

from router.config import Config, DesktopConfig, FloorConfig, HttpConfig
from router.http import frames
from tests.desktop_client import DesktopClient, Frame
from tests.http.service_client import Json, ServiceClient
from tests.journeys.waiting import eventually

AUTH_S = 1
CONFIG = Config(
    http=HttpConfig(origins=("https://desk.example.se",)),
    desktop=DesktopConfig(auth_timeout_s=AUTH_S),
    floor=FloorConfig(socket_grace_s=2),
)


async def closing(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """The code that the service closes with."""
    while (message := await socket.receive(timeout=20)).type is aiohttp.WSMsgType.TEXT:
        pass
    assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
    return socket.close_code


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://desk.example.se.evil.example"])
async def test_a_page_from_elsewhere_is_refused(service: ServiceClient, origin: str) -> None:
    """Another origin gets 403 before anything is said."""
    answer = await service.call("GET", "/v1/desktop", headers={"Origin": origin})
    assert (answer.status, answer.slug) == (403, "forbidden")


async def test_a_named_page_and_a_program_are_let_in(service: ServiceClient) -> None:
    """The configured origin, and clients that name none, are greeted."""
    for headers in ({"Origin": "https://desk.example.se"}, {}):
        async with service.socket(**headers) as socket:
            assert (await socket.receive_json(timeout=20)) == {"t": "hello", "v": 1, "hb": 25, "max": 65536}


async def test_the_address_alone_is_no_socket(service: ServiceClient) -> None:
    """An ordinary GET is a problem, not a hang."""
    assert (await service.call("GET", "/v1/desktop")).status == 400


async def test_a_ticket_opens_one_socket(service: ServiceClient, name: str) -> None:
    """The same ticket a second time closes with 4001."""
    ticket = await service.ticket(name)
    async with service.socket() as first, service.socket() as second:
        for socket in (first, second):
            await socket.receive_json(timeout=20)
            await socket.send_json({"t": "auth", "ticket": ticket})
        assert (await first.receive_json(timeout=20))["t"] == "ready"
        assert await closing(second) == frames.CLOSE_AUTH


async def test_a_ticket_gets_old(service: ServiceClient, name: str) -> None:
    """The store forgets a ticket after half a minute."""
    ticket = await service.ticket(name)
    store = service.run.store
    left_ms = await store.runner.read("PTTL", store.keys.ticket(ticket))
    assert isinstance(left_ms, int)
    assert 0 < left_ms <= 30_000


@pytest.mark.parametrize(
    "frame",
    [
        '{"t":"auth","ticket":"made-up"}',
        '{"t":"auth"}',
        '{"t":"hb"}',
        '{"t":"cmd","id":"1","name":"queue.list"}',
        "{",
        "[]",
        '{"t":"auth","ticket":"x","more":1}',
        '{"t":"nothing"}',
        "\x00",
        "[" * 5_000,
    ],
)
async def test_a_wrong_first_frame_closes(service: ServiceClient, frame: str) -> None:
    """Whatever is no auth frame with a good ticket is 4001."""
    async with service.socket() as socket:
        await socket.receive_json(timeout=20)
        await socket.send_str(frame)
        assert await closing(socket) == frames.CLOSE_AUTH


async def test_silence_closes(service: ServiceClient) -> None:
    """Who says nothing within the time is 4001."""
    async with service.socket() as socket:
        await socket.receive_json(timeout=20)
        assert await closing(socket) == frames.CLOSE_AUTH


async def test_a_slow_store_sends_nobody_away(service: ServiceClient, name: str) -> None:
    """A good ticket that the store takes longer to find than a desktop has to show it opens its session."""
    ticket = await service.ticket(name)
    async with service.socket() as socket:
        await socket.receive_json(timeout=20)
        await service.run.store.runner.write("CLIENT", "PAUSE", AUTH_S * 1_500, "ALL")
        await socket.send_json({"t": "auth", "ticket": ticket})
        assert (await socket.receive_json(timeout=20))["t"] == "ready"


@pytest.mark.parametrize(
    "frame", ['{"t":"auth","ticket":"x"}', "{", "7", '{"t":"ack","seq":-1}', '{"t":"ack","seq":1.5}']
)
async def test_a_wrong_later_frame_closes(service: ServiceClient, name: str, frame: str) -> None:
    """After auth a frame of no known kind is a protocol error."""
    async with service.socket() as socket:
        await service.spoken(socket, name)
        await socket.send_str(frame)
        assert await closing(socket) == frames.CLOSE_PROTOCOL


async def test_a_binary_frame_closes(service: ServiceClient, name: str) -> None:
    """Frames are text."""
    async with service.socket() as socket:
        await service.spoken(socket, name)
        await socket.send_bytes(b'{"t":"hb"}')
        assert await closing(socket) == frames.CLOSE_PROTOCOL


async def test_an_oversized_frame_closes(service: ServiceClient, name: str) -> None:
    """A frame over the announced size is 1009."""
    async with service.socket() as socket:
        await service.spoken(socket, name)
        await socket.send_str('{"t":"hb","seq":0}' + " " * 70_000)
        assert await closing(socket) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_heartbeat_is_answered(service: ServiceClient, name: str) -> None:
    """`hb` gets `hb_ack`."""
    async with service.socket() as socket:
        await service.spoken(socket, name)
        await socket.send_json({"t": "hb", "seq": 0})
        assert await socket.receive_json(timeout=20) == {"t": "hb_ack"}


async def test_an_unknown_agent_is_enrolled(service: ServiceClient, name: str) -> None:
    """A first login makes a generalist, offline, with ordinary capacity."""
    async with service.desktop(name) as desk:
        agent = desk.snapshot["agent"]
    assert isinstance(agent, dict)
    assert (agent["presence"], agent["skills"], agent["capacity"]["phone"]) == ("offline", {}, 1)


async def test_the_newest_desktop_wins(service: ServiceClient, name: str) -> None:
    """A second desktop of the same agent closes the first with 4009, and works."""
    async with service.desktop(name) as first, service.desktop(name) as second:
        assert await first.closed() == frames.CLOSE_REPLACED
        assert await second.command("presence.form", {"form": "live"}) == {"form": "live"}
        found = await service.get(f"/v1/agents/{name}")
        assert found.body["is_connected"] is True


async def test_events_have_no_gaps(service: ServiceClient, desk: DesktopClient) -> None:
    """`seq` counts one by one over everything that a contact's life tells."""
    for _ in range(3):
        contact = await service.in_hand(desk)
        await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        await desk.wait_event("contact.closed", lambda data, c=contact: data["contact_id"] == c)
    assert desk.seq >= 9


async def test_a_lost_desktop_resumes(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """What happened meanwhile is told after `resumed`, once, without a gap."""
    contact = await service.in_hand(desk, "chat", name)
    seen: list[int] = []
    desk.on_frame = collect(seen)
    before = desk.seq
    await desk.drop()
    for i in range(5):
        await service.event("contact.message", {"text": f"nr {i}"}, subject=name)
    await desk.resume()
    assert desk.other[-1] == {"t": "resumed", "seq": before}
    for _ in range(5):
        assert (await desk.wait_event("message.recorded"))["contact_id"] == contact
    assert seen == list(range(before + 1, before + 6))


async def test_resuming_beside_a_socket_that_is_still_open(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """A half-dead connection is replaced; the agent stays at work and later losses still count."""
    async with service.socket() as newer:
        answer = await service.spoken(newer, name, resume={"sid": desk.sid, "seq": desk.seq})
        assert answer["t"] == "resumed"
        assert await desk.closed() == frames.CLOSE_REPLACED
        found = await service.get(f"/v1/agents/{name}")
        assert (found.body["is_connected"], found.body["presence"]) == (True, "available")
    await presence(service, name, "offline")


async def test_events_during_a_resume_are_told(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """Messages that pour in while the desktop comes back again and again arrive all, in order, once."""
    contact = await service.in_hand(desk, "chat", name)
    seen: list[int] = []
    desk.on_frame = collect(seen)
    first = desk.seq

    async def pour() -> None:
        for i in range(40):
            await service.event("contact.message", {"text": f"nr {i}"}, subject=name)

    pouring = asyncio.create_task(pour())
    for _ in range(6):
        await desk.drop()
        await desk.resume()
    await pouring
    await desk.command("note.add", {"contact_id": contact, "text": "end"})
    await eventually_seq(desk, first + 40)
    assert seen == list(range(first + 1, first + 41))


async def test_a_foreign_or_future_session_is_reset(desk: DesktopClient) -> None:
    """An unknown session is `expired`, a number that was never sent is a `gap`; both get a fresh snapshot."""
    await desk.drop()
    sid = desk.sid
    await desk.open({"sid": sid, "seq": desk.seq + 1_000})
    assert desk.other[-1] == {"t": "reset", "why": "gap"}
    await desk.drop()
    await desk.open({"sid": "0123456789abcdef", "seq": 1})
    assert desk.other[-1] == {"t": "reset", "why": "expired"}
    assert desk.sid != sid
    assert (await desk.command("presence.set", {"state": "available"}))["presence"] == "available"


async def test_a_reset_shows_the_work_in_hand(service: ServiceClient, desk: DesktopClient) -> None:
    """A fresh snapshot holds the contact with its words."""
    contact = await service.in_hand(desk, "chat", text="När öppnar simhallen?")
    await desk.drop()
    await desk.open()
    work: list[Json] = desk.snapshot["work"]  # pyright: ignore[reportAssignmentType] # JSON
    (card,) = work
    assert (card["contact_id"], card["state"], card["content"]["text"]) == (
        contact,
        "with_agent",
        "När öppnar simhallen?",
    )


async def test_a_repeated_command_happens_once(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """The same id gives the same answer, also after a lost connection, and the note stands there once."""
    contact = await service.in_hand(desk, "chat", name)
    note = {"contact_id": contact, "text": "once"}
    first = await desk.answer("note.add", note, "same-id")
    assert await desk.answer("note.add", note, "same-id") == first
    await desk.drop()
    await desk.resume()
    assert await desk.answer("note.add", note, "same-id") == first
    assert await desk.answer("queue.list", {}, "same-id") == first
    assert len(await service.run.store.content(contact)) == 2


async def test_a_desktop_that_stays_away_returns_its_offer(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """After the grace time the agent is offline and the contact is queued again, without blame."""
    offer = await service.offered(desk, subject=name)
    await desk.drop()
    await presence(service, name, "offline")
    found = await service.state(str(offer["contact_id"]), "queued")
    assert found["received_at"]
    await desk.resume()
    revoked = await desk.wait_event("offer.revoked")
    assert revoked["contact_id"] == offer["contact_id"]
    await service.event("contact.ended", {"reason": "hung_up"}, subject=name)


async def test_messages_that_come_together_all_reach_the_agent(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """Messages of the same moment are all kept, and each is told to the agent who has the contact."""
    contact = await service.in_hand(desk, "chat", name)
    sent = [service.event("contact.message", {"text": f"nr {i}"}, subject=name) for i in range(6)]
    assert {answer.contact for answer in await asyncio.gather(*sent)} == {contact}
    for _ in range(6):
        assert (await desk.wait_event("message.recorded"))["contact_id"] == contact


def collect(seen: list[int]) -> Callable[[Frame], None]:
    """Keeps the numbers of all events."""

    def look(frame: Frame) -> None:
        if frame["t"] == "ev":
            seen.append(int(str(frame["seq"])))

    return look


async def eventually_seq(desk: DesktopClient, seq: int) -> None:
    """Wait until the desktop has seen this event."""

    async def probe() -> bool:
        return desk.seq >= seq

    await eventually(probe)


async def presence(service: ServiceClient, agent: str, wanted: str) -> None:
    """Wait until the agent is so."""

    async def probe() -> bool:
        return (await service.get(f"/v1/agents/{agent}")).body["presence"] == wanted

    await eventually(probe)
