"""Loads the rows that a batch of entries needs and writes the changed ones back: a handful of statements per batch."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Dialect, Table, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from router.journal import Entry
from router.register import schema
from router.register.fold import AGENT_MACHINES, contact_named, owner
from router.register.rows import OutcomeRow
from router.register.working import WorkingSet

Statement = Callable[[str, Table], Insert]
IN_LIMIT = 5_000
"""Parameters per statement that both databases take."""

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "contact": schema.contacts,
        "leg": schema.legs,
        "offer": schema.offers,
        "case": schema.cases,
        "handover": schema.handovers,
        "callback": schema.callbacks,
        "closure_notice": schema.closure_notices,
        "sending": schema.sendings,
        "agent": schema.agents,
    }
)
"""Where the state of a thing is kept, by machine; an agent has two machines in one row."""


def load(connection: Connection, entries: Sequence[Entry]) -> WorkingSet:
    """A working set with every row that these entries may read."""
    work = WorkingSet()
    shelves, ids = work.shelves(), _ids(entries)
    for machine, table in TABLES.items():
        if machine == "handover":
            ids[machine] |= {row.handover for row in work.contacts.rows.values() if row.handover}
        for record in _select(connection, table, table.c.id, ids[machine]):
            shelves[machine].rows[record[0]] = table.info["row"](*record)
    with_matters = [row.id for row in work.contacts.rows.values() if row.matters]
    for record in _select(connection, schema.outcomes, schema.outcomes.c.contact, with_matters):
        work.outcomes.setdefault(record[0], []).append(OutcomeRow(*record))
    for matters in work.outcomes.values():
        matters.sort(key=_number)
    return work


def save(connection: Connection, work: WorkingSet) -> None:
    """Write everything that the batch changed."""
    for machine, shelf in work.shelves().items():
        _put(connection, TABLES[machine], shelf.changed.values())
    _put(connection, schema.agent_states, work.agent_states.values())
    _put(connection, schema.decisions, work.decisions.values())
    _put(connection, schema.messages, work.messages.values())
    _put(connection, schema.access_records, work.access_records)
    _put(connection, schema.activation_moves, work.activation_moves)
    _add(connection, schema.events, work.events)
    _save_outcomes(connection, work)
    _save_persons(connection, work)
    _save_counts(connection, work)


def _ids(entries: Sequence[Entry]) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = {machine: set() for machine in TABLES}
    for entry in entries:
        ids["contact"].add(contact_named(entry))
        if entry.data.profile or entry.data.form:
            ids["agent"].add(entry.data.agent)
        for transition in entry.transitions:
            if transition.machine in AGENT_MACHINES:
                ids["agent"].add(transition.id)
            elif transition.machine in ids:
                ids[transition.machine].add(transition.id)
                ids["contact"].add(owner(transition, entry))
    return ids


def _number(row: OutcomeRow) -> int:
    return row.number


def _select(connection: Connection, table: Table, key: Column[Any], ids: Collection[str]) -> Iterator[Sequence[Any]]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), IN_LIMIT):
        yield from connection.execute(select(*table.c).where(key.in_(wanted[start : start + IN_LIMIT])))


def _save_outcomes(connection: Connection, work: WorkingSet) -> None:
    if not work.new_outcomes:
        return
    gone = delete(schema.outcomes)
    wanted = sorted(work.new_outcomes)
    for start in range(0, len(wanted), IN_LIMIT):
        connection.execute(gone.where(schema.outcomes.c.contact.in_(wanted[start : start + IN_LIMIT])))
    _put(connection, schema.outcomes, [row for contact in wanted for row in work.outcomes[contact]])


def _save_persons(connection: Connection, work: WorkingSet) -> None:
    put, gone = work.person_changes()
    table = schema.person_contacts
    key = tuple_(table.c.person_key, table.c.at, table.c.contact)
    for start in range(0, len(gone), IN_LIMIT // 3):
        part = gone[start : start + IN_LIMIT // 3]
        connection.execute(delete(table).where(key.in_([(row.person_key, row.at, row.contact) for row in part])))
    _put(connection, table, put)
    _add(connection, schema.person_links, work.person_links.values())


def _save_counts(connection: Connection, work: WorkingSet) -> None:
    changes = work.counted()
    if not changes:
        return
    _write(connection, _adding, schema.goal_hours, changes)
    falling = {row.hour for row in changes if row.count < 0}
    table = schema.goal_hours
    # No row stands for zero, so that a rebuilt table equals one that grew.
    connection.execute(delete(table).where(table.c.hour.in_(falling), table.c.count == 0))


def _put(connection: Connection, table: Table, rows: Iterable[msgspec.Struct]) -> None:
    _write(connection, _upsert, table, rows)


def _add(connection: Connection, table: Table, rows: Iterable[msgspec.Struct]) -> None:
    _write(connection, insert_new, table, rows)


def _write(connection: Connection, make: Statement, table: Table, rows: Iterable[msgspec.Struct]) -> None:
    """Write rows past SQLAlchemy's parameter handling, which costs more than the database."""
    text, is_positional = _driver_sql(connection.dialect, make, table)
    shape = msgspec.structs.astuple if is_positional else msgspec.structs.asdict
    values: list[Any] = [shape(row) for row in rows]
    if values:
        connection.exec_driver_sql(text, values)


@cache
def _driver_sql(dialect: Dialect, make: Statement, table: Table) -> tuple[str, bool]:
    compiled = make(dialect.name, table).compile(dialect=dialect)
    return str(compiled), compiled.positiontup is not None


def _upsert(dialect: str, table: Table) -> Insert:
    insert = _insert(dialect, table)
    key = [column.name for column in table.primary_key]
    new = {column.name: insert.excluded[column.name] for column in table.c if column.name not in key}
    return insert.on_conflict_do_update(index_elements=key, set_=new)


def insert_new(dialect: str, table: Table) -> Insert:
    """Insert rows that are not there yet; those that are stay as they are."""
    return _insert(dialect, table).on_conflict_do_nothing()


def _adding(dialect: str, table: Table) -> Insert:
    """Add to the counts of rows that are there already."""
    insert = _insert(dialect, table)
    key = [column.name for column in table.primary_key]
    total = {"count": table.c.count + insert.excluded["count"]}
    return insert.on_conflict_do_update(index_elements=key, set_=total)


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
