"""How waits ended today, for a service level that a restart does not set to zero. Blocking: call it in a thread."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Label, Select, and_, case, func, or_, select

from router.lifecycle import WAITING
from router.measures.service_level import RECENT_MS, REMEMBERED, SLOT_MS, Happened, Happening, Waiter
from router.register import schema
from router.register.engine import using
from router.register.positions import read_position

LOOK_BACK_MS = 14 * 86_400_000
"""Contacts received earlier than this before the day are not counted: nobody waits that long."""
FIRST_CALLBACK = ".b1"
ENDINGS: dict[str, tuple[Happening, ...]] = {
    "within": ("answered", "answered_within"),
    "late": ("answered",),
    "short": ("abandoned", "abandoned_short"),
    "abandoned": ("abandoned",),
    "left": ("left",),
}


class ServiceDay(msgspec.Struct, frozen=True):
    """What the register knows of a day up to one entry of the journal."""

    position: int
    """Number of the last entry that is in it."""
    happened: tuple[Happened, ...]
    """In the order of time."""
    waiters: tuple[tuple[str, Waiter], ...]


def read_service(engine: Engine, since_ms: int, now_ms: int, short_ms: int) -> ServiceDay:
    """What has happened to waiting contacts since a moment, and who waits still.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    with using(engine) as connection:
        position = read_position(connection, schema.DERIVATION)
        recent_ms = now_ms - RECENT_MS - SLOT_MS
        happened = [*_offered(connection, since_ms, recent_ms), *_ended(connection, since_ms, recent_ms, short_ms)]
        return ServiceDay(position, tuple(sorted(happened)), tuple(_waiters(connection, since_ms)))


def _offered(connection: Connection, since_ms: int, recent_ms: int) -> Iterator[Happened]:
    row = schema.contacts.c
    query = _counted(row.received_at, recent_ms).where(row.received_at >= since_ms, row.bucket != "")
    for queue, medium, slot, count in _rows(connection, query):
        yield Happened(slot or since_ms, queue, medium, "offered", count)


def _ended(connection: Connection, since_ms: int, recent_ms: int, short_ms: int) -> Iterator[Happened]:
    row = schema.contacts.c
    ending, ended_at = _ending(short_ms)
    query = _counted(ended_at, recent_ms, ending)
    query = query.where(row.received_at >= since_ms - LOOK_BACK_MS, row.bucket != "", ended_at >= since_ms)
    for queue, medium, slot, count, how in _rows(connection, query):
        for kind in ENDINGS.get(how or "", ()):
            yield Happened(slot or since_ms, queue, medium, kind, count)


def _ending(short_ms: int) -> tuple[Label[Any], ColumnElement[Any]]:
    """How a contact's first wait ended and when; NULL while it lasts."""
    row = schema.contacts.c
    met_at, promised_at = _met_at(), _promised_at()
    is_met = and_(met_at.is_not(None), or_(promised_at.is_(None), met_at <= promised_at))
    is_over = row.state.not_in(WAITING | {"with_agent"})
    ending = case(
        (is_met, case((met_at <= row.due_at, "within"), else_="late")),
        (promised_at.is_not(None), "left"),
        (row.state == "abandoned", case((row.ended_at - row.received_at < short_ms, "short"), else_="abandoned")),
        (is_over, "left"),
        else_=None,
    )
    ended_at = case(
        (is_met, met_at),
        (promised_at.is_not(None), promised_at),
        (is_over, func.coalesce(row.ended_at, row.changed_at)),
        else_=None,
    )
    return ending.label("ending"), ended_at


def _met_at() -> ColumnElement[Any]:
    legs = schema.legs.c
    first = select(func.min(legs.connected_at)).where(legs.contact == schema.contacts.c.id, legs.role == "owner")
    return first.correlate(schema.contacts).scalar_subquery()


def _promised_at() -> ColumnElement[Any]:
    calls = schema.callbacks.c
    promised = select(calls.began_at).where(calls.id == schema.contacts.c.id + FIRST_CALLBACK)
    return promised.correlate(schema.contacts).scalar_subquery()


def _counted(moment: ColumnElement[Any], recent_ms: int, *more: Label[Any]) -> Select[Any]:
    """Count by queue, medium and slot of the last quarter of an hour (0 for what is older)."""
    row = schema.contacts.c
    slot = case((moment >= recent_ms, moment - moment % SLOT_MS), else_=0).label("slot")
    return select(row.queue, row.medium, slot, func.count(), *more).group_by(row.queue, row.medium, slot, *more)


def _rows(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    return (tuple(row) for row in connection.execute(query))


def _waiters(connection: Connection, since_ms: int) -> Iterator[tuple[str, Waiter]]:
    row = schema.contacts.c
    query = (
        select(row.id, row.queue, row.medium, row.received_at, row.due_at)
        .where(row.received_at >= since_ms - LOOK_BACK_MS, row.state.in_(WAITING | {"with_agent"}), row.bucket != "")
        .where(_met_at().is_(None), _promised_at().is_(None))
        .order_by(row.received_at.desc())
        .limit(REMEMBERED)
    )
    for contact, queue, medium, received_at, due_at in connection.execute(query):
        yield contact, Waiter(queue, medium, received_at, due_at or 0)
