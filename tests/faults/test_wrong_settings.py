"""A service that is configured wrongly does not start: it ends with status 2 and names the key, without traceback."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from router.config import PREFIX
from tests.journeys.ekeby import write_city

Arrange = Callable[[Path], tuple[dict[str, str], list[str]]]


def started(folder: Path, settings: dict[str, str], arguments: list[str]) -> tuple[int, str]:
    """Exit status and what it says of a start that must fail."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ours = {"HTTP__PORT": "0", "STORE__DATA_DIR": str(folder / "var"), **settings}
    done = subprocess.run(
        [sys.executable, "-m", "router", "run", *arguments],
        env=kept | {PREFIX + key: value for key, value in ours.items()},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


def file_with(text: str) -> Arrange:
    """A configuration file of this text."""

    def arrange(folder: Path) -> tuple[dict[str, str], list[str]]:
        (folder / "service.toml").write_text(text, encoding="utf-8")
        return {}, ["--config", str(folder / "service.toml")]

    return arrange


def city_with(file: str, old: str, new: str) -> Arrange:
    """A city with one mistake."""

    def arrange(folder: Path) -> tuple[dict[str, str], list[str]]:
        city = write_city(folder / "city")
        text = (city / file).read_text(encoding="utf-8")
        assert old in text
        (city / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return {"CITY__PATH": str(city)}, []

    return arrange


MISTAKES: dict[str, tuple[Arrange, str]] = {
    "not toml": (file_with("[http\n"), "--config"),
    "unknown key": (file_with("[http]\nprot = 1\n"), "prot"),
    "wrong kind": (file_with('[http]\nmax_batch = "many"\n'), "$.http.max_batch"),
    "unknown variable": (lambda _: ({"HTTP__PROT": "1"}, []), "SERVICECENTER_HTTP__PROT"),
    "no city": (lambda folder: ({"CITY__PATH": str(folder / "nowhere")}, []), "city.path"),
    "unknown calendar": (city_with("queues.toml", '"servicecenter"', '"servicecentre"'), "calendar"),
    "no store there": (lambda _: ({"STORE__DATA_DIR": "/proc/nowhere"}, []), "data_dir"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(tmp_path: Path, mistake: str) -> None:
    """Status 2, one line that names the key, no traceback."""
    arrange, key = MISTAKES[mistake]
    status, said = started(tmp_path, *arrange(tmp_path))
    assert status == 2, said
    assert key in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """The address that somebody else listens on is told, and nothing is left running."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, said = started(tmp_path, {"HTTP__PORT": str(port)}, [])
    assert status == 2, said
    assert "http.port" in said
    assert "Traceback" not in said
