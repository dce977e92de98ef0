"""Plays a scene from its file to its verdict: in memory, or on a real router of its own."""

import asyncio
import tempfile
from pathlib import Path

from router.simulation.judging import Verdict, judge
from router.simulation.playing import Player
from router.simulation.router_floor import real_router
from router.simulation.scene import Scene
from router.simulation.scene_city import write_scene_city
from router.simulation.service import SimulatedService
from rules.city import load_city


def play_in_memory(scene: Scene) -> Verdict:
    """The verdict of a scene, played on the service in memory."""
    return asyncio.run(_in_memory(scene))


def play_on_router(scene: Scene) -> Verdict:
    """The verdict of a scene, played on a router with a store of its own; takes some seconds."""
    return asyncio.run(_on_router(scene))


async def _in_memory(scene: Scene) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="scene-") as folder:
        city = load_city(write_scene_city(scene, Path(folder)))
    async with SimulatedService(city, scene.starts_ms) as service:
        return judge(scene, await Player(scene, service).play())


async def _on_router(scene: Scene) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="scene-") as folder:
        city = write_scene_city(scene, Path(folder) / "city")
        async with real_router(city, Path(folder) / "var", scene.starts_ms) as router:
            return judge(scene, await Player(scene, router).play())
