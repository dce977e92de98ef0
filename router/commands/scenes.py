"""`servicecenter scenes [FILES]`: play scenes, in memory or on a real router, and say what went as they say."""

import argparse
import sys
from pathlib import Path

import msgspec

from router.config import Config
from router.errors import ConfigurationError, StrategyError
from router.simulation.judging import Verdict, table
from router.simulation.scene_reader import read_scene
from router.simulation.stage import play_in_memory, play_on_router

FOLDER = Path("tests/scenes")


class Line(msgspec.Struct, frozen=True):
    """One scene in the JSON document."""

    file: str
    title: str
    passed: bool
    faults: tuple[str, ...]
    seen: tuple[str, ...]


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `scenes`."""
    parser.add_argument("files", nargs="*", metavar="FILE", help=f"scenes or folders of them (default {FOLDER})")
    parser.add_argument("--router", action="store_true", help="on a real router with a store of its own, not in memory")
    parser.add_argument("--seen", action="store_true", help="show everything that happened, also where all is well")
    parser.set_defaults(command=scenes)


def scenes(arguments: argparse.Namespace, config: Config) -> int:
    """Play them; status 1 when one did not go as it says, 2 when one can't be read."""
    del config
    play = play_on_router if arguments.router else play_in_memory
    verdicts: list[Verdict] = []
    is_readable = True
    for path in _paths(arguments.files or [str(FOLDER)]):
        try:
            verdict = play(read_scene(path))
        except StrategyError as error:
            is_readable, verdict = False, _unreadable(path, error)
        verdicts.append(verdict)
        if not arguments.json:
            sys.stdout.write(in_words(verdict, is_long=arguments.seen))
            sys.stdout.flush()
    if arguments.json:
        lines = [Line(each.file, each.title, each.is_passed, each.faults, each.seen) for each in verdicts]
        sys.stdout.write(msgspec.json.encode(lines).decode() + "\n")
    else:
        passed = sum(each.is_passed for each in verdicts)
        sys.stdout.write(f"{passed} of {len(verdicts)} scenes went as they say\n")
    if not is_readable:
        return 2
    return 0 if all(each.is_passed for each in verdicts) else 1


def _paths(named: list[str]) -> list[Path]:
    found: list[Path] = []
    for name in named:
        path = Path(name)
        if not path.exists():
            raise ConfigurationError(f"no such file: {path}", field="FILE")
        found += sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not found:
        raise ConfigurationError("no scene in this folder", field="FILE")
    return found


def _unreadable(path: Path, error: StrategyError) -> Verdict:
    """A scene with a mistake is a scene that failed, and names the mistake; the others are played all the same."""
    return Verdict(path.name, path.stem, (error.detail,), (), ())


def in_words(verdict: Verdict, *, is_long: bool) -> str:
    """A line for a scene that passed; for another its faults, and expected beside seen."""
    lines = [f"{'pass' if verdict.is_passed else 'FAIL'}  {verdict.title}  ({verdict.file})"]
    lines += [f"    {fault}" for fault in verdict.faults]
    if not verdict.is_passed and verdict.beside:
        lines += ["", *table(verdict.beside)]
    if verdict.seen and (is_long or not verdict.is_passed):
        lines += ["", "    everything that happened:", *(f"      {sentence}" for sentence in verdict.seen), ""]
    return "\n".join(lines) + "\n"
