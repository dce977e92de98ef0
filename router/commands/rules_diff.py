"""`servicecenter rules diff A B`: what differs between two strategies, each a file, a city's folder or a version."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from router.config import Config
from router.errors import NotFound, StrategyError
from rules.diff import CellChange, StrategyDiff, compare
from rules.strategy import Strategy
from rules.versions import read_strategy


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `rules diff`."""
    for name in ("before", "after"):
        parser.add_argument(name, help="a file, a city's folder, or a version in the register by id or hash")
    parser.set_defaults(command=diff)


def diff(arguments: argparse.Namespace, config: Config) -> int:
    """Print what differs; status 1 when anything does."""
    found = compare(strategy_at(arguments.before, config), strategy_at(arguments.after, config))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n" if arguments.json else "".join(_lines(found)))
    return 0 if found.is_same else 1


def strategy_at(where: str, config: Config) -> Strategy:
    """The strategy in a file, in a folder's `strategy.toml`, or in the register under an id or a hash.

    Raises:
        StrategyError: there is none, or it can't be read.
    """
    path = Path(where)
    path = path / "strategy.toml" if path.is_dir() else path
    if not path.exists():
        return read_strategy(_in_register(where, config.register_url))
    try:
        return read_strategy(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StrategyError(f"{path}: {type(error).__name__}", field=where) from error


def _in_register(where: str, url: str) -> str:
    from router.register import strategies as versions  # noqa: PLC0415 # half a second that files do without
    from router.register.engine import open_engine  # noqa: PLC0415 # see above

    nothing = StrategyError(f"no file, folder or version is called {where}", field=where)
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise nothing
    engine = open_engine(url, is_reader=True)
    try:
        text = versions.toml_of(engine, where)
        return text if text is not None else versions.text(engine, where).toml
    except NotFound:
        raise nothing from None
    finally:
        engine.dispose()


def _lines(found: StrategyDiff) -> Iterator[str]:
    """`+` is new, `-` is gone, `>` stands elsewhere, `~` says something else, cell by cell."""
    if found.meta:
        yield "~ meta\n"
        yield from map(_line, found.meta)
    for sign, tables in (("+", found.added), ("-", found.removed), (">", found.moved)):
        for each in tables:
            yield f"{sign} {each.table} {each.id}  {each.title}".rstrip() + "\n"
    for each in found.changed:
        yield f"~ {each.table} {each.id}  {each.title}".rstrip() + "\n"
        yield from map(_line, each.cells)


def _line(change: CellChange) -> str:
    before, after = (_said(value) for value in (change.before, change.after))
    return f"    {change.cell}: {before} -> {after}\n"


def _said(value: object) -> str:
    return "-" if value is None else msgspec.json.encode(value).decode()
