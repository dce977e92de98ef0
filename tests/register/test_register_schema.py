"""The schema: migrations and tables say the same, on both databases, however many start at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from router.register.engine import migrate, open_engine
from router.register.schema import metadata


def test_the_migrations_make_exactly_these_tables(engine: Engine) -> None:
    """No column, index or kind differs between what code reads and what the migrations create."""
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_many_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    """Everybody waits for the first and finds the same register."""
    engines = [open_engine(f"sqlite:///{tmp_path / 'register.db'}") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(migrate, engines))
    assert len(ids) == 1
    for engine in engines:
        engine.dispose()


def test_a_register_keeps_its_id(engine: Engine) -> None:
    """Routers know a register by its id, so it must never change."""
    assert migrate(engine) == migrate(engine)


@pytest.mark.parametrize("pragma", [("journal_mode", "wal"), ("synchronous", 2)])
def test_sqlite_is_durable_and_lets_readers_through(sqlite_url: str, pragma: tuple[str, object]) -> None:
    """Every commit is fsynced, and readers never wait for a writer."""
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma[0]}").scalar() == pragma[1]
    engine.dispose()
