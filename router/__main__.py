"""`servicecenter`: reads the command line and runs the command."""

import sys

from router.cli import run_command


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run_command(sys.argv[1:]))


if __name__ == "__main__":
    main()
