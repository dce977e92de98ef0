"""TOML as text: plain values, lists and tables on one line, as a city's own files write them.

Owns the quoting. Never reads TOML and knows nothing of what it writes.
"""

import re
from collections.abc import Mapping, Sequence
from typing import cast

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPECIAL = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def value_text(value: object) -> str:
    """A value as it stands behind the equals sign.

    Raises:
        TypeError: TOML has no such value.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return f'"{"".join(_escaped(character) for character in value)}"'
    if isinstance(value, Mapping):
        cells = ", ".join(cell_text(name, each) for name, each in cast("Mapping[str, object]", value).items())
        return f"{{ {cells} }}" if cells else "{}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(value_text, cast('Sequence[object]', value)))}]"
    raise TypeError(f"expected a value of TOML, got {type(value).__name__}")


def cell_text(name: str, value: object) -> str:
    """One cell: its name, quoted where it must be, and its value."""
    return f"{name if _BARE.fullmatch(name) else value_text(name)} = {value_text(value)}"


def table_text(name: str, cells: Mapping[str, object]) -> str:
    """One `[[table]]` of a list with a line for each cell."""
    return "\n".join([f"[[{name}]]", *(cell_text(cell, value) for cell, value in cells.items())]) + "\n"


def _escaped(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    return character if character.isprintable() or character == "\u00a0" else f"\\U{ord(character):08x}"
