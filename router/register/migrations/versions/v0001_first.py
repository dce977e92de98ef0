"""The register as first released. Never edited again: a later change is a migration of its own."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table."""
    create_read()
    create_contacts()
    create_agents_and_cases()
    create_narrow()
    create_indexes()


def create(
    name: str,
    key: str,
    *,
    text: str = "",
    big: str = "",
    maybe_big: str = "",
    flag: str = "",
    maybe_float: str = "",
    blob: str = "",
    maybe_blob: str = "",
    is_narrow: bool = False,
) -> None:
    """Create one table from the names of its columns, by kind; those in `key` stand under their kind as well."""
    kinds: tuple[tuple[str, TypeEngine[Any], bool], ...] = (
        (text, sa.Text(), False),
        (big, BIG, False),
        (maybe_big, BIG, True),
        (flag, sa.Boolean(), False),
        (maybe_float, sa.Float(), True),
        (blob, sa.LargeBinary(), False),
        (maybe_blob, sa.LargeBinary(), True),
    )
    columns = [
        sa.Column(column, kind, nullable=is_nullable, autoincrement=False)
        for names, kind, is_nullable in kinds
        for column in names.split()
    ]
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key.split()), sqlite_with_rowid=not is_narrow)


def create_read() -> None:
    """Create the journal, its content, and who has read how far."""
    create(
        "content",
        "contact number",
        text="contact sha256 problem",
        big="number",
        maybe_blob="body",
        maybe_big="disposed",
    )
    create("journal", "n", big="n at", text="command", blob="entry")
    create("position", "name", text="name", big="n at")
    create("register_meta", "key", text="key value")
    create("stage_status", "stage", text="stage state reason", big="n at")


def create_contacts() -> None:
    """Create contacts with their legs, offers and decisions."""
    create("closure_notices", "id", text="id contact state reason", big="rev began_at changed_at")
    create(
        "contacts",
        "id",
        text="id state channel medium topic severity person person_keys identity protection language "
        "authority integration source event_id preferred_notice related_to queue bucket agent unit "
        "handover reason",
        big="rev received_at topic_confidence generation offers legs matters open_promises changed_at changed_n",
        maybe_float="lat lon",
        flag="is_observed",
        maybe_big="order_class ready_at due_at offered_at accepted_at ended_at closed_at",
    )
    create("decisions", "contact generation", text="contact command decision", big="generation n at")
    create(
        "handovers",
        "id",
        text="id contact case_id state unit agreement topic criterion reason status outcomes",
        big="rev generation accept_by contact_by finish_by offered_at changed_at",
        maybe_big="accepted_at returned_at done_at overdue_at",
    )
    create(
        "legs",
        "id",
        text="id contact agent state reason",
        big="rev since began_at hold_ms interrupted_ms",
        maybe_big="connected_at wrapping_at ended_at",
    )
    create(
        "offers",
        "id",
        text="id contact agent state medium queue reason chosen",
        big="rev issued_at expires_at",
        maybe_big="ended_at",
    )


def create_agents_and_cases() -> None:
    """Create agents, cases, handovers, promises to residents and access records."""
    create("access_records", "n", big="n at", text="contact agent actor purpose")
    create(
        "agents",
        "id",
        text="id profile presence reason form lease session",
        big="presence_rev lease_rev",
        maybe_big="since interval_n lease_at",
    )
    create("callbacks", "id", text="id contact state reason", big="rev began_at changed_at")
    create(
        "cases",
        "id",
        text="id contact unit topic state status",
        big="rev opened_at changed_at",
        maybe_big="started_at closed_at",
    )


def create_narrow() -> None:
    """Create the derived tables that lie in their key's tree on SQLite."""
    create(
        "agent_states", "agent n", text="agent state reason form", big="n from_at", maybe_big="to_at", is_narrow=True
    )
    create("events", "integration source event_id", text="integration source event_id contact", is_narrow=True)
    create(
        "goal_hours", "hour kind channel topic name", big="hour count", text="kind channel topic name", is_narrow=True
    )
    create("messages", "contact n", text="contact kind actor", big="n number at", is_narrow=True)
    create(
        "outcomes",
        "contact number",
        text="contact topic resolution clicked contact_reason cause evidence agent handover",
        big="number at",
        flag="is_returned",
        is_narrow=True,
    )
    create(
        "person_contacts",
        "person_key at contact",
        text="person_key contact topic",
        big="at",
        flag="has_promise",
        is_narrow=True,
    )
    create("person_links", "person_key person", text="person_key person", is_narrow=True)


def create_indexes() -> None:
    """Create the ways in that are not the key."""
    op.create_index("ix_access_records_contact", "access_records", ["contact"])
    op.create_index("ix_agent_states_from_at", "agent_states", ["from_at"])
    op.create_index("ix_cases_contact", "cases", ["contact"])
    op.create_index("ix_contacts_received_at", "contacts", ["received_at"])
    op.create_index(
        "ix_content_problem",
        "content",
        ["contact"],
        sqlite_where=sa.text("problem <> ''"),
        postgresql_where=sa.text("problem <> ''"),
    )
    op.create_index("ix_handovers_contact", "handovers", ["contact"])
    op.create_index("ix_handovers_unit_state", "handovers", ["unit", "state", "offered_at"])
    op.create_index("ix_legs_contact", "legs", ["contact"])
    op.create_index("ix_offers_contact", "offers", ["contact"])
