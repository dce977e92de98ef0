"""What an agent has left uncoded is found without reading everybody's outcomes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index; it holds uncoded outcomes only."""
    op.create_index(
        "ix_outcomes_uncoded",
        "outcomes",
        ["agent", "at"],
        sqlite_where=sa.text("resolution = 'uncoded'"),
        postgresql_where=sa.text("resolution = 'uncoded'"),
    )
