"""Files of a chat: a ticket for one, its bytes checked, and only the chat's own given out again."""

import asyncio

import aiohttp
import pytest

from channels.chat.settings import ChatSettings
from channels.inbound import Attachment
from router.errors import StoreUnavailable
from tests.channels.chat.chat_house import ChatHouse, Frame, Page, opened
from tests.journeys.waiting import eventually, pause

FORM = "multipart/form-data; boundary=x"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


async def ticket(page: Page, body: bytes = PNG, name: str = "bild.png", media_type: str = "image/png") -> str:
    """A permit to send these bytes."""
    wanted = {"name": name, "media_type": media_type, "size_bytes": len(body)}
    return str((await page.done("attachment.send", wanted))["ticket"])


async def upload(
    house: ChatHouse, shown: str, body: bytes = PNG, name: str = "bild.png", **headers: str
) -> tuple[int, Frame]:
    """Status and answer of an upload."""
    form = aiohttp.FormData()
    form.add_field("ticket", shown)
    form.add_field("file", body, filename=name, content_type="image/png")
    answer = await house.http.post(f"{house.url}/v1/chat/uploads", data=form, headers=headers)
    return answer.status, await answer.json()


def slug(answer: Frame) -> str:
    """The problem's name."""
    return str(answer["type"]).rpartition(":")[2]


async def test_a_file_becomes_a_message(house: ChatHouse) -> None:
    """The bytes are kept, the message names them, and the page may have them again, to be saved."""
    page = await house.started()
    status, kept = await upload(house, await ticket(page), Origin=house.url)
    assert status == 201
    ((_, message),) = house.inbox.messages
    (file,) = message.attachments
    assert (file.name, file.media_type, file.size_bytes) == ("bild.png", "image/png", len(PNG))
    assert house.inbox.blobs[file.blob] == PNG
    form = {"token": page.token, "blob": kept["blob"]}
    given = await house.http.post(f"{house.url}/v1/chat/files", data=form, headers={"Origin": house.url})

    assert await given.read() == PNG
    assert given.headers["Content-Disposition"] == "attachment; filename*=UTF-8''bild.png"
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Access-Control-Allow-Origin"] == house.url


async def test_a_ticket_is_for_one_file_and_one_time(house: ChatHouse) -> None:
    """The same ticket again, another name, another's signature, or too late: 401 and nothing kept."""
    page = await house.started()
    first = await ticket(page)
    assert (await upload(house, first))[0] == 201
    for shown, name in [(first, "bild.png"), (await ticket(page), "annan.png"), ("x", "bild.png"), (";;;;;;", "x")]:
        status, answer = await upload(house, shown, name=name)
        assert (status, slug(answer)) == (401, "unauthenticated")
    late = await ticket(page)
    house.clock.advance_s(61)
    assert (await upload(house, late))[0] == 401

    assert len(house.inbox.messages) == 1


@pytest.mark.parametrize(
    ("announced", "body", "media_type", "status"),
    [
        (PNG, PNG[:-1], "image/png", 415),
        (PNG, PNG + b"x", "image/png", 413),
        (b"MZ" + bytes(46), b"MZ" + bytes(46), "image/png", 415),
        (b"<script>1</script>", b"<script>1</script>", "image/jpeg", 415),
        (b"text\0", b"text\0", "text/plain", 415),
        (b"RIFF0000WAVE", b"RIFF0000WAVE", "image/webp", 415),
    ],
)
async def test_bytes_that_were_not_announced_are_refused(
    house: ChatHouse, announced: bytes, body: bytes, media_type: str, status: int
) -> None:
    """Another size, or another kind than the first bytes show: a named refusal, nothing kept."""
    page = await house.started()
    shown = await ticket(page, announced, media_type=media_type)

    assert (await upload(house, shown, body))[0] == status
    assert house.inbox.blobs == {}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM),
        (b"--x\r\n\r\nhej", FORM),
        (b"--x--", "multipart/form-data"),
        (b"\xff" * 500, FORM),
        (b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\nhej\r\n--x--", FORM),
        (b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--", FORM),
        (b"--x\r\nContent-Disposition: form-data; name=ticket\r\nContent-Encoding: gzip\r\n\r\nhej\r\n--x--", FORM),
        (b"{}", "application/json"),
        (b"a=b", "application/x-www-form-urlencoded"),
    ],
)  # fmt: skip
async def test_broken_forms_are_named(house: ChatHouse, body: bytes, kind: str) -> None:
    """What is no form of ours is refused as malformed or unauthenticated, and never a 500."""
    for path in ("uploads", "files"):
        answer = await house.http.post(f"{house.url}/v1/chat/{path}", data=body, headers={"Content-Type": kind})
        assert answer.status in {400, 401}, (path, answer.status)
        assert answer.content_type == "application/problem+json"


async def test_a_refusal_can_be_read_by_the_page(house: ChatHouse) -> None:
    """A page of a known origin reads the problem of its upload; one of another origin gets 403."""
    page = await house.started()
    form = aiohttp.FormData()
    form.add_field("ticket", "x")
    form.add_field("file", b"y", filename="z")
    answer = await house.http.post(f"{house.url}/v1/chat/uploads", data=form, headers={"Origin": house.url})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (401, house.url)
    stranger = {"Origin": "https://elsewhere.example.se"}
    refused = await house.http.post(f"{house.url}/v1/chat/files", data={"token": page.token}, headers=stranger)

    assert refused.status == 403


async def test_files_of_others_are_not_given(house: ChatHouse) -> None:
    """A token opens the files of its own chat alone, and none that a scanner found infected."""
    mine, other = await house.started("Min"), await house.started("Annan")
    _, kept = await upload(house, await ticket(other))
    house.inbox.blobs["sick"] = b"x"
    house.inbox.answer_with(mine.contact, "", Attachment("a.pdf", "application/pdf", 1, blob="sick", scan="infected"))
    for blob, status in [(kept["blob"], 404), ("", 404), ("sick", 403)]:
        answer = await house.http.post(f"{house.url}/v1/chat/files", data={"token": mine.token, "blob": blob})
        assert answer.status == status
    forged = await house.http.post(f"{house.url}/v1/chat/files", data={"token": "x", "blob": kept["blob"]})

    assert forged.status == 401
    assert "files" not in (await house.ready(mine.token)).snapshot["messages"][1]


async def test_a_chat_takes_so_many_files() -> None:
    """Beyond the number that is set no ticket is given; with a size of 0 none at all."""
    async with opened(ChatSettings(attachments_per_chat=1)) as house:
        page = await house.started()
        await ticket(page)
        wanted = {"name": "a.png", "media_type": "image/png", "size_bytes": 5}
        assert (await page.refused("attachment.send", wanted))[0] == "forbidden"
    async with opened(ChatSettings(attachment_bytes=0)) as house:
        page = await house.started()
        assert (await page.refused("attachment.send", wanted))[0] == "too-large"


async def test_an_upload_that_stalls_is_broken_off() -> None:
    """Whoever stops sending holds a place for so long only; then it is refused and the place is free."""
    async with opened(ChatSettings(upload_timeout_s=0.3, auth_timeout_s=0.5, uploads_at_once=1)) as house:
        page = await house.started()
        for shown in (await ticket(page), "no ticket at all"):
            reader, writer = await _stall(house, shown)
            assert b" 40" in await reader.readuntil(b"\r\n")
            writer.close()

        house.clock.advance_s(1)
        assert (await upload(house, await ticket(page)))[0] == 201


async def test_places_are_for_those_who_have_a_ticket() -> None:
    """While every place is taken the next file is refused with 503; who has no ticket takes none."""
    async with opened(ChatSettings(uploads_at_once=1)) as house:
        page = await house.started()
        idle = [await _stall(house, "no ticket at all") for _ in range(3)]
        assert (await upload(house, await ticket(page)))[0] == 201
        _, held = await _stall(house, await ticket(page))

        async def is_full() -> bool:
            return house.chat.uploads.is_full

        await eventually(is_full)
        assert (await upload(house, await ticket(page)))[0] == 503
        for writer in (held, *(writer for _, writer in idle)):
            writer.close()


async def _stall(house: ChatHouse, shown: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = house.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    part = f'--x\r\nContent-Disposition: form-data; name="ticket"\r\n\r\n{shown}\r\n--x\r\n'
    part += 'Content-Disposition: form-data; name="file"; filename="bild.png"\r\n\r\n'
    head = (
        f"POST /v1/chat/uploads HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    for piece in ((head + part).encode(), PNG[:20]):
        writer.write(piece)
        await writer.drain()
        await pause(0.05)  # the server reads the pieces one by one
    return reader, writer


async def test_a_store_that_is_away_refuses_the_file(house: ChatHouse) -> None:
    """Nothing is promised that is not kept: 503, and a new ticket later does it."""
    page = await house.started()
    shown = await ticket(page)
    house.inbox.failure = StoreUnavailable()
    assert (await upload(house, shown))[0] == 503
    house.inbox.failure = None

    assert (await upload(house, await ticket(page)))[0] == 201
