"""`servicecenter simulate [FILE ...]`: recorded days beside their record on a simulated floor, or a city's Monday."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from router.config import Config
from router.errors import ConfigurationError
from router.simulation.bank import Recorded, read_bank
from router.simulation.bank_run import Compared, compare
from router.simulation.municipal import DayFigures, make_day, needed_agents, run_day
from router.simulation.report import day_in_words, in_words
from rules.city import load_city

SEEDS = 5
WIDTH = 160


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `simulate`."""
    parser.add_argument(
        "file", nargs="*", metavar="FILE", help="recorded calls (TSV, also gzipped); none: a city's Monday"
    )
    parser.add_argument("--city", default="", metavar="DIR", help="the city's folder (default: the configured one)")
    parser.add_argument("--days", default="", metavar="DAYS", help="only these recorded days, e.g. 990103,990106")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the first seed (default 1)")
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, metavar="N", help=f"runs of each recorded day (default {SEEDS})"
    )
    parser.add_argument(
        "--agents", type=int, default=0, metavar="N", help="the city's crew (default: what Erlang A asks for)"
    )
    parser.add_argument(
        "--patience",
        choices=("recorded", "fitted"),
        default="recorded",
        help="recorded: who left leaves when they did, unless answered before; fitted: everybody's is drawn",
    )
    parser.set_defaults(command=simulate)


def simulate(arguments: argparse.Namespace, config: Config) -> int:
    """Simulate and print; status 0 when it ran, whatever holds."""
    if arguments.agents < 0:
        raise ConfigurationError("expected a number of agents", field="--agents")
    if arguments.seeds < 1:
        raise ConfigurationError("expected 1 or more", field="--seeds")
    if arguments.file:
        found: Compared | DayFigures = _recorded([Path(name) for name in arguments.file], arguments)
    else:
        city = load_city(Path(arguments.city) if arguments.city else config.city_path)
        made = make_day(city, arguments.seed)
        found = run_day(city, made, arguments.agents or needed_agents(made), arguments.seed)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        shown = in_words(found) if isinstance(found, Compared) else day_in_words(found)
        Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDTH).print(shown)
    return 0


def _recorded(paths: Sequence[Path], arguments: argparse.Namespace) -> Compared:
    recorded = read_bank(paths)
    days = _days(recorded, arguments.days)
    seeds = range(arguments.seed, arguments.seed + arguments.seeds)
    return compare(recorded, days, seeds, is_known=arguments.patience == "recorded", tell=_tell)


def _days(recorded: Recorded, wanted: str) -> list[str]:
    days = [day.strip() for day in wanted.split(",") if day.strip()] or list(recorded.days)
    if unknown := [day for day in days if day not in recorded.days]:
        raise ConfigurationError(
            f'no calls of day "{unknown[0]}"; there are {", ".join(recorded.days)}', field="--days"
        )
    return days


def _tell(day: str, done: int, total: int) -> None:
    sys.stderr.write(f"day {day} done, {done} of {total}\n")
