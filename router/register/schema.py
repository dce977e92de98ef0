"""The register's tables: the journal as it came, who has read how far, and everything derived from it.

Derived tables can always be dropped and made again from `journal`; nothing but the projector writes to journal and
derived tables. Strategy versions are no history of the service but papers of its own: `router.register.strategies`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from router.register import rows

metadata = MetaData()

BIG = BigInteger().with_variant(Integer(), "sqlite")
"""On SQLite an INTEGER key is the row's own address, a BIGINT key a second tree."""

KINDS: Mapping[object, tuple[TypeEngine[Any], bool]] = MappingProxyType(
    {
        str: (Text(), False),
        int: (BIG, False),
        bool: (Boolean(), False),
        int | None: (BIG, True),
        float | None: (Float(), True),
    }
)

journal = Table(
    "journal",
    metadata,
    Column("n", BIG, primary_key=True, autoincrement=False),
    Column("at", BIG, nullable=False),
    Column("command", Text, nullable=False),
    Column("entry", LargeBinary, nullable=False),
)
"""Entries byte for byte as they stood in the stream."""

content = Table(
    "content",
    metadata,
    Column("contact", Text, primary_key=True),
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("sha256", Text, nullable=False),
    Column("body", LargeBinary),
    Column("problem", Text, nullable=False),
    Column("disposed", BIG),
)
"""Write-once content records; `problem` is empty, `missing` or `mismatch`; `disposed` is when the body was removed."""
Index(
    "ix_content_problem",
    content.c.contact,
    sqlite_where=content.c.problem != "",
    postgresql_where=content.c.problem != "",
)

position = Table(
    "position",
    metadata,
    Column("name", Text, primary_key=True),
    Column("n", BIG, nullable=False),
    Column("at", BIG, nullable=False),
)
"""How far each reader of the journal has come; moved by compare-and-set in the reader's own transaction."""

stage_status = Table(
    "stage_status",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("n", BIG, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", BIG, nullable=False),
)
"""Why a stage stands still; no row means that it runs."""

register_meta = Table(
    "register_meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

strategies = Table(
    "strategies",
    metadata,
    *(Column(name, Text, primary_key=name == "id", nullable=False) for name in ("id", "state", "title", "version")),
    *(Column(name, Text, nullable=False) for name in ("hash", "toml", "content", "author")),
    *(Column(name, BIG, nullable=False) for name in ("rev", "created_at", "changed_at")),
)
"""Strategy versions: `toml` as it was written, `content` in canonical form."""
Index("ix_strategies_hash", strategies.c.hash)
Index("ix_strategies_created_at", strategies.c.created_at)

strategy_reports = Table(
    "strategy_reports",
    metadata,
    Column("strategy", Text, primary_key=True),
    Column("number", BIG, primary_key=True, autoincrement=False),
    *(Column(name, Text, nullable=False) for name in ("kind", "hash", "city_hash", "actor", "body")),
    Column("is_ok", Boolean, nullable=False),
    Column("at", BIG, nullable=False),
)
"""What checks and simulations of a version said, of which content, against which city."""

strategy_steps = Table(
    "strategy_steps",
    metadata,
    Column("strategy", Text, primary_key=True),
    Column("number", BIG, primary_key=True, autoincrement=False),
    *(Column(name, Text, nullable=False) for name in ("event", "before", "after", "hash")),
    *(Column(name, Text, nullable=False) for name in ("actor", "reason", "forum", "decided_on")),
    Column("at", BIG, nullable=False),
)
"""Who did what to a version before it was in service."""


def _derived(name: str, row: type[msgspec.Struct], *key: str, is_narrow: bool = False) -> Table:
    """A table with the struct's fields as columns; a narrow one lies in its key's tree on SQLite."""
    columns = [_column(field, field.name in key) for field in msgspec.structs.fields(row)]
    return Table(name, metadata, *columns, info={"row": row}, sqlite_with_rowid=not is_narrow)


def _column(field: msgspec.structs.FieldInfo, is_key: bool) -> Column[Any]:
    kind, is_nullable = KINDS[field.type]
    return Column(field.name, kind, primary_key=is_key, nullable=is_nullable, autoincrement=False)


contacts = _derived("contacts", rows.ContactRow, "id")
legs = _derived("legs", rows.LegRow, "id")
offers = _derived("offers", rows.OfferRow, "id")
decisions = _derived("decisions", rows.DecisionRow, "contact", "generation")
outcomes = _derived("outcomes", rows.OutcomeRow, "contact", "number", is_narrow=True)
cases = _derived("cases", rows.CaseRow, "id")
handovers = _derived("handovers", rows.HandoverRow, "id")
callbacks = _derived("callbacks", rows.ThingRow, "id")
closure_notices = _derived("closure_notices", rows.ThingRow, "id")
sendings = _derived("sendings", rows.ThingRow, "id")
agents = _derived("agents", rows.AgentRow, "id")
agent_states = _derived("agent_states", rows.AgentStateRow, "agent", "n", is_narrow=True)
messages = _derived("messages", rows.MessageRow, "contact", "n", is_narrow=True)
access_records = _derived("access_records", rows.AccessRow, "n")
person_contacts = _derived("person_contacts", rows.PersonContactRow, "person_key", "at", "contact", is_narrow=True)
person_links = _derived("person_links", rows.PersonLinkRow, "person_key", "person", is_narrow=True)
events = _derived("events", rows.EventRow, "integration", "source", "event_id", is_narrow=True)
activation_moves = _derived("activation_moves", rows.ActivationMoveRow, "n", "strategy", is_narrow=True)
goal_hours = _derived("goal_hours", rows.GoalRow, "hour", "kind", "channel", "topic", "name", is_narrow=True)

Index("ix_contacts_received_at", contacts.c.received_at)
Index("ix_legs_contact", legs.c.contact)
Index("ix_offers_contact", offers.c.contact)
Index(
    "ix_outcomes_uncoded",
    outcomes.c.agent,
    outcomes.c.at,
    sqlite_where=outcomes.c.resolution == "uncoded",
    postgresql_where=outcomes.c.resolution == "uncoded",
)
Index("ix_cases_contact", cases.c.contact)
Index("ix_handovers_contact", handovers.c.contact)
Index("ix_handovers_unit_state", handovers.c.unit, handovers.c.state, handovers.c.offered_at)
Index("ix_access_records_contact", access_records.c.contact)
Index("ix_agent_states_from_at", agent_states.c.from_at)
Index("ix_activation_moves_strategy", activation_moves.c.strategy, activation_moves.c.n)

DERIVED: tuple[Table, ...] = tuple(table for table in metadata.sorted_tables if "row" in table.info)
"""What a rebuild empties and fills again."""

JOURNAL, DERIVATION, FORGOTTEN = "journal", "derived", "forgotten"
"""Names of positions; the first two are stages too."""
