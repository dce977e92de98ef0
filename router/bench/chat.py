"""Open chats: how many one process holds, what one costs in memory, and what a word takes beside them."""

import asyncio

import aiohttp
import msgspec

from router.bench.desktop import most_sockets
from router.bench.figures import Figure, at_least, at_most, percentile, told
from router.bench.idle import IdleSocket
from router.bench.processes import cpu_s, rss_bytes
from router.bench.service import Service, quiet, service
from router.clock import elapsed_s
from router.errors import Unavailable

WANTED = 5_000
LIMIT_BYTES = 60_000
AT_ONCE = 16
RATE = 100
BEAT_S = 25.0
SETTINGS = {"SERVICECENTER_CHANNELS__CHAT__MAX_SOCKETS": "20000"}
FRAMES_OF_A_START = 4
"""hello, ready, the event that they wait, the answer."""


async def bench_chat(*, is_quick: bool = False) -> list[Figure]:
    """Chats that have begun and wait, each with its heartbeat; words of further ones beside them."""
    wanted = 500 if is_quick else WANTED
    count = most_sockets(wanted)
    if count < wanted:
        raise Unavailable(f"the limit on open files leaves room for {count} sockets")
    async with service(settings=SETTINGS) as target:
        await _begin(target, 50)
        await quiet(target)
        before, began = rss_bytes(target.pids[0]), elapsed_s()
        chats = await _begin(target, count)
        took_s = elapsed_s() - began
        each = (rss_bytes(target.pids[0]) - before) / count
        await quiet(target)
        beating = asyncio.create_task(_beat(chats))
        used, began = cpu_s(target.pids[0]), elapsed_s()
        await asyncio.sleep(2 if is_quick else BEAT_S)
        share = (cpu_s(target.pids[0]) - used) / (elapsed_s() - began)
        words = await _words(target, 3 if is_quick else 10)
        beating.cancel()
        held = sum(not chat.is_lost for chat in chats)
        for chat in chats:
            chat.close()
    return [
        at_least("open chats on one process", held, "chats", wanted),
        at_most("memory of the router for an open chat", each, "B", LIMIT_BYTES),
        told(f"a resident's word kept on disk, p50, {RATE}/s beside {held:,} open chats", words[0], "ms"),
        told("... p99", words[1], "ms"),
        told("router's share of a core for their heartbeats", share, "cores"),
        told("chats begun, each kept on disk", count / took_s, "1/s"),
    ]


async def _begin(target: Service, count: int) -> list[IdleSocket]:
    """So many chats whose first words are kept, a few at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def begin(number: int) -> IdleSocket:
        async with gate:
            chat = await IdleSocket.open(target.url, "/v1/chat", {"t": "auth"})
            data = {"text": f"När öppnar badet i kvarter {number}?"}
            chat.tell({"t": "cmd", "id": "start", "name": "chat.start", "data": data})
            await chat.until(FRAMES_OF_A_START)
            return chat

    return list(await asyncio.gather(*(begin(number) for number in range(count))))


async def _beat(chats: list[IdleSocket]) -> None:
    """One heartbeat of each, spread over the time between two."""
    while True:
        for chat in chats:
            chat.tell({"t": "hb", "seq": 1})
            await asyncio.sleep(BEAT_S / len(chats))


async def _words(target: Service, seconds: int) -> tuple[float, float]:
    """p50 and p99 in milliseconds from a word to its answer, at a steady rate, from pages of their own."""
    took: list[float] = []
    async with aiohttp.ClientSession() as client:
        pages = [await _page(client, target.url) for _ in range(RATE // 5)]

        async def say(page: aiohttp.ClientWebSocketResponse, number: int) -> None:
            began = elapsed_s()
            name = f"w{number}"
            frame = {"t": "cmd", "id": name, "name": "message.send", "data": {"text": "En sak till"}}
            await page.send_str(msgspec.json.encode(frame).decode())
            while (await page.receive_json(timeout=10)).get("id") != name:
                pass
            took.append((elapsed_s() - began) * 1000)

        for second in range(seconds * 5):
            began = elapsed_s()
            await asyncio.gather(*(say(page, second) for page in pages))
            await asyncio.sleep(max(0.0, 0.2 - (elapsed_s() - began)))
        for page in pages:
            await page.close()
    return percentile(took, 0.5), percentile(took, 0.99)


async def _page(client: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse:
    page = await client.ws_connect(f"{url}/v1/chat")
    await page.receive_json(timeout=10)
    await page.send_json({"t": "auth"})
    await page.receive_json(timeout=10)
    await page.send_json({"t": "cmd", "id": "start", "name": "chat.start", "data": {"text": "Hej"}})
    while (await page.receive_json(timeout=10))["t"] != "res":
        pass
    return page
