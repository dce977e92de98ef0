"""E-mail in a running service: from a resident's mail to an agent's answer and back, over real sockets."""

import socket
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import cast

import aiosmtplib
import pytest
import pytest_asyncio

from router.config import Config, Setting
from tests.channels.email.postbox import Delivered, Sink, letter
from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient
from tests.journeys.waiting import eventually


def free_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


PORT, OUT = free_port(), free_port()
BOX = "kontakt@ekeby.example.se"
EMAIL: dict[str, Setting] = {
    "host_name": "mail.ekeby.example.se",
    "mailboxes": {BOX: {}},
    "readers": 1,
    "listen": {"port": PORT},
    "smarthost": {"host": "127.0.0.1", "port": OUT},
}
CONFIG = Config(channels={"email": EMAIL})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sink() -> AsyncIterator[Sink]:
    """The municipality's own mail server."""
    server = Sink()
    await server.open(OUT)
    yield server
    server.close()


@pytest.fixture
def resident(name: str) -> str:
    """An address of this test alone, at a domain of its own."""
    return f"anna@{name}.example.se"


async def post(mail: EmailMessage, sender: str, to: str = BOX) -> str:
    """Deliver a mail; the contact that has it."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=PORT, start_tls=False) as client:
        _, answer = await client.sendmail(sender, [to], mail.as_bytes())
    return answer.rpartition(" ")[2]


def asked(name: str, resident: str, text: str = "När öppnar biblioteket?") -> EmailMessage:
    """A first mail."""
    return letter(text, to=BOX, sender=resident, Subject="Öppet?", Message_ID=f"<{name}@resident.example.se>")


async def delivered(sink: Sink, to: str, count: int) -> list[Delivered]:
    """The mails that have left for an address, once there are so many."""

    async def probe() -> list[Delivered] | None:
        found = [each for each in sink.delivered if each.recipients == (to,)]
        return found if len(found) >= count else None

    return await eventually(probe)


async def taken(desk: DesktopClient, contact: str) -> Json:
    """The agent takes the contact: the card."""
    offer = await desk.wait_event("offer.issued", lambda offer: offer["contact_id"] == contact)
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    return cast("Json", offer["contact"])


async def test_a_mail_is_acknowledged_answered_and_goes_on(
    service: ServiceClient, desk: DesktopClient, sink: Sink, name: str, resident: str
) -> None:
    """A mail is acknowledged, taken, answered in its thread; the resident's answer is more of the same contact."""
    contact = await post(asked(name, resident), resident)
    [receipt] = await delivered(sink, resident, 1)
    assert contact in receipt.mail.get_content()
    assert receipt.sender == "<>"
    await taken(desk, contact)
    await desk.command("message.send", {"contact_id": contact, "text": "Klockan tio."})
    _, reply = await delivered(sink, resident, 2)
    assert reply.mail.get_content().strip() == "Klockan tio."
    assert reply.mail["In-Reply-To"] == f"<{name}@resident.example.se>"
    answer = letter("Tack!", to=str(reply.mail["Reply-To"]), sender=resident, Message_ID=f"<{name}2@x.example.se>")
    assert await post(answer, resident, str(reply.mail["Reply-To"])) == contact
    again = letter("Hej då", sender=resident, Message_ID=f"<{name}3@x>", In_Reply_To=str(reply.mail["Message-ID"]))
    assert await post(again, resident) == contact
    found = (await service.get(f"/v1/contacts/{contact}")).body
    assert found["state"] == "with_agent"


async def test_files_and_the_original_can_be_read_by_who_has_the_contact(
    service: ServiceClient, desk: DesktopClient, name: str, resident: str, sink: Sink
) -> None:
    """What came along, the safe HTML, all words and the original are there for the agent, each as a file."""
    del sink
    mail = asked(name, resident, "Se bilden.\n\nDen 1 maj 2025 kl. 10:00 skrev Ekeby <k@example.se>:\n\n> Hej")
    mail.add_alternative("<p>Se bilden.</p><script>x</script>", subtype="html")
    mail.add_attachment(b"\x89PNG\r\n\x1a\n1234", maintype="image", subtype="jpeg", filename="hål.jpg")
    contact = await post(mail, resident)
    content = cast("Json", (await taken(desk, contact))["content"])
    assert content["text"] == "Se bilden."
    files = {str(each.get("role", each["name"])): each for each in cast("list[Json]", content["attachments"])}
    assert set(files) == {"hål.jpg", "full_text", "html", "original"}
    assert files["hål.jpg"]["media_type"] == "image/png"
    token = service.token("agent", name, agent=name)
    bodies = {
        role: (await service.call("GET", f"/v1/contacts/{contact}/attachments/{each['blob']}", token=token)).body
        for role, each in files.items()
    }
    assert bodies["hål.jpg"] == b"\x89PNG\r\n\x1a\n1234"
    assert b"skrev Ekeby" in bodies["full_text"]
    assert b"<p>Se bilden.</p>" in bodies["html"]
    assert b"script" not in bodies["html"]
    assert bodies["original"] == mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


async def test_a_mail_is_decided_like_a_call(service: ServiceClient, name: str, resident: str, sink: Sink) -> None:
    """The same question by mail and by an integration: the same topic, and the same rules in the decision."""
    del sink
    text = "Det är hål i asfalten på gatan."
    mailed = await post(asked(name, resident, text), resident)
    posted = (
        await service.event(
            "contact.received",
            {"channel": "email", "subject": "Öppet?", "text": text, "person": {"email": f"bo@{name}.example.se"}},
            subject=f"{name}-posted",
        )
    ).contact
    one, two = [(await service.get(f"/v1/contacts/{contact}")).body for contact in (mailed, posted)]
    assert one["topic"] == two["topic"] != ""
    told = [(await service.get(f"/v1/contacts/{contact}/decision")).body for contact in (mailed, posted)]
    why = [each["decisions"][0]["decision"]["decision"] for each in told]
    assert why[0]["trace"]["hits"] == why[1]["trace"]["hits"] != []


async def test_a_bounce_fails_what_was_sent(
    service: ServiceClient, desk: DesktopClient, sink: Sink, name: str, resident: str
) -> None:
    """An answer that can't be delivered is known as failed, by the address that its bounce comes to."""
    contact = await post(asked(name, resident), resident)
    await taken(desk, contact)
    await desk.command("message.send", {"contact_id": contact, "text": "Klockan tio."})
    reply = (await delivered(sink, resident, 2))[-1]
    number = int(str(reply.mail["Message-ID"]).split(".")[2])
    report = (
        f"From: MAILER-DAEMON@mx.example.se\r\nSubject: Undelivered\r\nMessage-ID: <b{name}@mx.example.se>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.se\r\n\r\n"
        f"Final-Recipient: rfc822; {resident}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=PORT, start_tls=False) as client:
        await client.sendmail("", [reply.sender], report)

    async def failed() -> bool:
        return (await service.run.store.sendings.state(contact, number))[0] == "failed"

    assert await eventually(failed)


async def test_what_a_rule_may_ask_of_a_mail(service: ServiceClient, sink: Sink, name: str, resident: str) -> None:
    """That a machine wrote it, and how many files came with it, are facts; other forms of the mail are not counted."""
    mail = asked(name, resident, "Nyhetsbrev")
    mail["List-Id"] = "<nyheter.example.se>"
    mail.add_alternative("<p>Nyhetsbrev</p>", subtype="html")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="nyheter.pdf")
    contact = await post(mail, resident)
    told = (await service.get(f"/v1/contacts/{contact}/decision")).body["decisions"][0]["decision"]["facts"]
    assert (told["automatic"], told["attachments"], told["channel"]) == (True, 1, "email")
    assert resident not in {to for each in sink.delivered for to in each.recipients}
