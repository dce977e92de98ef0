"""`servicecenter doctor`."""

import argparse

from router.config import Config


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `doctor`."""
    parser.set_defaults(command=doctor)


def doctor(arguments: argparse.Namespace, config: Config) -> int:
    """Not wired yet."""
    del arguments, config
    return 2
