"""What is written to residents and whether it got there."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "sendings",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "contact", "state", "reason")),
        *(sa.Column(name, BIG, nullable=False, autoincrement=False) for name in ("rev", "began_at", "changed_at")),
        sa.PrimaryKeyConstraint("id"),
    )
