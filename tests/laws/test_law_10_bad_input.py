"""Law 10: bad input gets a clear problem, and never a 500, a lost message or a hung process."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import Iterator
from typing import cast

import aiohttp
import msgspec
import pytest

from router.desk.commands import COMMANDS
from router.desk.supervisor_commands import SUPERVISOR_COMMANDS
from tests.desktop_client import Closed, DesktopClient
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import INTEGRATION, Json, Town

EVENT: dict[str, object] = {
    "specversion": "1.0",
    "type": "se.servicecenter.contact.received",
    "source": "/switch",
    "id": "law-10",
    "data": {"channel": "phone", "topic": "KUF.BIB", "person": {"phone": "+46701740610"}, "text": "Hej"},
}
ODD = cast(
    "tuple[object, ...]",
    (
        None,
        True,
        -1,
        1e400,
        "",
        "\x00",
        "\ud800",
        "x" * 70_000,
        [],
        {},
        [[[]]],
        {"a": {"b": {}}},
        "2025-13-45",
        "🏳️‍🌈",
    ),
)
ODD_DATA = ("null", "[]", '"x"', "1e400", '{"contact_id":1}', '{"contact_id":"\\u0000"}', '{"offer_id":"x","rev":0}')
ODD_PATHS = (
    "/v1/contacts/%00",
    "/v1/contacts/..%2f..",
    "/v1/contacts/" + "x" * 3_000,
    "/v1/agents?limit=-1",
    "/v1/agents?page=x",
    "/v1/goal?from=never",
    "/v1/goal?from=2030-01-01&to=2020-01-01",
    "/v1/goal?from=9999-12-31&to=0001-01-01",
    "/v1/goal?from=0001-01-01T00:00:00%2B23:59",
    "/v1/cases/%F0%9F%92%A9",
    "/v1/nothing",
    "/v2",
)


def spoiled() -> Iterator[bytes]:
    """Events with one thing wrong, and bytes with everything wrong."""
    encoded = msgspec.json.encode(EVENT)
    dice = random.Random(10)  # noqa: S311 # dice, not keys
    for odd in ODD:
        for field in (*EVENT, "unknown"):
            yield _encoded({**EVENT, field: odd})
        for field in ("channel", "topic", "person", "text", "received_at", "location", "attachments", "fields", "x"):
            yield _encoded({**EVENT, "data": {"channel": "phone", field: odd}})
    for _ in range(60):
        cut = dice.randrange(len(encoded))
        yield encoded[:cut]
        yield encoded[:cut] + bytes([dice.randrange(256)]) + encoded[cut + 1 :]
        yield dice.randbytes(dice.randrange(200))
    yield b"[" * 100_000
    yield b'{"a":' * 50_000


def _encoded(value: object) -> bytes:
    import json  # noqa: PLC0415 # writes what msgspec rightly refuses to write: NaN, lone surrogates

    return json.dumps(value).encode()


async def test_spoiled_events_are_problems(service: ServiceProcess, town: Town) -> None:
    """Hundreds of bad events: each is a problem with a slug or, where it is good after all, a 202; then a good one."""
    token = service.token("integration", INTEGRATION)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents+json"}
    seen: set[int] = set()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as client:
        for body in spoiled():
            async with client.post(f"{service.url}/v1/events", data=body, headers=headers) as answer:
                said = msgspec.json.decode(await answer.read())
                seen.add(answer.status)
                assert answer.status in {202, 400, 413, 415, 422}, (answer.status, body[:200], said)
                if answer.status == 202:
                    town.contacts += [contact for contact in said["ids"] if contact]
                else:
                    assert said["type"].startswith("urn:servicecenter:problem:")
                    assert said["title"]
                    assert "Traceback" not in str(said)
    assert seen >= {202, 400, 422}
    town.contacts = sorted(set(town.contacts))
    await town.call()


@pytest.mark.parametrize(
    "frame",
    ["", "{", "[]", "null", '{"t":"auth"}', '{"t":"nope"}', '{"t":1}', '{"t":"ack","seq":-1}', "[" * 60_000, "\x00"],
)
async def test_a_bad_frame_closes_one_socket_only(service: ServiceProcess, frame: str) -> None:
    """A frame that is none closes its socket with a code; the same agent connects again and is served."""
    token = service.token("agent", "frames", agent="frames")
    async with await DesktopClient.connect(service.url, token) as desk:
        socket = desk._socket
        assert socket
        await socket.send_str(frame)
        with contextlib.suppress(Closed):
            await desk.command("queue.list")
        assert desk.close_code in {None, 4000, 1009}
    async with await DesktopClient.connect(service.url, token) as again:
        assert "queues" in await again.command("queue.list")


async def test_odd_command_data_is_answered(service: ServiceProcess) -> None:
    """Every command with every odd thing as its data is answered with a problem, on a socket that stays open."""
    names = [*COMMANDS, *SUPERVISOR_COMMANDS, "nope"]
    token = service.token("supervisor", "odd", agent="odd")
    for part in range(0, len(names), 10):  # as many as one socket may send at once
        async with await DesktopClient.connect(service.url, token) as desk:
            for number, (name, data) in enumerate(itertools.product(names[part : part + 10], ODD_DATA)):
                answer = await _raw(desk, number, name, data)
                problem = cast("Json", answer.get("problem", {"status": 200}))
                assert answer["ok"] or cast("int", problem["status"]) < 500, (name, data, answer)
                assert desk.close_code is None


async def _raw(desk: DesktopClient, number: int, name: str, data: str) -> dict[str, object]:
    """Send a command whose data no honest desktop would send."""
    assert desk._socket
    future = desk._answers[f"raw{number}"] = asyncio.get_running_loop().create_future()
    await desk._socket.send_str(f'{{"t":"cmd","id":"raw{number}","name":"{name}","data":{data}}}')
    async with asyncio.timeout(10):
        return await future


async def test_odd_paths_are_problems(town: Town) -> None:
    """Ids, queries and methods that make no sense get 4xx."""
    for path in ODD_PATHS:
        answer = await town.ask("GET", path)
        assert 400 <= answer.status < 500, (path, answer)
        assert str(answer.body["type"]).startswith("urn:servicecenter:problem:")
