"""How far each reader of the journal has come, and why a stage stands still; both move with the reader's own work."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from router.register.schema import position, stage_status


class PositionLost(Exception):
    """Another projector moved the position first; it has now come to `n`."""

    def __init__(self, n: int) -> None:
        self.n = n
        super().__init__(f"position is {n}")


class Stall(NamedTuple):
    """A stage that stands still: at which entry, in what state and why."""

    stage: str
    state: str
    n: int
    reason: str
    at: int


def read_position(connection: Connection, name: str) -> int:
    """The last entry that the reader has taken; 0 before the first."""
    return connection.scalar(select(position.c.n).where(position.c.name == name)) or 0


def move(connection: Connection, name: str, before: int, n: int, now_ms: int) -> None:
    """Move a position from `before` to `n`, first in the transaction: the loser of a race waits here, then leaves.

    Raises:
        PositionLost: the position is not at `before` any more.
    """
    moved = connection.execute(
        update(position).where(position.c.name == name, position.c.n == before).values(n=n, at=now_ms)
    )
    if moved.rowcount == 1:
        return
    now = connection.scalar(select(position.c.n).where(position.c.name == name))
    if now is not None or before:
        raise PositionLost(now or 0)
    connection.execute(position.insert().values(name=name, n=n, at=now_ms))


def read_stall(connection: Connection, stage: str) -> Stall | None:
    """Why a stage stands still, or None."""
    row = connection.execute(select(*stage_status.c).where(stage_status.c.stage == stage)).first()
    return Stall(row.stage, row.state, row.n, row.reason, row.at) if row else None


def set_stall(connection: Connection, stall: Stall) -> None:
    """Say why a stage stands still; the time of a stall that is known already stays."""
    known = read_stall(connection, stall.stage)
    if known and known._replace(at=stall.at) == stall:
        return
    clear_stall(connection, stall.stage)
    connection.execute(stage_status.insert().values(stall._asdict()))


def clear_stall(connection: Connection, stage: str) -> None:
    """Forget why a stage stood still."""
    connection.execute(delete(stage_status).where(stage_status.c.stage == stage))
