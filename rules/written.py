"""Tables as they are written: what would be read as nothing, or as its opposite, is a mistake before it is read.

Owns checks of raw TOML only; what the words mean is for `rules.references`.
"""

import re
from collections.abc import Iterator

from rules.tables import Place, Table

NEVER_TAKEN_BACK = ("emergency", "restricted", "mask", "stop")
"""Switches of an outcome that a rule can only set."""
_ID = re.compile(r"\w[\w.-]{0,59}")


def check_asked(place: Place, table: Table, rows: tuple[str, ...]) -> None:
    """Refuse an id nobody could name, and conditions without a cell.

    `rows` are the cells of the table that hold conditions.
    """
    given = table.get("id")
    if isinstance(given, str) and not _ID.fullmatch(given):
        raise place.mistake("id", f'expected letters, digits, ".", "-" or "_", got {given!r}')
    for cell in rows:
        if cell in table:
            _check_conditions(place, cell, table[cell])


def _check_conditions(place: Place, cell: str, value: object) -> None:
    parts: list[object] = list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
    if not parts:
        raise place.mistake(cell, f"expected at least one row; leave {cell} out where it says nothing")
    if {} in parts:
        raise place.mistake(cell, "expected at least one cell in each row, got an empty row, which would always hold")


def check_said(place: Place, then: object) -> None:
    """Refuse words of an outcome that say nothing, or would take back what another rule has set."""
    for word in NEVER_TAKEN_BACK:
        if isinstance(then, dict) and then.get(word) is False:  # pyright: ignore[reportUnknownMemberType] (any TOML value)
            raise place.mistake(f"then.{word}", "expected true, or nothing: no rule takes back what another has set")
    for cell in _empty("then", then):  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
        if cell != "then.hand_over":
            raise place.mistake(cell, "expected at least one word; an empty list says nothing, leave it out")


def _empty(cell: str, value: object) -> Iterator[str]:
    """The cells below this one that hold an empty list or table."""
    if isinstance(value, dict):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType] (any TOML value)
            if inner in ([], {}):
                yield f"{cell}.{key}"
            yield from _empty(f"{cell}.{key}", inner)  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
    elif isinstance(value, list):
        for inner in value:  # pyright: ignore[reportUnknownVariableType] (any TOML value)
            yield from _empty(cell, inner)  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
