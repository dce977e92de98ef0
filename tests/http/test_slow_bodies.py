"""Bodies that stop in the middle: whoever sends one is told, and keeps no place for ever."""

import asyncio
from base64 import b64encode
from urllib.parse import urlsplit

import pytest

from channels import door
from channels.form_body import parse
from router.clock import elapsed_s
from router.config import Config
from tests.http.service_client import ServiceClient

FORM = "application/x-www-form-urlencoded"
ELKS = {
    "user": "elks",
    "password": "at-least-twelve-characters",
    "phones": {"anna": "+46701740650"},
    "hold": "https://x.example.se/hold.mp3",
    "numbers": [{"number": "+46701740600", "secret": "sixteenormoreletters01"}],
}
CONFIG = Config(channels={"elks": ELKS, "chat": {}})


@pytest.mark.parametrize(
    ("path", "kind", "is_elks"),
    [
        ("/v1/events", "application/cloudevents+json", False),
        ("/v1/disturbances", "application/json", False),
        ("/v1/channels/elks/sixteenormoreletters01/call", FORM, True),
        ("/v1/chat/files", FORM, False),
    ],
)
async def test_a_body_that_does_not_come_is_not_waited_for(
    service: ServiceClient, monkeypatch: pytest.MonkeyPatch, path: str, kind: str, is_elks: bool
) -> None:
    """Half a body and then silence is answered as such, by name."""
    monkeypatch.setattr(door, "SMALL_S", 0.2)
    shown = "Basic " + b64encode(b"elks:at-least-twelve-characters").decode()
    shown = shown if is_elks else "Bearer " + service.token("supervisor" if "dist" in path else "integration")
    where = urlsplit(service.url)
    answers, asked = await asyncio.open_connection(where.hostname, where.port)
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: {shown}", f"Content-Type: {kind}"]
    asked.write(("\r\n".join([*lines, "Content-Length: 100"]) + "\r\n\r\nhalf").encode())
    async with asyncio.timeout(10):
        status = (await answers.readline()).decode()
        body = (await answers.readuntil(b"}")).decode()
    asked.close()
    assert " 400 " in status
    assert "the body does not come" in body


@pytest.mark.parametrize("text", [b"%" * 1_000_000, b"%4" * 500_000, b"%41" * 300_000, b"a+" * 500_000])
def test_signs_that_are_no_escapes_cost_no_more_than_others(text: bytes) -> None:
    """A megabyte of them is read in a moment, and stands as it was sent."""
    started = elapsed_s()
    form = parse(FORM, b"a=" + text)
    assert elapsed_s() - started < 1.5
    assert form.get("a").encode() == text.replace(b"%41", b"A").replace(b"+", b" ").strip()
