"""Strategy versions in the register: their text, reports, and who did what until they were approved.

Blocking: call in a thread. Each writing function is one transaction that names the revision it saw, moves the version
by the table in `router.lifecycle` and writes down the step. What happens to a version in service is the journal's.
"""

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Engine, func, select

from router.activations import Activation, read_activation
from router.errors import NotFound, StaleRevision
from router.lifecycle import advance
from router.register import schema
from router.register.documents import Page
from router.register.engine import using

ReportKind = Literal["check", "simulation"]
WRITING = ("write", "revise")
"""Steps that make somebody an author."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy version, without its text."""

    id: str
    rev: int = 1
    state: str
    title: str
    version: str
    hash: str
    author: str
    created_at: int
    changed_at: int


class Text(msgspec.Struct, frozen=True):
    """What a version says: as written, and in canonical form."""

    toml: str
    content: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a check or a simulation of a version said."""

    number: int
    kind: ReportKind
    hash: str
    """Of the content that was looked at."""
    city_hash: str
    is_ok: bool
    actor: str
    at: int
    body: msgspec.Raw


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a version's life: who, when, why, from what to what."""

    number: int
    """In its own room: steps before service, or the entry of the journal."""
    at: int
    actor: str
    event: str
    before: str
    after: str
    hash: str = ""
    reason: str = ""
    forum: str = ""
    decided_on: str = ""
    """Date of the forum's decision."""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody does to a version."""

    event: str
    actor: str
    at: int
    reason: str = ""
    forum: str = ""
    decided_on: str = ""


def write(engine: Engine, version: Version, text: Text, move: Move) -> Version:
    """Keep a new version."""
    row = msgspec.structs.replace(version, state=advance("strategy", "", move.event))
    with using(engine) as connection:
        connection.execute(schema.strategies.insert().values(**msgspec.structs.asdict(row), **_texts(text)))
        _write_step(connection, row, "", move)
    return row


def bring_in(engine: Engine, version: Version, text: Text, move: Move) -> None:
    """Keep the city folder's strategy, once."""
    with using(engine) as connection:
        if connection.scalar(select(schema.strategies.c.id).where(schema.strategies.c.id == version.id)) is None:
            row = msgspec.structs.replace(version, state=advance("strategy", "", move.event))
            connection.execute(schema.strategies.insert().values(**msgspec.structs.asdict(row), **_texts(text)))
            _write_step(connection, row, "", move)


def revise(engine: Engine, version: Version, text: Text, move: Move) -> Version:
    """Replace a draft's text; `version` is as it shall be, under the revision that was seen.

    Raises:
        NotFound: there is no such version.
        StaleRevision: somebody has changed it since.
        TransitionRefused: it is no draft any more.
    """
    with using(engine) as connection:
        named = {"title": version.title, "version": version.version, "hash": version.hash, **_texts(text)}
        return _move(connection, version.id, version.rev, move, **named)


def step(engine: Engine, version_id: str, rev: int, move: Move) -> Version:
    """Move a version by its table.

    Raises:
        NotFound: there is no such version.
        StaleRevision: somebody has changed it since.
        TransitionRefused: its state does not allow that.
    """
    with using(engine) as connection:
        return _move(connection, version_id, rev, move)


def report(engine: Engine, version_id: str, rev: int, move: Move, told: Report) -> Version:
    """Keep a report and move the version by what it says; its number is given here.

    Raises:
        NotFound: there is no such version.
        StaleRevision: somebody has changed it since.
        TransitionRefused: its state does not allow that.
    """
    reports = schema.strategy_reports
    with using(engine) as connection:
        moved = _move(connection, version_id, rev, move, hash=told.hash)
        last = connection.scalar(select(func.max(reports.c.number)).where(reports.c.strategy == version_id)) or 0
        fields = msgspec.structs.asdict(told) | {"number": last + 1, "body": bytes(told.body).decode()}
        connection.execute(reports.insert().values(strategy=version_id, **fields))
        return moved


def one(engine: Engine, version_id: str) -> Version:
    """A version.

    Raises:
        NotFound: there is no such version.
    """
    with using(engine) as connection:
        return _one(connection, version_id)


def text(engine: Engine, version_id: str) -> Text:
    """What a version says.

    Raises:
        NotFound: there is no such version.
    """
    table = schema.strategies.c
    with using(engine) as connection:
        row = connection.execute(select(table.toml, table.content).where(table.id == version_id)).first()
    if row is None:
        raise NotFound(field="id")
    return Text(*row)


def toml_of(engine: Engine, version_hash: str) -> str | None:
    """The text of a version by its hash; equal hashes decide alike."""
    table = schema.strategies.c
    with using(engine) as connection:
        return connection.scalar(select(table.toml).where(table.hash == version_hash).limit(1))


def listed(engine: Engine, *, limit: int = 20, page: int = 1) -> Page[Version]:
    """Versions, newest first."""
    table = schema.strategies
    order = table.c.created_at.desc(), table.c.id.desc()
    with using(engine) as connection:
        rows = connection.execute(_shown().order_by(*order).limit(limit).offset(limit * (page - 1))).mappings()
        found = [Version(**row) for row in rows]
        total = connection.scalar(select(func.count()).select_from(table)) or 0
    return Page(found, total, limit, page)


def reports(engine: Engine, version_id: str) -> list[Report]:
    """The latest report of each kind."""
    table = schema.strategy_reports
    query = select(*(column for column in table.c if column.name != "strategy"))
    query = query.where(table.c.strategy == version_id).order_by(table.c.number)
    with using(engine) as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    latest: dict[str, dict[str, Any]] = {row["kind"]: row for row in rows}
    return [Report(body=msgspec.Raw(row.pop("body").encode()), **row) for row in latest.values()]


def authors(engine: Engine, version_id: str) -> frozenset[str]:
    """Everybody who wrote a version's text."""
    table = schema.strategy_steps.c
    query = select(table.actor).where(table.strategy == version_id, table.event.in_(WRITING))
    with using(engine) as connection:
        return frozenset(connection.scalars(query))


def audit(engine: Engine, version_id: str) -> list[Step]:
    """Every step of a version, oldest first: until it was approved, then in service.

    Raises:
        NotFound: there is no such version.
    """
    steps, moves = schema.strategy_steps, schema.activation_moves.c
    shown = [column for column in steps.c if column.name != "strategy"]
    with using(engine) as connection:
        found = _one(connection, version_id)
        query = select(*shown).where(steps.c.strategy == version_id).order_by(steps.c.number)
        before = [Step(**row) for row in connection.execute(query).mappings()]
        served = select(moves.n.label("number"), moves.at, moves.actor, moves.event, moves.before, moves.after)
        served = served.add_columns(moves.reason).where(moves.strategy == version_id).order_by(moves.n)
        after = [Step(hash=found.hash, **row) for row in connection.execute(served).mappings()]
    return [*before, *after]


def in_service(engine: Engine) -> list[Activation]:
    """Every version that ever came into service, as the journal left it."""
    moves = schema.activation_moves.c
    with using(engine) as connection:
        texts = connection.scalars(select(moves.activation).order_by(moves.n))
        latest = {record.id: record for record in map(read_activation, (text.encode() for text in texts))}
    return list(latest.values())


def _move(connection: Connection, version_id: str, rev: int, move: Move, **fields: object) -> Version:
    table = schema.strategies
    before = _one(connection, version_id)
    if before.rev != rev:
        raise StaleRevision(str(before.rev))
    named = {"rev": rev + 1, "state": advance("strategy", before.state, move.event), "changed_at": move.at, **fields}
    done = connection.execute(table.update().where(table.c.id == version_id, table.c.rev == rev).values(**named))
    if done.rowcount != 1:
        raise StaleRevision(str(rev))
    after = _one(connection, version_id)
    _write_step(connection, after, before.state, move)
    return after


def _write_step(connection: Connection, version: Version, before: str, move: Move) -> None:
    fields = msgspec.structs.asdict(move)
    connection.execute(
        schema.strategy_steps.insert().values(
            strategy=version.id, number=version.rev, before=before, after=version.state, hash=version.hash, **fields
        )
    )


def _shown() -> Any:  # noqa: ANN401 # SQLAlchemy's selects have a type for each width
    return select(*(schema.strategies.c[name] for name in Version.__struct_fields__))


def _one(connection: Connection, version_id: str) -> Version:
    row = connection.execute(_shown().where(schema.strategies.c.id == version_id)).mappings().first()
    if row is None:
        raise NotFound(field="id")
    return Version(**row)


def _texts(said: Text) -> dict[str, str]:
    return {"toml": said.toml, "content": said.content}
