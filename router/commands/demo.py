"""`servicecenter demo`."""

import argparse

from router.config import Config


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `demo`."""
    parser.set_defaults(command=demo)


def demo(arguments: argparse.Namespace, config: Config) -> int:
    """Not wired yet."""
    del arguments, config
    return 2
