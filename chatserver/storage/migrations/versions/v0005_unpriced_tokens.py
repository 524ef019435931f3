"""What the cost so far of a running task lacks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("tasks", sa.Column("running_unpriced_tokens", sa.BigInteger(), nullable=False, server_default="0"))
