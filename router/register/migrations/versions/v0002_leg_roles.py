"""Legs say as what somebody took part: owner, consult or supervisor."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; every leg so far was an owner's. An older router goes on writing rows without it."""
    op.add_column("legs", sa.Column("role", sa.Text(), nullable=False, server_default="owner"))
