"""`servicecenter rules replay DRAFT`: a draft over recorded history, beside the strategy in force, and its guards."""

import argparse
import gc
import sys
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import msgspec
from rich.console import Console

from router.clock import elapsed_s
from router.config import Config
from router.errors import ConfigurationError, StrategyError
from router.register.engine import open_engine
from router.strategy_replay.floor_crew import Crew, made_crew, needed, read_crew
from router.strategy_replay.floor_plan import Plans
from router.strategy_replay.floor_run import run_floor
from router.strategy_replay.history_files import Noted, read_history
from router.strategy_replay.history_register import read_register
from router.strategy_replay.json_lines import LAST_MS
from router.strategy_replay.page import page
from router.strategy_replay.terminal import in_words
from router.strategy_replay.words import LANGUAGES, Words
from rules.calendars import local_ms
from rules.city import City, load_city
from rules.replay.guards import Limits
from rules.replay.history import Recorded
from rules.replay.passing import Passed
from rules.replay.report import Asked, Floor, Report, report

WIDTH = 140
TOLD_EVERY = 20_000
ERLANG = "erlang"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of `--guards`."""

    guards: Limits = Limits()
    elsewhere: tuple[str, ...] = ()
    """Queues whose agents are not the servicecenter's: what leads there is not resolved here."""


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
        "--crew", default="", metavar="N|FILE", help=f"simulate the floor too: agents, a plan, or {ERLANG}"
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
    settings = _settings(arguments.guards, cities)
    gc.freeze()
    began, noted = elapsed_s(), Noted()
    plans = Plans(cities[0], arguments.seed) if arguments.crew else None
    passed = Passed(*cities, arguments.seed, plans.follow if plans else None)
    history = _history(arguments, config, cities[0], noted)
    _ = passed.run(_told(history, began))
    _tell_pass(passed, noted, elapsed_s() - began)
    floor = _floor(arguments.crew, folders, cities, plans) if plans else None
    source = Path(arguments.file).name if arguments.file else "register"
    asked = Asked(source, arguments.seed, settings.guards, settings.elsewhere)
    found = report(passed, asked, noted.gaps(), floor)
    _show(found, arguments, cities)
    return 0 if found.ok else 1


def _city(folder: str, field: str) -> City:
    try:
        return load_city(folder)
    except StrategyError as error:
        raise ConfigurationError(f"{folder} does not load: {error.detail}", field=field) from error


def _settings(path: str, cities: Iterable[City]) -> Settings:
    if not path:
        return Settings()
    try:
        settings = msgspec.convert(tomllib.loads(Path(path).read_text(encoding="utf-8")), Settings)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or type(error).__name__}", field="--guards") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}", field="--guards") from None
    known = {queue for city in cities for queue in city.queues}
    if unknown := sorted(set(settings.elsewhere) - known):
        raise ConfigurationError(f'{path}: no queue "{unknown[0]}"', field="--guards")
    return settings


def _history(arguments: argparse.Namespace, config: Config, city: City, noted: Noted) -> Iterator[Recorded]:
    """The contacts; at least one of them, or the reason why there is none."""
    if arguments.file:
        contacts = read_history(Path(arguments.file), city, noted)
    else:
        engine = open_engine(config.register_url, is_reader=True)
        contacts = read_register(engine, *_period(arguments.from_, arguments.to, city.info.tz), noted)
    first = next(contacts, None)
    if first is None:
        bad = noted.gaps()
        why = f"{bad.unreadable} rows can't be read: {bad.first_unreadable[0]}" if bad.unreadable else "it is empty"
        raise ConfigurationError(f"no contacts to replay: {why}", field="FILE" if arguments.file else "--register")
    return chain((first,), contacts)


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


def _floor(wanted: str, folders: tuple[str, str], cities: tuple[City, City], plans: Plans) -> Floor | None:
    began = elapsed_s()
    crew = _crew(wanted, cities[0], plans)

    def tell(done: int, total: int) -> None:
        sys.stderr.write(f"{elapsed_s() - began:6.1f} s  {done} of {total} contacts simulated\n")

    return run_floor(folders, cities, plans, crew, tell)


def _crew(wanted: str, city: City, plans: Plans) -> Crew:
    """A number, the word `erlang` or a file."""
    both = (plans.before, plans.after)
    if wanted == ERLANG:
        return made_crew(max(1, needed(plans.before)), ERLANG, city, both)
    if wanted.lstrip("-").isdecimal():
        if int(wanted) < 1:
            raise ConfigurationError("expected 1 agent or more", field="--crew")
        return made_crew(int(wanted), "number", city, both)
    return read_crew(Path(wanted), city)


def _show(found: Report, arguments: argparse.Namespace, cities: tuple[City, City]) -> None:
    words = Words(arguments.lang)
    if arguments.html:
        try:
            _ = Path(arguments.html).write_text(page(found, words, cities), encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"{arguments.html}: {error.strerror}", field="--html") from None
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        width = None if sys.stdout.isatty() else WIDTH
        Console(file=sys.stdout, width=width, highlight=False).print(in_words(found, words, cities))
