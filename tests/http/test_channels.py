"""Adapters in a running service: what they hand in is a contact, and what becomes of it reaches them."""

from channels.adapters import Adapters
from channels.base import Key, Outgoing, Sent
from channels.inbound import Attachment, InboundContact, InboundEnd, InboundMessage, InboundPerson
from router.config import Config
from router.errors import NotFound
from tests.channels.probe import Probe
from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient
from tests.journeys.waiting import eventually

CALLS, MAILS = Probe("calls"), Probe("mails")
OPENED: Adapters = {
    "calls": CALLS.adapter("phone", sets_up=True, leads=True),
    "mails": MAILS.adapter("email", owes=True),
}
CONFIG = Config(channels={"calls": {}, "mails": {"port": "25"}})


def call_of(name: str) -> InboundContact:
    """A call about the library."""
    del name
    return InboundContact("phone", InboundPerson(phone="+46701740605"), text="När öppnar biblioteket?")


def mail_of(name: str) -> InboundContact:
    """A mail about the library."""
    person = InboundPerson(email=f"{name}@example.se")
    return InboundContact("email", person, subject="Öppet?", text="När öppnar biblioteket?", thread=f"<{name}@x>")


async def taken(desk: DesktopClient, contact: str) -> Json:
    """The agent takes the contact: the answer."""
    offer = await desk.wait_event("offer.issued", lambda offer: offer["contact_id"] == contact)
    return await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})


async def test_a_call_waits_is_connected_held_and_ended(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """The adapter that handed a call in is told of each step of its own calls, and of no others.

    Each step waits until the one before was told: what has passed when the channel is told is passed over.
    """
    got = await CALLS.inbox.receive(Key("line", name, name), call_of(name))
    assert (got.is_new, got.queue != "") == (True, True)
    other = await service.receive("phone", f"{name}-of-others", text="När öppnar biblioteket?")
    await CALLS.until(got.contact, "wait")
    leg = (await taken(desk, got.contact))["leg_id"]
    await desk.wait_event("leg.connected", lambda told: told["contact_id"] == got.contact)
    await desk.command("work.hold", {"contact_id": got.contact})
    await CALLS.until(got.contact, "wait", "connect", "hold")
    await desk.command("work.resume", {"contact_id": got.contact})
    await CALLS.until(got.contact, "wait", "connect", "hold", "resume")
    await desk.command("work.finish", {"contact_id": got.contact, "outcomes": [{"resolution": "answered"}]})
    told = await CALLS.until(got.contact, "wait", "connect", "hold", "resume", "end")
    assert told[1] == ("connect", got.contact, leg, name, "")
    await service.event("contact.ended", {"reason": "hung_up"}, subject=f"{name}-of-others")
    await service.state(other, "abandoned")
    assert CALLS.of(other) == []
    assert (await CALLS.inbox.receive(Key("line", name, name), call_of(name))).is_new is False


async def test_who_can_not_be_reached_loses_the_call_and_is_away(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """A set-up that fails at the agent puts the resident back at their place and the agent away, loudly."""
    CALLS.connects = False
    try:
        got = await CALLS.inbox.receive(Key("line", name, name), call_of(name))
        await CALLS.until(got.contact, "wait")
        leg = (await taken(desk, got.contact))["leg_id"]
        await CALLS.until(got.contact, "wait", "connect")
        await CALLS.inbox.fail_setup(str(leg), "agent_unreachable")
        assert (await desk.wait_event("presence.away"))["reason"] == "not_responding"
        found = await service.state(got.contact, "queued")
        assert found["received_at"]
        await CALLS.until(got.contact, "wait", "connect", "wait")
        await CALLS.inbox.fail_setup(str(leg), "agent_unreachable")
        await CALLS.inbox.connected(str(leg))
        assert (await service.get(f"/v1/contacts/{got.contact}")).body["state"] == "queued"
        await CALLS.inbox.end(Key("line", f"{name}-end", name), InboundEnd(reason="hung_up"))
        await service.state(got.contact, "abandoned")
        assert (await CALLS.until(got.contact, "wait", "connect", "wait", "end"))[-1][2] == "abandoned"
    finally:
        CALLS.connects = True


async def test_a_call_back_is_ended_where_it_was_made(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """Whichever way a contact came, the line that calls its resident is told when the call is over."""
    person = InboundPerson(email=f"{name}@example.se", phone="+46701740605")
    mail = InboundContact("email", person, text="När öppnar biblioteket?")
    by_mail = (await MAILS.inbox.receive(Key("box", name, name), mail)).contact
    by_event = await service.receive("web", f"{name}-event", text="Ring mig", person={"phone": "+46701740606"})
    for contact, number in ((by_mail, "+46701740605"), (by_event, "+46701740606")):
        await taken(desk, contact)
        await desk.command("callback.schedule", {"contact_id": contact, "keep_place": True, "by": "me"})
        leg = (await taken(desk, contact))["leg_id"]
        assert (await CALLS.until(contact, "connect"))[0] == ("connect", contact, leg, name, number)
        await desk.command("callback.result", {"contact_id": contact, "result": "connected"})
        await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        assert (await CALLS.until(contact, "connect", "end"))[-1] == ("end", contact, "closed")


async def test_an_answer_is_owed_until_it_is_sent(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """Words to a channel that owes are tried until they are sent, with whom they go to and what they answer."""
    MAILS.answers[:] = [Sent("later", "unreachable")]
    got = await MAILS.inbox.receive(Key("box", name), mail_of(name))
    await taken(desk, got.contact)
    await desk.command("message.send", {"contact_id": got.contact, "text": "Klockan tio."})

    async def tried() -> Outgoing | None:
        return next((sent for sent in MAILS.sent if sent.contact == got.contact), None)

    message = await eventually(tried)
    assert (message.text, message.to, message.subject) == ("Klockan tio.", f"{name}@example.se", "Öppet?")
    assert (message.number, message.thread, message.kind) == (2, (f"<{name}@x>",), "reply")

    async def put_off() -> bool:
        return await service.run.store.sendings.state(got.contact, 2) == ("owed", 1)

    assert await eventually(put_off)
    await service.run.store.postpone_deadline(f"sending:{got.contact}.m2", 0)

    async def is_sent() -> bool:
        return (await service.run.store.sendings.state(got.contact, 2))[0] == "sent"

    assert await eventually(is_sent)
    await MAILS.inbox.report(got.contact, 2, "failed", "mailbox_full")
    told = await desk.wait_event("sending.failed")
    assert (told["sending_id"], told["reason"]) == (f"{got.contact}.m2", "mailbox_full")
    await MAILS.inbox.report(got.contact, 2, "failed", "mailbox_full")
    assert (await service.run.store.sendings.state(got.contact, 2))[0] == "failed"


async def test_an_acknowledgement_is_owed_once(service: ServiceClient, name: str) -> None:
    """However often an adapter asks for it, the resident gets one."""
    got = await MAILS.inbox.receive(Key("box", name, name), mail_of(name))
    words = Outgoing(got.contact, 0, "Vi har fått ditt mejl.", kind="acknowledgement")
    assert await MAILS.inbox.owe(words) == await MAILS.inbox.owe(words) == 2

    async def sent() -> list[Outgoing]:
        return [each for each in MAILS.sent if each.contact == got.contact]

    (message,) = await eventually(sent)
    assert (message.kind, message.to) == ("acknowledgement", f"{name}@example.se")
    said = await MAILS.inbox.said(got.contact)
    assert [(each.number, each.by) for each in said] == [(1, "resident"), (2, "service")]
    await MAILS.inbox.end(Key("box", f"{name}-end", name), InboundEnd(reason="cancelled"))
    await service.state(got.contact, "cancelled")


async def test_a_message_belongs_to_its_contact_until_it_is_over(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """A further message is kept with its contact; once that is over, the adapter is told that it must be a new one."""
    got = await MAILS.inbox.receive(Key("box", name), mail_of(name))
    more = InboundMessage(contact=got.contact, text="Tack!", thread="<more@x>")
    assert await MAILS.inbox.message(Key("box", f"{name}-more"), more) == got.contact
    await taken(desk, got.contact)
    await desk.command("work.finish", {"contact_id": got.contact, "outcomes": [{"resolution": "answered"}]})
    await service.state(got.contact, "closed")
    try:
        await MAILS.inbox.message(Key("box", f"{name}-late"), more)
    except NotFound:
        return
    raise AssertionError("a message to what is over was kept where nobody reads it")


async def test_kept_bytes_come_back_to_who_may_read_the_contact(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """An attachment is read by the agent who has the contact; not by others, not by a name that the contact has not."""
    blob = (await MAILS.inbox.keep(b"%PDF-1.7 karta")).blob
    file = Attachment("karta.pdf", "application/pdf", 14, blob=blob)
    contact = InboundContact("email", InboundPerson(email=f"{name}@example.se"), text="Se kartan", attachments=(file,))
    got = await MAILS.inbox.receive(Key("box", name), contact)
    await taken(desk, got.contact)
    path = f"/v1/contacts/{got.contact}/attachments/{blob}"
    mine = service.token("agent", name, agent=name)
    answer = await service.call("GET", path, token=mine)
    assert (answer.status, answer.body) == (200, b"%PDF-1.7 karta")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    stranger = service.token("agent", f"{name}-2", agent=f"{name}-2")
    assert (await service.call("GET", path, token=stranger)).status == 403
    other = (await MAILS.inbox.keep(b"other")).blob
    assert (await service.call("GET", f"/v1/contacts/{got.contact}/attachments/{other}", token=mine)).status == 404


async def test_the_state_of_channels_is_shown(service: ServiceClient) -> None:
    """Readiness and metrics name each adapter; one that is down is no reason not to take other contacts."""
    MAILS.state = "down"
    try:
        parts = (await service.get("/readyz")).body
        assert (parts["status"], parts["parts"]["channel_mails"]) == ("ready", "down")
        assert parts["parts"]["channel_calls"] == "ok"
    finally:
        MAILS.state = "up"
    assert b"servicecenter_channel_up" in (await service.get("/metrics")).body
