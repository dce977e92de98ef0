"""The real service as a child process, with a data directory of its own that goes when the show is over.

The child holds its own event loop, so that the load of the show does not slow what it shows.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from router.clock import SystemClock
from router.config import PREFIX, Config
from router.errors import ConfigurationError, Unavailable
from router.http.auth import Caller, Role, Tokens
from router.store.embedded import PR_SET_PDEATHSIG, EmbeddedStore
from router.store.redis_store import Store

START_S, STOP_S = 30.0, 15.0
LOG, LOCK, PREFIX_OF_DIRS = "service.log", "show.lock", "show-"
LOG_TAIL_BYTES = 2_000


class ReadyLine(msgspec.Struct, frozen=True):
    """What `run --json-ready` prints when it serves."""

    url: str
    pid: int


class Service(msgspec.Struct, frozen=True):
    """A service that runs for the show."""

    url: str
    data_dir: Path
    tokens: Tokens

    def token(self, role: Role, name: str, *, agent: str = "", unit: str = "", rights: tuple[str, ...] = ()) -> str:
        """A token of the service's own making."""
        return self.tokens.create(Caller(role, name, agent, unit, rights))


@asynccontextmanager
async def own_service(config: Config, make_city: Callable[[Path], None], *, port: int) -> AsyncGenerator[Service]:
    """Serve from a fresh data directory under the configured one; child and directory go at the end."""
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(config.data_dir)
    data_dir = Path(tempfile.mkdtemp(prefix=PREFIX_OF_DIRS, dir=config.data_dir))
    lock = _hold(data_dir)
    try:
        city = data_dir / "city"
        await asyncio.to_thread(make_city, city)
        process = await _start(_environment(config, data_dir, city, port), data_dir)
        try:
            ready = await _ready(process, data_dir)
            yield Service(ready.url, data_dir, Tokens(await _secret(config, data_dir), SystemClock()))
        finally:
            await _stop(process)
    finally:
        await asyncio.to_thread(shutil.rmtree, data_dir, ignore_errors=True)
        os.close(lock)


def _hold(data_dir: Path) -> int:
    """Mark the directory as in use for as long as this process lives.

    Raises:
        BlockingIOError: somebody uses it.
    """
    lock = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise
    return lock


def _sweep(parent: Path) -> None:
    """Remove what a show left behind that was killed."""
    for left in parent.glob(f"{PREFIX_OF_DIRS}*"):
        if (left / LOCK).is_file():
            with contextlib.suppress(BlockingIOError):
                os.close(_hold(left))
                shutil.rmtree(left, ignore_errors=True)


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or 0 (any) when somebody else has it."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError:
            return 0
    return wanted


def _environment(config: Config, data_dir: Path, city: Path, port: int) -> dict[str, str]:
    """The machine's environment, with no setting of the service left in it but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ours = {
        "HTTP__HOST": config.http.host,
        "HTTP__PORT": str(port),
        "STORE__DATA_DIR": str(data_dir),
        "CITY__PATH": str(city),
        "TENANT__ID": config.tenant.id,
    }
    return kept | {f"{PREFIX}{name}": value for name, value in ours.items()}


async def _start(environment: dict[str, str], data_dir: Path) -> asyncio.subprocess.Process:
    """A session of its own: Ctrl-C reaches the show only, which then ends the service in order."""
    with (data_dir / LOG).open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "router", "run", "--json-ready", "--json",
            env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log,
            start_new_session=True, preexec_fn=_ends_with_parent(),
        )  # fmt: skip


def _ends_with_parent() -> Callable[[], None]:
    """What the child does first: ask the kernel to end it when the show is killed. Looked up before the fork."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def tie() -> None:
        if prctl:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

    return tie


async def _ready(process: asyncio.subprocess.Process, data_dir: Path) -> ReadyLine:
    if process.stdout is None:
        raise Unavailable("the service has no output")
    try:
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        return msgspec.json.decode(line, type=ReadyLine)
    except (TimeoutError, msgspec.DecodeError):
        raise ConfigurationError(f"the service did not start: {_log_tail(data_dir)}", field="run") from None


def logged_errors(service: Service) -> int:
    """Errors that the service has logged: none, or something is wrong with it."""
    with (service.data_dir / LOG).open(encoding="utf-8", errors="replace") as log:
        return sum('"level":"error"' in line for line in log)


def _log_tail(data_dir: Path) -> str:
    return (data_dir / LOG).read_bytes()[-LOG_TAIL_BYTES:].decode("utf-8", "replace").strip() or "it said nothing"


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _secret(config: Config, data_dir: Path) -> bytes:
    """The key that the service's tokens are signed with, from its own store."""
    store = Store(EmbeddedStore(data_dir).url, config.tenant.id)
    await store.start()
    try:
        return await store.secret()
    finally:
        await store.stop()
