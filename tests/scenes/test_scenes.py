"""Every scene of this folder, played in memory and on a real router."""

from pathlib import Path

import pytest

from router.simulation.judging import Verdict, table
from router.simulation.scene_reader import read_scene
from router.simulation.stage import play_in_memory, play_on_router

SCENES = sorted(Path(__file__).parent.glob("*.toml"))


def told(verdict: Verdict) -> str:
    """Faults, expected beside seen, and everything that happened."""
    return "\n".join(["", verdict.title, *verdict.faults, *table(verdict.beside), "", *verdict.seen])


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_a_scene_goes_as_it_says_in_memory(path: Path) -> None:
    """The service's own use cases and commands do what the scene expects, in virtual time."""
    verdict = play_in_memory(read_scene(path))
    assert verdict.is_passed, told(verdict)


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_a_scene_goes_as_it_says_on_a_router(path: Path) -> None:
    """The same over HTTP and sockets, on a store of its own."""
    verdict = play_on_router(read_scene(path))
    assert verdict.is_passed, told(verdict)


def test_there_are_at_least_twenty() -> None:
    """The floor is shown from twenty sides."""
    assert len(SCENES) >= 20
