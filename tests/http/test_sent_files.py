"""Files that an agent sends: uploaded for a contact, named in words, carried by its channel, or refused before that."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import quote

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import unused_port

from channels.adapters import ADAPTERS, Adapters
from channels.base import Key
from channels.inbound import InboundContact, InboundPerson
from router.config import Config, DesktopConfig, ScannerConfig
from router.errors import NotFound
from tests.channels.email.postbox import Sink
from tests.channels.probe import Probe
from tests.clamd import VIRUS, Clamd, clamd
from tests.desktop_client import DesktopClient
from tests.http.service_client import Answer, Json, ServiceClient, check_answer, check_problem
from tests.http.test_chat_service import ASKED, Visitor, accepted
from tests.http.test_desktop_commands import refused
from tests.http.test_scanned_uploads import WHERE
from tests.journeys.waiting import eventually

TEXTS = Probe("texts")
OPENED: Adapters = {
    "chat": ADAPTERS["chat"],
    "email": ADAPTERS["email"],
    "texts": TEXTS.adapter("sms", owes=True),
}
IN, OUT = unused_port(), unused_port()
LIMIT = 200_000
CONFIG = Config(
    scanner=ScannerConfig(clamd=WHERE),
    desktop=DesktopConfig(upload_bytes=LIMIT),
    channels={
        "chat": {},
        "texts": {},
        "email": {
            "host_name": "sc.example.se",
            "mailboxes": {"kontakt@example.se": {}},
            "readers": 1,
            "listen": {"port": IN},
            "smarthost": {"host": "127.0.0.1", "port": OUT, "max_bytes": 600_000},
        },
    },
)
PDF = b"%PDF-1.7 beslut"
NAME = "Beslut om bygglov å ä ö \u2013 2026.pdf"


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def scanner() -> AsyncIterator[Clamd]:
    """The scanner of this module, listening."""
    async with clamd(path=WHERE) as (_, scanner):
        yield scanner


@pytest_asyncio.fixture(loop_scope="module")
async def chat(service: ServiceClient, desk: DesktopClient) -> AsyncIterator[tuple[Visitor, str]]:
    """A page whose chat the agent has taken, and its contact."""
    async with aiohttp.ClientSession() as client:
        page = await Visitor.come(service.url, client)
        contact = await page.begin(ASKED)
        await accepted(desk, contact)
        await page.event("agent.joined")
        yield page, contact
        await page.socket.close()


async def uploaded(
    service: ServiceClient, agent: str, contact: str, body: bytes = PDF, name: str = NAME, field: str = "file"
) -> Answer:
    """An agent uploads a file: the answer, held against the description."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field(field, body, filename=name, content_type="text/html")
    path = f"/v1/contacts/{contact}/attachments"
    headers = {"Authorization": f"Bearer {service.token('agent', agent, agent=agent)}"}
    async with aiohttp.ClientSession() as http, http.post(service.url + path, data=form, headers=headers) as got:
        answer = Answer(got.status, cast("Json", await got.json(content_type=None)), got.headers)
    if answer.status >= 400:
        check_problem(answer, got.content_type)
    check_answer("POST", path, answer, got.content_type)
    return answer


async def given(service: ServiceClient, token: str, blob: str) -> tuple[int, bytes, str]:
    """What the chat gives to whoever shows this token: status, bytes, file name."""
    form = {"token": token, "blob": blob}
    async with aiohttp.ClientSession() as http, http.post(f"{service.url}/v1/chat/files", data=form) as got:
        return got.status, await got.read(), got.headers.get("Content-Disposition", "")


async def test_a_file_reaches_the_resident_of_a_chat(
    service: ServiceClient, desk: DesktopClient, name: str, chat: tuple[Visitor, str]
) -> None:
    """Uploaded, typed by its bytes, sent with words, shown at once and after a reload, opened by this chat alone."""
    page, contact = chat
    answer = await uploaded(service, name, contact)
    file = {"name": NAME, "media_type": "application/pdf", "size_bytes": len(PDF)}
    assert (answer.status, {key: answer.body[key] for key in file}) == (201, file)
    blob = answer.body["blob"]
    await desk.command("message.send", {"contact_id": contact, "text": "Här är beslutet.", "attachments": [blob]})
    words = await page.event("message")
    assert (words["text"], words["files"]) == ("Här är beslutet.", [{**file, "blob": blob}])
    async with aiohttp.ClientSession() as client:
        again = await Visitor.come(service.url, client, page.token)
        assert again.snapshot["messages"][-1]["files"] == words["files"]
        await again.socket.close()
    status, body, disposition = await given(service, again.token, blob)
    assert (status, body) == (200, PDF)
    assert disposition == f"attachment; filename*=UTF-8''{quote(NAME)}"
    async with aiohttp.ClientSession() as client:
        stranger = await Visitor.come(service.url, client)
        await stranger.begin("Något annat")
        assert (await given(service, stranger.token, blob))[0] == 404
        await stranger.done("chat.end")
        await stranger.socket.close()
    assert (await given(service, "", blob))[0] == 401
    path = f"/v1/contacts/{contact}/attachments/{blob}"
    read = await service.call("GET", path, token=service.token("agent", name, agent=name))
    assert (read.status, read.body) == (200, PDF)


async def test_a_file_alone_is_a_message(
    service: ServiceClient, desk: DesktopClient, name: str, chat: tuple[Visitor, str]
) -> None:
    """Words may be missing where there is a file; neither is refused by the field."""
    page, contact = chat
    blob = (await uploaded(service, name, contact)).body["blob"]
    await desk.command("message.send", {"contact_id": contact, "text": "", "attachments": [blob, blob]})
    words = await page.event("message")
    assert (words["text"], len(words["files"])) == ("", 1)
    nothing = await refused(desk, "message.send", {"contact_id": contact, "text": ""})
    assert nothing == ("schema-mismatch", "$.data.text")


async def test_a_file_goes_by_mail(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """The answer leaves with its file under its own name, in letters beyond ASCII too."""
    sink = Sink()
    await sink.open(OUT)
    reader, writer = await asyncio.open_connection("127.0.0.1", IN)
    mail = f"From: {name}@example.se\r\nSubject: Bygglov\r\n\r\nNär öppnar biblioteket?\r\n"
    for line in ("HELO x", f"MAIL FROM:<{name}@example.se>", "RCPT TO:<kontakt@example.se>", "DATA"):
        writer.write(f"{line}\r\n".encode())
        await reader.readline()
    writer.write(mail.encode() + b".\r\nQUIT\r\n")
    offer = await desk.wait_event("offer.issued")
    contact = str(offer["contact_id"])
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    blob = (await uploaded(service, name, contact)).body["blob"]
    await desk.command("message.send", {"contact_id": contact, "text": "Se bilagan.", "attachments": [blob]})

    async def reply() -> object:
        return next((each for each in sink.delivered if list(each.mail.iter_attachments())), None)

    assert await eventually(reply)
    (sent,) = [each for each in sink.delivered if list(each.mail.iter_attachments())]
    (part,) = sent.mail.iter_attachments()
    assert (part.get_filename(), part.get_content_type(), part.get_content()) == (NAME, "application/pdf", PDF)
    assert "filename*0*=utf-8''" in str(part["Content-Disposition"].fold(policy=part.policy))
    writer.close()
    sink.close()


async def test_nobody_here_sends_for_a_contact_of_an_event(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """Words to a contact that came by an event are its integration's to send: no file is taken for it."""
    contact = await service.in_hand(desk, "email", name, person={"email": f"{name}@example.se"}, text="Hej")
    assert (await uploaded(service, name, contact)).slug == "files-not-carried"


async def test_together_they_must_fit(
    service: ServiceClient, desk: DesktopClient, name: str, chat: tuple[Visitor, str]
) -> None:
    """So many files at once and no more; the field is named and nothing is written."""
    page, contact = chat
    blobs = [(await uploaded(service, name, contact, PDF + bytes([65 + i]))).body["blob"] for i in range(11)]
    told = await refused(desk, "message.send", {"contact_id": contact, "text": "x", "attachments": blobs})
    assert told == ("too-large", "$.data.attachments")
    assert len(await service.run.store.content(contact)) == 1
    await desk.command("message.send", {"contact_id": contact, "text": "x", "attachments": blobs[:10]})
    assert len((await page.event("message"))["files"]) == 10


async def test_a_channel_of_words_refuses_before_anything_is_kept(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """A text message carries no file: neither upload nor message is taken, and the field is named."""
    person = InboundPerson(phone="+46701740605")
    text = InboundContact("sms", person, text="När öppnar biblioteket?")
    contact = (await TEXTS.inbox.receive(Key("line", name, name), text)).contact
    await accepted(desk, contact)
    body = PDF + b" for nobody"
    answer = await uploaded(service, name, contact, body)
    assert (answer.status, answer.slug, answer.body["field"]) == (422, "files-not-carried", "file")
    named = {"contact_id": contact, "text": "Hej", "attachments": ["0" * 64]}
    assert await refused(desk, "message.send", named) == ("files-not-carried", "$.data.attachments")
    with pytest.raises(NotFound):
        await TEXTS.inbox.kept(hashlib.sha256(body).hexdigest())
    assert len(await service.run.store.content(contact)) == 1


async def test_a_file_of_another_contact_is_not_sent(desk: DesktopClient, chat: tuple[Visitor, str]) -> None:
    """A name is good for the contact it was uploaded for; made-up names, and names of other files, are none."""
    _, contact = chat
    elsewhere = (await TEXTS.inbox.keep(PDF + b"other")).blob
    for blob in ("0" * 64, elsewhere):
        named = {"contact_id": contact, "text": "x", "attachments": [blob]}
        assert await refused(desk, "message.send", named) == ("not-found", "$.data.attachments[0]")
    wrong = {"contact_id": contact, "text": "x", "attachments": ["../../etc/passwd"]}
    assert (await refused(desk, "message.send", wrong))[0] == "schema-mismatch"


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"MZ" + bytes(100), 415, "unsupported-media-type"),
        (b"<!doctype html><script>1</script>", 415, "unsupported-media-type"),
        (b"PK\x03\x04" + bytes(100), 415, "unsupported-media-type"),
        (PDF + bytes(LIMIT), 413, "too-large"),
        (PDF + VIRUS, 422, "infected-file"),
        (b"", 422, "schema-mismatch"),
    ],
    ids=["program", "page", "archive", "large", "virus", "empty"],
)
async def test_what_is_not_sent(
    service: ServiceClient, name: str, chat: tuple[Visitor, str], body: bytes, status: int, slug: str
) -> None:
    """Whatever it is called: what runs, what is too large, what is infected, and nothing at all."""
    answer = await uploaded(service, name, chat[1], body, "beslut.pdf")
    assert (answer.status, answer.slug, answer.body["field"]) == (status, slug, "file")


async def test_nothing_leaves_that_nobody_has_scanned(
    service: ServiceClient, name: str, chat: tuple[Visitor, str], scanner: Clamd
) -> None:
    """While the scanner says nothing the agent is told to try later; then it goes."""
    scanner.reply = b"ERROR\0"
    answer = await uploaded(service, name, chat[1])
    assert (answer.status, answer.slug) == (503, "scanner-unavailable")
    scanner.reply = b""
    assert (await uploaded(service, name, chat[1])).status == 201


async def test_only_whoever_has_the_contact_uploads(
    service: ServiceClient, desk: DesktopClient, name: str, chat: tuple[Visitor, str]
) -> None:
    """Not another agent, not for what is over, not without a token, not another field or another kind of body."""
    page, contact = chat
    assert (await uploaded(service, f"{name}-2", contact)).slug == "forbidden"
    assert (await uploaded(service, name, contact, field="photo")).slug == "schema-mismatch"
    path = f"/v1/contacts/{contact}/attachments"
    token = service.token("agent", name, agent=name)
    assert (await service.call("POST", path, token=token, body={"file": "x"})).slug == "unsupported-media-type"
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await service.call("POST", path, token=token, body=b"--x", headers=broken)).slug == "malformed-body"
    assert (await service.call("POST", path, body=b"")).slug == "unauthenticated"
    assert (await service.call("POST", path, role="integration", body=b"")).slug == "forbidden"
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
    await page.event("chat.ended")
    assert (await uploaded(service, name, contact)).status in {403, 404}
