"""Calls and text messages through 46elks and the whole service, webhook by webhook."""

import dataclasses
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from yarl import URL

from channels.adapters import ADAPTERS
from channels.base import Channel
from channels.elks.settings import ElksSmsSettings
from channels.elks.sms import open_elks_sms
from channels.site import Site
from router.config import Config, Setting
from tests.desktop_client import DesktopClient
from tests.http.service_client import ServiceClient
from tests.journeys.waiting import eventually

CALLER, AGENT, NUMBER, SMS = "+46701740605", "+46701740650", "+46701740600", "+46701740601"
HOLD = "https://example.se/hold.mp3"
SECRET, SMS_SECRET = "s3cret-of-this-number", "s3cret-of-that-number"
CALLS: dict[str, Setting] = {
    "user": "elks",
    "password": "made-up-password",
    "numbers": [{"number": NUMBER, "secret": SECRET}],
    "hold": HOLD,
    "phones": {"a-call-through-46elks": AGENT},
}
MESSAGES: dict[str, Setting] = {
    "user": "elks",
    "password": "made-up-password",
    "numbers": [{"number": SMS, "secret": SMS_SECRET}],
    "api_user": "u",
    "api_password": "made-up",
}
CONFIG = Config(channels={"elks": CALLS, "elks_sms": MESSAGES})
SENT: list[dict[str, str]] = []
RUNNERS: list[web.AppRunner] = []


async def opened(site: Site, settings: ElksSmsSettings) -> Channel:
    """Text messages go to a stand-in of 46elks."""

    async def post(request: web.Request) -> web.Response:
        SENT.append({name: str(value) for name, value in (await request.post()).items()})
        return web.json_response({"id": f"s{len(SENT)}"})

    app = web.Application()
    app.router.add_post("/a1/sms", post)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    RUNNERS.append(runner)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/a1"
    return await open_elks_sms(site, msgspec.structs.replace(settings, api_url=url))


OPENED = {"elks": ADAPTERS["elks"], "elks_sms": dataclasses.replace(ADAPTERS["elks_sms"], open=opened)}


class Hooks:
    """Posts where the service has told 46elks to post."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = URL(url)

    async def post(self, address: str, **form: str) -> Any:  # noqa: ANN401 - JSON
        """One webhook; its answer, None when there is none."""
        path = URL(address).relative() if "://" in address else URL(address)
        headers = {"Authorization": aiohttp.encode_basic_auth("elks", "made-up-password")}
        async with self._http.post(self._url.join(path), data=form, headers=headers) as answer:
            assert answer.status in {200, 204}, await answer.text()
            return await answer.json() if answer.status == 200 else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hooks(service: ServiceClient) -> AsyncGenerator[Hooks]:
    """46elks."""
    async with aiohttp.ClientSession() as http:
        yield Hooks(http, service.url)
    for runner in RUNNERS:
        await runner.cleanup()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Who has a phone at 46elks is named in the configuration."""
    del request
    return "a-call-through-46elks"


async def test_a_call(service: ServiceClient, desk: DesktopClient, hooks: Hooks) -> None:
    """Taken, offered while the clip plays, rung when it ends; not answered: back; answered: a talk and its wrap-up."""
    action = await hooks.post(f"/v1/channels/elks/{SECRET}/call", callid="c1", to=NUMBER, **{"from": CALLER})
    assert action["play"] == HOLD
    for result in ("busy", "success"):
        offer = await desk.wait_event("offer.issued")
        contact = str(offer["contact_id"])
        await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
        action = await hooks.post(action["next"], callid="c1")
        assert action["connect"] == AGENT
        action = await hooks.post(action["next"], callid="c1", result=result)
        if result == "busy":
            assert (await desk.wait_event("presence.away"))["reason"] == "not_responding"
            await service.state(contact, "queued")
            await desk.command("presence.set", {"state": "available"})
    assert action == {"hangup": "reject"}
    await desk.wait_event("leg.wrapping_up", lambda told: told["contact_id"] == contact)
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
    await service.state(contact, "closed")


async def test_a_text_message_and_its_answer(service: ServiceClient, desk: DesktopClient, hooks: Hooks) -> None:
    """Told three times it is one contact; what the agent answers is sent from the number that was written to."""
    path = f"/v1/channels/elks-sms/{SMS_SECRET}/in"
    for _ in range(3):
        form = {"id": "s1", "from": CALLER, "to": SMS, "message": "När öppnar biblioteket?"}
        assert await hooks.post(path, **form) is None
    offer = await desk.wait_event("offer.issued")
    contact = str(offer["contact_id"])
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    await hooks.post(path, **{"id": "s2", "from": CALLER, "to": SMS, "message": "På lördag?"})
    await desk.wait_event("message.recorded", lambda told: told["contact_id"] == contact)
    await desk.command("message.send", {"contact_id": contact, "text": "Klockan tio."})

    async def sent() -> dict[str, str] | None:
        return next(iter(SENT), None)

    form = await eventually(sent)
    assert (form["from"], form["to"], form["message"]) == (SMS, CALLER, "Klockan tio.")
    assert await hooks.post(form["whendelivered"], id="s1", status="delivered") is None
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
    await service.state(contact, "closed")
    await hooks.post(path, **{"id": "s3", "from": CALLER, "to": SMS, "message": "En fråga till"})
    again = await desk.wait_event("offer.issued", lambda told: told["contact_id"] != contact)
    assert again["contact_id"] != contact
