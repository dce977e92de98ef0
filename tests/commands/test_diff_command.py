"""`rules diff` in the terminal: files, folders and versions of the register, for people and as JSON."""

import argparse
from pathlib import Path

import msgspec
import pytest

from router.commands.rules_diff import diff
from router.config import Config, RegisterConfig, StoreConfig, example_city
from router.errors import StrategyError
from router.publishing import folder_version
from router.register import strategies as versions
from router.register.engine import migrate, open_engine
from rules.city import load_city
from rules.diff import StrategyDiff


def asked(before: str, after: str, *, is_json: bool = False) -> argparse.Namespace:
    """What the command line says."""
    return argparse.Namespace(before=before, after=after, json=is_json)


@pytest.fixture
def winter(tmp_path: Path) -> Path:
    """The example's strategy under another name, without its first case."""
    text = (example_city() / "strategy.toml").read_text(encoding="utf-8")
    name = load_city(example_city()).strategy.version
    path = tmp_path / "winter.toml"
    path.write_text(text.replace(f'version = "{name}"', 'version = "winter"'), encoding="utf-8")
    return path


def test_a_folder_beside_a_file(winter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each cell, and a status that a script can ask."""
    assert diff(asked(str(example_city()), str(winter)), Config()) == 1
    assert capsys.readouterr().out == '~ meta\n    version: "2026.1" -> "winter"\n'
    assert diff(asked(str(winter), str(winter)), Config()) == 0
    assert capsys.readouterr().out == ""


def test_a_version_of_the_register(tmp_path: Path, winter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By id and by hash."""
    url = f"sqlite:///{tmp_path / 'register.db'}"
    config = Config(register=RegisterConfig(url=url), store=StoreConfig(data_dir=str(tmp_path)))
    engine = open_engine(url)
    migrate(engine)
    city = load_city(example_city())
    text = (example_city() / "strategy.toml").read_text(encoding="utf-8")
    versions.bring_in(engine, *folder_version(city.strategy, text, 1))
    engine.dispose()
    for name in (city.strategy.hash, f"folder-{city.strategy.hash}"):
        assert diff(asked(name, str(winter), is_json=True), config) == 1
        found = msgspec.json.decode(capsys.readouterr().out, type=StrategyDiff)
        assert [(each.cell, each.after) for each in found.meta] == [("version", "winter")]


@pytest.mark.parametrize("where", ["nowhere", "", "/dev/null/x"])
def test_what_is_no_strategy(tmp_path: Path, winter: Path, where: str) -> None:
    """A name that leads nowhere is told, with the name."""
    config = Config(store=StoreConfig(data_dir=str(tmp_path)))
    with pytest.raises(StrategyError) as refused:
        diff(asked(str(winter), where), config)
    assert refused.value.field == where
