"""`docs/scenes.md` and the language are one: every word of events and expectations stands there with what it says."""

from pathlib import Path

import pytest
from msgspec.structs import fields

from router.simulation.happenings import WORDS
from router.simulation.scene import AgentTable, QueueTable, TopicTable, UnitTable
from router.simulation.scene_reader import read_scene
from router.simulation.stage import play_in_memory
from router.simulation.verbs import SUBJECTS

PAGE = (Path(__file__).parents[2] / "docs" / "scenes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_word_of_an_event_is_told(subject: str) -> None:
    """The table of who does it has a row for each word, with the cells it takes."""
    for word, verb in SUBJECTS[subject].items():
        also = ", ".join(f"**{cell}**" if cell in verb.needs else cell for cell in verb.also)
        assert f"| `{word}` | {verb.takes} | {also} | {verb.says} |" in PAGE


def test_every_word_of_an_expectation_is_told() -> None:
    """The table of what is seen has a row for each word."""
    for word, told in WORDS.items():
        assert f"| `{word}` | {told.takes} | {', '.join(told.cells)} | {told.says} |" in PAGE


@pytest.mark.parametrize("kind", [AgentTable, QueueTable, TopicTable, UnitTable])
def test_every_cell_of_a_table_is_told(kind: type) -> None:
    """Nobody needs the code to know what may be written."""
    for field in fields(kind):
        assert f"`{field.name}`" in PAGE


def test_the_commented_scene_passes(tmp_path: Path) -> None:
    """The page's own example is a scene that goes as it says."""
    path = tmp_path / "scene.toml"
    path.write_text(PAGE.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    verdict = play_in_memory(read_scene(path))
    assert verdict.is_passed, (verdict.faults, verdict.seen)
