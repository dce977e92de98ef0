import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, text

from router.commands.doctor import history
from router.commands.doctor.findings import Finding
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.engine import migrate, open_engine
from router.register.schema import journal, position
from router.register.stream import JournalStream, Mark
from tests.manual_clock import ManualClock
from tests.store.scene import Scene


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's register lies."""
    return tmp_path / "register.db"


@pytest.fixture
def url(path: Path) -> str:
    """The same as the configuration names it."""
    return f"sqlite:///{path}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A register with the newest tables."""
    opened = open_engine(url)
    migrate(opened)
    yield opened
    opened.dispose()


async def look(url: str, scene: Scene | None = None, *, is_led: bool = True) -> dict[str, Finding]:
    """The findings by name."""
    return {each.name: each for each in await history.register(url, scene.store if scene else None, is_led=is_led)}


async def copied(engine: Engine, scene: Scene) -> None:
    """Both stages take in what the store's journal holds."""
    stream = JournalStream(scene.store.url, scene.store.keys.journal.split(":", 2)[1].rstrip("}"))
    await copy_batch(engine, stream, scene.now)
    derive_all(engine, scene.now)
    await stream.close()


async def test_a_register_in_step_is_fine(url: str, engine: Engine, scene: Scene) -> None:
    """What store and register agree on is no finding."""
    await scene.receive()
    await copied(engine, scene)
    assert {each.status for each in (await look(url, scene)).values()} == {"ok"}


def test_a_register_that_is_not_there_yet_is_fine(url: str, path: Path) -> None:
    """Before the first start there is none, and looking makes none."""
    assert asyncio.run(look(url))["register"].status == "ok"
    assert not path.exists()


@pytest.mark.parametrize("body", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_damaged_register_is_an_error(url: str, path: Path, body: bytes) -> None:
    """A file that SQLite can't read is named with SQLite's own words."""
    path.write_bytes(body)
    assert asyncio.run(look(url))["register"].status == "error"


async def test_an_address_that_is_none_is_an_error() -> None:
    """A URL of another kind is a finding."""
    assert (await look("nonsense"))["register"].status == "error"
    assert (await look("mysql://somewhere/x"))["register"].status == "error"


async def test_an_entry_that_cannot_be_applied_is_named(url: str, engine: Engine) -> None:
    """The stall is told with the entry's number and the reason."""
    with engine.begin() as connection:
        connection.execute(journal.insert().values(n=1, at=1, command="odd", entry=b"{"))
        connection.execute(position.insert().values(name="journal", n=1, at=1))
    derive_all(engine, 1)
    finding = (await look(url))["register stall"]
    assert finding.status == "error"
    assert "entry 1 (poison): does not read" in finding.found


async def test_another_history_in_the_store_is_an_error(url: str, engine: Engine, scene: Scene) -> None:
    """The register's last entry must be the store's own."""
    await scene.receive()
    await copied(engine, scene)
    with engine.begin() as connection:
        connection.execute(journal.update().values(entry=b"{}"))
    finding = (await look(url, scene))["history"]
    assert finding.status == "error"
    assert finding.found.startswith("forked")


async def test_a_lag_is_judged_by_its_age(url: str, engine: Engine, scene: Scene) -> None:
    """A few seconds are usual, more is a warning, and when contacts are refused it is an error."""
    assert engine
    await scene.receive()
    for passed_s, status in ((1, "ok"), (30, "warning"), (1_000, "error")):
        scene.clock.advance_s(passed_s)
        assert (await look(url, scene))["register lag"].status == status
    assert (await look(url, scene, is_led=False))["register lag"].status == "ok"


async def test_a_register_that_holds_trimming_back_is_named(
    url: str, engine: Engine, scene: Scene, manual_clock: ManualClock
) -> None:
    """One that was given up long ago keeps the journal from ever being trimmed."""
    await scene.receive()
    await copied(engine, scene)
    mark = msgspec.json.encode(Mark(0, manual_clock.now_ms()))
    await scene.store.runner.write("HSET", scene.store.keys.projected, "old-register", mark)
    assert (await look(url, scene))["registers in use"].status == "ok"
    manual_clock.advance_s(2 * 86_400)
    finding = (await look(url, scene))["registers in use"]
    assert finding.status == "warning"
    assert "old-register at entry 0" in finding.found
    assert scene.store.keys.projected in finding.todo


async def test_migrations_that_wait_or_are_unknown_are_told(url: str, engine: Engine) -> None:
    """Older tables are brought up by the next start, newer ones need a newer program."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert (await look(url))["migrations"].status == "error"
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    assert (await look(url))["migrations"].status == "warning"
