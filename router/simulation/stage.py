"""Plays a scene from its file to its verdict: in memory, or on a real router of its own."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path

from router.errors import StrategyError
from router.simulation.judging import Verdict, judge
from router.simulation.playing import Player
from router.simulation.router_floor import real_router
from router.simulation.scene import Scene
from router.simulation.scene_city import write_scene_city
from router.simulation.service import SimulatedService
from rules.city import load_city


def play_in_memory(scene: Scene) -> Verdict:
    """The verdict of a scene, played on the service in memory.

    Raises:
        StrategyError: its queues, units or hours make no city.
    """
    return _verdict(scene, _in_memory)


def play_on_router(scene: Scene) -> Verdict:
    """The verdict of a scene, played on a router with a store of its own; takes some seconds.

    Raises:
        StrategyError: its queues, units or hours make no city.
    """
    return _verdict(scene, _on_router)


def _verdict(scene: Scene, play: Callable[[Scene, Path], Coroutine[object, object, Verdict]]) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="scene-") as folder:
        try:
            load_city(write_scene_city(scene, Path(folder) / "city"))
        except StrategyError as error:
            where = "" if error.detail.startswith(scene.file) else f"{scene.file}: "
            raise StrategyError(where + error.detail, field=error.field) from None
        try:
            return asyncio.run(play(scene, Path(folder)))
        except TimeoutError as error:
            fault = f"the floor did not come to rest: {error or 'no answer in time'}"
            return Verdict(scene.file, scene.title, (fault,), (), ())


async def _in_memory(scene: Scene, folder: Path) -> Verdict:
    city = load_city(folder / "city")
    async with SimulatedService(city, scene.starts_ms) as service:
        return judge(scene, await Player(scene, service).play())


async def _on_router(scene: Scene, folder: Path) -> Verdict:
    async with real_router(folder / "city", folder / "var", scene.starts_ms) as router:
        return judge(scene, await Player(scene, router).play())
