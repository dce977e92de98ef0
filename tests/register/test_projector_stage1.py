"""Stage 1: every entry once, in order, with its content; a journal that is not ours stops it."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, Table, select

from router.errors import RegisterUnavailable
from router.register import schema
from router.register.copying import JournalForked, JournalGap, copy_batch, damaged_contacts, following
from router.register.engine import open_engine, using
from router.register.positions import Stall, read_position, read_stall
from router.register.stream import Raw, Wanted
from tests.register.register_journals import START_MS, Journal


def rows(engine: Engine, table: Table) -> list[Any]:
    """All rows of a table, by key."""
    with using(engine) as connection:
        return [tuple(row) for row in connection.execute(select(*table.c).order_by(*table.primary_key))]


def stall(engine: Engine) -> Stall | None:
    """Why stage 1 stands still."""
    with using(engine) as connection:
        return read_stall(connection, schema.JOURNAL)


async def test_entries_and_content_are_stored_byte_for_byte_with_the_position(engine: Engine) -> None:
    """What the stream holds is what the register holds, and the position names its last entry."""
    journal = Journal()
    for number in range(5):
        journal.life(f"c{number}")
    while (await copy_batch(engine, journal, START_MS, limit=7)).taken:
        pass
    stored = rows(engine, schema.journal)
    assert [Raw(n, entry) for n, _at, _command, entry in stored] == journal.raws()
    assert [command for _n, _at, command, _entry in stored[:4]] == [
        "receive_contact",
        "issue_offer",
        "accept_offer",
        "finish_work",
    ]
    assert {(row[0], row[1]): row[3] for row in rows(engine, schema.content)} == dict(journal.bodies.items())
    with using(engine) as connection:
        assert read_position(connection, schema.JOURNAL) == 20


async def test_contacts_that_are_over_are_named_with_their_entry(engine: Engine) -> None:
    """Retention learns from stage 1 which contacts may leave the store."""
    journal = Journal()
    journal.life("c1")
    journal.receive("c2")
    assert (await copy_batch(engine, journal, START_MS)).ended == [(4, "c1")]


async def test_missing_and_altered_content_is_kept_apart_and_its_contact_told(engine: Engine) -> None:
    """A record that is gone or not what its entry said never passes for the real one."""
    journal = Journal()
    for contact in ("c1", "c2", "c3"):
        journal.receive(contact)
    names = sorted(journal.bodies)
    del journal.bodies[names[0]]
    journal.bodies[names[1]] = b"other words"
    await copy_batch(engine, journal, START_MS)
    assert [(row[0], row[3], row[4]) for row in rows(engine, schema.content)] == [
        ("c1", None, "missing"),
        ("c2", b"other words", "mismatch"),
        ("c3", b"words of c3", ""),
    ]
    with using(engine) as connection:
        assert damaged_contacts(connection) == {"c1", "c2"}


async def test_a_gap_stops_the_copy_and_says_where(engine: Engine) -> None:
    """Entries that are missing in the stream are never passed over."""
    journal = Journal()
    journal.life("c1")
    del journal.entries[2]
    with pytest.raises(JournalGap, match="entry 4 follows 2"):
        await copy_batch(engine, journal, START_MS)
    assert rows(engine, schema.journal) == []
    assert (told := stall(engine))
    assert told.state == "gap"


async def test_another_last_entry_is_a_fork_and_nothing_more_is_copied(engine: Engine) -> None:
    """A store that came back with another history is told from one that went on."""
    ours, theirs = Journal(), Journal(START_MS + 1)
    ours.life("c1")
    await copy_batch(engine, ours, START_MS)
    theirs.life("c1")
    theirs.life("c2")
    with pytest.raises(JournalForked, match="entry 4 is another one"):
        await copy_batch(engine, theirs, START_MS)
    assert len(rows(engine, schema.journal)) == 4
    assert (told := stall(engine))
    assert (told.state, told.n) == ("forked", 4)


async def test_a_stream_shorter_than_the_register_is_a_fork(engine: Engine) -> None:
    """An emptied or older store is not mistaken for one without news."""
    journal = Journal()
    journal.life("c1")
    await copy_batch(engine, journal, START_MS)
    with pytest.raises(JournalForked, match="does not hold entry 4"):
        await copy_batch(engine, Journal(), START_MS)


async def test_the_copy_goes_on_when_the_journal_is_the_registers_own_again(engine: Engine) -> None:
    """After reconciling, the stall is gone and the next entries are stored."""
    journal = Journal()
    journal.life("c1")
    await copy_batch(engine, journal, START_MS)
    with pytest.raises(JournalForked):
        await copy_batch(engine, Journal(), START_MS)
    journal.life("c2")
    assert (await copy_batch(engine, journal, START_MS)).taken == 4
    assert stall(engine) is None


def test_following_takes_nothing_twice() -> None:
    """The entry that proves the journal is ours is not new."""
    entries = [Raw(1, b"a"), Raw(2, b"b"), Raw(3, b"c")]
    assert following(Raw(2, b"b"), entries[1:]) == [Raw(3, b"c")]
    assert following(Raw(0, b""), entries) == entries


async def test_two_projectors_store_every_entry_once(register_url: str) -> None:
    """Who loses the race for the position rolls everything back."""
    journal = Journal()
    for number in range(50):
        journal.life(f"c{number}")
    engines = [open_engine(register_url) for _ in range(2)]
    lost = 0

    async def project(engine: Engine) -> None:
        nonlocal lost
        while True:
            copied = await copy_batch(engine, SlowJournal(journal), START_MS, limit=9)
            lost += copied.is_led_by_other
            if copied.n == 200:
                return

    await asyncio.gather(*(project(engine) for engine in engines))
    assert [row[0] for row in rows(engines[0], schema.journal)] == list(range(1, 201))
    assert lost, "the two never met"
    for engine in engines:
        engine.dispose()


class SlowJournal:
    """Lets the other projector run between reading and storing."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def read(self, start: int, count: int) -> list[Raw]:
        """Entries, after the other had a turn."""
        found = await self._journal.read(start, count)
        await asyncio.to_thread(int)
        return found

    async def records(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        """Content records."""
        return await self._journal.records(wanted)

    async def barrier(self) -> None:
        """The other has a turn."""
        await asyncio.to_thread(int)


async def test_a_locked_register_is_unavailable_and_loses_nothing(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who holds the file's lock delays the projector and nothing else."""
    journal = Journal()
    journal.life("c1")
    monkeypatch.setattr("router.register.engine.BUSY_MS", 10)
    holder, projector = open_engine(sqlite_url), open_engine(sqlite_url)
    with using(holder), pytest.raises(RegisterUnavailable):
        await copy_batch(projector, journal, START_MS)
    assert (await copy_batch(projector, journal, START_MS)).taken == 4
    holder.dispose()
    projector.dispose()


async def test_readers_work_while_the_projector_writes(sqlite_url: str) -> None:
    """A reader sees the last committed state and waits for nobody."""
    journal = Journal()
    journal.life("c1")
    writer, reader = open_engine(sqlite_url), open_engine(sqlite_url, is_reader=True)
    await copy_batch(writer, journal, START_MS)
    with using(writer) as writing:
        writing.execute(schema.journal.delete())
        assert len(rows(reader, schema.journal)) == 4
    assert rows(reader, schema.journal) == []
    writer.dispose()
    reader.dispose()


async def test_an_entry_that_does_not_read_is_stored_as_it_is_and_told(engine: Engine) -> None:
    """Bytes are never refused: stage 1 keeps them and says so."""
    journal = Journal()
    journal.life("c1")

    class Spoilt(Journal):
        async def read(self, start: int, count: int) -> list[Raw]:
            found = await journal.read(start, count)
            return [Raw(raw.n, b"{broken" if raw.n == 2 else raw.entry) for raw in found]

    assert (await copy_batch(engine, Spoilt(), START_MS)).taken == 4
    assert rows(engine, schema.journal)[1] == (2, 0, "", b"{broken")
    assert (told := stall(engine))
    assert (told.state, told.n) == ("undecoded", 2)


async def test_an_entry_of_a_newer_version_brings_its_content_along(engine: Engine) -> None:
    """Stage 1 reads only the outline of an entry, so a newer router's content is safe too."""
    journal = Journal()
    reference = journal.content("c9", 1, b"new words")
    data: dict[str, object] = {"contact": "c9", "content": [reference], "new": 1}
    newer = Raw(1, msgspec.json.encode({"v": 9, "n": 1, "at": START_MS, "command": "x", "data": data}))

    class Newer(Journal):
        async def read(self, start: int, count: int) -> list[Raw]:
            return [newer][start - 1 : start - 1 + count]

        async def records(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
            return await journal.records(wanted)

    await copy_batch(engine, Newer(), START_MS)
    assert [row[3] for row in rows(engine, schema.content)] == [b"new words"]
