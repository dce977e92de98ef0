"""What ships: the wheel carries everything that a running service reads."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a freshly built wheel."""
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("the tests run against an installed wheel, without the project beside them")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


@pytest.mark.parametrize(
    ("folder", "pattern", "inside"),
    [
        ("router/store/lua", "**/*.lua", "router/store/lua"),
        ("router/register/migrations", "**/*.py", "router/register/migrations"),
        ("deploy/example-city", "*.*", "router/example_city"),
        ("rules/words", "*.ftl", "rules/words"),
        ("channels", "*/words/*.ftl", "channels"),
        ("channels", "*/static/*", "channels"),
        ("channels/chat/widget", "*.*", "channels/chat/widget"),
    ],
)
def test_the_wheel_carries_what_the_service_reads(shipped: set[str], folder: str, pattern: str, inside: str) -> None:
    """Every Lua command, migration, city file, catalogue of words and static file of the checkout is in the wheel."""
    wanted = {f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" for path in (ROOT / folder).glob(pattern)}

    assert wanted
    assert wanted - shipped == set()


def test_the_wheel_carries_no_tests(shipped: set[str]) -> None:
    """Tests and their clients are not shipped."""
    assert not [name for name in shipped if name.startswith("tests/")]
