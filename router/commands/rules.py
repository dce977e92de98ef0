"""`servicecenter rules ...`: the channel strategy, one module for each action; only puts them together."""

import argparse
from collections.abc import Callable, Mapping

from router.commands import rules_cases, rules_check, rules_diff, rules_explain, rules_plan, rules_replay

ACTIONS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "check": ("load a city, run its cases, look for gaps in its strategy", rules_check.register),
    "explain": ("why a contact with these facts goes where it goes", rules_explain.register),
    "diff": ("what differs between two strategies, cell by cell", rules_diff.register),
    "cases": ("the examples beside the rules: what each one gave, and which rules lack one", rules_cases.register),
    "replay": ("a draft over recorded history: what it would change, before it is published", rules_replay.register),
    "plan": ("which topics to take over to reach the goal, and what it costs", rules_plan.register),
}


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `rules`."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, (text, add_arguments) in ACTIONS.items():
        add_arguments(actions.add_parser(name, help=text, description=text, parents=[_shared()]))


def _shared() -> argparse.ArgumentParser:
    """What every command takes, without the defaults that would undo what stood before the action."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--config", metavar="FILE", help="TOML file; every key has a default")
    shared.add_argument("--json", action="store_true", help="one JSON document on stdout")
    shared.add_argument("--log-level", choices=["debug", "info", "warning", "error"])
    return shared
