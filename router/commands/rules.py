"""`servicecenter rules …`: what can be done with a channel strategy, one module an action."""

import argparse
from collections.abc import Callable, Mapping

from router.commands import rules_check, rules_replay

ACTIONS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "check": ("load the city, run its cases, look for mistakes", rules_check.register),
    "replay": ("a draft over recorded history: what it would change, before it is published", rules_replay.register),
}


def register(parser: argparse.ArgumentParser) -> None:
    """The actions with their arguments; options of every command may stand after the action too."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config", metavar="FILE", default=argparse.SUPPRESS, help="TOML file; every key has a default"
    )
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON document on stdout")
    levels = ["debug", "info", "warning", "error"]
    shared.add_argument("--log-level", default=argparse.SUPPRESS, choices=levels)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, (text, register_action) in ACTIONS.items():
        register_action(actions.add_parser(name, help=text, description=text, parents=[shared]))
