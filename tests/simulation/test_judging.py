"""A scene that does not go as it says is told in words that an outsider understands."""

from pathlib import Path

import pytest

from router.simulation.judging import Verdict, table
from router.simulation.scene_reader import read_scene
from router.simulation.stage import play_in_memory

SCENE = """
title = "Two calls"
at = "2026-03-02 08:00"
[[agent]]
name = "anna"
[[event]]
at = "08:00:05"
contact = "call"
arrives = "phone"
[[event]]
after = "5s"
agent = "anna"
accepts = "call"
"""
OFFER = '[[expect]]\noffer = "call"\nto = "anna"\n'


def play(folder: Path, text: str) -> Verdict:
    """The verdict of a scene with this text."""
    path = folder / "scene.toml"
    path.write_text(text, encoding="utf-8")
    return play_in_memory(read_scene(path))


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("", "nobody expected: mon 08:00:05  offer call, to anna, reason longest_idle"),
        (OFFER + OFFER, "expect 2: not seen: offer call, to anna"),
        (OFFER + 'at = "08:01:00"', "expected mon 08:01:00  offer call, to anna, seen mon 08:00:05  offer call"),
        (OFFER + '[[expect]]\nclosed = "call"', "expect 2: not seen in its order: closed call"),
        (OFFER + '[[never]]\naccepted = "call"', "must not happen, but did: mon 08:00:10  accepted call, by anna"),
        (OFFER + '[[finally]]\ncontact = "call"\nheld_by = "nobody"', "in the end, call: expected held by"),
        (OFFER + '[[finally]]\nagent = "anna"\npresence = "away"', "expected presence away, seen available"),
        (
            OFFER + '[[event]]\nagent = "anna"\nholds = "call"\n[[event]]\nagent = "anna"\nholds = "call"',
            "anna holds call: refused, transition-refused",
        ),
        (OFFER + '[[event]]\nagent = "anna"\nholds = "call"\nrefused = "not-yours"', "but it was done"),
    ],
)
def test_what_differs_is_said(tmp_path: Path, more: str, fault: str) -> None:
    """The fault names the line of the scene, the time and what was seen instead."""
    verdict = play(tmp_path, SCENE + more)
    assert any(fault in each for each in verdict.faults), verdict.faults


def test_expected_and_seen_stand_side_by_side(tmp_path: Path) -> None:
    """A mark shows the line where they part."""
    verdict = play(tmp_path, SCENE + OFFER.replace("anna", "anna") + '[[expect]]\nalarm = "not_responding"')
    lines = table(verdict.beside)
    assert lines[1].startswith("    offer call, to anna")
    assert lines[2].startswith("  > alarm not_responding")
