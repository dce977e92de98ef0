"""`servicecenter rules ...`: the channel strategy, one module for each action; only puts them together."""

import argparse
from collections.abc import Mapping
from importlib import import_module

ACTIONS: Mapping[str, str] = {
    "check": "load a city, run its cases, look for gaps in its strategy",
    "explain": "why a contact with these facts goes where it goes",
    "diff": "what differs between two strategies, cell by cell",
    "cases": "the examples beside the rules: what each one gave, and which rules lack one",
    "replay": "a draft over recorded history: what it would change, before it is published",
    "plan": "which topics to take over to reach the goal, and what it costs",
}
"""What can be done with a strategy, each a module `rules_<action>` beside this one."""


def register(parser: argparse.ArgumentParser, chosen: str = "") -> None:
    """Arguments of `rules`; of a chosen action only its own, so that nothing is loaded that it does without."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, text in ACTIONS.items():
        described = actions.add_parser(name, help=text, description=text, parents=[_shared()])
        if chosen in {name, ""}:
            import_module(f"router.commands.rules_{name}").register(described)


def _shared() -> argparse.ArgumentParser:
    """What every command takes, without the defaults that would undo what stood before the action."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--config", metavar="FILE", help="TOML file; every key has a default")
    shared.add_argument("--json", action="store_true", help="one JSON document on stdout")
    shared.add_argument("--log-level", choices=["debug", "info", "warning", "error"])
    return shared
