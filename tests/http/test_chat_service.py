"""The chat on a whole service: a resident's page on one side, an agent's desktop on the other, the store between."""

import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from aiohttp.test_utils import unused_port

from channels.adapters import ADAPTERS, Adapters
from router.app import Running, running
from router.config import BlobsConfig, CityConfig, Config, HttpConfig, RegisterConfig, StoreConfig
from router.errors import ConfigurationError
from tests.channels.chat.chat_house import Frame, Page
from tests.channels.probe import Probe
from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient
from tests.journeys.ekeby import write_city
from tests.journeys.waiting import eventually

MAILS = Probe("mails")
OTHER = Probe("mails").adapter("email", owes=True)
OPENED: Adapters = {"chat": ADAPTERS["chat"], "mails": MAILS.adapter("email", owes=True)}
CONFIG = Config(channels={"chat": {"has_transcript": True, "app_heartbeat_s": 1}, "mails": {}})
ASKED = "När öppnar biblioteket?"


class Visitor(Page):
    """A page on a running service."""

    @classmethod
    async def come(cls, url: str, client: aiohttp.ClientSession, token: str = "") -> "Visitor":
        """Until it has its snapshot."""
        page = cls(await client.ws_connect(f"{url}/v1/chat", max_msg_size=0))
        await page.frame("hello")
        await page.say(t="auth", token=token)
        await page.frame("ready")
        return page


@pytest_asyncio.fixture(loop_scope="module")
async def page(service: ServiceClient) -> AsyncIterator[Visitor]:
    """A page that has said nothing yet."""
    async with aiohttp.ClientSession() as client:
        visitor = await Visitor.come(service.url, client)
        yield visitor
        await visitor.socket.close()


async def accepted(desk: DesktopClient, contact: str) -> Json:
    """The agent takes what is offered: the answer."""
    offer = await desk.wait_event("offer.issued", lambda offer: offer["contact_id"] == contact)
    return await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})


async def test_a_conversation_from_end_to_end(
    service: ServiceClient, desk: DesktopClient, page: Visitor, name: str
) -> None:
    """A resident asks, an agent takes it, both write and see each other write, the agent finishes, the page hears."""
    supervisor = service.token("supervisor", "boss")
    profile = {"name": "Berit Alm", "skills": {}, "capacity": {"chat": 2}}
    await service.call("PUT", f"/v1/agents/{name}", token=supervisor, body=profile)
    contact = await page.begin(ASKED)
    await accepted(desk, contact)
    assert (await page.event("agent.joined"))["name"] == "Berit"
    await desk.command("typing", {"contact_id": contact})
    assert (await page.frame("typing"))["is_typing"] is True
    await desk.command("message.send", {"contact_id": contact, "text": "Klockan tio."})
    words = await page.event("message")
    assert (words["by"], words["text"]) == ("agent", "Klockan tio.")
    signals: list[Frame] = []
    desk.on_frame = signals.append
    await page.say(t="ack", seq=page.seq)
    await page.done("typing", {"is_typing": True})
    await page.done("read", {"n": words["n"]})
    await page.done("message.send", {"text": "Tack!"})
    told = await desk.wait_event("message.recorded", lambda told: told["contact_id"] == contact)
    assert "Tack!" in str(told["message"])
    assert [(each["signal"], each.get("number", 0)) for each in signals if each["t"] == "signal"] == [
        ("delivered", words["n"]),
        ("typing", 0),
        ("read", words["n"]),
    ]
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})

    assert (await page.event("chat.ended"))["why"] == "agent"


async def test_a_page_that_comes_back_has_everything(
    service: ServiceClient, desk: DesktopClient, page: Visitor
) -> None:
    """What was said while it was away stands in the snapshot, each once, with the page's own names of its words."""
    contact = await page.begin(ASKED)
    await accepted(desk, contact)
    await page.done("message.send", {"text": "Hallå"}, "my-own")
    await page.socket.close()
    await desk.command("message.send", {"contact_id": contact, "text": "Här är jag"})
    async with aiohttp.ClientSession() as client:
        again = await Visitor.come(service.url, client, page.token)
        shown = [(each["by"], each["text"], each.get("id", "")) for each in again.snapshot["messages"]]
        await again.socket.close()

    assert shown == [("resident", ASKED, ""), ("resident", "Hallå", "my-own"), ("agent", "Här är jag", "")]
    assert again.snapshot["phase"] == "agent"


async def test_a_callback_goes_to_an_agent_with_the_number(desk: DesktopClient, page: Visitor) -> None:
    """Who would rather be called becomes a callback at their place; whoever takes it calls the number they gave."""
    contact = await page.begin(ASKED)
    await accepted(desk, contact)
    await page.done("callback.ask", {"phone": "+46 70 174 06 05"})
    offer = await desk.wait_event("offer.issued", lambda offer: offer["contact_id"] == contact)

    assert offer["medium"] == "voice"
    assert (await page.refused("message.send", {"text": "Hallå?"}))[0] == "transition-refused"
    taken = await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    assert taken["contact_id"] == contact
    assert "+46701740605" in str(offer["contact"])
    await desk.command("callback.result", {"contact_id": contact, "result": "connected"})


async def test_a_handover_ends_the_chat(desk: DesktopClient, page: Visitor) -> None:
    """Nobody answers in the chat any more when a unit has the matter: the page is told so within a heartbeat."""
    contact = await page.begin(ASKED)
    await accepted(desk, contact)
    await page.event("agent.joined")
    await desk.command("handover.create", {"contact_id": contact, "unit": "kultur_fritid", "note": "Er fråga"})

    async def is_told() -> bool:
        await page.say(t="hb", seq=page.seq)
        frame = await page.next()
        return frame["t"] == "ev" and frame["type"] == "chat.ended" and frame["data"]["why"] == "handed_over"

    await eventually(is_told)


async def test_a_queue_that_does_not_exist_stops_the_start() -> None:
    """The operator is told which setting is wrong, before anybody writes."""
    with tempfile.TemporaryDirectory(prefix="sc-chat-") as folder:
        config = Config(
            channels={"chat": {"queue": "nonexistent"}},
            http=HttpConfig(port=0),
            store=StoreConfig(data_dir=str(Path(folder) / "var")),
        )
        with pytest.raises(ConfigurationError) as wrong:
            async with running(config):
                pass

    assert wrong.value.field == "$.channels.chat.queue"


async def test_who_leaves_is_not_waited_for(service: ServiceClient, page: Visitor) -> None:
    """A resident who ends the chat while waiting is out of the queue."""
    contact = await page.begin(ASKED)
    await page.done("chat.end")

    await service.state(contact, "abandoned")


async def test_words_keep_their_times(service: ServiceClient, desk: DesktopClient, page: Visitor) -> None:
    """After a reload every message says when it was written, whoever wrote it; so does the agent's card."""
    before = service.run.store.clock.now_ms()
    contact = await page.begin(ASKED)
    await accepted(desk, contact)
    await desk.command("message.send", {"contact_id": contact, "text": "Klockan tio."})
    await page.event("message")
    await page.done("message.send", {"text": "Tack!"})
    async with aiohttp.ClientSession() as client:
        again = await Visitor.come(service.url, client, page.token)
        times = [each["at"] for each in again.snapshot["messages"]]
        await again.socket.close()
    assert len(times) == 3
    assert before <= times[0] <= times[1] <= times[2] <= service.run.store.clock.now_ms()
    card = await desk.command("contact.read", {"contact_id": contact, "reason": "technical"})
    assert [each["at"] for each in cast("list[Json]", card["messages"])] == times[1:]


async def test_a_transcript_goes_by_mail(service: ServiceClient, desk: DesktopClient, page: Visitor) -> None:
    """The conversation is sent by the channel that sends mail, whole, to the address that the resident gave."""
    contact = await page.begin(ASKED)
    await accepted(desk, contact)
    await desk.command("message.send", {"contact_id": contact, "text": "Klockan tio."})
    await page.event("message")
    await page.done("transcript.send", {"email": "kim@example.se"})

    async def sent() -> bool:
        return any(message.contact == contact for message in MAILS.sent)

    await eventually(sent)
    (mail,) = [message for message in MAILS.sent if message.contact == contact]
    assert (mail.kind, mail.to) == ("transcript", "kim@example.se")
    assert ASKED in mail.text
    assert "Klockan tio." in mail.text
    await service.state(contact, "with_agent")


async def test_a_file_reaches_the_agent(service: ServiceClient, desk: DesktopClient, page: Visitor, name: str) -> None:
    """What a resident uploads is kept, told to the agent who has the contact, and read by them alone."""
    contact = await page.begin(ASKED)
    await accepted(desk, contact)
    body = b"%PDF-1.7 karta"
    wanted = {"name": "karta.pdf", "media_type": "application/pdf", "size_bytes": len(body)}
    form = aiohttp.FormData()
    form.add_field("ticket", (await page.done("attachment.send", wanted))["ticket"])
    form.add_field("file", body, filename="karta.pdf")
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{service.url}/v1/chat/uploads", data=form) as answer,
    ):
        assert answer.status == 201, await answer.text()
        blob = (await answer.json())["blob"]
    told = await desk.wait_event("message.recorded", lambda told: told["contact_id"] == contact)
    assert "karta.pdf" in str(told["message"])
    address = f"{service.url}/v1/contacts/{contact}/attachments/{blob}"
    async with aiohttp.ClientSession() as client, client.get(address, headers=_as_agent(service, name)) as read:
        assert await read.read() == body
    async with aiohttp.ClientSession() as client, client.get(address, headers=_as_agent(service, "else")) as read:
        assert read.status in {403, 404}


def _as_agent(service: ServiceClient, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.token('agent', name, agent=name)}"}


async def test_the_same_question_is_decided_as_in_every_channel(service: ServiceClient, page: Visitor) -> None:
    """Topic, owner and the rules that hit do not depend on whether somebody writes in the chat or calls."""
    words = "Det är ett stort hål i vägen på Storgatan"
    chat = await page.begin(words)
    call = await service.receive("phone", text=words)
    asked, called = [await _decided(service, each) for each in (chat, call)]
    await page.done("chat.end")

    assert asked == called
    assert asked[0]


async def _decided(service: ServiceClient, contact: str) -> tuple[str, str, list[str]]:
    """Topic, queue and the rules that hit."""
    found = (await service.get(f"/v1/contacts/{contact}")).body
    decisions = (await service.get(f"/v1/contacts/{contact}/decision")).body["decisions"]
    return found["topic"], found["queue"], decisions[0]["decision"]["decision"]["trace"]["hits"]


async def test_a_chat_outlives_the_router(name: str) -> None:
    """The service goes down and comes up again: the page resumes with its token, has all words, and goes on."""
    with tempfile.TemporaryDirectory(prefix="sc-chat-") as folder:
        config = msgspec.structs.replace(
            CONFIG,
            http=HttpConfig(port=unused_port()),
            store=StoreConfig(data_dir=str(Path(folder) / "var")),
            city=CityConfig(path=str(write_city(Path(folder) / "city"))),
        )
        async with aiohttp.ClientSession() as client:
            async with running(config, adapters=OPENED) as run:
                page = await Visitor.come(run.url, client)
                contact = await page.begin(ASKED)
            assert (await page.frame("bye"))["why"] == "drain"
            assert await page.closed() == 1012
            async with running(config, adapters=OPENED) as run, ServiceClient(run) as service:
                again = await Visitor.come(run.url, client, page.token)
                assert (again.snapshot["phase"], again.snapshot["messages"][0]["text"]) == ("waiting", ASKED)
                async with service.desktop(name) as desk:
                    await desk.command("presence.set", {"state": "available"})
                    await accepted(desk, contact)
                    await again.event("agent.joined")
                    await desk.command("message.send", {"contact_id": contact, "text": "Välkommen åter"})
                    assert (await again.event("message"))["text"] == "Välkommen åter"
                await again.socket.close()


@asynccontextmanager
async def two_routers(folder: Path) -> AsyncGenerator[tuple[Running, Running]]:
    """Two routers on one store."""
    first = msgspec.structs.replace(
        CONFIG,
        http=HttpConfig(port=0),
        store=StoreConfig(data_dir=str(folder / "var")),
        city=CityConfig(path=str(write_city(folder / "city"))),
    )
    async with running(first, adapters=OPENED) as one:
        second = msgspec.structs.replace(
            first,
            store=StoreConfig(redis_url=one.store.url, data_dir=str(folder / "other")),
            register=RegisterConfig(url=f"sqlite:///{folder / 'var' / 'register.db'}"),
            blobs=BlobsConfig(path=str(folder / "var" / "blobs")),
        )
        async with running(second, adapters={"chat": ADAPTERS["chat"], "mails": OTHER}) as two:
            yield one, two


async def meanwhile(service: ServiceClient, desk: DesktopClient, page: Visitor, contact: str) -> None:
    """The agent hears that the resident writes and reads, the resident that the agent writes; not in the journal."""
    frames: list[Frame] = []
    desk.on_frame = frames.append

    async def heard(signal: str) -> bool:
        return any(each["t"] == "signal" and each["signal"] == signal for each in frames)

    position = await service.run.store.position()
    for _ in range(5):
        await page.done("typing", {"is_typing": True})
    await page.done("read", {"n": 2})
    await page.done("typing", {"is_typing": False})
    await eventually(lambda: heard("paused"))
    assert [each["signal"] for each in frames if each["t"] == "signal"].count("typing") == 1
    assert await heard("read")
    await desk.command("typing", {"contact_id": contact})
    assert (await page.frame("typing"))["is_typing"] is True
    assert await service.run.store.position() == position


async def test_two_routers_serve_one_chat(tmp_path: Path, name: str) -> None:
    """The page is on one router, the agent on another: words reach the page at once; then it moves, and goes on."""
    async with (
        two_routers(tmp_path) as (one, two),
        aiohttp.ClientSession() as client,
        ServiceClient(one) as service,
        service.desktop(name) as desk,
    ):
        page = await Visitor.come(two.url, client)
        contact = await page.begin(ASKED)
        await desk.command("presence.set", {"state": "available"})
        await accepted(desk, contact)
        await page.event("agent.joined")
        await desk.command("message.send", {"contact_id": contact, "text": "Från den andra"})
        assert (await page.event("message"))["text"] == "Från den andra"
        await meanwhile(service, desk, page, contact)
        moved = await Visitor.come(one.url, client, page.token)
        assert [each["text"] for each in moved.snapshot["messages"]] == [ASKED, "Från den andra"]
        await desk.command("message.send", {"contact_id": contact, "text": "Hos mig nu"})
        assert (await moved.event("message"))["text"] == "Hos mig nu"
        await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        assert (await moved.event("chat.ended"))["why"] == "agent"
        for each in (page, moved):
            await each.socket.close()
