"""How late a process that only sleeps is woken: what the machine itself adds to every latency measured on it.

Run beside a measurement as a process of its own, so that nothing of the load generator counts.
"""

import asyncio
import select
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec

from router.clock import elapsed_s

SLEEP_S = 0.002


@asynccontextmanager
async def wake_ups() -> AsyncGenerator[list[float]]:
    """Milliseconds that it overslept, each time that it slept; filled when the block ends."""
    words = (sys.executable, "-m", "router.bench.wake_ups")
    pipe = asyncio.subprocess.PIPE
    sleeper = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    found: list[float] = []
    try:
        if sleeper.stdout is not None:
            await sleeper.stdout.readline()
        yield found
    finally:
        told, _ = await sleeper.communicate(b"\n")
    found += msgspec.json.decode(told, type=list[float])


def main() -> None:
    """Say that it begins, sleep again and again until nobody listens any more, then tell."""
    sys.stdout.write("\n")
    sys.stdout.flush()
    found: list[float] = []
    before = elapsed_s()
    while not select.select([sys.stdin], [], [], SLEEP_S)[0]:
        now = elapsed_s()
        found.append(max(0.0, now - before - SLEEP_S) * 1000)
        before = now
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
