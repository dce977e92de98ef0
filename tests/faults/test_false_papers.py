"""Tokens and tickets that are stale, foreign, damaged or somebody else's open nothing."""

import pytest

from router.clock import SystemClock
from router.http.auth import Caller, Tokens
from tests.desktop_client import Closed, DesktopClient
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town


class Forged:
    """The same address, with tokens of somebody else's making."""

    def __init__(self, service: ServiceProcess, token: str) -> None:
        self.url = service.url
        self._token = token

    def token(self, *_: object, **__: object) -> str:
        """The forged one, whoever asks."""
        return self._token


async def test_no_false_token_opens_a_door(service: ServiceProcess) -> None:
    """Expired, of another key, cut off, of another algorithm, or none: 401; of another role: 403. Never 500."""
    now_s = SystemClock().now_ms() // 1000
    true = service.tokens.create(Caller("supervisor", "tests"))
    false = {
        "expired": service.tokens.create(Caller("supervisor", "tests", expires_s=now_s - 1)),
        "foreign": Tokens(b"another", SystemClock()).create(Caller("supervisor", "tests")),
        "cut": true[:-4],
        "unsigned": "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic3VwZXJ2aXNvciIsIm5hbWUiOiJ4In0.",
        "empty": "",
        "words": "let me in",
        "not latin": "\u00e5\u00e4\u00f6",
    }
    for kind, token in false.items():
        async with Town(Forged(service, token), "forger") as town:
            for path in ("/v1/agents", "/v1/goal", "/v1/contacts/c1"):
                answer = await town.ask("GET", path)
                assert answer.status == 401, (kind, answer)
            assert (await town.post("contact.received", {"channel": "phone"})).status == 401, kind
    async with Town(Forged(service, service.token("agent", "anna", agent="anna")), "agent") as town:
        assert (await town.ask("GET", "/v1/agents")).status == 403
        assert (await town.post("contact.received", {"channel": "phone"})).status == 403
    async with Town(Forged(service, true), "true") as town:
        assert (await town.ask("GET", "/v1/agents")).status == 200


async def test_a_ticket_opens_one_socket_once(service: ServiceProcess) -> None:
    """A ticket that was used, or that nobody made, is refused with 4001 before anything is shown."""
    token = service.token("agent", "anna", agent="anna")
    async with await DesktopClient.connect(service.url, token) as first:
        used = await first.ticket()
        second = DesktopClient(service.url, token)
        second.ticket = lambda: _given(used)
        await second.open()
        await second.close()
        for ticket in (used, "made-up", ""):
            thief = DesktopClient(service.url, token)
            thief.ticket = lambda ticket=ticket: _given(ticket)
            with pytest.raises(Closed) as refused:
                await thief.open()
            assert refused.value.code == 4001
            assert thief.snapshot == {}
            await thief.close()


async def _given(ticket: str) -> str:
    return ticket
