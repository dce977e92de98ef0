"""A channel's routes on a real socket, behind the service's own last line against errors."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.base import Channel
from channels.serving import Serves
from channels.site import SiteTopic
from router.http.problems import problems

TOPICS = {
    "GAT.HÅL": SiteTopic("Hål eller skada i väg", "Pothole, damaged road", is_fault=True),
    "GAT.BEL": SiteTopic("Gatubelysning", "Street lighting", is_fault=True),
    "BAR.FSK": SiteTopic("Förskoleplats", "Preschool place"),
}
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@asynccontextmanager
async def served(channel: Channel) -> AsyncGenerator[str]:
    """The address of a server that serves the channel alone."""
    app = web.Application(middlewares=[problems])
    assert isinstance(channel, Serves)
    app.add_routes(channel.routes())
    await channel.start()
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("")).rstrip("/")
    await channel.stop()
    await server.close()
