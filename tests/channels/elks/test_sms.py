"""Text messages through 46elks: in once, out until 46elks has taken them, reports to whom they belong."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Outgoing, Sent
from channels.elks import wire
from channels.elks.settings import ElksSmsSettings
from channels.elks.sms import ROOT, ElksSms
from router.errors import InputError, StoreUnavailable
from tests.channels.elks.provider import NUMBER, WEBHOOKS, Provider, provider
from tests.channels.recording_inbox import RecordingInbox

WRITER = "+46701740605"
API: Mapping[str, Any] = {**WEBHOOKS, "api_user": "u", "api_password": "made-up"}
ANSWER = Outgoing("c01", 3, "Biblioteket öppnar klockan tio.", to=WRITER, source=f"sms:{NUMBER}")


class Api:
    """46elks' side of sending."""

    def __init__(self) -> None:
        self.status, self.body, self.sent = 200, '{"id":"s1"}', list[dict[str, str]]()

    async def post(self, request: web.Request) -> web.Response:
        """A message to be sent."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.sent.append(form | {"auth": request.headers["Authorization"]})
        return web.Response(status=self.status, text=self.body, content_type="application/json")


@asynccontextmanager
async def service(inbox: RecordingInbox) -> AsyncGenerator[tuple[ElksSms, Provider, Api]]:
    """The adapter, whoever calls its webhooks, and where it sends."""
    async with AsyncExitStack() as stack:
        api, app = Api(), web.Application()
        app.router.add_post("/a1/sms", api.post)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/a1"
        channel = ElksSms(inbox, msgspec.convert({**API, "api_url": url}, ElksSmsSettings), "https://sc.example.se")
        yield channel, await stack.enter_async_context(provider(channel, ROOT)), api


def written(name: str, text: str, sender: str = WRITER) -> dict[str, str]:
    """A message as 46elks tells of it."""
    return {"direction": "incoming", "id": name, "from": sender, "to": NUMBER, "message": text}


async def test_a_message_is_a_contact_and_the_next_goes_on() -> None:
    """The first is a contact with its number, further ones of the same number belong to it; told again, taken once."""
    inbox = RecordingInbox()
    async with service(inbox) as (_, elks, _):
        for form in (written("s1", "När öppnar ni?"), written("s2", "Hallå?"), written("s2", "Hallå?")):
            assert await elks.post("in", form) == (204, b"")
        assert await elks.post("in", written("s1", "När öppnar ni?")) == (204, b"")
        assert [(each.channel, each.text, each.person.phone) for each in inbox.contacts.values()] == [
            ("sms", "När öppnar ni?", WRITER)
        ]
        assert [(name, each.text) for name, each in inbox.messages] == [("c01", "Hallå?")]
        await elks.post("in", written("s3", "Hej", "+46701740606"))
        assert len(inbox.contacts) == 2
        assert WRITER not in {seen.subject for seen in inbox.seen.values()}
        del inbox.seen["c01"]
        await elks.post("in", written("s4", "En sak till"))
        assert inbox.contacts["c03"].text == "En sak till"


async def test_nothing_is_confirmed_before_it_is_on_disk() -> None:
    """While our store is away 46elks is told to come again."""
    inbox = RecordingInbox()
    async with service(inbox) as (_, elks, _):
        inbox.failure = StoreUnavailable()
        assert (await elks.post("in", written("s1", "Hej")))[0] == 503
        inbox.failure = None
        assert (await elks.post("in", written("s1", "Hej")))[0] == 204
        assert len(inbox.contacts) == 1


async def test_an_answer_goes_out_and_is_reported() -> None:
    """From the number that was written to, with an address for its report; the report names the words."""
    inbox = RecordingInbox()
    async with service(inbox) as (channel, elks, api):
        await elks.post("in", written("s0", "När öppnar ni?"))
        assert await channel.send(ANSWER) == Sent("sent", "", "s1")
        form = api.sent[0]
        assert (form["from"], form["to"], form["message"]) == (NUMBER, WRITER, ANSWER.text)
        assert form["auth"] == aiohttp.encode_basic_auth("u", "made-up")
        for status in ("sent", "delivered", "failed"):
            assert (await elks.post(form["whendelivered"], {"id": "s1", "status": status}))[0] == 204
        assert inbox.reports == [("c01", 3, "delivered", ""), ("c01", 3, "failed", "undelivered")]
        assert (await elks.post("report?contact=c99&words=1", {"id": "s1", "status": "failed"}))[0] == 204


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (403, "failed", "refused-recipient"),
        (400, "failed", "refused-recipient"),
        (401, "later", "unauthenticated"),
        (429, "later", "unreachable"),
        (500, "later", "unreachable"),
        (503, "later", "unreachable"),
    ],
)
async def test_what_46elks_refuses_is_told_apart(status: int, outcome: str, reason: str) -> None:
    """Refused for what it is: failed. Refused for now: later, and the line says that it is degraded."""
    async with service(RecordingInbox()) as (channel, _, api):
        api.status = status
        sent = await channel.send(ANSWER)
        assert (sent.outcome, sent.reason) == (outcome, reason)
        assert channel.health().state == ("degraded" if outcome == "later" else "up")
        api.status, api.body = 200, "not json"
        assert (await channel.send(ANSWER)).outcome == "sent"
        assert channel.health().state == "up"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"to": ""}, "no-address"),
        ({"to": "hemligt"}, "no-address"),
        ({"text": " "}, "no-text"),
        ({"text": "x" * 2001}, "too-long"),
    ],
)
async def test_what_can_never_be_sent_fails_by_name(change: dict[str, str], reason: str) -> None:
    """Nobody is asked."""
    async with service(RecordingInbox()) as (channel, _, api):
        sent = await channel.send(msgspec.structs.replace(ANSWER, **change))
        assert (sent.outcome, sent.reason, api.sent) == ("failed", reason, [])


async def test_46elks_is_away() -> None:
    """Later."""
    plan = msgspec.convert({**API, "api_url": "http://127.0.0.1:9/a1"}, ElksSmsSettings)
    channel = ElksSms(RecordingInbox(), plan, "https://sc.example.se")
    assert (await channel.send(ANSWER)).outcome == "later"
    await channel.start()
    assert (await channel.send(ANSWER)).outcome == "later"
    await channel.stop()


@given(
    form=st.dictionaries(
        st.sampled_from(["callid", "id", "from", "to", "message", "status", "created"]), st.text(max_size=80)
    )
)
def test_nothing_but_our_errors(form: dict[str, str]) -> None:
    """Any form is read or refused with an error of ours, and what is read can be handed in."""
    for read in (wire.step_of, wire.report_of):
        try:
            read(form)
        except InputError:
            continue
    try:
        sms = wire.sms_of(form)
    except InputError:
        return
    assert wire.writer_of(sms, "SE").text == form.get("message", "")


@pytest.mark.parametrize("number", ["", "-1", "x", "9" * 10, "²"])
async def test_a_report_of_nothing(number: str) -> None:
    """Refused; so is one with another status."""
    inbox = RecordingInbox()
    async with service(inbox) as (_, elks, _):
        assert (await elks.post(f"report?contact=c01&words={number}", {"id": "s1", "status": "failed"}))[0] == 404
        assert (await elks.post("report?contact=c01&words=1", {"id": "s1", "status": "read"}))[0] == 422
        assert inbox.reports == []
