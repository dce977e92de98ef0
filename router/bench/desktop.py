"""Idle desktops: what one costs the router in memory, and what ten thousand do to the offers of those at work."""

import asyncio
import resource

import aiohttp

from router.bench.figures import Figure, at_least, at_most, told
from router.bench.idle import IdleSocket
from router.bench.processes import cpu_s, rss_bytes
from router.bench.route import CAPACITY, LATENCY_LIMIT_MS, at_rate, desktops, latencies
from router.bench.service import Service, put_agents, quiet, service
from router.clock import elapsed_s
from router.errors import Unavailable
from router.http.auth import Caller

LIMIT_BYTES = 60_000
SPARE_FILES = 500
AT_ONCE = 16
"""Sockets that are not authenticated yet; the service allows 20 of one address."""
WORKING = 100
RATE = 100


def most_sockets(wanted: int) -> int:
    """As many as the limit on open files allows, raised as far as this user may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = wanted + SPARE_FILES if hard == resource.RLIM_INFINITY else min(hard, wanted + SPARE_FILES)
    if soft != resource.RLIM_INFINITY and soft < target:
        resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
    return min(wanted, target - SPARE_FILES)


async def bench_desktop(*, is_quick: bool = False) -> list[Figure]:
    """Memory for each idle socket; offers to a hundred agents at work while the idle ones are connected."""
    wanted = 1_000 if is_quick else 10_000
    count = most_sockets(wanted)
    if count < wanted // 10:
        raise Unavailable(f"the limit on open files leaves room for {count} sockets")
    async with service() as target, desktops(target, WORKING) as crew:
        ids = [f"idle-{i}" for i in range(count)]
        await put_agents(target, ids, {}, CAPACITY)
        await at_rate(target, crew, RATE, 1, "warm")
        await quiet(target)
        before = rss_bytes(target.pids[0])
        idle, connecting_s = await _connect(target, ids)
        each = (rss_bytes(target.pids[0]) - before) / count
        await quiet(target)
        used, began = cpu_s(target.pids[0]), elapsed_s()
        await asyncio.sleep(2 if is_quick else 5)
        share = (cpu_s(target.pids[0]) - used) / (elapsed_s() - began)
        took = await at_rate(target, crew, RATE, 3 if is_quick else 5, "idle")
        held = sum(not each.is_lost for each in idle)
        for desktop in idle:
            desktop.close()
    return [
        at_least("idle agents' sockets on one process", held, "sockets", wanted),
        at_most("memory of the router for an idle socket", each, "B", LIMIT_BYTES),
        *latencies(took, f"at {RATE}/s beside {held:,} idle sockets", LATENCY_LIMIT_MS[RATE]),
        told("router's share of a core while nothing happens", share, "cores"),
        told("idle sockets connected", count / connecting_s, "1/s"),
    ]


async def _connect(target: Service, agents: list[str]) -> tuple[list[IdleSocket], float]:
    """All sockets, a few at a time, and how long that took."""
    gate = asyncio.Semaphore(AT_ONCE)
    began = elapsed_s()
    async with aiohttp.ClientSession() as client:

        async def connect(agent: str) -> IdleSocket:
            token = target.tokens.create(Caller("agent", agent, agent=agent))
            headers = {"Authorization": f"Bearer {token}"}
            async with gate:
                async with client.post(f"{target.url}/v1/ws-tickets", headers=headers) as answer:
                    ticket = str((await answer.json())["ticket"])
                return await IdleSocket.connect(target.url, ticket)

        found = await asyncio.gather(*(connect(agent) for agent in agents))
    return found, elapsed_s() - began
