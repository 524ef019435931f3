"""What people choose for a task, and the workspace of a chat."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORKSPACES = """
UPDATE chats SET workspace = coalesce((
    SELECT tasks.workspace FROM tasks WHERE tasks.chat_id = chats.chat_id ORDER BY tasks.created_us DESC LIMIT 1
), '')
"""


def upgrade() -> None:
    """Add the columns; a chat has the workspace of its latest task."""
    for table, name in (("tasks", "permission_mode"), ("tasks", "agent"), ("chats", "workspace")):
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.execute(WORKSPACES)
