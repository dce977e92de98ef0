"""The register: how fast it takes entries in, and how far it is behind while lives go by at a steady rate."""

import asyncio
from collections import deque
from functools import partial

from sqlalchemy import Engine

from router.bench.figures import Figure, at_most, percentile, told
from router.bench.route import at_rate, desktops
from router.bench.service import Service, quiet, service
from router.clock import elapsed_s
from router.register.bench import bench_register as project
from router.register.engine import open_engine, using
from router.register.positions import read_position
from router.register.schema import DERIVATION

RATE = 500
LIMIT_S = 1.0
LOOK_S = 0.1
AGENTS = 100


async def bench_register(*, is_quick: bool = False) -> list[Figure]:
    """Entries a second through both stages in a file of its own; then the lag of a service at work."""
    # A thread, because it runs a loop of its own.
    rows = await asyncio.to_thread(partial(project, 8_000 if is_quick else 40_000))
    figures = [_figure(row) for row in rows]
    seconds = 4.0 if is_quick else 10.0
    async with service() as target, desktops(target, AGENTS) as crew:
        await at_rate(target, crew, 50, 1, "warm")
        await quiet(target)
        watch = Watch(target)
        watching = asyncio.create_task(watch.run())
        began = elapsed_s()
        took = await at_rate(target, crew, RATE, seconds, "lag")
        rate = len(took) / (elapsed_s() - began)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return [
        *figures,
        at_most(f"register behind the journal, most, at {RATE} contacts/s", max(watch.lags_s), "s", LIMIT_S),
        told("register behind the journal, median", percentile(watch.lags_s, 0.5), "s"),
        told(f"lives reached of {RATE}/s asked for", rate, "1/s"),
    ]


class Watch:
    """Looks again and again how long ago the journal stood where the register stands now."""

    def __init__(self, target: Service) -> None:
        self._target = target
        self._engine = open_engine(target.register_url, is_reader=True)
        self._seen: deque[tuple[float, int]] = deque()
        self.lags_s: list[float] = [0.0]

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._seen.append((elapsed_s(), await self._target.store.position()))
                derived = await asyncio.to_thread(_derived, self._engine)
                while self._seen and self._seen[0][1] <= derived:
                    self._seen.popleft()
                self.lags_s.append(elapsed_s() - self._seen[0][0] if self._seen else 0.0)
                await asyncio.sleep(LOOK_S)
        finally:
            self._engine.dispose()


def _derived(engine: Engine) -> int:
    with using(engine) as connection:
        return read_position(connection, DERIVATION)


def _figure(row: dict[str, object]) -> Figure:
    """The register room's own figures as these are written here."""
    sign = "<=" if row["unit"] == "ms" else ">="
    budget = f"{sign} {row['budget']:g}"
    name = str(row["name"]).replace("_", " ")
    return Figure(name, float(str(row["value"])), str(row["unit"]), budget, bool(row["ok"]))
