"""A store that was away: clocks are set anew, and nobody is late for what they could not do meanwhile."""

from pathlib import Path

from redis.asyncio import Redis

from router.clock import SystemClock
from router.config import FloorConfig
from router.store.redis_store import SHARP_MS, Store
from router.timers import Leadership
from tests.register.register_servers import start_valkey

SLOW_MS = 400


async def hold_back(url: str, pause_ms: int) -> None:
    """Let the server answer nobody for so long."""
    async with Redis.from_url(url) as client:  # pyright: ignore[reportUnknownMemberType] # untyped in redis-py
        await client.execute_command("CLIENT", "PAUSE", pause_ms, "ALL")  # pyright: ignore[reportUnknownMemberType] # untyped in redis-py


async def test_a_slow_answer_does_not_set_the_clock(tmp_path: Path) -> None:
    """Whoever waits for a store that comes back asks again: half of the wait would be the clock's error."""
    with start_valkey(tmp_path) as url:
        store = Store(url, "slow")
        await store.start()
        await hold_back(url, SLOW_MS)
        await store.sync_clock()
        assert abs(store.clock.now_ms() - SystemClock().now_ms()) <= SHARP_MS
        await store.stop()


async def test_every_router_hears_that_the_store_was_away(tmp_path: Path) -> None:
    """Also one that has not led: when the store is back it may be the first to sweep."""
    heard: list[str] = []
    with start_valkey(tmp_path) as url:
        store = Store(url, "away", give_up_s=0.1)
        await store.start()
        routers = [Leadership(store, name, FloorConfig()) for name in ("one", "two")]
        for name, each in zip(("one", "two"), routers, strict=True):
            each.on_store_away = lambda name=name: heard.append(name)
        assert [await each.renew() for each in routers] == [True, False]
        assert heard == []
    assert [await each.renew() for each in routers] == [False, False]
    assert heard == ["one", "two"]
    await store.stop()
