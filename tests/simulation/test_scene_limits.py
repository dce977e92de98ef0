"""What a scene may hold is told before it is played: closed words, levels, lengths, and how big it may be."""

from pathlib import Path

import pytest

from router.errors import StrategyError
from router.simulation.scene_reader import read_scene
from router.simulation.stage import play_in_memory

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
QUEUE = """
[[queue]]
id = "main"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "skills = { bygg = 9 }", "expected a level from 1 to 5 for bygg, got 9"),
        (HEAD.replace('"anna"', '"Åsa B"'), "cell name: expected a name of letters a to z"),
        (HEAD + "channels = { phone = -1 }", "expected how many at once, got -1"),
        (HEAD + CALL + "count = 1000000", "expected at most 2000 contacts in a scene"),
        (HEAD + CALL + "count = 0", "expected at least 1"),
        (HEAD + CALL + "reach = ['fax']", "expected one of email, phone"),
        (HEAD + CALL + "route = [{ after = '1 min', exit = 'unit' }]", "expected a unit of this scene"),
        (HEAD + CALL + "[[event]]\nafter = '900d'\nagent = 'anna'\naccepts = 'call'", "expected at most 40 days"),
        (HEAD.replace("[[agent]]", 'until = "08:00"\n[[agent]]') + CALL, "expected a time after mon 08:00:05"),
        (HEAD + "[[event]]\nagent = 'anna'\ngoes = 'lunch'", "expected one of available, away, offline"),
        (HEAD + CALL + "[[event]]\nagent = 'anna'\naccepts = 'call'\nrefused = 'offer_gone'", 'mean "offer-gone"?'),
        (HEAD + CALL + "[[event]]\nsupervisor = 'anna'\ncancels = 'call'", "expected a name that no agent has"),
        (HEAD + CALL + "[[expect]]\nexit = 'callbak'", 'did you mean "callback"?'),
        (HEAD + CALL + "[[finally]]\ncontact = 'call'\nstate = 'waiting'", "cell state: expected one of abandoned"),
        (HEAD + QUEUE + "wrap_up = 'soon'", "queue main, cell wrap_up: expected a length of time"),
        (HEAD + QUEUE + "answer_within = { voice = '20' }", "queue main, cell answer_within: expected a length"),
    ],
)
def test_what_no_scene_may_hold_names_its_place(tmp_path: Path, text: str, said: str) -> None:
    """Nothing of it comes to light only when the scene is played."""
    path = tmp_path / "scene.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StrategyError) as caught:
        read_scene(path)
    assert said in caught.value.detail
    assert caught.value.detail.startswith("scene.toml")


def test_a_city_that_cannot_be_names_the_scene(tmp_path: Path) -> None:
    """What only the city's own reading finds is told with the scene's name, not as a crash."""
    path = tmp_path / "scene.toml"
    path.write_text(HEAD + QUEUE + "reserve = -1", encoding="utf-8")
    with pytest.raises(StrategyError) as caught:
        play_in_memory(read_scene(path))
    assert caught.value.detail.startswith("scene.toml: queues.toml, queue main, cell reserve")


def faults(folder: Path, text: str) -> str:
    """What the playing of this scene complains of."""
    path = folder / "scene.toml"
    path.write_text(text, encoding="utf-8")
    return "\n".join(play_in_memory(read_scene(path)).faults)


def test_who_has_no_desktop_can_command_nothing(tmp_path: Path) -> None:
    """A command after a lost connection is a problem of the scene, in memory as on a router."""
    seen = "[[expect]]\noffer = 'call'\n[[event]]\nagent = 'anna'\nloses_connection = true\n"
    told = faults(tmp_path, HEAD + CALL + seen + "[[event]]\nagent = 'anna'\naccepts = 'call'")
    assert "refused, desktop-closed: anna has no desktop open" in told


def test_any_refusal_is_asked_for_with_true(tmp_path: Path) -> None:
    """Who does not know the problem's name says that there must be one; that it was done is a fault."""
    seen = "[[expect]]\noffer = 'call'\n[[event]]\nagent = 'anna'\n"
    assert not faults(tmp_path, HEAD + CALL + seen + "resumes = 'call'\nrefused = true")
    assert "expected to be refused (any)" in faults(tmp_path, HEAD + CALL + seen + "accepts = 'call'\nrefused = true")


def test_who_has_not_arrived_cannot_leave(tmp_path: Path) -> None:
    """A contact that comes later is named as such."""
    text = HEAD + CALL + "count = 2\nevery = '10s'\n[[event]]\nafter = '1s'\ncontact = 'call-2'\nleaves = true\n"
    assert "call-2 has not arrived yet" in faults(tmp_path, text + "[[expect]]\noffer = 'call-1'")
