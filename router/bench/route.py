"""Full lives over real sockets: post, offer, accept, finish; throughput, and the time from queued to offered."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from statistics import median

import aiohttp
import msgspec

from router.bench.figures import Figure, against, at_least, at_most, percentile, told
from router.bench.intake import expect_accepted, steadily
from router.bench.load import Desktop, Poster, event
from router.bench.processes import cpu_by_part
from router.bench.service import Service, counted, integration_token, put_agents, quiet, service
from router.bench.wake_ups import wake_ups
from router.clock import elapsed_s
from router.config import example_city
from router.errors import Unavailable
from router.http.auth import Caller
from rules.city import load_city

LIVES_PER_S = 800
TIMES_ONE_ROUTER = 1.1
MOST_LOST_SHARE = 0.01
LATENCY_LIMIT_MS = {100: 15, 400: 60}
CAPACITY = {"phone": 1, "chat": 2, "email": 1, "web": 1}
RUNS = 3
LANES = 40
PATIENCE_S = 60.0


def every_skill() -> dict[str, int]:
    """All skills of the example city at the highest level: nobody waits for a skill while throughput is measured."""
    return dict.fromkeys(load_city(example_city()).skills, 5)


@asynccontextmanager
async def desktops(target: Service, count: int) -> AsyncGenerator[list[Desktop]]:
    """So many agents at work, spread over the routers; a desktop that fails ends the measurement."""
    ids = [f"bench-{i}" for i in range(count)]
    await put_agents(target, ids, every_skill(), CAPACITY)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        found = [
            Desktop(
                client, target.urls[i % len(target.urls)], target.tokens.create(Caller("agent", agent, agent=agent))
            )
            for i, agent in enumerate(ids)
        ]
        for desktop in found:
            await desktop.connect()
        tasks = [asyncio.create_task(desktop.work()) for desktop in found]
        await asyncio.gather(*(desktop.is_available.wait() for desktop in found))
        try:
            yield found
            for task in tasks:
                if task.done():
                    task.result()
                    raise Unavailable("a desktop was closed while it was measured")
        finally:
            for desktop in found:
                await desktop.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def flat_out(target: Service, agents: list[Desktop], seconds: float, run: str) -> tuple[float, int]:
    """Lives a second, and how many: posts for so long on every lane; the clock stops when the last one is finished.

    Raises:
        Unavailable: some lives do not end.
    """
    before = sum(agent.finished for agent in agents)
    token = integration_token(target.tokens)
    started = elapsed_s()

    async def lane(index: int) -> int:
        poster = Poster(target.urls[index % len(target.urls)], token)
        count = 0
        while elapsed_s() - started < seconds:
            await expect_accepted(poster, event(count, run=f"{run}-{index}"))
            count += 1
        poster.close()
        return count

    posted = sum(await asyncio.gather(*(lane(i) for i in range(LANES))))
    await _all_finished(agents, before + posted)
    return posted / (elapsed_s() - started), posted


async def _all_finished(agents: list[Desktop], count: int) -> None:
    """Until the agents have finished so many lives in all."""
    started = elapsed_s()
    while (ended := sum(agent.finished for agent in agents)) < count:
        if elapsed_s() - started > PATIENCE_S:
            raise Unavailable(f"{count - ended} of {count} lives did not end")
        await asyncio.sleep(0.01)


async def at_rate(target: Service, agents: list[Desktop], rate: float, seconds: float, run: str) -> list[float]:
    """Milliseconds from the post to the offer on the socket, at a steady rate; includes the durable intake."""
    posted: dict[str, float] = {}
    offered: dict[str, float] = {}

    def note(contact: str, at: float) -> None:
        offered.setdefault(contact, at)

    for agent in agents:
        agent.on_offer = note
    token = integration_token(target.tokens)
    idle: asyncio.Queue[Poster] = asyncio.Queue()
    for i in range(64):
        idle.put_nowait(Poster(target.urls[i % len(target.urls)], token))

    async def post(number: int, due: float) -> None:
        poster = await idle.get()
        answer = await expect_accepted(poster, event(number, run=run))
        posted[msgspec.json.decode(answer)["ids"][0]] = due
        idle.put_nowait(poster)

    before = sum(agent.finished for agent in agents)
    await steadily(post, rate, seconds)
    await _all_finished(agents, before + len(posted))
    while not idle.empty():
        idle.get_nowait().close()
    if lost := posted.keys() - offered.keys():
        raise Unavailable(f"{len(lost)} of {len(posted)} contacts were not offered")
    return [(offered[contact] - due) * 1000 for contact, due in posted.items()]


async def bench_route(*, is_quick: bool = False, agents: int = 100) -> list[Figure]:
    """Lives a second with one and two routers, offer latency at two rates, offers lost to races."""
    seconds = 1.0 if is_quick else 3.0
    async with service() as target, desktops(target, agents) as crew:
        one, figures = await _throughput(target, crew, seconds, "full lives, one router")
        figures.insert(0, at_least("full lives, one router", one, "1/s", LIVES_PER_S))
        for rate, limit in LATENCY_LIMIT_MS.items():
            await quiet(target)
            async with wake_ups() as late:
                took = await at_rate(target, crew, rate, seconds + 2, f"rate{rate}")
            name = f"wake-up of a process that only sleeps, p99 beside {rate}/s"
            figures += [*latencies(took, f"at {rate}/s", limit), told(name, percentile(late, 0.99), "ms")]
    async with service(routers=2) as target, desktops(target, agents) as crew:
        two, costs = await _throughput(target, crew, seconds, "full lives, two routers")
        ratio = two / one
        name = "full lives, two routers"
        figures.append(against(name, two, "1/s", peer="one router", ratio=ratio, limit=TIMES_ONE_ROUTER))
        refused = await counted(target, "servicecenter_offers_total", result="refused")
        issued = await counted(target, "servicecenter_offers_total", result="issued")
    figures.append(at_most("offers lost to races, two routers", refused / max(1, issued), "share", MOST_LOST_SHARE))
    return figures + costs


def latencies(took: list[float], when: str, limit: float) -> list[Figure]:
    """Median and 99th percentile from post to offer."""
    name = f"post to offer on the socket, {{}} {when}"
    return [
        at_most(name.format("p99"), percentile(took, 0.99), "ms", limit),
        told(name.format("p50"), percentile(took, 0.5), "ms"),
    ]


async def _throughput(target: Service, crew: list[Desktop], seconds: float, name: str) -> tuple[float, list[Figure]]:
    """The median of three runs, and what each part of the service and the load cost for one life."""
    await flat_out(target, crew, 0.5, "warm")
    rates: list[float] = []
    costs: list[dict[str, float]] = []
    for number in range(RUNS):
        await quiet(target)
        before = cpu_by_part(target.pids)
        rate, lives = await flat_out(target, crew, seconds, f"flat{number}")
        after = cpu_by_part(target.pids)
        rates.append(rate)
        costs.append({part: (after[part] - before[part]) / lives for part in after})
    return median(rates), [
        told(f"{name}, CPU of the {part} for one life", median(cost[part] for cost in costs) * 1e6, "us")
        for part in costs[0]
    ]
