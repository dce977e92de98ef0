"""Law 1: an accepted contact is never lost. 202 is sent only after the journal entry is fsynced."""

import asyncio
import os
import signal
from pathlib import Path
from typing import cast

from redis import Redis

from tests.faults.evidence import broken, journal, received
from tests.journeys.ekeby import write_city
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town


async def test_what_was_answered_202_is_there_after_a_power_cut(tmp_path: Path) -> None:
    """Router and store are killed the moment the last 202 is read: after the start every id is there, once."""
    service = ServiceProcess(tmp_path / "var", write_city(tmp_path / "city"))
    await asyncio.to_thread(service.start)
    async with Town(service, "cut") as town:
        tasks = [asyncio.create_task(town.post("contact.received", {"channel": "phone"})) for _ in range(50)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        os.kill(service.store_pid, signal.SIGKILL)
        await asyncio.to_thread(service.kill)
        done, _ = await asyncio.wait(tasks)
        answers = [task.result() for task in done if task.exception() is None]
        accepted = {cast("list[str]", answer.body["ids"])[0] for answer in answers if answer.status == 202}
    assert accepted
    await asyncio.to_thread(service.start)
    try:
        entries = await journal(service.store_url)
        assert accepted <= set(received(entries).values())
        assert broken(entries) == []
        async with Town(service, "after") as town:
            for contact in accepted:
                assert (await town.contact(contact))["state"] == "queued"
    finally:
        await asyncio.to_thread(service.stop)


def test_the_store_syncs_before_it_answers(service: ServiceProcess) -> None:
    """The embedded store runs with `appendfsync always`, and neither rewrites nor evicts what was promised."""
    with Redis.from_url(service.store_url) as client:  # pyright: ignore[reportUnknownMemberType] # untyped in redis-py
        found = cast("dict[bytes, bytes]", client.config_get("*"))  # pyright: ignore[reportUnknownMemberType] # untyped in redis-py
    settings = {_text(name): _text(value) for name, value in found.items()}
    wanted = {
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "maxmemory-policy": "noeviction",
    }
    assert {name: settings[name] for name in wanted} == wanted


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
