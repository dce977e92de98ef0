"""Connections that say nothing, or stop in the middle of a word, hold nothing for ever."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from router import app
from router.app import running
from router.config import CityConfig, Config, HttpConfig, StoreConfig
from tests.http.service_client import ServiceClient
from tests.journeys.ekeby import write_city

WHOLE = b"GET /healthz HTTP/1.1\r\nHost: sc.example\r\n\r\n"
STOPPED = (b"", WHOLE[:9], WHOLE[:-3], WHOLE, WHOLE + WHOLE[:-3])
"""Nothing; half a line; headers without their end; a whole request and silence; a second one that stops."""


async def test_who_stops_within_the_headers_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """However far a request came, the connection is closed after the time for it; a websocket that is silent stays."""
    monkeypatch.setattr(app, "SILENT_S", 1.0)
    with tempfile.TemporaryDirectory(prefix="sc-silent-") as folder:
        city = CityConfig(path=str(write_city(Path(folder) / "city")))
        config = Config(http=HttpConfig(port=0), store=StoreConfig(data_dir=str(Path(folder) / "var")), city=city)
        async with running(config) as run, ServiceClient(run) as service, service.desktop("anna") as desk:
            port = int(run.url.rpartition(":")[2])
            answers = await asyncio.gather(*(_until_closed(port, words) for words in STOPPED))
            assert [answer.count(b"HTTP/1.1 200") for answer in answers] == [0, 0, 0, 1, 1]
            await desk.command("presence.set", {"state": "available"})


async def _until_closed(port: int, words: bytes) -> bytes:
    """What the service says until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()
