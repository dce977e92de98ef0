"""The real service as a child process: started, killed, started again on the same data, spoken to from outside."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec
from redis import Redis

from router.clock import SystemClock
from router.config import PREFIX
from router.http.auth import Caller, Role, Tokens
from router.store.data_dir import socket_path
from router.store.keys import Keys

START_S, STOP_S = 40.0, 15.0
TENANT = "default"


class Ready(msgspec.Struct, frozen=True):
    """What `run --json-ready` prints when it serves."""

    url: str
    pid: int


class ServiceProcess:
    """One router; with an embedded store unless `settings` name another one."""

    def __init__(
        self,
        data_dir: Path,
        city: Path,
        settings: Mapping[str, str] | None = None,
        *,
        log_level: str = "info",
        config: Path | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self.url = ""
        ours = {"HTTP__PORT": "0", "STORE__DATA_DIR": str(data_dir), "CITY__PATH": str(city), **(settings or {})}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        self._environment = kept | {PREFIX + key: value for key, value in ours.items()}
        self._arguments = ["--log-level", log_level, *(["--config", str(config)] if config else [])]
        self._process: subprocess.Popen[bytes] | None = None
        self.store_url = ours.get("STORE__REDIS_URL") or f"unix://{socket_path(data_dir)}"

    def start(self) -> None:
        """Start, and return when it serves."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "router", "run", "--json-ready", "--json", *self._arguments],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        output = self._process.stdout
        assert output
        readable, _, _ = select.select([output], [], [], START_S)
        line = output.readline() if readable else b""
        assert line, f"the service did not start: {self.said()[-2000:]}"
        self.url = msgspec.json.decode(line, type=Ready).url

    @property
    def pid(self) -> int:
        """The router's process id."""
        assert self._process
        return self._process.pid

    @property
    def store_pid(self) -> int:
        """The embedded store's process id."""
        return int((self.data_dir / "store" / "server.lock").read_text(encoding="ascii").split()[0])

    def children(self) -> dict[int, str]:
        """Child processes of the router: id and command line."""
        found: dict[int, str] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                if int(fields[1]) == self.pid and fields[0] != "Z":
                    raw = (stat.parent / "cmdline").read_bytes()
                    found[int(stat.parent.name)] = raw.replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
        return found

    @property
    def projector_pid(self) -> int | None:
        """The projector's process id; None while there is none."""
        return next((pid for pid, line in self.children().items() if "router.register" in line), None)

    def kill(self) -> None:
        """End the router as a power cut does; nothing of it is left when this returns."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it politely."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            if process.stdout:
                process.stdout.close()

    def said(self) -> str:
        """Everything the service has logged."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def token(self, role: Role, name: str, *, agent: str = "", unit: str = "", rights: tuple[str, ...] = ()) -> str:
        """A token of the service's own making."""
        return self.tokens.create(Caller(role, name, agent, unit, rights))

    @property
    def tokens(self) -> Tokens:
        """Makes tokens with the tenant's key."""
        with Redis.from_url(self.store_url, socket_timeout=5) as client:  # pyright: ignore[reportUnknownMemberType] # untyped in redis-py
            secret = cast("bytes", client.get(Keys(TENANT).secret))
        return Tokens(secret, SystemClock())
