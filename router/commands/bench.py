"""`servicecenter bench`."""

import argparse

from router.config import Config


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench`."""
    parser.set_defaults(command=bench)


def bench(arguments: argparse.Namespace, config: Config) -> int:
    """Not wired yet."""
    del arguments, config
    return 2
