"""Checks of the register: schema, position against the journal, stalls, a forked history, what holds trimming back."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, cast

import msgspec
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from router.commands.doctor.findings import Finding, error, ok, some, warning
from router.errors import ServicecenterError
from router.pressure_watch import LATE_REGISTER_MS
from router.register.copying import Envelope, JournalForked, following
from router.register.engine import MIGRATIONS, open_engine, using
from router.register.positions import Stall, read_position
from router.register.schema import DERIVATION, JOURNAL, content, journal, register_meta, stage_status
from router.register.stream import Mark, Raw
from router.store.coalescer import Reply
from router.store.redis_store import Store
from router.store.runner import pairs

SLOW_MS = 10_000
"""A lag that is worth a word."""
OLD_MS = 86_400_000


class Known(NamedTuple):
    """What the register says of itself."""

    id: str
    last: Raw
    derived: int
    stalls: Sequence[Stall]
    damaged: int
    """Content records that were missing or not what their entry said."""


async def register(url: str, store: Store | None, *, is_led: bool) -> list[Finding]:
    """Everything about the register; what needs the store is left out without one."""
    if (path := sqlite_file(url)) is not None and not path.exists():
        return [ok("register", f"{path}: not there yet, made at the first start")]
    try:
        schema, known = await asyncio.to_thread(_read, url)
    except (SQLAlchemyError, sqlite3.Error, ServicecenterError) as problem:
        origin = getattr(problem, "orig", None) or problem
        found = f"can't be read: {type(origin).__name__}: {str(origin).splitlines()[0]}"
        todo = "restore the register from its backup; the service takes contacts in and journals meanwhile"
        return [error("register", found, todo)]
    if known is None:
        return [schema]
    findings = [schema, ok("register", f"{known.id}: entry {known.last.n:,}, tables at {known.derived:,}")]
    findings += _stalls(known)
    if store is not None:
        findings += [await _history(store, known), await _lag(store, known, is_led=is_led), await _marks(store, known)]
    return findings


def sqlite_file(url: str) -> Path | None:
    """The SQLite file, or None for a database server or a URL that nobody can read."""
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        return None
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _read(url: str) -> tuple[Finding, Known | None]:
    engine = open_engine(url, is_reader=True)
    try:
        with using(engine) as connection:
            schema, is_readable = _schema(connection)
            return schema, _known(connection) if is_readable else None
    finally:
        engine.dispose()


def _schema(connection: Connection) -> tuple[Finding, bool]:
    """The version of the tables, and whether this program can read them."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    head = scripts.get_current_head() or ""
    has_version = inspect(connection).has_table("alembic_version")
    current = connection.scalar(text("SELECT version_num FROM alembic_version")) if has_version else None
    if current == head:
        return ok("migrations", f"at {head}, none pending"), True
    if current in {script.revision for script in scripts.walk_revisions()} | {None}:
        return warning("migrations", f"at {current or 'nothing'}, pending up to {head}", "start the service"), False
    return error("migrations", f"at {current}, unknown here", "a newer version made it: run that one, or later"), False


def _known(connection: Connection) -> Known:
    n = read_position(connection, JOURNAL)
    entry = connection.scalar(select(journal.c.entry).where(journal.c.n == n)) or b""
    register_id = connection.scalar(select(register_meta.c.value).where(register_meta.c.key == "register_id"))
    stalls = [Stall(*row) for row in connection.execute(select(*stage_status.c).order_by(stage_status.c.stage))]
    damaged = connection.scalar(select(func.count()).select_from(content).where(content.c.problem != "")) or 0
    return Known(register_id or "", Raw(n, entry), read_position(connection, DERIVATION), stalls, damaged)


def _stalls(known: Known) -> list[Finding]:
    """Entries that keep a stage from going on, and content that did not arrive whole."""
    found = [
        error(
            "register stall",
            f"stage {stall.stage} stands at entry {stall.n:,} ({stall.state}): {stall.reason}",
            "upgrade if the version is unknown; otherwise report the entry. Nothing is lost: the journal is kept",
        )
        for stall in known.stalls
    ]
    if known.damaged:
        todo = "their contacts stay in the store; report them"
        found.append(warning("register content", f"{known.damaged:,} records missing or changed", todo))
    return found or [ok("register stall", "none")]


async def _history(store: Store, known: Known) -> Finding:
    """Whether the store's journal goes on where the register's ends."""
    if not known.last.n:
        return ok("history", "the register is empty")
    found = await _entries(store, known.last.n, 2)
    try:
        following(known.last, found)
    except JournalForked as problem:
        todo = "stop the service; restore the store's newest data, or the register that belongs to it"
        return error("history", f"forked: {problem.detail}", todo)
    return ok("history", f"entry {known.last.n:,} is the same in store and register")


async def _lag(store: Store, known: Known, *, is_led: bool) -> Finding:
    """How far the tables are behind."""
    behind = await store.position() - known.derived
    if behind <= 0:
        return ok("register lag", "none")
    oldest = await _entries(store, known.derived + 1, 1)
    age_ms = store.clock.now_ms() - msgspec.json.decode(oldest[0].entry, type=Envelope).at if oldest else 0
    found = f"{behind:,} entries, the oldest {age_ms / 1000:,.0f} s"
    if not is_led:
        return ok("register lag", f"{found}: taken in at the next start")
    if age_ms > LATE_REGISTER_MS:
        return error("register lag", f"{found}: written contacts are refused", "look for projector lines in the log")
    if age_ms > SLOW_MS:
        return warning("register lag", found, "look for projector lines in the log")
    return ok("register lag", found)


async def _marks(store: Store, known: Known) -> Finding:
    """Registers that this store waits for before it lets go of anything."""
    name = "registers in use"
    now, own = store.clock.now_ms(), known.last.n
    holding: list[str] = []
    for register_id, raw in (await store.runner.read_hash(store.keys.projected)).items():
        try:
            mark = msgspec.json.decode(raw, type=Mark)
        except msgspec.MsgspecError:
            mark = Mark(0, 0)
        if register_id.decode() != known.id and mark.n < own and now - mark.at > OLD_MS:
            holding.append(f"{register_id.decode()} at entry {mark.n:,}")
    if not holding:
        return ok(name, "none holds the journal back")
    todo = f"if it is gone for good: HDEL {store.keys.projected} <its id>"
    return warning(name, f"not moved for a day, nothing behind it is trimmed: {some(holding)}", todo)


async def _entries(store: Store, start: int, count: int) -> list[Raw]:
    reply = await store.runner.read("XRANGE", store.keys.journal, f"{start}-0", "+", "COUNT", count)
    rows = cast("list[tuple[bytes, Reply]]", reply)
    return [Raw(int(name.split(b"-")[0]), pairs(fields)[b"e"]) for name, fields in rows]
