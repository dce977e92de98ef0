"""`servicecenter rules replay DRAFT`: a draft over recorded history, beside the strategy in force, and its guards."""

import argparse
import gc
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console

from router.clock import elapsed_s
from router.config import Config
from router.errors import ConfigurationError, StrategyError
from router.guard_limits import GuardLimits, read_guard_limits
from router.strategy_replay.history_files import read_history
from router.strategy_replay.json_lines import LAST_MS
from router.strategy_replay.noting import Noted
from router.strategy_replay.page import page
from router.strategy_replay.terminal import in_words
from router.strategy_replay.words import LANGUAGES, Words
from rules.calendars import local_ms
from rules.city import City, load_city
from rules.replay.history import Recorded
from rules.replay.passing import Passed
from rules.replay.report import Asked, Floor, Report, report

if TYPE_CHECKING:
    from router.strategy_replay.floor import ReplayedFloor
    from router.strategy_replay.floor_present import PresentCrew

WIDTH = 140
TOLD_EVERY = 20_000
Cities = tuple[City, City]


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `rules replay`."""
    parser.add_argument("draft", metavar="DRAFT", help="the draft's folder: a whole city")
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default="", help="311 requests, a call centre's calls or JSON lines"
    )
    parser.add_argument("--register", action="store_true", help="the register's contacts instead of a file")
    parser.add_argument("--from", dest="from_", default="", metavar="DATE", help="only from this day on (register)")
    parser.add_argument("--to", default="", metavar="DATE", help="only until the end of this day (register)")
    parser.add_argument("--baseline", default="", metavar="DIR", help="compared with (default: the configured city)")
    parser.add_argument(
        "--crew", default="", metavar="N|FILE", help="simulate the floor too: agents, a plan, erlang, or register"
    )
    parser.add_argument("--guards", default="", metavar="FILE", help="limits that block publishing (TOML)")
    parser.add_argument("--html", default="", metavar="OUT", help="write the report as one page")
    parser.add_argument("--lang", default="sv", choices=LANGUAGES, help="the report's language (default sv)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the sample and the simulated residents")
    parser.set_defaults(command=replay)


def replay(arguments: argparse.Namespace, config: Config) -> int:
    """Replay and report; status 1 when a guard blocks publishing."""
    if bool(arguments.file) == bool(arguments.register):
        raise ConfigurationError("expected a history: FILE or --register", field="FILE")
    if (arguments.from_ or arguments.to) and not arguments.register:
        raise ConfigurationError("only with --register", field="--from")
    folders = (str(arguments.baseline or config.city_path), str(arguments.draft))
    cities = (_city(folders[0], "--baseline"), _city(folders[1], "DRAFT"))
    queues = {queue for city in cities for queue in city.queues}
    limits = read_guard_limits(arguments.guards, queues, "--guards")
    # Nothing that a replay makes is garbage before its end.
    gc.disable()
    try:
        found = _replayed(arguments, config, cities, folders, limits)
    finally:
        gc.enable()
    _show(found, arguments, cities)
    return 0 if found.ok else 1


def _replayed(
    arguments: argparse.Namespace, config: Config, cities: Cities, folders: tuple[str, str], limits: GuardLimits
) -> Report:
    began, noted = elapsed_s(), Noted()
    floor = _floor(arguments, config, cities, folders)
    passed = Passed(*cities, arguments.seed, floor.follow if floor else None)
    history = _history(arguments, config, cities[0], noted)
    _ = passed.run(_told(history, began))
    _tell_pass(passed, noted, elapsed_s() - began)
    simulated = _simulated(floor) if floor else None
    source = Path(arguments.file).name if arguments.file else "register"
    asked = Asked(source, arguments.seed, limits.guards, limits.elsewhere)
    return report(passed, asked, noted.gaps(), simulated)


def _city(folder: str, field: str) -> City:
    try:
        return load_city(folder)
    except StrategyError as error:
        raise ConfigurationError(f"{folder} does not load: {error.detail}", field=field) from error


def _history(arguments: argparse.Namespace, config: Config, city: City, noted: Noted) -> Iterator[Recorded]:
    """The contacts; at least one of them, or the reason why there is none."""
    if arguments.file:
        contacts = read_history(Path(arguments.file), city, noted)
    else:
        contacts = _registered(config.register_url, _period(arguments.from_, arguments.to, city.info.tz), noted)
    first = next(contacts, None)
    if first is None:
        bad = noted.gaps()
        why = f"{bad.unreadable} rows can't be read: {bad.first_unreadable[0]}" if bad.unreadable else "it is empty"
        raise ConfigurationError(f"no contacts to replay: {why}", field="FILE" if arguments.file else "--register")
    return chain((first,), contacts)


def _registered(url: str, period: tuple[int, int], noted: Noted) -> Iterator[Recorded]:
    """The register's contacts; a replay of a file does without a database."""
    from router.register.engine import open_engine  # noqa: PLC0415 # see above
    from router.strategy_replay.history_register import read_register  # noqa: PLC0415 # see above

    return read_register(open_engine(url, is_reader=True), *period, noted)


def _period(from_: str, to: str, tz: str) -> tuple[int, int]:
    """Local days as moments: from the first one's midnight to the end of the last."""
    days: list[date | None] = []
    for field, text in (("--from", from_), ("--to", to)):
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            raise ConfigurationError(f'expected a day such as "2026-09-07", got "{text}"', field=field) from None
    first, last = days
    if first and last and last < first:
        raise ConfigurationError("expected a day not before --from", field="--to")
    begin = local_ms(f"{first} 00:00", tz) if first else 0
    return begin, local_ms(f"{last + timedelta(days=1)} 00:00", tz) if last else LAST_MS


def _told(history: Iterator[Recorded], began: float) -> Iterator[Recorded]:
    """The same contacts, with progress on stderr."""
    for number, contact in enumerate(history, 1):
        if not number % TOLD_EVERY:
            sys.stderr.write(f"{elapsed_s() - began:6.1f} s  {number} contacts\n")
        yield contact


def _tell_pass(passed: Passed, noted: Noted, seconds: float) -> None:
    contacts = passed.cells.total() + passed.observed.total()
    rate = contacts / seconds if seconds else 0.0
    sys.stderr.write(
        f"{seconds:6.1f} s  {contacts} contacts read and decided by both strategies, {rate:.0f} a second; "
        f"{noted.unreadable} unreadable\n"
    )
    if not passed.cells:
        raise ConfigurationError("no contacts to replay: all of them reached a unit directly", field="FILE")


def _floor(
    arguments: argparse.Namespace, config: Config, cities: Cities, folders: tuple[str, str]
) -> "ReplayedFloor | None":
    """The simulated floor when one is asked for; what it needs is loaded only then."""
    if not arguments.crew:
        return None
    from router.strategy_replay.floor import ReplayedFloor  # noqa: PLC0415 # half a second that decisions do without

    def present() -> "PresentCrew":
        from router.register.engine import open_engine  # noqa: PLC0415 # see above
        from router.strategy_replay.floor_present import read_present  # noqa: PLC0415 # see above

        period = _period(arguments.from_, arguments.to, cities[0].info.tz)
        return read_present(open_engine(config.register_url, is_reader=True), *period)

    return ReplayedFloor(cities, folders, arguments.crew, arguments.seed, present if arguments.register else None)


def _simulated(floor: "ReplayedFloor") -> Floor:
    began = elapsed_s()

    def tell(done: int, total: int) -> None:
        sys.stderr.write(f"{elapsed_s() - began:6.1f} s  {done} of {total} contacts simulated\n")

    return floor.run(tell)


def _show(found: Report, arguments: argparse.Namespace, cities: Cities) -> None:
    if arguments.html:
        try:
            _ = Path(arguments.html).write_text(page(found, Words(arguments.lang), cities), encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"{arguments.html}: {error.strerror}", field="--html") from None
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        width = None if sys.stdout.isatty() else WIDTH
        told = in_words(found, Words(arguments.lang), cities)
        Console(file=sys.stdout, width=width, highlight=False).print(told)
