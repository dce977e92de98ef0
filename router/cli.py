"""The command line: parses arguments, loads the configuration, runs one command, prints its result.

Every command takes `--json`: one JSON document on stdout; progress and logs go to stderr.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from router.commands import bench, demo, doctor, floor, replay, rules, run, scenes, simulate, token
from router.config import Config, load_config
from router.errors import ConfigurationError, ServicecenterError
from router.telemetry import configure_logging

Command = Callable[[argparse.Namespace, Config], int]


def run_command(argv: list[str]) -> int:
    """Run what the arguments ask for; returns the exit status."""
    parser = build_parser()
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


def build_parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", metavar="FILE", default="", help="TOML file; every key has a default")
    shared.add_argument("--json", action="store_true", help="one JSON document on stdout")
    shared.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    parser = argparse.ArgumentParser(prog="servicecenter", description="Contact routing for municipal servicecenters.")
    parser.set_defaults(on_bad_configuration=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    registered: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
        "run": ("serve", run.register),
        "demo": ("a whole city on this machine: traffic, agents, a live view", demo.register),
        "replay": ("send recorded contacts through intake, strategy and a floor", replay.register),
        "simulate": (
            "days on a simulated floor: recorded ones beside their record, or a city's Monday",
            simulate.register,
        ),
        "scenes": ("play scenes of the floor, in memory or on a real router", scenes.register),
        "rules": ("check, explain and try the channel strategy", rules.register),
        "bench": ("measure the budgets", bench.register),
        "floor": ("the floor as a supervisor sees it, in this terminal", floor.register),
        "token": ("make tokens", token.register),
        "doctor": ("find and name what is wrong", doctor.register),
    }
    for name, (text, register) in registered.items():
        register(commands.add_parser(name, help=text, description=text, parents=[shared]))
    return parser
