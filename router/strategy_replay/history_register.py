"""History from the register: every contact with the facts of its first decision and, where they are known, outcomes.

Reads in parts, never a person's words; the person stays the pseudonymous key that the register has.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol, cast

import msgspec
from sqlalchemy import Engine, func, select

from channels.registry import CHANNELS
from router.errors import NotFound
from router.register import schema
from router.register.engine import using
from router.strategy_replay.noting import Noted
from rules.decide import FactValue
from rules.replay.history import CHANNEL, Matter, Recorded

ROWS_AT_ONCE = 5_000
FIRST = 1


class _Record(msgspec.Struct, frozen=True):
    """What is wanted of a stored decision: what was known."""

    facts: Mapping[str, FactValue]


_decoder = msgspec.json.Decoder(_Record)


class _Row(Protocol):
    """A contact as the query gives it."""

    id: str
    channel: str
    topic: str
    person: str
    is_observed: bool
    decision: str | None
    received_at: int
    at: int


def read_register(engine: Engine, from_ms: int, to_ms: int, noted: Noted) -> Iterator[Recorded]:
    """Contacts received in the period, by the time they were decided about.

    Raises:
        NotFound: the register has no contacts in the period.
        RegisterUnavailable: the register does not answer.
    """
    contacts, decisions = schema.contacts.c, schema.decisions.c
    query = (
        select(
            contacts.id,
            contacts.received_at,
            contacts.channel,
            contacts.topic,
            contacts.person,
            contacts.is_observed,
            decisions.decision,
            decisions.at,
        )
        .outerjoin(schema.decisions, (decisions.contact == contacts.id) & (decisions.generation == FIRST))
        .where(contacts.received_at >= from_ms, contacts.received_at < to_ms)
        .order_by(contacts.received_at, contacts.id)
    )
    matters = _matters(engine, from_ms, to_ms)
    with using(engine) as connection:
        if not connection.scalar(
            select(func.count()).where(contacts.received_at >= from_ms, contacts.received_at < to_ms)
        ):
            raise NotFound("the register has no contacts in this period", field="--register")
        for number, row in enumerate(connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query), 1):
            found = _recorded(cast("_Row", row), matters.get(row.id, ()))
            if found is None:
                noted.bad(number, "no first decision in the register")
                continue
            if row.channel not in CHANNELS:
                noted.unknown_channel(row.channel)
            yield found


def latest_from(engine: Engine, from_ms: int, to_ms: int, most: int) -> int:
    """From when on at most so many contacts of the period were received: its beginning, or later."""
    received_at = schema.contacts.c.received_at
    query = select(received_at).where(received_at >= from_ms, received_at < to_ms)
    with using(engine) as connection:
        beyond = connection.scalar(query.order_by(received_at.desc()).offset(most).limit(1))
    return from_ms if beyond is None else beyond + 1


def _matters(engine: Engine, from_ms: int, to_ms: int) -> dict[str, tuple[Matter, ...]]:
    """Every contact's matters; equal ones are one object."""
    contacts, outcomes = schema.contacts.c, schema.outcomes.c
    query = (
        select(outcomes.contact, outcomes.topic, outcomes.resolution)
        .join(schema.contacts, contacts.id == outcomes.contact)
        .where(contacts.received_at >= from_ms, contacts.received_at < to_ms, outcomes.resolution != "")
        .order_by(outcomes.contact, outcomes.number)
    )
    found: dict[str, tuple[Matter, ...]] = {}
    same: dict[tuple[Matter, ...], tuple[Matter, ...]] = {}
    with using(engine) as connection:
        for contact, topic, resolution in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query):
            matters = (*found.get(contact, ()), (topic, resolution))
            found[contact] = same.setdefault(matters, matters)
    return found


def _recorded(row: _Row, matters: tuple[Matter, ...]) -> Recorded | None:
    if row.is_observed:
        facts: Mapping[str, FactValue] = {CHANNEL: row.channel, "topic": row.topic or None}
        return Recorded(row.id, row.received_at, facts, is_observed=True)
    try:
        known = _decoder.decode(row.decision or "").facts
    except msgspec.MsgspecError:
        return None
    return Recorded(row.id, row.at, known, matters, row.person)
