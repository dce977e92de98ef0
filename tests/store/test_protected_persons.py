"""Who is protected, as the store knows it: never lowered, unknown until it was loaded."""

import pytest

from router.config import FloorConfig
from router.errors import RegisterUnavailable
from router.guarding import LEAD_S, LOAD_EVERY_MS, LOOK_S, Guarding
from router.store.redis_store import Store
from router.timers import Leadership
from tests.manual_clock import ManualClock


async def test_what_was_never_loaded_is_unknown(store: Store) -> None:
    """A new store, or one that has lost everything, says that it does not know; once loaded, absence is an answer."""
    assert await store.protected.level(["pn1"]) is None
    await store.protected.remember(["pn1"], "none")
    assert await store.protected.level(["pn1"]) is None
    await store.protected.load({}, 1)
    assert await store.protected.level(["pn1"]) == "none"


async def test_a_level_is_known_at_once_and_by_each_key(store: Store) -> None:
    """One key of several is enough, loaded or not, and the strictest counts."""
    await store.protected.remember(["pn1", "pe1"], "marked")
    await store.protected.remember(["pn2"], "protected_registration")
    assert await store.protected.level(["pe1"]) == "marked"
    assert await store.protected.level(["pn9", "pn1", "pn2"]) == "protected_registration"


async def test_loading_raises_and_never_lowers(store: Store) -> None:
    """What the register does not know yet stays; what it knows more strictly counts."""
    await store.protected.remember(["pn1"], "assumed_identity")
    await store.protected.remember(["pn2"], "marked")
    await store.protected.load({"pn1": "marked", "pn2": "protected_registration", "pn3": "marked"}, 1)
    assert [await store.protected.level([key]) for key in ("pn1", "pn2", "pn3", "pn4")] == [
        "assumed_identity", "protected_registration", "marked", "none",
    ]  # fmt: skip


async def test_it_is_loaded_at_start_each_hour_and_after_a_loss(store: Store, manual_clock: ManualClock) -> None:
    """Looked at often, loaded seldom, by whoever leads: at first, when the store has lost it, and after an hour."""
    loads: list[int] = []

    async def known() -> dict[str, str]:
        loads.append(store.clock.now_ms())
        return {"pn1": "marked"}

    leadership = Leadership(store, "one", FloorConfig())
    guarding = Guarding(store, leadership, known)
    assert (await guarding.look(), loads) == (LEAD_S, [])
    await leadership.renew()
    assert await guarding.look() == LOOK_S
    await guarding.look()
    assert len(loads) == 1
    await store.runner.write("DEL", store.keys.protected)
    await guarding.look()
    assert (len(loads), await store.protected.level(["pn1"])) == (2, "marked")
    manual_clock.time_ms += LOAD_EVERY_MS + 1
    await guarding.look()
    assert len(loads) == 3


async def test_a_register_that_is_away_leaves_it_unknown(store: Store) -> None:
    """Nothing is marked as loaded that was not."""

    async def away() -> dict[str, str]:
        raise RegisterUnavailable("OperationalError")

    leadership = Leadership(store, "one", FloorConfig())
    await leadership.renew()
    with pytest.raises(RegisterUnavailable):
        await Guarding(store, leadership, away).look()
    assert await store.protected.level(["pn1"]) is None
