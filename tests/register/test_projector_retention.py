"""What leaves the store: contacts that are over and entries that every register has; never anything else."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import Engine

from router.errors import StoreUnavailable
from router.journal import Outcome
from router.register.copying import copy_batch
from router.register.engine import open_engine, using
from router.register.positions import Stall, set_stall
from router.register.projector import Projector
from router.register.retention import Retention
from router.register.schema import JOURNAL
from router.register.stream import JournalStream, Mark, Wanted
from router.store.keys import Keys
from tests.manual_clock import ManualClock
from tests.register.register_journals import START_MS, Journal
from tests.register.test_projector_process import publish


class Store:
    """Plays the stream: how far all registers are, and what was trimmed and forgotten."""

    def __init__(self) -> None:
        self.stored = 0
        self.first = 0
        self.forgotten: list[str] = []

    async def stored_everywhere(self) -> int:
        """How far the slowest register is."""
        return self.stored

    async def trim(self, first: int) -> None:
        """Remember where the stream begins now."""
        self.first = first

    async def forget(self, contacts: list[str], now_ms: int) -> set[str]:
        """Remember who was forgotten."""
        del now_ms
        self.forgotten += contacts
        return set()


async def test_a_contact_is_forgotten_when_every_register_has_its_end(engine: Engine) -> None:
    """The slowest register decides; open contacts stay."""
    store, journal = Store(), Journal()
    journal.life("c1")
    journal.receive("c2")
    journal.life("c3")
    copied = await copy_batch(engine, journal, START_MS)
    retention = Retention(engine, store, store.forget)
    store.stored = 8
    await retention.run(copied.n, [], START_MS)
    assert store.forgotten == ["c1"]
    store.stored = 9
    await retention.run(copied.n, [], START_MS)
    assert store.forgotten == ["c1", "c3"]


async def test_after_a_restart_nobody_is_left_behind(engine: Engine) -> None:
    """Contacts whose end was stored just before a crash are found again."""
    store, journal = Store(), Journal()
    journal.life("c1")
    await copy_batch(engine, journal, START_MS)
    store.stored = 4
    await Retention(engine, store, store.forget).run(4, [], START_MS)
    assert store.forgotten == ["c1"]


async def test_damaged_content_keeps_its_contact_in_the_store(engine: Engine) -> None:
    """What the register does not hold whole is not thrown away where it may still be whole."""
    store, journal = Store(), Journal()
    journal.life("c1")
    journal.life("c2")
    del journal.bodies[Wanted("c1", 1)]
    copied = await copy_batch(engine, journal, START_MS)
    store.stored = 8
    await Retention(engine, store, store.forget).run(copied.n, [], START_MS)
    assert store.forgotten == ["c2"]


async def test_an_undecoded_entry_keeps_everything_in_the_store(engine: Engine) -> None:
    """While nobody knows what an entry refers to, no contact leaves and nothing is trimmed."""
    store, journal = Store(), Journal()
    journal.life("c1")
    copied = await copy_batch(engine, journal, START_MS)
    with using(engine) as connection:
        set_stall(connection, Stall(JOURNAL, "undecoded", 2, "", START_MS))
    store.stored = 4
    retention = Retention(engine, store, store.forget, kept_entries=0)
    await retention.run(copied.n, [], START_MS)
    assert (store.forgotten, store.first) == ([], 0)


@pytest.mark.parametrize(("stored", "first"), [(4_000, 2_500), (2_000, 2_000), (900, 0)])
async def test_the_stream_is_trimmed_behind_the_slowest_register(sqlite_url: str, stored: int, first: int) -> None:
    """The newest entries stay for the routers' tails, and all that a register lacks."""
    engine, store = open_engine(sqlite_url), Store()
    store.stored = stored
    await Retention(engine, store, store.forget, kept_entries=1_500).run(4_000, [], START_MS)
    assert store.first == first
    engine.dispose()


@pytest.fixture
async def redis(valkey: str) -> AsyncIterator[Redis]:
    """A client that plays the store."""
    client = Redis(unix_socket_path=valkey.removeprefix("unix://"))
    yield client
    await client.aclose()


async def test_closed_contacts_leave_a_real_store_and_open_ones_stay(
    valkey: str, redis: Redis, tenant: str, engine: Engine
) -> None:
    """The store's own command drops contact and content of whoever is over; the register still has the words."""
    journal, keys = Journal(), Keys(tenant)
    journal.life("c1")
    journal.receive("c2")
    journal.offer("c2")
    journal.accept("c2")
    await publish(redis, tenant, journal)
    await redis.hset(keys.projected, "slower", msgspec.json.encode(Mark(3, START_MS)))
    stream = JournalStream(valkey, tenant)
    clock = ManualClock()
    projector = Projector(engine, stream, clock)
    await projector.turn()
    assert await redis.exists(keys.contact("c1"), keys.content("c1")) == 2
    await redis.hdel(keys.projected, "slower")
    journal.finish("c2", Outcome("BAR.FSK", "answered"))
    journal.receive("c3")
    await publish(redis, tenant, journal, since=7)
    await projector.turn()
    assert await redis.exists(keys.contact("c1")) == 1, "its agent may still undo the end"
    clock.advance_s(15)
    await projector.turn()
    names = (keys.contact("c1"), keys.content("c1"), keys.contact("c2"), keys.content("c2"))
    assert await redis.exists(*names) == 0
    assert await redis.exists(keys.contact("c3"), keys.content("c3")) == 2
    await stream.close()


async def test_without_its_replica_nothing_is_stored(valkey: str, redis: Redis, tenant: str, engine: Engine) -> None:
    """An entry that a failover could still lose is not copied."""
    journal = Journal()
    journal.life("c1")
    await publish(redis, tenant, journal)
    stream = JournalStream(valkey, tenant, replicas=1, barrier_ms=10)
    with pytest.raises(StoreUnavailable, match="replicas"):
        await copy_batch(engine, stream, START_MS)
    await stream.close()
    alone = JournalStream(valkey, tenant)
    assert (await copy_batch(engine, alone, START_MS)).taken == 4
    await alone.close()


async def test_a_mark_that_does_not_read_trims_nothing(valkey: str, redis: Redis, tenant: str) -> None:
    """Retention errs on the side of keeping."""
    await cast("asyncio.Future[int]", redis.hset(Keys(tenant).projected, "other", "?"))
    stream = JournalStream(valkey, tenant)
    assert await stream.stored_everywhere() == 0
    await stream.close()
