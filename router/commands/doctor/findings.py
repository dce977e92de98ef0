"""What a check says: fine, to be looked at, or broken; what it found and what to do about it."""

from collections.abc import Sequence
from typing import Literal

import msgspec

SHOWN = 5


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor."""

    name: str
    status: Literal["ok", "warning", "error"]
    found: str
    todo: str = ""
    """What to do; empty when nothing is to be done."""


def ok(name: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(name, "ok", found)


def warning(name: str, found: str, todo: str) -> Finding:
    """It works, but somebody should look."""
    return Finding(name, "warning", found, todo)


def error(name: str, found: str, todo: str) -> Finding:
    """It does not work, or something will be lost or late."""
    return Finding(name, "error", found, todo)


def some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
