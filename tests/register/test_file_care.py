"""Files that were handed in: used ones stay for ever, unused ones go after a day, and never too early."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from router.clock import SystemClock
from router.config import FloorConfig
from router.errors import NotFound
from router.file_care import LEAD_S, LOOK_S, UNUSED_MS, FileCare
from router.journal import EntryData
from router.long_content import INLINE_BYTES, by_reference
from router.reading import Blobs, Reading
from router.register.copying import copy_batch
from router.store.redis_store import Store
from router.timers import Leadership
from tests.manual_clock import ManualClock
from tests.register.register_journals import START_MS, Journal

DAY_S = UNUSED_MS // 1000


class Desk:
    """A service's files, its register, and a journal that uses files."""

    def __init__(self, store: Store, engine: Engine, folder: Path) -> None:
        self.blobs = Blobs(folder)
        self.reading = Reading(engine)
        self.leadership = Leadership(store, "one", FloorConfig())
        self.files = FileCare(store, self.blobs, self.reading, self.leadership)
        self._engine = engine
        self._journal = Journal()
        self._journal.receive("c1")
        self._number = 1

    async def use(self, record: bytes) -> None:
        """A message with this content record, known to the register."""
        self._number += 1
        ref = self._journal.content("c1", self._number, record)
        self._journal.write("record_message", (), EntryData(contact="c1", content=(ref,)))
        await copy_batch(self._engine, self._journal, START_MS)

    async def close(self) -> None:
        """Give everything back."""
        await self.reading.close()
        self.blobs.close()


@pytest.fixture
async def desk(store: Store, engine: Engine, tmp_path: Path) -> AsyncIterator[Desk]:
    """A service whose files stand in a folder of this test."""
    desk = Desk(store, engine, tmp_path / "blobs")
    yield desk
    await desk.close()


async def is_there(desk: Desk, name: str) -> bool:
    """Whether a file can still be read."""
    try:
        await desk.files.get(name)
    except NotFound:
        return False
    return True


async def test_a_file_goes_when_nobody_used_it_for_a_day(desk: Desk, manual_clock: ManualClock) -> None:
    """Uploaded for a message that was never sent: there for a day, then gone, and its note with it."""
    name = await desk.files.put(b"photo")
    manual_clock.advance_s(DAY_S - 1)
    assert (await desk.files.let_go(), await is_there(desk, name)) == (0, True)
    _age(manual_clock)
    assert (await desk.files.let_go(), await is_there(desk, name)) == (1, False)
    assert await desk.files.let_go() == 0


@pytest.mark.parametrize("is_long", [False, True])
async def test_a_file_that_was_used_stays(desk: Desk, manual_clock: ManualClock, *, is_long: bool) -> None:
    """Named in a message, or in one so long that it is a file itself: it stays, and needs no note any more."""
    name = await desk.files.put(b"photo")
    words = "x" * (INLINE_BYTES if is_long else 10)
    record = msgspec.json.encode({"message": {"text": words, "attachments": [{"blob": name}]}})
    await desk.use(await by_reference(record, desk.blobs))
    _age(manual_clock)
    assert (await desk.files.let_go(), await is_there(desk, name)) == (0, True)
    assert not await desk.files.let_go()
    again = await desk.files.put(b"photo")
    _age(manual_clock)
    assert (again, await desk.files.let_go(), await is_there(desk, name)) == (name, 0, True)


async def test_nothing_goes_before_the_register_knows_everything(
    desk: Desk, store: Store, manual_clock: ManualClock
) -> None:
    """A register that is behind may lack the very message that names the file."""
    name = await desk.files.put(b"photo")
    _age(manual_clock)
    await store.runner.write("SET", store.keys.seq, 5)
    assert (await desk.files.let_go(), await is_there(desk, name)) == (0, True)


async def test_who_does_not_lead_lets_nothing_go(desk: Desk, manual_clock: ManualClock) -> None:
    """One router looks, each hour; the others look whether they lead."""
    name = await desk.files.put(b"photo")
    _age(manual_clock)
    assert (await desk.files.look(), await is_there(desk, name)) == (LEAD_S, True)
    await desk.leadership.renew()
    assert (await desk.files.look(), await is_there(desk, name)) == (LOOK_S, False)


def _age(clock: ManualClock) -> None:
    """Two days pass, also for files: theirs is the machine's clock."""
    clock.time_ms = max(clock.time_ms, _machine_ms()) + 2 * UNUSED_MS


def _machine_ms() -> int:
    return SystemClock().now_ms()
