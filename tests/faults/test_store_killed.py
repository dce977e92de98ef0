"""The store dies under load: nothing that was answered 202 is lost or doubled, and the service recovers by itself."""

import os
import signal

from tests.faults.crowd import Residents, Worker, at_load, have_finished
from tests.faults.evidence import broken, journal, received, standing
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town
from tests.journeys.waiting import eventually


async def test_the_store_killed_under_load(service: ServiceProcess, town: Town) -> None:
    """Twice kill -9: clients see 202, 503 or a broken line only; every 202 is one contact; no lease is lost."""
    workers = [Worker(town, f"w{i}", [service]) for i in range(4)]
    residents = Residents([service])
    async with at_load(residents, workers):
        for _ in range(2):
            seen = len(residents.accepted)
            await eventually(lambda seen=seen: residents.have_sent(seen + 60))
            os.kill(service.store_pid, signal.SIGKILL)
        seen = len(residents.accepted)
        await eventually(lambda: residents.have_sent(seen + 60))
        assert set(residents.statuses) <= {0, 202, 503}
        await eventually(lambda: have_finished(workers, 60))
        assert "lose_lease" not in {entry.command for entry in await journal(service.store_url)}
    entries = await journal(service.store_url)
    assert received(entries) == residents.accepted
    assert broken(entries) == []
    assert [worker.sockets for worker in workers] == [1, 1, 1, 1], "sockets stayed open while the store was away"
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
