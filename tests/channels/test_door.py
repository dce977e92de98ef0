"""Bodies of strangers: within their caps, with an end to how much is held at once and to how long one may take."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, make_mocked_request

from channels.door import Bodies, address_of
from router.http.problems import problems
from tests.journeys.waiting import eventually


class Held:
    """A server whose handler holds every body until it is let go."""

    def __init__(self) -> None:
        self.bodies = Bodies(1000, room=2500, slowest_s=0.2)
        self.arrived = asyncio.Semaphore(0)
        self.let_go = asyncio.Event()
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Read and hold."""
        async with self.bodies.read(request) as body:
            self.arrived.release()
            await self.let_go.wait()
            return web.Response(text=str(len(body)))


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    """The server."""
    new = Held()
    app = web.Application(middlewares=[problems])
    app.router.add_post("/", new.handle)
    async with TestServer(app) as server:
        new.url = str(server.make_url("/"))
        yield new
        new.let_go.set()


async def test_what_is_held_has_an_end(held: Held) -> None:
    """Two large bodies are held, a third is 503 at once; when they are let go there is room again."""
    async with aiohttp.ClientSession() as http:
        first = [asyncio.create_task(http.post(held.url, data=b"x" * 1000)) for _ in range(2)]
        for _ in first:
            await held.arrived.acquire()
        async with http.post(held.url, data=b"x" * 900) as refused:
            assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
        held.let_go.set()
        for answer in [await each for each in first]:
            assert await answer.text() == "1000"
        async with http.post(held.url, data=b"x" * 900) as taken:
            assert await taken.text() == "900"


async def test_a_body_that_does_not_come_is_given_up(held: Held) -> None:
    """Whoever sends half of it and waits is told so, and holds nothing any more."""
    held.let_go.set()
    host, port = held.url.removeprefix("http://").rstrip("/").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n" + b"x" * 400)
    await writer.drain()
    assert b"400 Bad Request" in await reader.readline()
    writer.close()
    async with aiohttp.ClientSession() as http:
        for _ in range(3):
            async with http.post(held.url, data=b"x" * 1000) as taken:
                assert taken.status == 200


async def test_a_caller_that_goes_away_leaves_nothing(held: Held) -> None:
    """A connection that breaks in the middle of a body gives its room back."""
    held.let_go.set()
    host, port = held.url.removeprefix("http://").rstrip("/").split(":")
    for _ in range(5):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + b"x" * 999)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def nothing_held() -> bool:
        return held.bodies._held == 0

    await eventually(nothing_held)
    async with aiohttp.ClientSession() as http, http.post(held.url, data=b"x" * 1000) as taken:
        assert taken.status == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.7", ""),
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        (2, "198.51.100.1, 192.0.2.7", "198.51.100.1"),
        (3, "192.0.2.7", "192.0.2.7"),
        (1, "", ""),
    ],
)
def test_only_the_operators_proxies_are_believed(proxies: int, forwarded: str, address: str) -> None:
    """As many steps back as there are proxies; what a caller adds in front is their own word."""
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert address_of(make_mocked_request("GET", "/", headers=headers), proxies) == address
