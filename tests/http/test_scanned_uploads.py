"""Every door for files passes one scanner: what it finds is shown to nobody, and its silence loses no contact."""

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import aiohttp
import pytest
import pytest_asyncio

from router.config import Config, ScannerConfig
from tests.channels.chat.chat_house import Frame
from tests.channels.open311.fixmystreet import FixMyStreet, Problem
from tests.channels.reports.reader import Resident
from tests.channels.served import JPEG
from tests.clamd import VIRUS, Clamd, clamd
from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient
from tests.http.test_chat_service import ASKED, Visitor, accepted

WHERE = str(Path(tempfile.gettempdir()) / f"sc-clamd-{os.getpid()}.sock")
KEY = "a-key-of-sixteen-letters"
SICK = JPEG + VIRUS
CONFIG = Config(
    scanner=ScannerConfig(clamd=WHERE),
    channels={
        "chat": {},
        "open311": {"keys": {"fixamingata": KEY}},
        "posted": {"forms": {"f": {"key": KEY, "map": {"text": "message", "attachments": "photo"}}}},
        "reports": {"topics": ["GAT.HÅL"], "at_least_s": 0.0, "burst": 50},
    },
)


@pytest_asyncio.fixture(loop_scope="module")
async def scanner() -> AsyncIterator[Clamd]:
    """The scanner of this module, listening."""
    async with clamd(path=WHERE) as (_, scanner):
        yield scanner


async def read(service: ServiceClient, agent: str, contact: str, blob: str) -> tuple[int, str]:
    """What an agent is answered who opens a file: status and problem."""
    path = f"/v1/contacts/{contact}/attachments/{blob}"
    answer = await service.call("GET", path, token=service.token("agent", agent, agent=agent))
    return answer.status, answer.slug


async def uploaded(service: ServiceClient, page: Visitor, body: bytes) -> tuple[int, Frame]:
    """A page sends a picture: status and answer."""
    wanted = {"name": "bild.jpg", "media_type": "image/jpeg", "size_bytes": len(body)}
    form = aiohttp.FormData()
    form.add_field("ticket", (await page.done("attachment.send", wanted))["ticket"])
    form.add_field("file", body, filename="bild.jpg")
    url = f"{service.url}/v1/chat/uploads"
    async with aiohttp.ClientSession() as client, client.post(url, data=form) as answer:
        return answer.status, await answer.json()


async def scan_fact(service: ServiceClient, contact: str) -> object:
    """The fact `scan` that the strategy was asked with."""
    decisions = (await service.get(f"/v1/contacts/{contact}/decision")).body["decisions"]
    return decisions[0]["decision"]["facts"].get("scan")


async def test_a_chat_refuses_what_is_infected(
    service: ServiceClient, desk: DesktopClient, name: str, scanner: Clamd
) -> None:
    """The resident is told at once and can send another file; the agent sees nothing of it."""
    async with aiohttp.ClientSession() as client:
        page = await Visitor.come(service.url, client)
        contact = await page.begin(ASKED)
        await accepted(desk, contact)
        status, answer = await uploaded(service, page, SICK)
        assert (status, str(answer["type"]).rpartition(":")[2], answer["field"]) == (422, "infected-file", "file")
        status, kept = await uploaded(service, page, JPEG)
        assert (status, kept["scan"]) == (201, "clean")
        told = await desk.wait_event("message.recorded", lambda told: told["contact_id"] == contact)
        assert kept["blob"] in str(told["message"])
        assert await read(service, name, contact, kept["blob"]) == (200, "")
        await page.socket.close()
    assert scanner.shown == [SICK, JPEG]


@pytest.mark.parametrize(
    ("body", "then"), [(JPEG, (200, "")), (SICK, (422, "infected-file"))], ids=["clean", "infected"]
)
async def test_a_chat_keeps_back_what_nobody_scanned(
    service: ServiceClient, desk: DesktopClient, name: str, body: bytes, then: tuple[int, str]
) -> None:
    """While the scanner is away the file is taken and given to nobody; once it answers, it decides."""
    async with aiohttp.ClientSession() as client:
        page = await Visitor.come(service.url, client)
        contact = await page.begin(ASKED)
        await accepted(desk, contact)
        status, kept = await uploaded(service, page, body)
        assert (status, kept["scan"]) == (201, "unknown")
        assert await read(service, name, contact, kept["blob"]) == (503, "scanner-unavailable")
        form = {"token": page.token, "blob": kept["blob"]}
        async with client.post(f"{service.url}/v1/chat/files", data=form) as given:
            assert given.status == 403
        again = await Visitor.come(service.url, client, page.token)
        assert again.snapshot["messages"][-1]["files"][0]["blob"] == ""
        async with clamd(path=WHERE):
            assert await read(service, name, contact, kept["blob"]) == then
        await again.socket.close()


async def test_a_machine_s_report_is_taken_all_the_same(
    service: ServiceClient, desk: DesktopClient, name: str, scanner: Clamd
) -> None:
    """FixMyStreet and a posted form can't choose another file: the contact is there, its file is kept back."""
    street = FixMyStreet(service.url, KEY)
    report = await street.send("GAT.HAL", Problem(), uploads=[("a.jpg", "image/jpeg", SICK)])
    assert await scan_fact(service, report) == "infected"
    form = aiohttp.FormData()
    form.add_field("message", "När öppnar biblioteket?")
    form.add_field("photo", SICK, filename="a.jpg")
    headers = {"Authorization": f"Bearer {KEY}"}
    url = f"{service.url}/v1/forms/f"
    async with aiohttp.ClientSession() as http, http.post(url, data=form, headers=headers) as got:
        assert got.status == 202, await got.text()
        contact = str((await got.json())["id"])
    assert await scan_fact(service, contact) == "infected"
    offer = await desk.wait_event("offer.issued", lambda offer: offer["contact_id"] == contact)
    card = cast("Json", offer["contact"])
    assert "attachments" not in card["content"]
    assert "ask:send_file_again" in card["suggestions"]
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    blob = hashlib.sha256(SICK).hexdigest()
    assert await read(service, name, contact, blob) == (404, "not-found")
    assert scanner.shown == [SICK, SICK]


async def test_the_report_page_says_it_by_the_field(service: ServiceClient, scanner: Clamd) -> None:
    """Everything typed is still there, the sentence names the picture, and without it the report goes through."""
    filled = {"topic": "GAT.HÅL", "text": "Hål i cykelbanan", "position": "59.29, 18.0"}
    async with aiohttp.ClientSession() as http:
        resident = Resident(service.url, http)
        refused = await resident.press(await resident.open(), "check", filled, [("hal.jpg", SICK)])
        assert (refused.status, "innehåller ett virus" in refused.text) == (422, True)
        assert refused.value("text") == filled["text"]
        check = await resident.press(refused, "check", photos=[("hal.jpg", JPEG)])
        sent = await resident.press(check, "send")
    contact = sent.url.partition("/report/")[2].partition("?")[0]
    assert await scan_fact(service, contact) == "clean"
    assert scanner.shown == [SICK, JPEG]


async def test_the_report_page_takes_what_nobody_can_scan(service: ServiceClient) -> None:
    """A scanner that is away keeps no report from being made."""
    filled = {"topic": "GAT.HÅL", "text": "Hål i gångbanan", "position": "59.28, 18.0"}
    async with aiohttp.ClientSession() as http:
        resident = Resident(service.url, http)
        check = await resident.press(await resident.open(), "check", filled, [("hal.jpg", JPEG)])
        sent = await resident.press(check, "send")
    found: Json = (await service.get(f"/v1/contacts/{sent.url.partition('/report/')[2].partition('?')[0]}")).body
    assert found["topic"] == "GAT.HÅL"
    assert await scan_fact(service, found["contact_id"]) == "unknown_type"
