"""`servicecenter rules plan`: which topics to take over, in which order, until the goal is reached."""

import argparse
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import get_args

import msgspec
from rich.console import Console

from router.commands.plan_telling import in_words
from router.config import Config
from router.errors import ConfigurationError
from router.strategy_replay.history_files import Noted, read_history
from router.strategy_replay.json_lines import LAST_MS
from rules.city import City, load_city
from rules.plan_figures import PLANNING, PlanFigures, read_figures
from rules.plan_flows import Flows, planned_flows, recorded_flows
from rules.planner import Measure, plan
from rules.replay.history import Recorded
from rules.replay.passing import Passed
from rules.words import DEFAULT_LANG, LANGS, words_of

WIDTH = 150


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `rules plan`."""
    parser.add_argument("path", nargs="?", default="", metavar="FOLDER", help="the city's; default the configured one")
    parser.add_argument(
        "history", nargs="?", default="", metavar="HISTORY", help="recorded contacts instead of planned volumes"
    )
    parser.add_argument("--register", action="store_true", help="the register's contacts instead of planned volumes")
    parser.add_argument("--planning", default="", metavar="FILE", help=f"figures to plan with; default {PLANNING}")
    parser.add_argument("--goal", type=_percent, default=0.8, metavar="PER CENT", help="to reach; default 80")
    parser.add_argument(
        "--measure", default="resolved", choices=get_args(Measure), help="by each topic's criterion, or only strictly"
    )
    parser.add_argument("--all", action="store_true", help="every topic and everything that is left, not the largest")
    parser.add_argument("--lang", default=DEFAULT_LANG, choices=LANGS, help="language of the plan")
    parser.set_defaults(command=plan_city)


def plan_city(arguments: argparse.Namespace, config: Config) -> int:
    """Print the plan; status 1 when the goal can't be reached."""
    folder, history = _places(arguments, config)
    city = load_city(folder)
    file = Path(arguments.planning) if arguments.planning else Path(folder) / PLANNING
    figures = read_figures(file.parent, city, file.name)
    noted = Noted()
    flows = _flows(city, figures, history, config.register_url if arguments.register else "", noted)
    made = plan(city, figures, flows, goal=arguments.goal, measure=arguments.measure)
    if noted.unreadable:
        sys.stderr.write(f"{noted.unreadable} rows can't be read; {noted.first[0]}\n")
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(made).decode() + "\n")
    else:
        width = None if sys.stdout.isatty() else WIDTH
        console = Console(file=sys.stdout, width=width, highlight=False, markup=False)
        console.print(in_words(made, city, words_of(arguments.lang), everything=arguments.all))
    return 0 if made.reached else 1


def _places(arguments: argparse.Namespace, config: Config) -> tuple[str, str]:
    """The folder and the history; a single file is a history of the configured city."""
    folder, history = arguments.path, arguments.history
    if folder and not history and Path(folder).is_file():
        folder, history = "", folder
    if history and arguments.register:
        raise ConfigurationError("expected one history: HISTORY or --register", field="--register")
    return str(folder or config.city_path), str(history)


def _flows(city: City, figures: PlanFigures, history: str, register_url: str, noted: Noted) -> Flows:
    if history:
        return _recorded(city, read_history(Path(history), city, noted), Path(history).name, noted)
    if register_url:
        from router.register.engine import open_engine  # noqa: PLC0415 # half a second that files do without
        from router.strategy_replay.history_register import read_register  # noqa: PLC0415 # see above

        contacts = read_register(open_engine(register_url, is_reader=True), 0, LAST_MS, noted)
        return _recorded(city, contacts, "register", noted)
    return planned_flows(city, figures)


def _recorded(city: City, contacts: Iterator[Recorded], source: str, noted: Noted) -> Flows:
    first = next(contacts, None)
    if first is None:
        why = f"{noted.unreadable} rows can't be read: {noted.first[0]}" if noted.unreadable else "it is empty"
        raise ConfigurationError(f"no contacts to plan for: {why}", field="HISTORY")
    return recorded_flows(Passed(city, city, 0).run(chain((first,), contacts)), source)


def _percent(text: str) -> float:
    """A goal in per cent as a share."""
    value = float(text)
    if not 0 < value <= 100:  # noqa: PLR2004 # per cent
        raise argparse.ArgumentTypeError("expected per cent, above 0 and at most 100")
    return value / 100
