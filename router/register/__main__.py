"""The projector's own process: `python -m router.register`, started and watched by `run`.

The configuration is one JSON object: the first line of stdin (then the end of stdin ends the process), or
`--config-json`. Ends cleanly on SIGTERM and SIGINT, and with its parent. Heartbeats are JSON lines on stderr.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress

import msgspec

from router.child_process import die_with_parent
from router.clock import SystemClock
from router.errors import ConfigurationError
from router.register.engine import open_engine
from router.register.projector import Heartbeat, Projector
from router.register.stream import JournalStream

NICENESS = 5
"""The register may lag for a moment; residents and agents wait for the router, not for it."""


class ProjectorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that the projector needs to know."""

    redis_url: str
    tenant: str
    register_url: str
    replicas: int = 0
    barrier_ms: int = 1_000


def read_config(text: bytes | str) -> ProjectorConfig:
    """The configuration from its JSON form.

    Raises:
        ConfigurationError: a key is missing, unknown or of the wrong kind.
    """
    try:
        return msgspec.json.decode(text, type=ProjectorConfig)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(str(error), field="projector") from error


async def serve(config: ProjectorConfig, *, is_fed_by_stdin: bool) -> None:
    """Project until a signal, or until the parent is gone."""
    loop = asyncio.get_running_loop()
    engine = open_engine(config.register_url)
    stream = JournalStream(config.redis_url, config.tenant, replicas=config.replicas, barrier_ms=config.barrier_ms)
    work = asyncio.ensure_future(Projector(engine, stream, SystemClock(), report=tell).run())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    if is_fed_by_stdin:
        with suppress(ValueError, OSError):  # a plain file has no end to wait for
            loop.add_reader(sys.stdin.fileno(), _end_with_stdin, work)
    try:
        with suppress(asyncio.CancelledError):
            await work
    finally:
        await stream.close()
        engine.dispose()


def tell(heartbeat: Heartbeat) -> None:
    """Write one heartbeat as a JSON line."""
    sys.stderr.buffer.write(msgspec.json.encode(heartbeat) + b"\n")
    sys.stderr.flush()


def main(argv: list[str]) -> int:
    """Read the configuration and project; returns the exit status."""
    die_with_parent()
    os.nice(NICENESS)
    is_fed_by_stdin = argv[:1] != ["--config-json"]
    try:
        config = read_config(sys.stdin.buffer.readline() if is_fed_by_stdin else "".join(argv[1:2]))
        asyncio.run(serve(config, is_fed_by_stdin=is_fed_by_stdin))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _end_with_stdin(work: asyncio.Future[None]) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        work.cancel()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
