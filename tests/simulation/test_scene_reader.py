"""Mistakes in scenes are told with their place, what was expected and the nearest word."""

from pathlib import Path

import pytest

from router.errors import StrategyError
from router.simulation.scene import Scene
from router.simulation.scene_reader import read_scene

HEAD = """
title = "A scene"
at = "2026-03-02 08:00"
[[agent]]
name = "anna"
"""
CALL = """
[[event]]
at = "08:00:05"
contact = "call"
arrives = "phone"
"""


def read(folder: Path, text: str) -> Scene:
    """The scene with this text."""
    path = folder / "scene.toml"
    path.write_text(text, encoding="utf-8")
    return read_scene(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('titel = "x"', 'scene.toml, cell titel: expected a table of this file, got "titel"; did you mean "title"?'),
        (
            HEAD.replace("name", "nam"),
            'agent 1, cell nam: expected a key of this table, got "nam"; did you mean "name"?',
        ),
        (HEAD + CALL + '[[event]]\nagent = "ana"\naccepts = "call"', 'got "ana"; did you mean "anna"?'),
        (HEAD + CALL + '[[event]]\nagent = "anna"\naccept = "call"', 'did you mean "accepts"?'),
        (HEAD + CALL + '[[event]]\nagent = "anna"\naccepts = "cal"', 'a contact of this scene, got "cal"'),
        (HEAD + CALL + '[[event]]\nat = "07:00"\nagent = "anna"\naccepts = "call"', "events stand in their order"),
        (HEAD + CALL + '[[event]]\nafter = "5 secs"\nagent = "anna"\naccepts = "call"', 'such as "30s"'),
        (
            HEAD + CALL + '[[event]]\nagent = "anna"\naccepts = "call"\nreson = "x"',
            "cell reson: expected a cell of agent",
        ),
        (HEAD + CALL.replace("phone", "fone"), 'expected a channel, got "fone"'),
        (HEAD + CALL + CALL, 'expected a new name, "call" is taken'),
        (HEAD + CALL + '[[expect]]\noffers = "call"', 'did you mean "offer"?'),
        (HEAD + CALL + '[[expect]]\noffer = "call"\nto = "bo"', 'expected a agent of this scene, got "bo"'),
        (HEAD + CALL + "needs = 3", "expected skills with levels"),
        ('title = "x"\nat = "Monday"', 'expected a clock such as "2026-03-02 08:00"'),
    ],
)
def test_a_mistake_names_its_place_and_the_nearest_word(tmp_path: Path, text: str, said: str) -> None:
    """An outsider can put it right without asking anybody."""
    with pytest.raises(StrategyError) as caught:
        read(tmp_path, text)
    assert said in caught.value.detail


def test_times_are_read_in_order(tmp_path: Path) -> None:
    """`at` is a clock of the day, or of the next such weekday; `after` counts from the event before."""
    text = HEAD + CALL + '[[event]]\nafter = "1 min 5s"\nagent = "anna"\naccepts = "call"\n'
    text += '[[event]]\nat = "tue 07:30"\nagent = "anna"\nfinishes = "call"'
    scene = read(tmp_path, text)
    since = [(event.at_ms - scene.starts_ms) // 1000 for event in scene.events]
    assert since == [5, 70, 86_400 - 1_800]


def test_count_makes_so_many_contacts(tmp_path: Path) -> None:
    """Each has a name of its own and comes `every` so often."""
    scene = read(tmp_path, HEAD + CALL + 'count = 3\nevery = "10s"')
    assert [event.who for event in scene.events] == ["call-1", "call-2", "call-3"]
    assert scene.events[2].at_ms - scene.events[0].at_ms == 20_000
