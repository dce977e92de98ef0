"""Stage 2: derives the tables from `journal`, exactly once, each batch in one transaction with its position.

An entry that can't be applied stalls this stage only, and the reason stands in `stage_status`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import DataError, IntegrityError

from router.journal import VERSION, Entry, decode
from router.register.engine import using
from router.register.fold import Poison, UnknownVersion, fold
from router.register.positions import PositionLost, Stall, clear_stall, move, read_position, set_stall
from router.register.schema import DERIVATION, DERIVED, journal, position
from router.register.shelving import load, save
from router.register.working import WorkingSet

BATCH = 2_000

UNFIT = (msgspec.MsgspecError, ArithmeticError, LookupError, TypeError, ValueError)
"""What folding or writing an entry with impossible values may raise."""


class Unapplied(Exception):
    """The entry at `index` of the batch can't be applied."""

    def __init__(self, index: int, state: str, reason: str) -> None:
        self.index, self.state, self.reason = index, state, reason
        super().__init__(reason)


class Stored(NamedTuple):
    """An entry as it lies in `journal`."""

    n: int
    at: int
    raw: bytes


class Derived(NamedTuple):
    """How far stage 2 has come, how many entries it took, and why it stands still, if it does."""

    n: int
    taken: int
    stall: Stall | None = None


def derive(engine: Engine, now_ms: int, limit: int = BATCH) -> Derived:
    """Apply the next entries, at most `limit`; those before one that can't be applied are kept."""
    while True:
        try:
            return _attempt(engine, limit, now_ms)
        except Unapplied as error:
            if error.index:
                limit = error.index
                continue
            return _stall(engine, error, now_ms)
        except PositionLost as lost:
            return Derived(lost.n, 0)


def derive_all(engine: Engine, now_ms: int, limit: int = BATCH) -> Derived:
    """Apply everything that `journal` holds, or all up to the first entry that can't be applied."""
    total = 0
    while (step := derive(engine, now_ms, limit)).taken:
        total += step.taken
    return Derived(step.n, total, step.stall)


def rebuild(engine: Engine, now_ms: int) -> Derived:
    """Empty the derived tables and replay `journal`; readers see them fill again."""
    with using(engine) as connection:
        for table in DERIVED:
            connection.execute(delete(table))
        connection.execute(delete(position).where(position.c.name == DERIVATION))
        clear_stall(connection, DERIVATION)
    return derive_all(engine, now_ms)


def _attempt(engine: Engine, limit: int, now_ms: int) -> Derived:
    try:
        with using(engine) as connection:
            done = read_position(connection, DERIVATION)
            batch = _read(connection, done, limit)
            if not batch:
                return Derived(done, 0)
            move(connection, DERIVATION, done, batch[-1].n, now_ms)
            entries = [_decoded(index, stored) for index, stored in enumerate(batch)]
            work = load(connection, entries)
            for index, entry in enumerate(entries):
                _fold(work, index, entry)
            save(connection, work)
            clear_stall(connection, DERIVATION)
            return Derived(batch[-1].n, len(batch))
    except (IntegrityError, DataError, *UNFIT) as error:
        # Only the database knows why; halving the batch finds the entry.
        raise Unapplied(limit // 2, Poison.state, type(error).__name__) from error


def _read(connection: Connection, after: int, limit: int) -> Sequence[Stored]:
    query = select(journal.c.n, journal.c.at, journal.c.entry).where(journal.c.n > after).order_by(journal.c.n)
    return [Stored(*row) for row in connection.execute(query.limit(limit))]


def _decoded(index: int, stored: Stored) -> Entry:
    try:
        entry = decode(stored.raw)
    except msgspec.MsgspecError as error:
        state = UnknownVersion.state if _version(stored.raw) > VERSION else Poison.state
        raise Unapplied(index, state, f"does not read as an entry: {type(error).__name__}") from error
    if entry.v != VERSION:
        raise Unapplied(index, UnknownVersion.state, f"version {entry.v}, this program reads {VERSION}")
    if entry.n != stored.n:
        raise Unapplied(index, Poison.state, f"calls itself {entry.n}")
    return entry


class _Version(msgspec.Struct):
    v: int = 0


def _version(raw: bytes) -> int:
    try:
        return msgspec.json.decode(raw, type=_Version).v
    except msgspec.MsgspecError:
        return 0


def _fold(work: WorkingSet, index: int, entry: Entry) -> None:
    try:
        fold(work, entry)
    except Poison as poison:
        raise Unapplied(index, poison.state, str(poison)) from poison
    except UNFIT as error:
        raise Unapplied(index, Poison.state, type(error).__name__) from error


def _stall(engine: Engine, error: Unapplied, now_ms: int) -> Derived:
    with using(engine) as connection:
        done = read_position(connection, DERIVATION)
        stall = Stall(DERIVATION, error.state, done + 1, error.reason, now_ms)
        set_stall(connection, stall)
    return Derived(done, 0, stall)
