"""Clocks that jump: the store's time is followed, never guessed, and a router whose clock is off finds back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.clock import MAX_HOLD_MS, StoreClock, SystemClock
from router.errors import StoreUnavailable
from router.journal import AgentRecord
from router.store.redis_store import MAX_SKEW_MS, Store
from tests.store.keyspace import wipe
from tests.store.scene import CAPACITY

HOUR_MS = 3_600_000
START_MS = 1_760_335_200_000


@given(st.lists(st.integers(-2 * HOUR_MS, 2 * HOUR_MS), min_size=1, max_size=20))
def test_a_clock_is_never_far_from_its_store(jumps: list[int]) -> None:
    """However the store's time jumps, after a sample the clock is closer than what the store would refuse."""
    clock, store_ms = StoreClock(), START_MS
    for jump in jumps:
        store_ms += jump
        clock.sync(store_ms)
        assert abs(clock.now_ms() - store_ms) <= MAX_HOLD_MS + 100 < MAX_SKEW_MS


@given(st.lists(st.integers(-MAX_HOLD_MS // 20, MAX_HOLD_MS), min_size=1, max_size=20))
def test_small_corrections_never_turn_time_back(steps: list[int]) -> None:
    """A correction of a few milliseconds makes the clock stand still, not run backwards."""
    clock, store_ms, last = StoreClock(), START_MS, 0
    for step in steps:
        store_ms += step
        clock.sync(store_ms)
        now = clock.now_ms()
        assert now >= last
        last = now


@pytest.mark.parametrize("off_ms", [5_000, -5_000, HOUR_MS, -HOUR_MS])
async def test_a_router_whose_clock_is_off_finds_back(store_url: str, off_ms: int) -> None:
    """A command with a wrong time is refused by the store, the clock is set anew, and the command goes through."""
    store = Store(store_url, "off")
    await store.start()
    assert store._own_clock
    store._own_clock.sync(store.clock.now_ms() + off_ms)
    store.clock.now_ms()
    await store.agents.put_agent("anna", "Anna", AgentRecord(), CAPACITY, "cli")
    assert abs(store.clock.now_ms() - SystemClock().now_ms()) < MAX_SKEW_MS
    await wipe(store)
    await store.stop()


async def test_a_clock_that_stays_wrong_stamps_nothing(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If setting the clock does not help, callers hear that nothing is promised; nothing is written."""
    store = Store(store_url, "wrong")
    await store.start()
    assert store._own_clock
    store._own_clock.sync(store.clock.now_ms() + HOUR_MS)
    monkeypatch.setattr(StoreClock, "sync", _ignored)
    with pytest.raises(StoreUnavailable, match="clock-skew"):
        await store.agents.put_agent("anna", "Anna", AgentRecord(), CAPACITY, "cli")
    assert await store.agents_all() == []
    assert await store.position() == 0
    await store.stop()


def _ignored(clock: StoreClock, store_ms: int) -> None:
    """A clock that can't be set."""
    del clock, store_ms
