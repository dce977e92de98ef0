"""The command line: parses arguments, loads the configuration, runs one command, prints its result.

Every command takes `--json`: one JSON document on stdout; progress and logs go to stderr.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from router.config import Config, load_config
from router.errors import ConfigurationError, ServicecenterError
from router.telemetry import configure_logging

Command = Callable[[argparse.Namespace, Config], int]
COMMANDS: Mapping[str, str] = {
    "run": "serve",
    "demo": "a whole city on this machine: traffic, agents, a live view",
    "replay": "send recorded contacts through intake, strategy and a floor",
    "simulate": "days on a simulated floor: recorded ones beside their record, or a city's Monday",
    "scenes": "play scenes of the floor, in memory or on a real router",
    "rules": "check, explain and try the channel strategy",
    "bench": "measure the budgets",
    "floor": "the floor as a supervisor sees it, in this terminal",
    "token": "make tokens",
    "doctor": "find and name what is wrong",
}
"""What can be run, each a module of `router.commands`."""


def run_command(argv: list[str]) -> int:
    """Run what the arguments ask for; returns the exit status."""
    parser = build_parser(argv[0] if argv and argv[0] in COMMANDS else "", argv[1:])
    arguments = parser.parse_args(argv)
    configure_logging(json=arguments.json or not sys.stderr.isatty(), stream=sys.stderr, level=arguments.log_level)
    try:
        try:
            config = load_config(Path(arguments.config) if arguments.config else None)
        except ConfigurationError as error:
            if arguments.on_bad_configuration is None:
                raise
            return int(arguments.on_bad_configuration(arguments, error))
        command: Command = arguments.command
        return command(arguments, config)
    except ServicecenterError as error:
        field = f" ({error.field})" if error.field else ""
        sys.stderr.write(f"servicecenter: {error.detail or error.title()}{field}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def build_parser(chosen: str = "", rest: Sequence[str] = ()) -> argparse.ArgumentParser:
    """All commands; of a chosen one only its own arguments, so that nothing is loaded that it does without.

    `rest` of the arguments chooses in the same way among the actions of a command that has some.
    """
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", metavar="FILE", default="", help="TOML file; every key has a default")
    shared.add_argument("--json", action="store_true", help="one JSON document on stdout")
    shared.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    parser = argparse.ArgumentParser(prog="servicecenter", description="Contact routing for municipal servicecenters.")
    parser.set_defaults(on_bad_configuration=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        described = commands.add_parser(name, help=text, description=text, parents=[shared])
        if chosen in {name, ""}:
            module = import_module(f"router.commands.{name}")
            actions: Mapping[str, str] | None = getattr(module, "ACTIONS", None)
            if actions is None:
                module.register(described)
            else:
                module.register(described, next((each for each in rest if each in actions), ""))
    return parser
