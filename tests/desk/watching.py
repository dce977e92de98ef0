"""The leader's look at the floor of a house: the real watch over the real store, with an empty register."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from router.floor_figures import FloorFigures
from router.floor_watch import FloorWatch
from router.reading import Reading
from router.register.engine import open_engine
from router.service_counting import ServiceCounting
from router.standing import Standing
from tests.laws.house import House


class Watching:
    """A leader that has just taken over."""

    def __init__(self, house: House, watch: FloorWatch) -> None:
        self._house, self._watch = house, watch
        self._seen = 0
        self.last = FloorFigures(0)

    async def look(self) -> FloorFigures:
        """What a supervisor sees now; the journal is followed up to here."""
        await self._house.orders.load()
        if not self.last.at:
            await self._house.dispatcher.load()
            self._seen = len(await self._house.journal())
        floor = self._house.dispatcher.floor
        for entry in (await self._house.journal())[self._seen :]:
            self._seen += 1
            self._watch.follow(entry, floor)
        self.last, _ = await self._watch.look(floor, self.last)
        return self.last


@asynccontextmanager
async def watching(house: House, folder: Path) -> AsyncGenerator[Watching]:
    """A leader over the house."""
    engine = open_engine(f"sqlite:///{folder / 'register.db'}")
    reading = Reading(engine)
    counting = ServiceCounting(reading, house.city.info.tz, 5_000, now_ms=house.store.clock.now_ms)
    standing = Standing(reading, house.metrics, house.city.info.tz)
    watch = FloorWatch(house.store, house.city, house.opening, counting, standing, house.strategies)
    try:
        yield Watching(house, watch)
    finally:
        await reading.close()
        engine.dispose()
