"""TOML tables to frozen data: every mistake names file, table, cell, what was expected and the nearest valid word.

Owns reading the files of a city's folder. Knows nothing of what the tables mean.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from router.errors import StrategyError
from rules.cells import nearest

T = TypeVar("T", bound=msgspec.Struct)
Table = dict[str, object]
MOST_OCTETS = 4_000_000
"""Of one file; forty times the example city's greatest."""
_NO_SUCH_WORD = "Invalid enum value"
RULES = ("rule ", "floor_rule ", "handover_rule ")
"""Tables whose name goes with their mistakes."""
_OWN = {"code": "a code", "title": "a title"}
_KINDS = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "words in quotes",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
"""What msgspec calls a kind of value, in words."""
_WRONG_KIND = re.compile(r"Expected `([\w |]+)`, got `(\w+)`")
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_AT = re.compile(r"^(?P<problem>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)


class Place(msgspec.Struct, frozen=True):
    """Where in the city's files something is written."""

    file: str
    table: str = ""

    def mistake(self, cell: str, problem: str) -> StrategyError:
        """The error for a cell in this place."""
        where = ", ".join(part for part in (self.file, self.table, f"cell {cell}" if cell else "") if part)
        field = ".".join(part for part in ("$", self.table, cell) if part)
        rule = {"rule": self.table.partition("rule ")[2]} if self.table.startswith(RULES) else {}
        return StrategyError(f"{where}: {problem}", field=field, **rule)

    def check(self, cell: str, kind: str, word: str, words: Iterable[str]) -> None:
        """Refuse a word that names nothing."""
        known = set(words)
        if word not in known:
            raise self.mistake(cell, f'expected {kind}, got "{word}"{nearest(word, known)}')


def read_file(folder: Path, file: str) -> Table:
    """The content of one file; dates become text."""
    try:
        return toml_tables(file, _text(folder / file))
    except FileNotFoundError as error:
        raise Place(file).mistake("", f"expected this file in {folder.name or folder}") from error
    except OSError as error:
        raise Place(file).mistake("", f"expected a readable file: {error.strerror}") from error


def _text(path: Path) -> str:
    """What stands in a file, without the mark that some editors put before it."""
    place = Place(path.name)
    if path.exists() and not path.is_file():
        raise place.mistake("", "expected a file, got a folder or something else")
    with path.open("rb") as file:
        octets = file.read(MOST_OCTETS + 1)
    if len(octets) > MOST_OCTETS:
        raise place.mistake("", f"expected at most {MOST_OCTETS // 1_000_000} MB")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets[: error.start].count(b"\n") + 1
        raise place.mistake("", f"expected text saved as UTF-8, line {line} is not") from error


def toml_tables(file: str, text: str) -> Table:
    """The tables in this text; dates become text.

    Raises:
        StrategyError: it is no TOML; the line is named where it is known.
    """
    try:
        # Some editors write Ä as A and two dots: the same letter, and so the same word.
        return plain_tables(tomllib.loads(unicodedata.normalize("NFC", text)))
    except tomllib.TOMLDecodeError as error:
        raise Place(file).mistake("", f"expected TOML: {error}") from error
    except RecursionError as error:  # brackets without end
        raise Place(file).mistake("", "expected TOML with fewer brackets inside each other") from error
    except ValueError as error:  # dates that do not exist, numbers of thousands of digits
        raise Place(file).mistake("", "expected TOML: a number or a date that nobody can read") from error


def plain_tables(content: Mapping[str, object]) -> Table:
    """What was read, with dates as text."""
    return {key: _plain(value) for key, value in content.items()}


def _plain(value: Any) -> object:  # noqa: ANN401 (tomllib gives anything TOML can say)
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] (tomllib is untyped)
    if isinstance(value, list):
        return [_plain(part) for part in value]  # pyright: ignore[reportUnknownVariableType] (tomllib is untyped)
    return value if isinstance(value, str | int | float | bool) else str(value)


def one(content: Table, name: str, kind: type[T], file: str) -> T:
    """The table of this name."""
    raw = content.get(name)
    if not isinstance(raw, dict):
        raise Place(file).mistake("", f"expected a table [{name}]")
    return as_struct(Place(file, name), raw, kind)  # pyright: ignore[reportUnknownArgumentType] (keys are checked inside)


def raw_tables(content: Table, name: str) -> list[Table]:
    """All tables `[[name]]` as they are written; anything else under that name is left to `many`."""
    raw = content.get(name, [])
    parts: list[object] = list(raw) if isinstance(raw, list) else []  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
    return [part for part in parts if isinstance(part, dict)]


def many(content: Table, name: str, kind: type[T], file: str) -> tuple[T, ...]:
    """All tables `[[name]]`, their ids unique."""
    tables = raw_tables(content, name)
    if content.get(name, []) != tables:
        raise Place(file).mistake("", f"expected tables [[{name}]]")
    found: dict[str, T] = {}
    for number, table in enumerate(tables, 1):
        key = next((key for key in ("id", "code", "title") if table.get(key)), "")
        title = str(table[key]) if key else str(number)
        place = Place(file, f"{name} {title}")
        if title in found:
            raise place.mistake(key or "id", f"expected {_OWN.get(key, 'an id')} of its own, this one is taken")
        found[title] = as_struct(place, table, kind)
    return tuple(found.values())


def only(content: Table, names: Iterable[str], file: str) -> None:
    """Refuse tables that this file does not have."""
    for name in content:
        Place(file).check(name, "a table of this file", name, names)


def as_struct(place: Place, table: Mapping[str, object], kind: type[T]) -> T:
    """The table as its struct; unknown keys and ill-typed cells are mistakes."""
    _check_keys(place, table, kind, "")
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        found = _AT.match(str(error))
        problem, path = (found["problem"], found["path"] or "") if found else (str(error), "")
        if missing := _MISSING.match(problem):
            cell = ".".join(part for part in (path, missing[1]) if part)
            raise place.mistake(cell, "expected this cell, it is missing") from error
        raise place.mistake(path.replace("[...]", ""), _expectation(problem, path, kind)) from error


@cache
def _hints(kind: type[msgspec.Struct]) -> Mapping[str, object]:
    return get_type_hints(kind)


def _check_keys(place: Place, table: Mapping[str, object], kind: type[msgspec.Struct], path: str) -> None:
    hints = _hints(kind)
    for key, value in table.items():
        if inside := [outer for outer in hints if key not in hints and _has_inside(hints[outer], key)]:
            problem = f'expected a key of this table, got "{key}"; did you mean "{inside[0]}.{key}"?'
            raise place.mistake(path + key, problem)
        place.check(path + key, "a key of this table", key, hints)
        if isinstance(value, dict) and (words := _key_words(hints[key])):
            for word in value:  # pyright: ignore[reportUnknownVariableType] (any TOML value)
                place.check(path + key, f"one of {', '.join(words)}", str(word), words)  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
        for inner in _inner_structs(hints[key]):
            parts: list[object] = list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType] (any TOML value)
            for part in parts:
                if isinstance(part, dict):
                    _check_keys(place, part, inner, f"{path}{key}.")  # pyright: ignore[reportUnknownArgumentType] (keys are checked inside)


def _has_inside(hint: object, key: str) -> bool:
    """Whether a key belongs one table further in."""
    return any(key in _hints(inner) for inner in _inner_structs(hint))


def _key_words(hint: object) -> tuple[str, ...]:
    """The only keys of a table, where the list of them is closed."""
    return _literal_words(get_args(hint)[0]) if get_origin(hint) is dict else ()


def _inner_structs(hint: object) -> list[type[msgspec.Struct]]:
    if isinstance(hint, type) and not get_args(hint) and issubclass(hint, msgspec.Struct):
        return [hint]
    return [] if get_origin(hint) is dict else [kind for part in get_args(hint) for kind in _inner_structs(part)]


def _expectation(problem: str, path: str, kind: type[msgspec.Struct]) -> str:
    """What msgspec missed, with the valid words where the list of them is closed."""
    words = _literals(kind, path)
    if problem.startswith(_NO_SUCH_WORD) and words:
        value = problem.removeprefix(_NO_SUCH_WORD).strip(" '")
        return f'expected one of {", ".join(words)}, got "{value}"{nearest(value, words)}'
    if wrong := _WRONG_KIND.match(problem):
        kinds = " or ".join(_KINDS.get(name, name) for name in wrong[1].split(" | "))
        return f"expected {kinds}, got {_KINDS.get(wrong[2], wrong[2])}"
    return problem[:1].lower() + problem[1:].replace("`", "")


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"[.\[\]]+", path) if step]


def _literals(kind: type[msgspec.Struct], path: str) -> tuple[str, ...]:
    hint: object = kind
    for step in _steps(path):
        inner = _inner_structs(hint)
        if not step.isdigit() and inner:
            hint = _hints(inner[0]).get(step)
    return _literal_words(hint)


def _literal_words(hint: object) -> tuple[str, ...]:
    if get_origin(hint) is Literal:
        return tuple(str(word) for word in get_args(hint) if word != "")
    if get_origin(hint) is dict:
        return _literal_words(get_args(hint)[1])
    return tuple(word for part in get_args(hint) for word in _literal_words(part))
