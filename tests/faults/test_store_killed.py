"""The store dies under load: nothing that was answered 202 is lost or doubled, and the service recovers by itself."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.faults.crowd import Residents, Worker
from tests.faults.evidence import broken, journal, received, standing
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town
from tests.journeys.waiting import eventually


@asynccontextmanager
async def at_load(residents: Residents, workers: list[Worker]) -> AsyncGenerator[None]:
    """Residents and workers while the context is open; afterwards every event that was begun has been accepted."""
    working = [asyncio.create_task(worker.work()) for worker in workers]
    posting = asyncio.create_task(residents.post())
    try:
        yield
        residents.stop()
        async with asyncio.timeout(30):
            await posting
    finally:
        for task in (posting, *working):
            task.cancel()
        await asyncio.gather(posting, *working, return_exceptions=True)


async def test_the_store_killed_under_load(service: ServiceProcess, town: Town) -> None:
    """Twice kill -9: clients see 202, 503 or a broken line only; every 202 is one contact; no lease is lost."""
    workers = [Worker(town, f"w{i}", [service]) for i in range(4)]
    residents = Residents([service])
    async with at_load(residents, workers):
        for _ in range(2):
            seen = len(residents.accepted)
            await eventually(lambda seen=seen: _reached(residents, seen + 60))
            os.kill(service.store_pid, signal.SIGKILL)
        seen = len(residents.accepted)
        await eventually(lambda: _reached(residents, seen + 60))
        assert set(residents.statuses) <= {0, 202, 503}
        await eventually(lambda: _finished(workers, 60))
    entries = await journal(service.store_url)
    assert received(entries) == residents.accepted
    assert broken(entries) == []
    assert [worker.sockets for worker in workers] == [1, 1, 1, 1], "sockets stayed open while the store was away"
    assert "lose_lease" not in {entry.command for entry in entries[: len(entries) // 2]}
    assert (await town.ask("GET", "/readyz")).status == 200
    assert await standing(service.store_url) == []


async def test_a_desktop_outlives_its_store(service: ServiceProcess, town: Town) -> None:
    """An agent whose store is restarted notices nothing: same socket, still available, the next call comes."""
    anna = await town.at_work("anna")
    first = await town.call()
    await anna.take(first)
    os.kill(service.store_pid, signal.SIGKILL)
    await anna.finish(first)
    second = await town.call()
    await anna.take(second)
    await anna.finish(second)
    assert anna.client.close_code is None
    assert "lose_lease" not in {entry.command for entry in await journal(service.store_url)}


async def _reached(residents: Residents, count: int) -> bool:
    return len(residents.accepted) >= count


async def _finished(workers: list[Worker], count: int) -> bool:
    return sum(worker.finished for worker in workers) >= count
