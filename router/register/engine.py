"""Opens the register: SQLite in a file (WAL) or PostgreSQL by URL, brought to the newest schema under a lock.

Nothing here reads or writes history.
"""

import secrets
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from router.errors import ConfigurationError, RegisterUnavailable
from router.register.schema import register_meta

BUSY_MS = 2_000
"""How long a writer waits for another before it is told that the register is locked."""
CONNECT_S = 5
MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_263_548_112
"""PostgreSQL's advisory lock for migrations: any number that nobody else uses."""


def open_engine(url: str, *, is_reader: bool = False) -> Engine:
    """An engine for `url`; a reader never writes and never waits for the projector.

    Raises:
        ConfigurationError: the URL can't be read or names a database of another kind.
    """
    try:
        parsed = make_url(url)
        dialect = parsed.get_backend_name()
    except SQLAlchemyError as error:
        raise ConfigurationError("expected an SQLAlchemy URL", field="$.register.url") from error
    if dialect == "sqlite":
        return _sqlite(url, is_reader=is_reader)
    if dialect == "postgresql":
        return _postgresql(parsed, is_reader=is_reader)
    raise ConfigurationError("expected sqlite or postgresql", field="$.register.url")


def _postgresql(url: URL, *, is_reader: bool) -> Engine:
    arguments: dict[str, object] = {"connect_timeout": CONNECT_S}
    if is_reader:
        arguments["options"] = "-c default_transaction_read_only=on"
    # A reader's figures must all be of one moment.
    isolation = "REPEATABLE READ" if is_reader else "READ COMMITTED"
    url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, pool_pre_ping=True, isolation_level=isolation, connect_args=arguments)


def _sqlite(url: str, *, is_reader: bool) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False})
    begin = "BEGIN" if is_reader else "BEGIN IMMEDIATE"

    def connect(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        # The driver must not open transactions by itself: a writer takes its lock at the beginning or not at all.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        if is_reader:
            connection.execute("PRAGMA query_only=ON")

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", start)
    return engine


@contextmanager
def using(engine: Engine) -> Generator[Connection]:
    """A transaction; a database that is down or locked is `RegisterUnavailable`, any other error stays what it is."""
    try:
        with engine.begin() as connection:
            yield connection
    except IntegrityError:
        raise
    except DBAPIError as error:
        if is_passing(error):
            raise RegisterUnavailable(type(error.orig).__name__) from error
        raise
    except TimeoutError as error:
        raise RegisterUnavailable("pool") from error


def is_passing(error: DBAPIError) -> bool:
    """Whether the same statement may succeed later: the database is locked, full, restarting or gone."""
    return error.connection_invalidated or type(error).__name__ in {
        "OperationalError",
        "InterfaceError",
        "InternalError",
    }


def migrate(engine: Engine) -> str:
    """Bring the schema to the newest version, one process at a time, and return the register's own id."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with using(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return _register_id(connection)


def _register_id(connection: Connection) -> str:
    known = connection.scalar(select(register_meta.c.value).where(register_meta.c.key == "register_id"))
    if known is None:
        known = secrets.token_hex(8)
        connection.execute(register_meta.insert().values(key="register_id", value=known))
    return str(known)
