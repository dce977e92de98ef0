"""How contacts of one integration stand, for whoever handed them in: no words, no persons. Blocking; writes nothing."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, or_, select

from router.lifecycle import OVER
from router.register import schema
from router.register.engine import using

OLDEST_MS = 180 * 86_400_000
"""Contacts received longer than this before a period are not looked at: the index is on when they were received."""


class Standing(msgspec.Struct, frozen=True):
    """What the register knows of a contact that may be told."""

    id: str
    source: str
    state: str
    topic: str
    unit: str
    related_to: str
    received_at: int
    changed_at: int
    handover: str
    closed_at: int | None = None
    lat: float | None = None
    lon: float | None = None
    handover_state: str = ""
    finish_by: int = 0
    resolutions: tuple[str, ...] = ()
    leader: "Standing | None" = None
    """The report that it follows: what becomes of that one is told of both."""


class Wanted(msgspec.Struct, frozen=True):
    """Which contacts: of an integration, of a period, both ends included."""

    integration: str
    since: int
    until: int
    is_changed: bool = False
    """Whether the period is about when they changed last, not when they came."""
    source: str = ""
    topics: tuple[str, ...] = ()
    is_open: bool | None = None
    most: int = 1000


_leader = schema.contacts.alias("leader")


def one(engine: Engine, integration: str, contact_id: str) -> Standing | None:
    """A contact; None when the integration did not hand it in, or a protected person is behind it.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    with using(engine) as connection:
        found = _read(connection, _of(integration).where(schema.contacts.c.id == contact_id))
    return found[0] if found else None


def many(engine: Engine, wanted: Wanted) -> Sequence[Standing]:
    """Those of a period, newest first.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    contacts = schema.contacts.c
    at = contacts.changed_at if wanted.is_changed else contacts.received_at
    is_of_period = at.between(wanted.since, wanted.until)
    if wanted.is_changed:
        is_of_period = or_(is_of_period, _leader.c.changed_at.between(wanted.since, wanted.until))
    query = _of(wanted.integration).where(is_of_period)
    query = query.where(contacts.received_at >= wanted.since - OLDEST_MS, contacts.received_at <= wanted.until)
    query = query.where(contacts.source == wanted.source) if wanted.source else query
    query = query.where(contacts.topic.in_(wanted.topics)) if wanted.topics else query
    if wanted.is_open is not None:
        is_over = func.coalesce(_leader.c.state, contacts.state).in_(sorted(OVER))
        query = query.where(~is_over if wanted.is_open else is_over)
    with using(engine) as connection:
        return _read(connection, query.order_by(at.desc(), contacts.id.desc()).limit(wanted.most))


def _of(integration: str) -> Select[Any]:
    contacts, handovers = schema.contacts.c, schema.handovers.c
    return (
        _standing()
        .add_columns(_leader.c.id.label("leader_id"))
        .outerjoin(schema.handovers, handovers.id == contacts.handover)
        .outerjoin(_leader, and_(_leader.c.id == contacts.related_to, _follows()))
        .where(contacts.integration == integration, ~contacts.is_observed)
        .where(or_(contacts.protection == "none", contacts.protection == ""))
    )


def _standing() -> Select[Any]:
    contacts, handovers = schema.contacts.c, schema.handovers.c
    named = [contacts[field] for field in Standing.__struct_fields__ if field in contacts]
    return select(*named, handovers.state.label("handover_state"), handovers.finish_by)


def _follows() -> ColumnElement[bool]:
    """Whether a contact only follows another: that is how its matter ended, and nobody has it in hand."""
    contacts, outcomes = schema.contacts.c, schema.outcomes.c
    said = select(outcomes.contact).where(outcomes.contact == contacts.id, outcomes.resolution == "follower")
    return and_(contacts.state.in_(("answered", "closed")), said.exists())


def _read(connection: Connection, query: Select[Any]) -> list[Standing]:
    rows = [dict(row) for row in connection.execute(query).mappings()]
    leaders = _leaders(connection, {str(row["leader_id"]) for row in rows if row.get("leader_id")})
    outcomes = schema.outcomes.c
    asked = select(outcomes.contact, outcomes.resolution).where(outcomes.contact.in_([row["id"] for row in rows]))
    resolutions: dict[str, list[str]] = {}
    for contact, resolution in connection.execute(asked.order_by(outcomes.contact, outcomes.number)):
        resolutions.setdefault(contact, []).append(resolution)
    return [
        msgspec.convert(
            _known(row)
            | {"resolutions": resolutions.get(row["id"], ()), "leader": leaders.get(row.get("leader_id", ""))},
            Standing,
        )
        for row in rows
    ]


def _leaders(connection: Connection, ids: AbstractSet[str]) -> Mapping[str, Standing]:
    """The reports that others follow, whoever handed them in: their states, never whose they are."""
    if not ids:
        return {}
    contacts, handovers = schema.contacts.c, schema.handovers.c
    query = _standing().outerjoin(schema.handovers, handovers.id == contacts.handover)
    return {each.id: each for each in _read(connection, query.where(contacts.id.in_(ids)))}


def _known(row: Mapping[str, object]) -> dict[str, object]:
    """What has a value; a contact without a handover leaves that of the other table out."""
    return {str(name): value for name, value in row.items() if value is not None}
