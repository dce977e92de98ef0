"""A service of its own for one measurement: started in a folder that goes away, spoken to by fast clients."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from router.clock import SystemClock
from router.errors import ConfigurationError
from router.http.auth import Caller, Tokens
from router.store.redis_store import Store

START_S = 30.0


class Service(msgspec.Struct, frozen=True):
    """A running service: its addresses, one for each router, and tokens for it."""

    urls: tuple[str, ...]
    pids: tuple[int, ...]
    tokens: Tokens
    folder: Path
    store_url: str

    @property
    def url(self) -> str:
        """The first router's address."""
        return self.urls[0]


@asynccontextmanager
async def service(*, routers: int = 1) -> AsyncGenerator[Service]:
    """Start routers on one store; further ones share the first one's store and register."""
    async with AsyncExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="servicecenter-bench-", ignore_cleanup_errors=True))
        )
        first = await _start(stack, folder, {})
        store_url = f"unix://{_socket(folder)}"
        found = [first]
        for _ in range(routers - 1):
            shared = {
                "SERVICECENTER_STORE__REDIS_URL": store_url,
                "SERVICECENTER_REGISTER__URL": f"sqlite:///{folder / 'register.db'}",
            }
            found.append(await _start(stack, folder, shared))
        store = Store(store_url, "default")
        await store.start()
        secret = await store.secret()
        await store.stop()
        tokens = Tokens(secret, SystemClock())
        yield Service(tuple(url for url, _ in found), tuple(pid for _, pid in found), tokens, folder, store_url)


def _socket(folder: Path) -> Path:
    from router.store.data_dir import socket_path  # noqa: PLC0415 # only needed where a store was embedded

    return socket_path(folder)


async def _start(stack: AsyncExitStack, folder: Path, extra: dict[str, str]) -> tuple[str, int]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SERVICECENTER_")}
    environment |= {"SERVICECENTER_HTTP__PORT": "0", "SERVICECENTER_STORE__DATA_DIR": str(folder), **extra}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "router", "run", "--json-ready", "--json", "--log-level", "error",
        env=environment, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stack.push_async_callback(_stop, process)
    if process.stdout is None:
        raise ConfigurationError("no output from the service")
    async with asyncio.timeout(START_S):
        line = await process.stdout.readline()
    ready: dict[str, object] = msgspec.json.decode(line)
    return str(ready["url"]), process.pid


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        await process.wait()


def integration_token(tokens: Tokens) -> str:
    """A token that may post events."""
    return tokens.create(Caller("integration", "bench", rights=("backdate",)))


async def put_agents(target: Service, ids: list[str], skills: dict[str, int], capacity: dict[str, int]) -> None:
    """Describe agents over REST, some at a time."""
    headers = {"Authorization": f"Bearer {target.tokens.create(Caller('supervisor', 'bench'))}"}
    gate = asyncio.Semaphore(32)
    async with aiohttp.ClientSession(headers=headers) as client:

        async def put(agent: str) -> None:
            body = {"name": agent, "skills": skills, "capacity": capacity}
            async with gate, client.put(f"{target.url}/v1/agents/{agent}", json=body) as answer:
                answer.raise_for_status()

        await asyncio.gather(*(put(agent) for agent in ids))
