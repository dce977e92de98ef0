"""Checks of the store's server: version, durability, memory, clock, replicas; and how it is reached."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

from router.clock import Clock
from router.commands.doctor.findings import Finding, error, ok, warning
from router.config import Config, StoreConfig
from router.errors import ServicecenterError, StoreUnavailable
from router.pressure_watch import FULL_MEMORY, HIGH_MEMORY
from router.store.embedded import EmbeddedStore
from router.store.redis_store import MAX_SKEW_MS, Store
from router.store.runner import pairs

LEAST_VERSION = (7, 2)
"""The first with WAITAOF."""
BROKEN_SKEW_MS = 300_000
"""Signed webhooks are refused beyond five minutes."""
REQUIRED = {
    "appendonly": ("yes", "accepted contacts would be lost with the server"),
    "appendfsync": ("always", "contacts accepted in the last second may be lost"),
    "maxmemory-policy": ("noeviction", "a full store would drop open contacts"),
}


@asynccontextmanager
async def reached(config: Config) -> AsyncGenerator[tuple[Store | None, Finding]]:
    """The store that runs, or the embedded one started for the moment; without one, why not."""
    async with AsyncExitStack() as stack:
        try:
            store, how = await _open(config, stack)
        except (ServicecenterError, ValueError) as problem:
            what = problem.detail if isinstance(problem, ServicecenterError) and problem.detail else str(problem)
            todo = "start the server, or set [store] redis_url" if config.store.redis_url else "see store/server.log"
            yield None, error("store", f"can't be reached: {what}", todo)
        else:
            yield store, ok("store", how)


async def _open(config: Config, stack: AsyncExitStack) -> tuple[Store | None, str]:
    if config.store.redis_url:
        return await _connect(config.store.redis_url, config, stack), "answers"
    embedded = EmbeddedStore(config.data_dir)
    if embedded.socket.exists():
        try:
            return await _connect(embedded.url, config, stack), "answers, embedded"
        except StoreUnavailable:
            pass  # a socket that was left behind; whoever holds the directory is told below
    if not (config.data_dir / "store").is_dir():
        return None, "embedded, not there yet, made at the first start"
    await embedded.start()
    stack.push_async_callback(embedded.stop)
    return await _connect(embedded.url, config, stack), "embedded, not running; started for this look only"


async def _connect(url: str, config: Config, stack: AsyncExitStack) -> Store:
    store = Store(url, config.tenant.id, give_up_s=1.0)
    try:
        await store.start()
    except BaseException:
        await store.stop()
        raise
    stack.push_async_callback(store.stop)
    return store


async def of_server(store: Store, config: StoreConfig, clock: Clock) -> list[Finding]:
    """Everything about the server itself."""
    info = await _info(store)
    return [
        _version(info),
        await _durability(store),
        _memory(info),
        await _skew(store, clock),
        *([_replicas(info, config.replicas)] if config.replicas else []),
    ]


async def _info(store: Store) -> dict[str, str]:
    text = cast("bytes", await store.runner.read("INFO")).decode(errors="replace")
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def _version(info: dict[str, str]) -> Finding:
    name = "Valkey" if "valkey_version" in info else "Redis"
    text = info.get("valkey_version") or info.get("redis_version", "0")
    parts = tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
    if parts < LEAST_VERSION:
        return error("store version", f"{name} {text}", "upgrade to Redis 7.2, or any Valkey")
    return ok("store version", f"{name} {text}")


async def _durability(store: Store) -> Finding:
    name = "store durability"
    try:
        settings = {
            key.decode(): value.decode()
            for key, value in pairs(await store.runner.read("CONFIG", "GET", *REQUIRED)).items()
        }
    except StoreUnavailable:
        return warning(name, "the server does not tell its settings", f"see to it that {_wanted()}")
    wrong = [key for key, (value, _) in REQUIRED.items() if settings.get(key) != value]
    if not wrong:
        return ok(name, _wanted())
    found = "; ".join(f"{key} is {settings.get(key, 'unset')}: {REQUIRED[key][1]}" for key in wrong)
    return error(name, found, "set " + ", ".join(f"{key} {REQUIRED[key][0]}" for key in wrong))


def _wanted() -> str:
    return ", ".join(f"{key} {value}" for key, (value, _) in REQUIRED.items())


def _memory(info: dict[str, str]) -> Finding:
    name, limit = "store memory", int(info.get("maxmemory", "0"))
    if not limit:
        return warning(name, "no limit", "set maxmemory, so that a full store refuses instead of being killed")
    ratio = int(info["used_memory"]) / limit
    found = f"{ratio:.1%} of {limit / 1024**3:.1f} GiB"
    if ratio > FULL_MEMORY:
        return error(name, f"{found}: all new contacts are refused", "give the store more memory")
    if ratio > HIGH_MEMORY:
        return warning(name, f"{found}: written contacts are refused", "give the store more memory")
    return ok(name, found)


async def _skew(store: Store, clock: Clock) -> Finding:
    before = clock.now_ms()
    seconds, micros = cast("list[bytes]", await store.runner.read("TIME"))
    skew = abs(int(seconds) * 1000 + int(micros) // 1000 - (before + clock.now_ms()) // 2)
    found = f"{skew:,} ms between the store's clock and this machine's"
    if skew > BROKEN_SKEW_MS:
        return error("clock", f"{found}: signed webhooks are refused", "let both machines keep time (NTP)")
    if skew > MAX_SKEW_MS:
        return warning("clock", found, "let both machines keep time (NTP)")
    return ok("clock", found)


def _replicas(info: dict[str, str], wanted: int) -> Finding:
    connected = int(info.get("connected_slaves", "0"))
    found = f"{connected} of {wanted} connected"
    if connected < wanted:
        return error("replicas", f"{found}: every contact is refused", "start the replicas, or set [store] replicas")
    return ok("replicas", found)
