"""Of which runs the whole cost is known."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The tasks that lack something do not say in which of their runs.
INCOMPLETE = """
UPDATE task_runs SET cost_known = false WHERE started_us IS NOT NULL
    AND task_id IN (SELECT tasks.task_id FROM tasks WHERE NOT tasks.cost_known)
"""


def upgrade() -> None:
    """Add the column; of a task whose cost is not known, no run that started is known to have all of it."""
    op.add_column("task_runs", sa.Column("cost_known", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute(INCOMPLETE)
