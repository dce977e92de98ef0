"""The register is locked, gone or its projector is killed: intake goes on, figures say so or wait, nothing is lost."""

import contextlib
import os
import signal
import sqlite3
from typing import cast

from tests.faults.conftest import Launch
from tests.faults.crowd import Residents, Worker, at_load
from tests.faults.evidence import journal
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Json, Town
from tests.journeys.waiting import eventually


async def stored(service: ServiceProcess) -> list[int]:
    """Numbers of the journal entries that the register holds."""
    with sqlite3.connect(f"file:{service.data_dir / 'register.db'}?mode=ro", uri=True, timeout=5) as connection:
        found = [row[0] for row in connection.execute("select n from journal order by n")]
    connection.close()
    return found


async def caught_up(service: ServiceProcess) -> bool:
    """Whether the register has the whole journal, each entry once."""
    entries = await journal(service.store_url)
    return await stored(service) == list(range(1, entries[-1].n + 1))


async def test_a_locked_register_delays_only_itself(service: ServiceProcess, town: Town) -> None:
    """While somebody holds the database calls are taken in, offered and finished; afterwards all of it is there."""
    anna = await town.at_work("anna")
    register = sqlite3.connect(service.data_dir / "register.db", isolation_level=None, timeout=5)
    register.execute("begin exclusive")
    for _ in range(3):
        contact = await town.call()
        await anna.take(contact)
        await anna.finish(contact)
    goal = await town.ask("GET", "/v1/goal")
    assert goal.status in {200, 503}
    assert (await town.contact(town.contacts[0]))["state"] in {"with_agent", "closed"}
    register.execute("rollback")
    register.close()
    await eventually(lambda: caught_up(service))
    for contact in town.contacts:
        await town.until_state(contact, "closed", is_told=True)


async def test_a_deleted_register_stops_nothing(launch: Launch) -> None:
    """Somebody deletes the database under the running service: contacts are still taken in, nothing answers 500."""
    service = launch()
    async with Town(service, "deleted") as town:
        anna = await town.at_work("anna")
        await anna.finish((await anna.take(await town.call())).contact)
        for path in service.data_dir.glob("register.db*"):
            path.unlink()
        contact = await town.call()
        await anna.take(contact)
        await anna.finish(contact)
        assert (await town.ask("GET", "/v1/goal")).status in {200, 503}
        assert (await town.ask("GET", "/readyz")).status == 200
    service.stop()
    service.start()
    async with Town(service, "again") as town:
        assert (await town.ask("GET", "/v1/goal")).status in {200, 503}
        beate = await town.at_work("beate")
        await beate.finish((await beate.take(await town.call())).contact)
        await eventually(lambda: caught_up(service))


async def test_a_register_that_can_not_be_opened(launch: Launch) -> None:
    """With an unusable register the service starts, takes contacts in and says what is away: 503, never 500."""
    service = launch(REGISTER__URL="sqlite:////proc/nowhere/register.db")
    async with Town(service, "blind") as town:
        contact = await town.call()
        seen = await town.contact(contact)
        assert seen["state"] == "queued"
        goal = await town.ask("GET", "/v1/goal")
        assert goal.status == 503
        assert str(goal.body["type"]).endswith("register-unavailable")
        ready = await town.ask("GET", "/readyz")
        assert ready.status == 200
        assert cast("Json", ready.body["parts"])["register"] != "ok"


async def test_a_projector_killed_again_and_again(service: ServiceProcess, town: Town) -> None:
    """Every entry reaches the register exactly once, and every contact is counted once."""
    residents = Residents([service], lanes=4)
    async with at_load(residents, [Worker(town, f"w{i}", [service]) for i in range(3)]):
        for round_number in range(1, 4):
            await eventually(lambda enough=100 * round_number: holds(service, enough))
            await eventually(lambda: kill_projector(service))
    await eventually(lambda: caught_up(service), 30)
    accepted = len(residents.accepted)

    async def counted() -> bool:
        contacts = cast("Json", (await town.ask("GET", "/v1/goal")).body["contacts"])
        return contacts["received"] == accepted

    assert await eventually(counted)


async def holds(service: ServiceProcess, entries: int) -> bool:
    """Whether the register has so many entries."""
    return len(await stored(service)) >= entries


async def kill_projector(service: ServiceProcess) -> bool:
    """Kill it, once there is one."""
    pid = service.projector_pid
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):  # it has ended by itself
        os.kill(pid, signal.SIGKILL)
    return True
