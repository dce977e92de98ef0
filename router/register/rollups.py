"""The goal's counts for a period: whole hours from the rollup that stage 2 keeps, the ragged ends counted anew.

Both count by the same function, so a period may begin and end at any millisecond and still add up.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Engine, func, select

from router.measures.goal import Count, Goal, goal
from router.register.engine import using
from router.register.rows import ContactRow, OutcomeRow
from router.register.schema import contacts, goal_hours, outcomes
from router.register.working import HOUR_MS, tally


def read_goal(engine: Engine, from_ms: int, to_ms: int) -> Goal:
    """The 80 % instrument for contacts received from `from_ms` up to, but not at, `to_ms`.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    with using(engine) as connection:
        return goal(list(_counts(connection, from_ms, to_ms)), from_ms, to_ms)


def _counts(connection: Connection, from_ms: int, to_ms: int) -> Iterator[Count]:
    first, last = -(-from_ms // HOUR_MS) * HOUR_MS, to_ms // HOUR_MS * HOUR_MS
    if first >= last:
        yield from _counted(connection, from_ms, to_ms)
        return
    yield from _kept(connection, first, last)
    yield from _counted(connection, from_ms, first)
    yield from _counted(connection, last, to_ms)


def _kept(connection: Connection, first: int, last: int) -> Iterator[Count]:
    row = goal_hours.c
    sort = (row.kind, row.channel, row.topic, row.name)
    query = select(*sort, func.sum(row["count"])).where(row.hour >= first, row.hour < last).group_by(*sort)
    for kind, channel, topic, name, total in connection.execute(query):
        yield Count(kind, channel, topic, name, int(total))


def _counted(connection: Connection, from_ms: int, to_ms: int) -> Iterator[Count]:
    if from_ms >= to_ms:
        return
    received = (contacts.c.received_at >= from_ms, contacts.c.received_at < to_ms)
    matters = connection.execute(
        select(*outcomes.c).join(contacts, contacts.c.id == outcomes.c.contact).where(*received)
    )
    by_contact = _by_contact(OutcomeRow(*row) for row in matters)
    for row in connection.execute(select(*contacts.c).where(*received)):
        contact = ContactRow(*row)
        for (_hour, kind, channel, topic, name), total in tally(contact, by_contact.get(contact.id, [])).items():
            yield Count("contact" if kind == "contact" else "matter", channel, topic, name, total)


def _by_contact(rows: Iterable[OutcomeRow]) -> dict[str, list[OutcomeRow]]:
    found: dict[str, list[OutcomeRow]] = {}
    for row in rows:
        found.setdefault(row.contact, []).append(row)
    return found
