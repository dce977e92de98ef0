"""Loads the Lua commands: checks each header, sets in its includes and the moves that lifecycle.py allows it.

A command file begins with comment lines: prose, then `keys`, `args` (`name` or `name:int`), an optional `rest` for a
variable tail, `moves` (`machine.event`), `replies` and an optional `include`. The loader turns the header into locals,
so a file can't disagree with its header, and refuses at import what does not fit.
"""

import hashlib
import re
from dataclasses import dataclass, field
from importlib.resources import files

from router.lifecycle import MACHINES, moves

_HEADER = re.compile(r"^-- (keys|args|rest|moves|replies|include):[ ]?(.*)$")
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_REQUIRED = {"keys", "args", "moves", "replies"}


class HeaderError(ValueError):
    """A Lua file's header is wrong."""


@dataclass(frozen=True)
class Script:
    """One Lua command, ready to be sent."""

    name: str
    keys: tuple[str, ...]
    args: tuple[str, ...]
    has_rest: bool
    moves: tuple[str, ...]
    text: str
    sha: str = field(default="")


def read_header(name: str, source: str) -> dict[str, str]:
    """The header's lines by word.

    Raises:
        HeaderError: a required line is missing or stands twice.
    """
    found: dict[str, str] = {}
    for line in source.splitlines():
        if not line.startswith("--"):
            break
        match = _HEADER.match(line)
        if match:
            if match[1] in found:
                raise HeaderError(f"{name}: `{match[1]}` stands twice")
            found[match[1]] = match[2].strip()
    if missing := _REQUIRED - found.keys():
        raise HeaderError(f"{name}: header lacks {sorted(missing)}")
    return found


def build(name: str, source: str, library: dict[str, str], *, max_skew_ms: int) -> Script:
    """Make the flat script of one command file.

    `max_skew_ms` is how far the caller's clock may be from the store's; 0 switches the check off, for tests that
    bring a clock of their own.
    """
    header = read_header(name, source)
    keys = tuple(header["keys"].split())
    args = tuple(header["args"].split())
    lines = [f"local command = '{name}'"]
    lines += [f"local {key} = KEYS[{i}]" for i, key in enumerate(keys, 1)]
    names: list[str] = []
    for i, arg in enumerate(args, 1):
        arg_name, _, kind = arg.partition(":")
        numeric = kind == "int" or arg_name == "now_ms"
        lines.append(f"local {arg_name} = {f'tonumber(ARGV[{i}])' if numeric else f'ARGV[{i}]'}")
        names.append(arg_name)
    if bad := [word for word in (*keys, *names) if not _NAME.match(word)]:
        raise HeaderError(f"{name}: {bad} are not names")
    if "rest" in header:
        lines.append(f"local rest = {len(args) + 1}")
    if max_skew_ms and "now_ms" in names:
        lines.append(_SKEW.format(limit=max_skew_ms))
    lines.append(_moves_table(name, header["moves"].split()))
    for part in header.get("include", "").split():
        if part not in library:
            raise HeaderError(f"{name}: includes {part}, which is not in lib/")
        lines.append(library[part])
    text = "\n".join([*lines, source])
    sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return Script(name, keys, tuple(names), "rest" in header, tuple(header["moves"].split()), text, sha)


_SKEW = """do
  local t = redis.call('TIME')
  if math.abs(t[1] * 1000 + math.floor(t[2] / 1000) - now_ms) > {limit} then
    return redis.error_reply('SC clock-skew')
  end
end"""


def _moves_table(name: str, wanted: list[str]) -> str:
    """The Lua table of the moves a command may make; nothing else can pass `move`."""
    rows: list[str] = []
    for word in wanted:
        machine, _, event = word.partition(".")
        if machine not in MACHINES or not (allowed := moves(machine, event)):
            raise HeaderError(f"{name}: no machine has the move {word}")
        pairs = ", ".join(f"['{before}'] = '{after}'" for before, after in allowed.items())
        rows.append(f"['{word}'] = {{ {pairs} }}")
    return "local moves = { " + ", ".join(rows) + " }"


def load_scripts(*, max_skew_ms: int = 1_000) -> dict[str, Script]:
    """Every command by name, from the package's `lua` folder."""
    folder = files("router.store") / "lua"
    library = {
        item.name.removesuffix(".lua"): item.read_text(encoding="utf-8")
        for item in (folder / "lib").iterdir()
        if item.name.endswith(".lua")
    }
    return {
        name: build(name, item.read_text(encoding="utf-8"), library, max_skew_ms=max_skew_ms)
        for item in sorted(folder.iterdir(), key=lambda each: each.name)
        if item.name.endswith(".lua")
        for name in [item.name.removesuffix(".lua")]
    }
