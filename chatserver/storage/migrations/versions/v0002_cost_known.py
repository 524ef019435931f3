"""Whether the cost of a task is known."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the costs of earlier tasks are taken for known."""
    op.add_column("tasks", sa.Column("cost_known", sa.Boolean(), nullable=False, server_default=sa.true()))
