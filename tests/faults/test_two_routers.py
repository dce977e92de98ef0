"""Two routers on one store: either may die at any moment, the other goes on with everything."""

import asyncio

from tests.faults.conftest import Pair
from tests.faults.crowd import Residents, Worker, at_load, have_finished
from tests.faults.evidence import broken, journal, received, standing
from tests.faults.floor_laws import FloorLaws
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town
from tests.journeys.waiting import eventually


async def leads(town: Town, router: ServiceProcess) -> bool:
    """Whether this router plans and sweeps."""
    return (await town.ask("GET", "/readyz", url=router.url)).body["leader"] is True


async def test_the_leader_killed_in_mid_load(pair: Pair) -> None:
    """The other takes the lease, returns the dead router's offers and goes on; nothing is lost or happens twice."""
    one, two = pair
    async with Town(two, "pair") as town:
        await eventually(lambda: leads(town, one))
        residents = Residents([one, two])
        workers = [Worker(town, f"w{i}", [one, two] if i % 2 else [two, one]) for i in range(6)]
        async with at_load(residents, workers):
            await eventually(lambda: residents.have_sent(100))
            await asyncio.to_thread(one.kill)
            seen = len(residents.accepted)
            await eventually(lambda: leads(town, two))
            await eventually(lambda: residents.have_sent(seen + 100))
            finished = sum(worker.finished for worker in workers)
            await eventually(lambda: have_finished(workers, finished + 50))
            assert set(residents.statuses) <= {0, 202, 503}
        entries = await journal(two.store_url)
        assert received(entries) == residents.accepted
        assert broken(entries) == []
        assert FloorLaws().follow(entries) == []
        assert await standing(two.store_url) == []


async def test_offers_and_calls_of_a_dead_router(pair: Pair) -> None:
    """An offer that was on a dead router's socket returns at its place; a call stays with the agent who comes back."""
    one, two = pair
    async with Town(one, "dead") as here, Town(two, "other") as there:
        await eventually(lambda: leads(there, one))
        anna = await here.at_work("anna")
        talking = await here.call()
        await anna.take(talking)
        beate = await here.at_work("beate")
        offered = await here.call()
        await beate.offered(offered)
        place = (await here.contact(offered))["received_at"]
        await asyncio.to_thread(one.kill)

        back = await there.sit_down(anna.agent_id)
        await back.presence("away", reason="paus")
        await back.finish(talking)
        seen = await there.until_state(offered, "queued")
        assert seen["received_at"] == place
        cecilia = await there.at_work("cecilia")
        await cecilia.take(offered)
        await cecilia.finish(offered)
        assert broken(await journal(two.store_url)) == []


async def test_an_agent_who_moves_to_another_router(pair: Pair) -> None:
    """A desktop that connects elsewhere replaces the old one, which is closed with 4009; work and events follow."""
    one, two = pair
    async with Town(one, "here") as here, Town(two, "there") as there:
        anna = await here.at_work("anna")
        call = await here.call()
        await anna.take(call)
        moved = await there.sit_down(anna.agent_id)
        assert await anna.client.closed() == 4009
        await here.hang_up(call)
        await moved.client.wait_event("leg.wrapping_up")
        await moved.finish(call)
        following = await here.call()
        await moved.take(following)
        await moved.finish(following)
