"""Writes what the program prints into `docs/planning.md`: `python -m tests.commands.planned_page`."""

import contextlib
import io
import re
import shlex
from pathlib import Path

from router.cli import run_command

PAGE = Path(__file__).parents[2] / "docs" / "planning.md"
EXAMPLE = re.compile(r"```console\n\$ servicecenter (.*)\n(?:[^`]*\n)?```")


def with_answers(page: str) -> str:
    """The page with the answer of the program under each command."""
    return EXAMPLE.sub(lambda found: f"```console\n$ servicecenter {found[1]}\n{printed(found[1])}```", page)


def printed(command: str) -> str:
    """What the program prints, without its logs and the blanks at the ends of lines."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run_command(shlex.split(command)) in {0, 1}
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


if __name__ == "__main__":
    PAGE.write_text(with_answers(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
