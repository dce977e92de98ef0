"""The register's read side: one function per question. Blocking: call them in a thread. Nothing here writes."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, Select, Table, func, select

from router.errors import NotFound
from router.measures.handling import handling_ms
from router.register import schema
from router.register.documents import (
    CaseDocument,
    ContactDocument,
    DecisionDocument,
    HandoverDocument,
    HistoryItem,
    LagDocument,
    LegDocument,
    MatterDocument,
    OfferDocument,
    OutcomeDocument,
    Page,
    StallDocument,
    WhyDocument,
)
from router.register.engine import using
from router.register.positions import read_position

Document = TypeVar("Document", bound=msgspec.Struct)


def contact(engine: Engine, contact_id: str) -> ContactDocument:
    """A contact with its legs, offers, outcomes, case and handovers.

    Raises:
        NotFound: the register has no such contact (yet).
        RegisterUnavailable: the register does not answer.
    """
    with using(engine) as connection:
        row = _one(connection, schema.contacts, contact_id)
        cases = _of_contact(connection, schema.cases, CaseDocument, contact_id, "opened_at")
        legs = _of_contact(connection, schema.legs, LegDocument, contact_id, "began_at")
        return _document(
            ContactDocument,
            row
            | {
                "handling_ms": handling_ms(legs),
                "legs": legs,
                "offers": _of_contact(connection, schema.offers, OfferDocument, contact_id, "issued_at"),
                "outcomes": _of_contact(connection, schema.outcomes, OutcomeDocument, contact_id, "number"),
                "case": cases[-1] if cases else None,
                "handovers": _of_contact(connection, schema.handovers, HandoverDocument, contact_id, "offered_at"),
            },
        )


def decisions(engine: Engine, contact_id: str) -> WhyDocument:
    """Every generation of a contact's decision and every offer, with winners and losers.

    Raises:
        NotFound: the register has no such contact (yet).
        RegisterUnavailable: the register does not answer.
    """
    with using(engine) as connection:
        _one(connection, schema.contacts, contact_id)
        return WhyDocument(
            contact_id,
            _of_contact(connection, schema.decisions, DecisionDocument, contact_id, "generation"),
            _of_contact(connection, schema.offers, OfferDocument, contact_id, "issued_at"),
        )


def case(engine: Engine, case_id: str) -> CaseDocument:
    """A case.

    Raises:
        NotFound: the register has no such case (yet).
        RegisterUnavailable: the register does not answer.
    """
    with using(engine) as connection:
        return _document(CaseDocument, _one(connection, schema.cases, case_id))


def integration_of(engine: Engine, contact_id: str) -> str | None:
    """Which integration posted a contact; None when the register has no such contact (yet)."""
    contacts = schema.contacts.c
    with using(engine) as connection:
        return connection.scalar(select(contacts.integration).where(contacts.id == contact_id))


def event_contact(engine: Engine, integration: str, source: str, event_id: str) -> str | None:
    """The contact that an integration's event became, however long ago; None when it never came."""
    events = schema.events.c
    query = select(events.contact).where(
        events.integration == integration, events.source == source, events.event_id == event_id
    )
    with using(engine) as connection:
        return connection.scalar(query)


def handovers(
    engine: Engine, *, unit: str = "", state: str = "", limit: int = 50, page: int = 1
) -> Page[HandoverDocument]:
    """Handovers, newest first, of a unit or in a state when these are named."""
    table = schema.handovers
    query = select(*table.c, func.count().over().label("total"))
    query = query.where(table.c.unit == unit) if unit else query
    query = query.where(table.c.state == state) if state else query
    query = query.order_by(table.c.offered_at.desc(), table.c.id.desc())
    with using(engine) as connection:
        rows = _page(connection, query, limit, page)
        total = rows[0]["total"] if rows else _total(connection, query)
    return Page([_document(HandoverDocument, row) for row in rows], total, limit, page)


def history(
    engine: Engine, *, person_keys: Sequence[str] = (), contact_id: str = "", limit: int = 20, page: int = 1
) -> Page[HistoryItem]:
    """Contacts of whoever has these keys, or of the person of a contact, newest first, in one query."""
    past, rows = schema.person_contacts, schema.contacts
    keys = (
        select(rows.c.person).where(rows.c.id == contact_id, rows.c.person != "") if contact_id else list(person_keys)
    )
    mine = select(past.c.contact).where(past.c.person_key.in_(keys)).distinct()
    listed = select(*rows.c, func.count().over().label("total")).where(rows.c.id.in_(mine))
    listed = listed.order_by(rows.c.received_at.desc(), rows.c.id.desc())
    cut = listed.limit(limit).offset(limit * (page - 1)).subquery()
    matters = schema.outcomes.c
    query = (
        select(cut, matters.topic.label("matter"), matters.resolution)
        .outerjoin(schema.outcomes, matters.contact == cut.c.id)
        .order_by(cut.c.received_at.desc(), cut.c.id.desc(), matters.number)
    )
    with using(engine) as connection:
        found = [dict(row) for row in connection.execute(query).mappings()]
        total = found[0]["total"] if found else _total(connection, listed)
    return Page(_items(found), total, limit, page)


def lag(engine: Engine) -> LagDocument:
    """How far the register has come, and why a stage stands still."""
    journal, meta = schema.journal.c, schema.register_meta.c
    with using(engine) as connection:
        stored = read_position(connection, schema.JOURNAL)
        derived = read_position(connection, schema.DERIVATION)
        written = select(journal.n, journal.at).where(journal.n.in_([stored, derived]))
        at = {row[0]: row[1] for row in connection.execute(written)}
        stalls = connection.execute(select(*schema.stage_status.c).order_by(schema.stage_status.c.stage))
        return LagDocument(
            register_id=connection.scalar(select(meta.value).where(meta.key == "register_id")) or "",
            journal_n=stored,
            derived_n=derived,
            forgotten_n=read_position(connection, schema.FORGOTTEN),
            journal_at=at.get(stored, 0),
            derived_at=at.get(derived, 0),
            stalls=[StallDocument(*row) for row in stalls],
        )


def _items(found: Sequence[Mapping[str, Any]]) -> list[HistoryItem]:
    items: dict[str, HistoryItem] = {}
    for row in found:
        item = items.get(row["id"])
        if item is None:
            known: dict[str, object] = {"has_open_promise": row["open_promises"] > 0, "matters": list[MatterDocument]()}
            item = items[row["id"]] = _document(HistoryItem, {**row, **known})
        if row["resolution"] is not None:
            item.matters.append(MatterDocument(row["matter"], row["resolution"]))
    return list(items.values())


def _one(connection: Connection, table: Table, thing_id: str) -> dict[str, Any]:
    row = connection.execute(select(*table.c).where(table.c.id == thing_id)).mappings().first()
    if row is None:
        raise NotFound(field="id")
    return dict(row)


def _of_contact(
    connection: Connection, table: Table, kind: type[Document], contact_id: str, order: str
) -> list[Document]:
    query = select(*table.c).where(table.c.contact == contact_id).order_by(table.c[order], *table.primary_key)
    return [_document(kind, dict(row)) for row in connection.execute(query).mappings()]


def _page(connection: Connection, query: Select[Any], limit: int, page: int) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query.limit(limit).offset(limit * (page - 1))).mappings()]


def _total(connection: Connection, query: Select[Any]) -> int:
    """How many there are, when the page asked for lies behind the last."""
    return connection.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _document(kind: type[Document], row: Mapping[str, Any]) -> Document:
    """The struct from the columns of the same names; JSON columns pass through as they are."""
    return kind(**{field.name: _value(field.type, row[field.name]) for field in msgspec.structs.fields(kind)})


def _value(kind: object, value: object) -> object:
    return msgspec.Raw(str(value or "null").encode()) if kind is msgspec.Raw else value
