"""The trials' own process: `python -m router.strategy_replay`, started and ended by `router.trials`.

The first message on stdin is the setting, each one after it a job; each job is answered on stdout. Ends with stdin.
"""

import gc
import os
import pickle
import sys
from typing import BinaryIO

from router.child_process import die_with_parent
from router.errors import ServicecenterError
from router.strategy_replay.trial import answer
from router.trials import LENGTH, Setting, packed

NICENESS = 5
"""Whoever publishes a strategy waits for residents, agents and the register."""


def main() -> int:
    """Answer until there are no more jobs."""
    die_with_parent()
    os.nice(NICENESS)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever else is printed here is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    setting = _next(jobs)
    if not isinstance(setting, Setting):
        return 2
    while (job := _next(jobs)) is not None:
        answers.write(packed(_answered(setting, job)))
        answers.flush()
    return 0


def _answered(setting: Setting, job: object) -> object:
    # Nearly nothing that a trial makes is garbage before its end.
    gc.disable()
    try:
        return answer(setting, job)
    except ServicecenterError as error:
        return error
    finally:
        gc.enable()
        _ = gc.collect()


def _next(stream: BinaryIO) -> object | None:
    """The next message; None at the end."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    return pickle.loads(stream.read(int.from_bytes(head, "big")))  # noqa: S301 # our own parent wrote it


if __name__ == "__main__":
    sys.exit(main())
