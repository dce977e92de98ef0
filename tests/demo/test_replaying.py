"""The replay's own count of who was met and who left, at a door that answers when the test says so."""

import asyncio
from functools import partial

import aiohttp
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.inbound import InboundContact
from router.demo.api import Api
from router.demo.recorded import Row
from router.demo.replaying import Pace, Replay
from tests.journeys.waiting import eventually


async def _has_left(replay: Replay) -> bool | None:
    """True once a caller was counted as left."""
    return replay.left > 0 or None


async def test_a_caller_met_before_the_answer_was_read_never_leaves() -> None:
    """Who is taken before their batch is answered loses no patience later: nobody is counted as met and left."""
    asked, may_answer = asyncio.Event(), asyncio.Event()
    posted: list[str] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.text()
        posted.append(body)
        if "contact.received" in body:
            asked.set()
            await may_answer.wait()
            return web.json_response({"accepted": 2, "ids": ["early", "late"]})
        return web.json_response({"accepted": 1, "ids": ["late"]})

    app = web.Application()
    app.router.add_post("/v1/events", take)
    rows = [
        Row(line, str(line), InboundContact(channel="phone", text="Hej"), 1_000, patience_s=0.0, handling_s=0.0)
        for line in (2, 3)
    ]
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        replay = Replay(Api(str(server.make_url("")).rstrip("/"), session), "token", Pace(0.0, 1.0))
        sending = asyncio.create_task(replay.run(iter(rows)))
        await asked.wait()
        assert replay.meet("early") is None
        may_answer.set()
        await sending
        await eventually(partial(_has_left, replay))
        await replay.close()
    ends = [body for body in posted if "contact.ended" in body]
    assert (replay.accepted, replay.left, len(ends)) == (2, 1, 1)
    assert msgspec.json.decode(ends[0])["data"]["contact"] == "late"
