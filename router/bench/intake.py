"""Intake: durable posts of events against the same server and intake without a store, under the same load."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from statistics import median

from router.bench.figures import Figure, against, at_most, percentile, told
from router.bench.load import Poster, event
from router.bench.processes import cpu_by_part
from router.bench.service import integration_token, quiet, service, start_server
from router.clock import elapsed_s
from router.errors import Unavailable

LEAST_RATIO = 0.4
LIMIT_MS = 50
ACCEPTED = 202
LANES = 64
RUNS = 3


async def bench_intake(*, is_quick: bool = False) -> list[Figure]:
    """Posts a second, ours and the peer's in turn; then latency at half of ours."""
    seconds = 1.0 if is_quick else 3.0
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(service())
        bare = await start_server(stack, ("-m", "router.bench.bare_server"), told=target.secret.hex())
        token = integration_token(target.tokens)
        await flat_out(bare.url, token, 0.5, "warm")
        await flat_out(target.url, token, 0.5, "warm")
        theirs: list[float] = []
        decoded: list[float] = []
        ours: list[float] = []
        costs: list[dict[str, float]] = []
        for number in range(RUNS):
            await quiet(target)
            decoded.append(await flat_out(bare.url, token, seconds / 2, f"only{number}", "/bare"))
            theirs.append(await flat_out(bare.url, token, seconds, f"bare{number}"))
            before = cpu_by_part(target.pids)
            ours.append(await flat_out(target.url, token, seconds, f"flat{number}"))
            after = cpu_by_part(target.pids)
            costs.append({part: (after[part] - before[part]) / (ours[-1] * seconds) for part in after})
        await quiet(target)
        rate = median(ours) / 2
        took = await at_rate(target.url, token, rate, seconds, "half")
    only = told("a handler that only decodes the envelope", median(decoded), "1/s")
    return [only, *_figures(median(ours), median(theirs), rate, took, costs)]


def _figures(ours: float, theirs: float, rate: float, took: list[float], costs: list[dict[str, float]]) -> list[Figure]:
    peer = "the same server without a store"
    return [
        told(f"intake, {peer}", theirs, "1/s"),
        against("intake, durable, HTTP to 202", ours, "1/s", peer=peer, ratio=ours / theirs, limit=LEAST_RATIO),
        at_most(f"intake, p99 at half of the maximum ({rate:.0f}/s)", percentile(took, 0.99), "ms", LIMIT_MS),
        told("intake, p50 at half of the maximum", percentile(took, 0.5), "ms"),
        *(
            told(f"intake, CPU of the {part} for one event", median(cost[part] for cost in costs) * 1e6, "us")
            for part in costs[0]
        ),
    ]


async def flat_out(url: str, token: str, seconds: float, run: str, path: str = "/v1/events") -> float:
    """Posts a second: every lane posts again as soon as it is answered."""
    started = elapsed_s()
    lanes = (_lane(Poster(url, token, path), started + seconds, f"{run}-{lane}") for lane in range(LANES))
    counts = await asyncio.gather(*lanes)
    return sum(counts) / (elapsed_s() - started)


async def _lane(poster: Poster, until: float, run: str) -> int:
    count = 0
    while elapsed_s() < until:
        await expect_accepted(poster, event(count, run=run))
        count += 1
    poster.close()
    return count


async def expect_accepted(poster: Poster, body: bytes) -> bytes:
    """Post; anything but 202 ends the measurement.

    Raises:
        Unavailable: the service refused.
    """
    status, answer = await poster.post(body)
    if status != ACCEPTED:
        raise Unavailable(f"{status}: {answer.decode(errors='replace')}")
    return answer


async def at_rate(url: str, token: str, rate: float, seconds: float, run: str) -> list[float]:
    """Milliseconds from the moment each post was due to its answer, at a steady rate."""
    idle: asyncio.Queue[Poster] = asyncio.Queue()
    for _ in range(LANES):
        idle.put_nowait(Poster(url, token))
    took: list[float] = []

    async def post(number: int, due: float) -> None:
        poster = await idle.get()
        await expect_accepted(poster, event(number, run=run))
        took.append((elapsed_s() - due) * 1000)
        idle.put_nowait(poster)

    await steadily(post, rate, seconds)
    while not idle.empty():
        idle.get_nowait().close()
    return took


async def steadily(work: Callable[[int, float], Awaitable[None]], rate: float, seconds: float) -> None:
    """Start `work(number, due)` at even intervals whether or not the earlier ones have ended; return when all have."""
    started = elapsed_s()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = started + number / rate
            pause = due - elapsed_s()
            if pause > 0:
                await asyncio.sleep(pause)
            group.create_task(_as_coroutine(work(number, due)))


async def _as_coroutine(work: Awaitable[None]) -> None:
    await work
