"""Databases of earlier versions, as they are after the migrations."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, select, text

import chatserver.storage
from chatserver.storage.database import open_database
from chatserver.storage.schema import chats, tasks

MIGRATIONS = Path(chatserver.storage.__path__[0]) / "migrations"
CHAT = "INSERT INTO chats (chat_id, user_id, title, created_us, updated_us) VALUES ('{0}', 'ann', 'x', 1, 1)"
TASK = """
INSERT INTO tasks (task_id, user_id, description, status, created_us, queued_us, model, workspace, agent_type, workflow,
    chat_id, resumes, cost_picodollars, tokens, turns, attempts, changed_us)
VALUES ('{0}', 'ann', 'x', 'completed', {1}, 1, '', '{2}', '', '', {3}, false, 0, 0, 0, 1, 1)
"""


def test_a_chat_has_the_workspace_of_its_latest_task_and_tasks_have_chosen_nothing(database_url: str) -> None:
    """That is where Claude Code finds the session of the chat."""
    engine, config = create_engine(database_url), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for statement in (
            CHAT.format("used"), CHAT.format("empty"), TASK.format("a", 1, "/old", "'used'"),
            TASK.format("b", 2, "/shop", "'used'"), TASK.format("c", 3, "/other", "NULL"),
        ):  # fmt: skip
            connection.execute(text(statement))
    engine.dispose()
    with open_database(database_url) as database:
        found = database.run_read_only(
            lambda connection: {row.chat_id: row.workspace for row in connection.execute(select(chats))}
        )
        assert found == {"used": "/shop", "empty": ""}
        rows = database.run_read_only(lambda connection: connection.execute(select(tasks)).all())
        assert {(row.permission_mode, row.agent, row.calls, row.running_picodollars) for row in rows} == {
            ("", "", 0, 0)
        }
