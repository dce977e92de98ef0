"""The made-up departments, over REST: accept what was handed over, return a little with a reason, finish the rest."""

import asyncio
import random
from collections import OrderedDict

import aiohttp
import msgspec

from router.demo.api import Api, Refused
from router.demo.calibration import Lognormal
from router.demo.scoreboard import Scoreboard
from router.demo.service import Service

POLL_S = 1.0
PAGE = 100
ACCEPT, FINISH = Lognormal(1_800, 1.0), Lognormal(3_600, 0.8)
"""City seconds: accepted within about half an hour, done in one more: quick, so that the show sees the end of it."""
RETURN_SHARE = 0.04
REASONS = ("wrong_unit", "information_missing", "belongs_to_servicecenter")
MOST_REMEMBERED = 100_000


class Handed(msgspec.Struct, frozen=True):
    """One handover in the list."""

    id: str
    unit: str
    state: str


class HandedPage(msgspec.Struct, frozen=True):
    """A page of `GET /v1/handovers`."""

    items: list[Handed]
    total: int


class Departments:
    """Every unit of the city."""

    def __init__(self, api: Api, service: Service, board: Scoreboard, speed: float, seed: int) -> None:
        self._api = api
        self._service = service
        self._board = board
        self._speed = speed
        self._dice = random.Random(seed)  # noqa: S311 # a show, not a secret
        self._tokens: dict[str, str] = {}
        self._reader = service.token("department", "all-units")
        self._known: OrderedDict[str, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Look for new handovers until cancelled."""
        try:
            while True:
                await asyncio.sleep(POLL_S)
                try:
                    await self._look()
                except (Refused, aiohttp.ClientError, TimeoutError):
                    continue
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look(self) -> None:
        """Take everything that is offered and not yet on somebody's desk."""
        page = 1
        while True:
            found = await self._api.get(
                "/v1/handovers", self._reader, HandedPage, state="offered", limit=PAGE, page=page
            )
            for handed in found.items:
                if handed.id not in self._known:
                    self._known[handed.id] = None
                    self._take(handed)
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
            if page * PAGE >= found.total:
                return
            page += 1

    def _take(self, handed: Handed) -> None:
        task = asyncio.create_task(self._handle(handed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, handed: Handed) -> None:
        await asyncio.sleep(ACCEPT.draw_s(self._dice) / self._speed)
        is_returned = self._dice.random() < RETURN_SHARE
        if is_returned:
            await self._step(handed, "return", {"reason": self._dice.choice(REASONS)})
            return
        if await self._step(handed, "accept", None):
            await asyncio.sleep(FINISH.draw_s(self._dice) / self._speed)
            await self._step(handed, "done", {"status": "done"})

    async def _step(self, handed: Handed, step: str, body: dict[str, str] | None) -> bool:
        token = self._tokens.get(handed.unit)
        if token is None:
            token = self._tokens[handed.unit] = self._service.token("department", handed.unit, unit=handed.unit)
        try:
            await self._api.send("POST", f"/v1/handovers/{handed.id}/{step}", token, body)
        except Refused as error:
            self._board.refused[f"handover.{step} {error.slug}"] += 1
            return False
        except (aiohttp.ClientError, TimeoutError):
            return False
        self._board.units[{"accept": "accepted", "return": "returned", "done": "done"}[step]] += 1
        return True
