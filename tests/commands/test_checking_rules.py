"""`servicecenter rules check`: what is found, in both languages, as text and as JSON."""

from pathlib import Path

import msgspec
import pytest

from router.cli import run_command
from rules.check import Report
from tests.rules.spoiled_city import copy_city, spoil


def spoiled(folder: Path) -> Path:
    """The example city with a rule that nobody reaches."""
    city = copy_city(folder)
    new = '[[rule]]\nid = "X"\ntier = "A"\nwhen = [{ topic = "OMS.*" }]\nunknown = "skip"\nthen = { stop = true }\n\n'
    spoil(city, "strategy.toml", '[[rule]]\nid = "K09"', new + '[[rule]]\nid = "K09"')
    return city


def test_findings_are_told_with_a_contact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The text names the code, the rule and a contact as `rules explain` takes it; status 1."""
    assert run_command(["rules", "check", str(spoiled(tmp_path)), "--lang", "en"]) == 1
    said = capsys.readouterr().out

    assert "error: shadowed_rule (K05): rule K05 reaches no contact: X always comes first" in said
    assert "  for example: topic=OMS.LAR --at '" in said


def test_the_language_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Swedish without a word about it."""
    assert run_command(["rules", "check", str(spoiled(tmp_path))]) == 1

    assert "fel: shadowed_rule (K05): regel K05 når ingen kontakt: X kommer alltid före" in capsys.readouterr().out


def test_json_is_the_whole_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One document with rule and example of each finding."""
    assert run_command(["rules", "check", str(spoiled(tmp_path)), "--json"]) == 1
    report = msgspec.json.decode(capsys.readouterr().out, type=Report)
    found = next(each for each in report.findings if each.code == "shadowed_rule")

    assert (found.rule, found.level) == ("K05", "error")
    assert found.example is not None
    assert found.example.facts == {"topic": "OMS.LAR"}


def test_a_crew_that_can_t_be_read_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A crew's file with an unknown key is refused by name, without a stack trace."""
    crew = tmp_path / "crew.toml"
    _ = crew.write_text('[[agent]]\nname = "Alva"\nskils = { gata = 3 }\n')

    assert run_command(["rules", "check", "--agents", str(crew)]) != 0
    assert "skils" in capsys.readouterr().err
