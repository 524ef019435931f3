"""The tables of the server's database. Every change needs a migration in migrations/versions, and its revision here."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, MetaData, Table, Text, true

REVISION = "0006"
metadata = MetaData()


class SchemaError(Exception):
    """The database has the schema of no known version."""


users = Table(
    "users",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    # Tokens with another value are revoked; it changes with the password.
    Column("tokens_valid_from_us", BigInteger, nullable=False),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("jti", Text, primary_key=True),
    Column("expires_us", BigInteger, nullable=False),
)

chats = Table(
    "chats",
    metadata,
    Column("chat_id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    # The Claude Code session, once there is one that can be continued.
    Column("session_uuid", Text),
    # The directory of its tasks: Claude Code finds a session only in the one that it was started in.
    Column("workspace", Text, nullable=False, server_default=""),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
)
Index("idx_chats_user_updated", chats.c.user_id, chats.c.updated_us)

messages = Table(
    "messages",
    metadata,
    Column("message_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("chat_id", Text, ForeignKey("chats.chat_id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("task_id", Text),
    # The id that the client gives a message, so that one that is sent again is not added twice.
    Column("client_id", Text),
    Column("created_us", BigInteger, nullable=False),
    sqlite_autoincrement=True,  # deleted ids are not reused: clients continue after the last that they have
)
Index("idx_messages_chat", messages.c.chat_id, messages.c.message_id)
Index("idx_messages_client", messages.c.chat_id, messages.c.client_id, unique=True)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("queued_us", BigInteger, nullable=False),
    Column("started_us", BigInteger),
    Column("finished_us", BigInteger),
    Column("model", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("permission_mode", Text, nullable=False, server_default=""),
    Column("agent", Text, nullable=False, server_default=""),
    Column("agent_type", Text, nullable=False),
    Column("workflow", Text, nullable=False),
    Column("chat_id", Text, ForeignKey("chats.chat_id", ondelete="SET NULL")),
    Column("session_uuid", Text),
    Column("resumes", Boolean, nullable=False),
    Column("server", Text),
    Column("pid", Integer),
    Column("process_started", Double),
    Column("result", Text),
    Column("error", Text),
    Column("error_category", Text),
    Column("progress", Double),
    Column("cost_picodollars", BigInteger, nullable=False),
    # Whether the cost is that of all runs: one that was killed may have left neither a result nor a transcript.
    Column("cost_known", Boolean, nullable=False, server_default=true()),
    # The cost so far of a run that has not ended.
    Column("running_picodollars", BigInteger, nullable=False, server_default="0"),
    # The tokens whose cost is not in that, as their models have no known price.
    Column("running_unpriced_tokens", BigInteger, nullable=False, server_default="0"),
    Column("tokens", BigInteger, nullable=False),
    Column("turns", Integer, nullable=False),
    # Of the latest run:
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("failed_calls", Integer, nullable=False, server_default="0"),
    Column("denied_calls", Integer, nullable=False, server_default="0"),
    Column("interrupted_calls", Integer, nullable=False, server_default="0"),
    Column("changed_files", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False),
    Column("max_budget_picodollars", BigInteger),
    Column("max_turns", Integer),
    Column("timeout_seconds", Integer),
    Column("changed_us", BigInteger, nullable=False),
)
Index("idx_tasks_user_status", tasks.c.user_id, tasks.c.status)
Index("idx_tasks_created", tasks.c.created_us, tasks.c.task_id)
Index("idx_tasks_queue", tasks.c.status, tasks.c.queued_us)
Index("idx_tasks_chat", tasks.c.chat_id)
Index("idx_tasks_changed", tasks.c.changed_us)
Index("idx_tasks_server", tasks.c.server)
Index("idx_tasks_user_started", tasks.c.user_id, tasks.c.started_us)

# What the latest run of a task has done, as JSON: the steps are read together, and of few tasks.
task_steps = Table(
    "task_steps",
    metadata,
    Column("task_id", Text, ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("steps", Text, nullable=False),
)

# A row for each end of a task, so that counts and costs stay when tasks are deleted.
task_runs = Table(
    "task_runs",
    metadata,
    Column("run_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("task_id", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("agent_type", Text, nullable=False),
    Column("workflow", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("session_uuid", Text),
    Column("queued_us", BigInteger, nullable=False),
    Column("started_us", BigInteger),
    Column("finished_us", BigInteger, nullable=False),
    Column("cost_picodollars", BigInteger, nullable=False),
    # Whether that is known to be the whole cost of the run.
    Column("cost_known", Boolean, nullable=False, server_default=true()),
    Column("tokens", BigInteger, nullable=False),
)
Index("idx_task_runs_finished", task_runs.c.finished_us)
Index("idx_task_runs_session", task_runs.c.session_uuid)
Index("idx_task_runs_task", task_runs.c.task_id, task_runs.c.attempt)

servers = Table(
    "servers",
    metadata,
    Column("server", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)
