"""Slow, flooding, silent and broken pages: each costs itself the socket, nobody else anything, and never a 500."""

import asyncio
import random

import pytest

from channels.chat.settings import ChatSettings
from tests.channels.chat.chat_house import ChatHouse, opened
from tests.journeys.waiting import eventually, pause

QUICK = ChatSettings(auth_timeout_s=0.2)


async def test_a_page_of_another_origin_is_refused(house: ChatHouse) -> None:
    """A browser says where a page came from; a page that the city does not name gets 403, its own is let in."""
    refused = await house.http.get(f"{house.url}/v1/chat", headers={"Origin": "https://elsewhere.example.se"})
    assert refused.status == 403
    assert (await refused.json())["field"] == "Origin"
    assert (await house.http.get(f"{house.url}/v1/chat", headers={"Origin": "null"})).status == 403
    for host in ("127.0.0.1", "localhost"):
        url = house.url.replace("127.0.0.1", host)
        own = await house.http.ws_connect(f"{url}/v1/chat", headers={"Origin": url})
        assert (await own.receive_json(timeout=20))["t"] == "hello"
        await own.close()


@pytest.mark.parametrize(
    "first",
    ['{"t":"ack","seq":1}', '{"t":"cmd","id":"a","name":"chat.start"}', "{", "[]", '{"t":"auth","token":1}',
     '{"t":"auth","unknown":1}', '{"t":"auth","language":"de"}', '{"t":"auth","token":"' + "x" * 201 + '"}'],
)  # fmt: skip
async def test_what_is_no_auth_closes_4001(house: ChatHouse, first: str) -> None:
    """The first frame says who it is; anything else ends the socket."""
    page = await house.stranger()
    await page.frame("hello")
    await page.socket.send_str(first)

    assert await page.closed() == 4001


async def test_silence_before_auth_closes_4001() -> None:
    """Whoever says nothing within the time is closed."""
    async with opened(QUICK) as house:
        page = await house.stranger()

        assert await page.closed() == 4001


async def test_too_many_strangers_of_one_address_are_closed() -> None:
    """So many sockets of one address may be silent at once; the next is closed with 4029, and room returns."""
    async with opened(ChatSettings(max_unauthenticated_per_address=3)) as house:
        waiting = [await house.stranger() for _ in range(3)]
        for page in waiting:
            await page.frame("hello")
        beyond = await house.stranger()
        assert await beyond.closed() == 4029
        await waiting[0].say(t="auth")
        await waiting[0].frame("ready")

        await house.ready()


async def test_full_houses_say_so() -> None:
    """A router with as many chats as it takes, and an address with as many as it may, answer 503 and 429."""
    async with opened(ChatSettings(max_sockets=2, max_sockets_per_address=1)) as house:
        first = await house.ready()
        assert (await house.http.get(f"{house.url}/v1/chat")).status == 429
        await first.vanish(house.chat)

        async def has_room() -> bool:
            return house.chat.sockets.count == 0

        await eventually(has_room)
        await house.ready()
    async with opened(ChatSettings(max_sockets=1)) as house:
        held = await house.ready()
        assert (await house.http.get(f"{house.url}/v1/chat")).status == 503
        assert not held.socket.closed


async def test_a_flood_is_refused_and_then_closed(house: ChatHouse) -> None:
    """Beyond the burst a command is refused with 429; who goes on is closed with 4029. What was accepted is kept."""
    page = await house.started()
    answers = [await page.ask("message.send", {"text": str(i)}) for i in range(25)]
    refused = [answer["problem"]["status"] for answer in answers if not answer["ok"]]
    assert refused
    assert set(refused) == {429}
    assert len(house.inbox.messages) == 25 - len(refused)
    for i in range(60):
        if page.socket.closed:
            break
        await page.say(t="hb", seq=i)

    assert await page.closed() == 4029


async def test_new_chats_of_one_address_have_a_pace() -> None:
    """So many new chats a minute; who waits may begin."""
    async with opened(ChatSettings(starts_per_minute=2)) as house:
        for _ in range(2):
            await house.started()
        page = await house.ready()
        assert (await page.refused("chat.start", {"text": "Hej"}))[0] == "too-many-requests"
        house.clock.advance_s(61)

        await page.begin("Hej")


@pytest.mark.parametrize(
    "frame",
    ["", "x", "null",
     '{"t":"nonsense"}', '{"t":"auth"}', '{"t":"ack"}', '{"t":"ack","seq":-1}', '{"t":"ack","seq":"1"}',
     '{"t":"cmd","name":"x"}', '{"t":"cmd","id":"","name":"x"}', '{"t":"hb","seq":1,"more":1}', "[" * 50_000,
     '{"t":"cmd","id":"\\ud800","name":"x"}'],
)  # fmt: skip
async def test_junk_closes_4000(house: ChatHouse, frame: str) -> None:
    """What is no frame ends the socket, and leaves the chat to come back to."""
    page = await house.started()
    await page.socket.send_str(frame)

    assert await page.closed() == 4000
    assert (await house.ready(page.token)).snapshot["phase"] == "waiting"


async def test_bytes_and_giants_end_the_socket(house: ChatHouse) -> None:
    """A binary frame is no frame; one above 64 kB is closed with 1009 without being read to its end."""
    page = await house.started()
    await page.socket.send_bytes(b"\x00\x01")
    assert await page.closed() == 4000
    page = await house.ready(page.token)
    await page.socket.send_str("x" * 70_000)

    assert await page.closed() == 1009


@pytest.mark.parametrize(
    ("name", "data", "slug", "field"),
    [
        ("nothing.such", {}, "unknown-command", "$.name"),
        ("message.send", {}, "schema-mismatch", "$.data"),
        ("message.send", {"text": ""}, "schema-mismatch", "$.data.text"),
        ("message.send", {"text": " \n "}, "schema-mismatch", "$.data.text"),
        ("message.send", {"text": "x" * 4_001}, "schema-mismatch", "$.data.text"),
        ("message.send", {"text": "x\0"}, "malformed-body", "$.data"),
        ("message.send", {"text": 1}, "schema-mismatch", "$.data.text"),
        ("message.send", {"text": "x", "to": "y"}, "schema-mismatch", "$.data"),
        ("message.send", [], "schema-mismatch", "$.data"),
        ("chat.start", {"text": "igen"}, "transition-refused", "$.name"),
        ("read", {"n": -1}, "schema-mismatch", "$.data.n"),
        ("typing", {"is_typing": "yes"}, "schema-mismatch", "$.data.is_typing"),
        ("attachment.send", {"name": "a.exe", "media_type": "application/x-msdownload", "size_bytes": 9},
         "unsupported-media-type", "$.data.media_type"),
        ("attachment.send", {"name": "a.png", "media_type": "image/png", "size_bytes": 99_999_999},
         "too-large", "$.data.size_bytes"),
        ("attachment.send", {"name": "../a.png", "media_type": "image/png", "size_bytes": 9},
         "schema-mismatch", "$.data.name"),
        ("transcript.send", {"email": "kim"}, "schema-mismatch", "$.data.email"),
        ("transcript.send", {"email": "a@example.se,b@example.se"}, "schema-mismatch", "$.data.email"),
        ("chat.end", {"why": "x"}, "schema-mismatch", "$.data"),
    ],
)  # fmt: skip
async def test_bad_commands_are_refused_by_name(
    house: ChatHouse, name: str, data: object, slug: str, field: str
) -> None:
    """A command that can't be is refused with a slug and the field at fault; the chat goes on, it leaves nothing."""
    page = await house.started()
    assert await page.refused(name, data) == (slug, field)

    await page.done("message.send", {"text": "Det går bra ändå"})
    assert len(house.inbox.messages) == 1


async def test_a_page_that_does_not_read_is_closed() -> None:
    """Whoever falls behind is closed, not waited for: others hear at once, and the page finds everything later."""
    async with opened(ChatSettings(max_queued_bytes=200_000)) as house:
        slow, quick = await house.started(), await house.started("Snabb")
        for page in (slow, quick):
            await house.agent_takes(page.contact)
        session = house.chat.chats.of(slow.contact)
        assert session is not None
        slow.socket._reader._protocol.pause_reading()
        sent = 0
        while session.socket is not None and sent < 4_000:
            await house.agent_writes(slow.contact, "x" * 10_000)
            await pause(0)
            sent += 1
        assert session.socket is None, "never closed"
        await house.agent_writes(quick.contact, "Du är kvar")
        assert (await quick.event("message"))["text"] == "Du är kvar"
        again = await house.page(slow.token, resume={"sid": slow.sid, "seq": slow.seq})

        assert await again.frame("reset") == {"t": "reset", "why": "gap"}
        await again.frame("ready")
        assert again.snapshot["messages"][-1]["n"] == sent + 1
        assert sent > 50, "it was closed before the network had taken in anything"
        assert again.snapshot["is_cut"] is True


async def test_many_come_and_go_and_nothing_stays(house: ChatHouse) -> None:
    """Sockets that break at every step leave no session, no count and no task behind."""
    draw = random.Random(7)  # noqa: S311 # which step breaks

    async def visit() -> None:
        socket = (await house.stranger()).socket
        if draw.random() < 0.7:
            await socket.receive()
            await socket.send_str('{"t":"auth"}' if draw.random() < 0.7 else "junk")
        if draw.random() < 0.5:
            assert socket._response.connection is not None
            assert socket._response.connection.transport is not None
            socket._response.connection.transport.abort()
        else:
            await socket.close()

    for _ in range(10):
        await asyncio.gather(*(visit() for _ in range(15)))

    async def is_empty() -> bool:
        return not house.chat.chats.all() and house.chat.sockets.count == 0

    await eventually(is_empty)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "chat-writer"]


async def test_plain_http_is_no_chat(house: ChatHouse) -> None:
    """A request that asks for no upgrade is refused as what it is, not with a 500."""
    answer = await house.http.get(f"{house.url}/v1/chat")

    assert answer.status == 400
