"""What tasks do, and what running ones have cost so far."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COUNTS = ("calls", "failed_calls", "denied_calls", "interrupted_calls", "changed_files")


def upgrade() -> None:
    """Add the columns and the table; of earlier tasks, nothing is known."""
    op.add_column("tasks", sa.Column("running_picodollars", sa.BigInteger(), nullable=False, server_default="0"))
    for name in COUNTS:
        op.add_column("tasks", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "task_steps",
        sa.Column("task_id", sa.Text(), sa.ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
    )
