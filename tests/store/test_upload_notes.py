"""Notes of files that nobody refers to yet."""

from router.store.redis_store import Store
from router.store.uploads import Upload
from tests.manual_clock import ManualClock


async def test_a_file_handed_in_again_is_young_and_keeps_its_entry(store: Store, manual_clock: ManualClock) -> None:
    """What refers to it may have come at any time since the first upload; it is old only after the last."""
    await store.uploads.note("a" * 64, 7)
    first_ms = manual_clock.now_ms()
    manual_clock.advance_s(60)
    await store.uploads.note("b" * 64, 9)
    await store.uploads.note("a" * 64, 12)
    now_ms = manual_clock.now_ms()
    assert await store.uploads.older_than(first_ms + 1) == []
    assert sorted(await store.uploads.older_than(now_ms + 1)) == [
        Upload("a" * 64, 7, now_ms), Upload("b" * 64, 9, now_ms),
    ]  # fmt: skip


async def test_what_is_used_or_gone_is_forgotten(store: Store) -> None:
    """A note ends with its file's being used; to forget nothing is no mistake."""
    await store.uploads.note("a" * 64, 1)
    assert await store.uploads.is_noted("a" * 64)
    await store.uploads.forget([])
    await store.uploads.forget(["a" * 64, "c" * 64])
    assert not await store.uploads.is_noted("a" * 64)
