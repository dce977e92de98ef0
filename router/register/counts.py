"""Counts for gauges and floor: handovers, callbacks and notices, by where they stand. Blocking: call it in a thread."""

import msgspec
from sqlalchemy import Engine, func, select

from router.register import schema
from router.register.engine import using

OPEN = ("offered", "accepted")


class HandoverCounts(msgspec.Struct, frozen=True):
    """Open handovers by state, and those past a deadline."""

    open: dict[str, int]
    overdue: int


def handover_counts(engine: Engine, now_ms: int) -> HandoverCounts:
    """Count the open handovers.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    row = schema.handovers.c
    by_state = select(row.state, func.count()).where(row.state.in_(OPEN)).group_by(row.state)
    late = select(func.count()).where(
        ((row.state == "offered") & (row.accept_by < now_ms)) | ((row.state == "accepted") & (row.finish_by < now_ms))
    )
    with using(engine) as connection:
        counted = {state: int(count) for state, count in connection.execute(by_state)}
        return HandoverCounts({state: counted.get(state, 0) for state in OPEN}, int(connection.scalar(late) or 0))


def callback_counts(engine: Engine, since_ms: int, late_ms: int) -> dict[str, int]:
    """Callbacks promised, due, unanswered; due since before `late_ms`; missed: given up since `since_ms`.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    row = schema.callbacks.c
    in_turn = row.state.in_(("due", "dialling"))
    query = select(
        func.count().filter(row.state == "promised"),
        func.count().filter(in_turn),
        func.count().filter(in_turn & (row.changed_at < late_ms)),
        func.count().filter(row.state == "no_answer"),
        func.count().filter((row.state == "given_up") & (row.changed_at >= since_ms)),
    )
    with using(engine) as connection:
        counted = connection.execute(query).one()
        names = ("promised", "due", "late", "unanswered", "missed")
        return {name: int(count) for name, count in zip(names, counted, strict=True)}


def notices_late(engine: Engine, before_ms: int) -> int:
    """Messages owed to residents since before a moment, and not sent.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    row = schema.closure_notices.c
    query = select(func.count()).where(row.state.in_(("owed", "failed")), row.began_at < before_ms)
    with using(engine) as connection:
        return int(connection.scalar(query) or 0)
