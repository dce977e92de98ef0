"""A service of its own for one measurement: started in a folder that goes away, spoken to by fast clients."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from router.clock import SystemClock, elapsed_s
from router.config import example_city
from router.demo.fast_city import write_fast_city
from router.errors import StoreUnavailable, Unavailable
from router.http.auth import Caller, Tokens
from router.store.data_dir import socket_path
from router.store.redis_store import Store

NOTHING: Mapping[str, str] = {}
START_S = 30.0
STOP_S = 15.0
QUIET_S = 30.0


class Ready(msgspec.Struct, frozen=True):
    """What a server prints when it serves."""

    url: str
    pid: int


class Service(msgspec.Struct, frozen=True):
    """A running service: its addresses, one for each router, and tokens for it."""

    urls: tuple[str, ...]
    pids: tuple[int, ...]
    tokens: Tokens
    secret: bytes
    store: Store
    register_url: str

    @property
    def url(self) -> str:
        """The first router's address."""
        return self.urls[0]


@asynccontextmanager
async def service(
    *, routers: int = 1, config: str = "", settings: Mapping[str, str] = NOTHING
) -> AsyncGenerator[Service]:
    """Start routers on one store; further ones share the first one's store and register.

    Their city is the example's with its calendars standing still in the forenoon: at night, who waits in a closed queue
    would be promised a call and not be measured. `config` is TOML, `settings` the environment of them all.
    """
    async with AsyncExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="servicecenter-bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary))
        (folder / "servicecenter.toml").write_text(config, encoding="utf-8")
        write_fast_city(example_city(), folder / "city", 1.0, SystemClock().now_ms())
        more = {"SERVICECENTER_CITY__PATH": str(folder / "city"), **settings}
        found = [await _start_router(stack, folder, more)]
        store_url = f"unix://{socket_path(folder)}"
        register_url = f"sqlite:///{folder / 'register.db'}"
        for _ in range(routers - 1):
            shared = {
                **more,
                "SERVICECENTER_STORE__REDIS_URL": store_url,
                "SERVICECENTER_REGISTER__URL": register_url,
                "SERVICECENTER_BLOBS__PATH": str(folder / "blobs"),
            }
            found.append(await _start_router(stack, folder, shared))
        store = Store(store_url, "default")
        await store.start()
        stack.push_async_callback(store.stop)
        secret = await store.secret()
        urls, pids = tuple(each.url for each in found), tuple(each.pid for each in found)
        yield Service(urls, pids, Tokens(secret, SystemClock()), secret, store, register_url)


async def _start_router(stack: AsyncExitStack, folder: Path, extra: dict[str, str]) -> Ready:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SERVICECENTER_")}
    environment |= {"SERVICECENTER_HTTP__PORT": "0", "SERVICECENTER_STORE__DATA_DIR": str(folder), **extra}
    words = ("-m", "router", "run", "--json-ready", "--json", "--log-level", "error")
    words += ("--config", str(folder / "servicecenter.toml"))
    return await start_server(stack, words, environment=environment)


async def start_server(
    stack: AsyncExitStack, words: tuple[str, ...], *, environment: dict[str, str] | None = None, told: str = ""
) -> Ready:
    """Start a Python process that prints one JSON line when it serves; it ends with the stack.

    Raises:
        Unavailable: it ended, or said nothing in time.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, env=environment, stdin=pipe, stdout=pipe, stderr=None
    )
    stack.push_async_callback(_stop, process)
    if process.stdout is None or process.stdin is None:
        raise Unavailable("no pipes to the server")
    if told:
        process.stdin.write(told.encode() + b"\n")
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_S)
    except TimeoutError:
        raise Unavailable("the server said nothing") from None
    if not line:
        raise Unavailable("the server ended at once")
    return msgspec.json.decode(line, type=Ready)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
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


async def quiet(target: Service) -> None:
    """Wait until the register has taken in the journal, so that the next measurement has the machine to itself."""
    started = elapsed_s()
    while elapsed_s() - started < QUIET_S:
        marks = await target.store.runner.read_hash(target.store.keys.projected)
        stored = min((int(msgspec.json.decode(mark)["n"]) for mark in marks.values()), default=0)
        if stored >= await target.store.position():
            return
        await asyncio.sleep(0.1)
    raise StoreUnavailable("the register does not catch up")


async def counted(target: Service, name: str, **labels: str) -> float:
    """A metric's value over all routers, summed over the labels that are not named."""
    total = 0.0
    async with aiohttp.ClientSession() as client:
        for url in target.urls:
            async with client.get(f"{url}/metrics") as answer:
                text = await answer.text()
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    if sample.name == name and labels.items() <= sample.labels.items():
                        total += sample.value
    return total
