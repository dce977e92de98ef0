"""Real parts for the register's tests: Valkey on a unix socket, SQLite files, PostgreSQL where it is installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine

from router.register.engine import migrate, open_engine
from tests.register.register_servers import start_valkey

POSTGRESQL = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The URL of a real Valkey that lives as long as the tests."""
    with tempfile.TemporaryDirectory(prefix="sc-") as folder, start_valkey(Path(folder)) as url:
        yield url


@pytest.fixture
def tenant() -> str:
    """A tenant that no other test uses."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite register with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("register") / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a real PostgreSQL server, without a database name."""
    if not (POSTGRESQL / "initdb").exists():
        pytest.skip("PostgreSQL 15 is not installed")
    folder = Path(tempfile.mkdtemp(prefix="sc-pg-"))
    user = _unprivileged(folder)
    data = folder / "data"
    try:
        _run(user, "initdb", "-D", str(data), "-U", "register", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        _run(user, "pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql://register@/{{}}?host={folder}"
        finally:
            _run(user, "pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _unprivileged(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: hand the folder to its own user or to nobody."""
    if os.getuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = next(name for name in ("postgres", "nobody") if name in names)
    shutil.chown(folder, user)
    return user


def _run(user: str | None, program: str, *arguments: str) -> None:
    subprocess.run([POSTGRESQL / program, *arguments], user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated: Path) -> str:
    """The URL of an empty SQLite register with the newest schema."""
    shutil.copy(migrated, tmp_path / "register.db")
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """The URL of an empty PostgreSQL register with the newest schema."""
    name = f"r{uuid.uuid4().hex}"
    with psycopg.connect(postgresql.format("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = postgresql.format(name)
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def register_url(request: pytest.FixtureRequest) -> str:
    """Each kind of register in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(register_url: str) -> Iterator[Engine]:
    """A writer's engine on an empty register."""
    engine = open_engine(register_url)
    yield engine
    engine.dispose()
