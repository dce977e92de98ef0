"""What the register knows of outcomes that may be amended: whose a contact was, and what an agent left uncoded.

Blocking: call it in a thread. Nothing here writes, and nothing here decides who may.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Engine, Executable, func, literal_column, select

from router.measures.goal import UNCODED
from router.register import schema
from router.register.engine import using
from router.register.positions import read_position
from router.register.schema import DERIVATION

MOST_UNCODED = 500
"""More are counted, not listed."""


class Finished(NamedTuple):
    """A contact as the register has it, for whoever wants to amend its outcomes."""

    id: str
    state: str
    agent: str
    """Who had it last; empty when nobody did."""
    topic: str
    received_at: int


class UncodedMatter(NamedTuple):
    """A matter that ended without an outcome."""

    contact: str
    topic: str
    channel: str
    received_at: int
    at: int
    """When it was left uncoded (epoch ms)."""


class Uncoded(NamedTuple):
    """An agent's uncoded matters, newest first, as of one entry of the journal."""

    matters: list[UncodedMatter]
    total: int
    derived_n: int


def finished(engine: Engine, contact_id: str) -> Finished | None:
    """A contact, if the register has it (yet).

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    row = schema.contacts.c
    query = select(row.id, row.state, row.agent, row.topic, row.received_at).where(row.id == contact_id)
    with using(engine) as connection:
        found = connection.execute(query).first()
    return Finished(*found) if found is not None else None


def uncoded(engine: Engine, agent: str, since: int) -> Uncoded:
    """What an agent left uncoded of contacts received at `since` (epoch ms) or later.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    with using(engine) as connection:
        # Read before the rows: what is derived meanwhile is then newer than it says, never older.
        derived_n = read_position(connection, DERIVATION)
        rows: Sequence[Any] = connection.execute(_uncoded(agent, since)).all()
    return Uncoded([UncodedMatter(*row[:5]) for row in rows], rows[0][5] if rows else 0, derived_n)


def _uncoded(agent: str, since: int) -> Executable:
    matter, contact = schema.outcomes.c, schema.contacts.c
    return (
        select(matter.contact, matter.topic, contact.channel, contact.received_at, matter.at, func.count().over())
        .join(schema.contacts, contact.id == matter.contact)
        # Both as written in the index, so that it is used.
        .where(matter.agent == agent, matter.resolution == literal_column(f"'{UNCODED}'"), contact.received_at >= since)
        .order_by(matter.at.desc(), matter.contact.desc())
        .limit(MOST_UNCODED)
    )
