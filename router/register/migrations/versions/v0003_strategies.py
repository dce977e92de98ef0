"""Strategy versions, their reports and who did what; and their life in service, as the journal tells it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(*names: str) -> list[sa.Column[str]]:
    """Columns of text."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def big(*names: str) -> list[sa.Column[int]]:
    """Columns of numbers."""
    return [sa.Column(name, BIG, nullable=False, autoincrement=False) for name in names]


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "strategies",
        *text("id", "state", "title", "version", "hash", "toml", "content", "author"),
        *big("rev", "created_at", "changed_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_strategies_hash", "strategies", ["hash"])
    op.create_index("ix_strategies_created_at", "strategies", ["created_at"])
    op.create_table(
        "strategy_reports",
        *text("strategy", "kind", "hash", "city_hash", "actor", "body"),
        *big("number", "at"),
        sa.Column("is_ok", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("strategy", "number"),
    )
    op.create_table(
        "strategy_steps",
        *text("strategy", "event", "before", "after", "hash", "actor", "reason", "forum", "decided_on"),
        *big("number", "at"),
        sa.PrimaryKeyConstraint("strategy", "number"),
    )
    op.create_table(
        "activation_moves",
        *text("strategy", "event", "before", "after", "actor", "reason", "activation"),
        *big("n", "at"),
        sa.PrimaryKeyConstraint("n", "strategy"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_activation_moves_strategy", "activation_moves", ["strategy", "n"])
