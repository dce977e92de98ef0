"""What an open contact costs the store, its content apart."""

import asyncio
from collections.abc import Sequence
from typing import cast

import msgspec

from router.bench.figures import Figure, at_most, told
from router.bench.intake import expect_accepted
from router.bench.load import Poster, event
from router.bench.service import Service, integration_token, quiet, service

LIMIT_BYTES = 3_000
LANES = 32


async def bench_memory(*, is_quick: bool = False) -> list[Figure]:
    """Bytes for each waiting contact: its hash and its shares of bucket and deadlines; and all that the store holds."""
    count = 1_000 if is_quick else 5_000
    async with service() as target:
        before = await _used(target)
        ids = await _fill(target, count)
        await quiet(target)
        everything = (await _used(target) - before) / count
        keys = target.store.keys
        hashes = await _sizes(target, [keys.contact(contact) for contact in ids[:200]])
        contents = await _sizes(target, [keys.content(contact) for contact in ids[:200]])
        buckets = [keys.bucket(name.decode()) for name in await target.store.runner.read_hash(keys.buckets)]
        shared = sum(await _sizes(target, [*buckets, keys.deadlines])) / count
    each = sum(hashes) / len(hashes)
    return [
        at_most("store memory of an open contact, content excluded", each + shared, "B", LIMIT_BYTES),
        told("of which its hash", each, "B"),
        told("of which its shares of bucket and deadlines", shared, "B"),
        told("store memory of a contact's content", sum(contents) / len(contents), "B"),
        told("store memory in all for each contact, with journal, content and dedupe key", everything, "B"),
    ]


async def _fill(target: Service, count: int) -> list[str]:
    """So many waiting contacts: there is no agent."""
    token = integration_token(target.tokens)
    numbers = iter(range(count))
    ids: list[str] = []

    async def lane() -> None:
        poster = Poster(target.url, token)
        for number in numbers:
            answer = await expect_accepted(poster, event(number, run="memory"))
            ids.append(msgspec.json.decode(answer)["ids"][0])
        poster.close()

    await asyncio.gather(*(lane() for _ in range(LANES)))
    return ids


async def _sizes(target: Service, names: Sequence[str]) -> list[int]:
    found = await asyncio.gather(*(target.store.runner.read("MEMORY", "USAGE", name, "SAMPLES", 0) for name in names))
    return [int(cast("int", size or 0)) for size in found]


async def _used(target: Service) -> int:
    text = cast("bytes", await target.store.runner.read("INFO", "memory")).decode()
    return int(next(line for line in text.splitlines() if line.startswith("used_memory:")).split(":")[1])
