"""Full lives over real sockets: post, offer, accept, finish; throughput, and the time from queued to offered."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import msgspec

from router.bench.figures import Figure, at_least, at_most, percentile
from router.bench.load import Desktop, Poster, event
from router.bench.service import Service, integration_token, put_agents, service
from router.clock import elapsed_s
from router.config import example_city
from router.http.auth import Caller
from rules.city import load_city

LIVES_PER_S = 800
CAPACITY = {"phone": 1, "chat": 2, "email": 1, "web": 1}


def every_skill() -> dict[str, int]:
    """All skills of the example city at the highest level: nobody waits for a skill while throughput is measured."""
    return dict.fromkeys(load_city(example_city()).skills, 5)


@asynccontextmanager
async def desktops(target: Service, count: int) -> AsyncGenerator[list[Desktop]]:
    """So many agents at work, spread over the routers."""
    ids = [f"bench-{i}" for i in range(count)]
    await put_agents(target, ids, every_skill(), CAPACITY)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as client:
        found = [
            Desktop(
                client, target.urls[i % len(target.urls)], target.tokens.create(Caller("agent", agent, agent=agent))
            )
            for i, agent in enumerate(ids)
        ]
        for desktop in found:
            await desktop.connect()
        tasks = [asyncio.create_task(desktop.work()) for desktop in found]
        await asyncio.sleep(0.5)
        try:
            yield found
        finally:
            for desktop in found:
                await desktop.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def flat_out(target: Service, agents: list[Desktop], contacts: int, lanes: int, run: str) -> float:
    """Lives per second: `lanes` posters keep going until `contacts` are posted; the clock stops when all are finished."""
    before = sum(agent.finished for agent in agents)
    numbers = iter(range(contacts))
    token = integration_token(target.tokens)

    async def lane(index: int) -> None:
        poster = Poster(target.urls[index % len(target.urls)], token)
        for number in numbers:
            status, answer = await poster.post(event(number, run=run))
            if status != 202:  # noqa: PLR2004 # the one good answer
                raise RuntimeError(answer.decode())
        poster.close()

    started = elapsed_s()
    await asyncio.gather(*(lane(i) for i in range(lanes)))
    while sum(agent.finished for agent in agents) - before < contacts and elapsed_s() - started < 120:  # noqa: PLR2004, ASYNC110 # a measurement ends
        await asyncio.sleep(0.02)
    return (sum(agent.finished for agent in agents) - before) / (elapsed_s() - started)


async def at_rate(target: Service, agents: list[Desktop], rate: float, seconds: float, run: str) -> list[float]:
    """Milliseconds from the 202's contact to the offer on the socket, at a steady rate of posts."""
    posted: dict[str, float] = {}
    offered: dict[str, float] = {}
    for agent in agents:
        agent.on_offer = offered.setdefault  # type: ignore[assignment] # keeps the first
    token = integration_token(target.tokens)
    idle: asyncio.Queue[Poster] = asyncio.Queue()
    for i in range(32):
        idle.put_nowait(Poster(target.urls[i % len(target.urls)], token))

    async def one(number: int) -> None:
        poster = await idle.get()
        sent = elapsed_s()
        _, answer = await poster.post(event(number, run=run))
        posted[msgspec.json.decode(answer)["ids"][0]] = sent
        idle.put_nowait(poster)

    started = elapsed_s()
    tasks: list[asyncio.Task[None]] = []
    for number in range(int(rate * seconds)):
        pause = started + number / rate - elapsed_s()
        if pause > 0:
            await asyncio.sleep(pause)
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    await asyncio.sleep(0.5)
    return [(offered[contact] - sent) * 1000 for contact, sent in posted.items() if contact in offered]


async def bench_route(*, contacts: int = 6_000, agents: int = 100) -> list[Figure]:
    """Lives/s with one and two routers; offer latency at 100 and 400 contacts/s."""
    figures: list[Figure] = []
    async with service() as target, desktops(target, agents) as crew:
        await flat_out(target, crew, 500, 20, "warm")
        one = await flat_out(target, crew, contacts, 40, "flat")
        figures.append(at_least("full lives, one router", one, "1/s", LIVES_PER_S))
        for rate, limit in ((100, 15), (400, 60)):
            took = await at_rate(target, crew, rate, 5, f"rate{rate}")
            figures.append(
                at_most(f"post to offer on the socket, p99 at {rate}/s", percentile(took, 0.99), "ms", limit)
            )
            figures.append(
                Figure(f"post to offer on the socket, p50 at {rate}/s", round(percentile(took, 0.5), 2), "ms")
            )
    async with service(routers=2) as target, desktops(target, agents) as crew:
        await flat_out(target, crew, 500, 20, "warm")
        two = await flat_out(target, crew, contacts, 40, "flat")
    ratio = two / one
    figures.append(
        Figure(
            "full lives, two routers",
            round(two, 1),
            "1/s",
            ">= 1.1 x one router",
            ratio >= 1.1,
            "one router",
            round(ratio, 2),
        )
    )  # the budget
    return figures
