"""A copy of the example city that a test may spoil."""

import shutil
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "deploy/example-city"


def copy_city(into: Path) -> Path:
    """The example city's files in a folder of the test's own."""
    return Path(shutil.copytree(EXAMPLE, into / "city"))


def spoil(folder: Path, file: str, old: str, new: str, *, everywhere: bool = False) -> None:
    """Replace the first, or every, occurrence of what must be in the file."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, old
    _ = (folder / file).write_text(text.replace(old, new, -1 if everywhere else 1), encoding="utf-8")
