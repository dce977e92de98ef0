"""Counts for the gauges: how many handovers stand where. Blocking: call it in a thread."""

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
