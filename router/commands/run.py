"""`servicecenter run`: serve until SIGTERM or SIGINT."""

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import sys

import msgspec
import uvloop

from router.app import running
from router.config import Config


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `run`."""
    parser.add_argument("--json-ready", action="store_true", help='print {"url", "pid"} when it serves')
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace, config: Config) -> int:
    """Serve."""
    # Everything imported lives as long as the process, and what requests make goes when they end: the collector's
    # usual thresholds make it look through all of it hundreds of times a second for nothing.
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    uvloop.run(serve(config, announce=arguments.json_ready or arguments.json))
    return 0


async def serve(config: Config, *, announce: bool) -> None:
    """Serve until a signal; a signal while starting ends the start."""
    task = asyncio.current_task()
    if task is None:
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        async with running(config) as service:
            if announce:
                sys.stdout.write(msgspec.json.encode({"url": service.url, "pid": os.getpid()}).decode() + "\n")
                sys.stdout.flush()
            await asyncio.Event().wait()
