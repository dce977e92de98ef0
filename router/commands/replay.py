"""`servicecenter replay`."""

import argparse

from router.config import Config


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `replay`."""
    parser.set_defaults(command=replay)


def replay(arguments: argparse.Namespace, config: Config) -> int:
    """Not wired yet."""
    del arguments, config
    return 2
