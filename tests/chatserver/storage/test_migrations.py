"""Databases of earlier versions, as they are after the migrations."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, select, text

import chatserver.storage
from chatserver.storage.database import open_database
from chatserver.storage.schema import chats, task_runs, tasks

MIGRATIONS = Path(chatserver.storage.__path__[0]) / "migrations"
CHAT = "INSERT INTO chats (chat_id, user_id, title, created_us, updated_us) VALUES ('{0}', 'ann', 'x', 1, 1)"
TASK = """
INSERT INTO tasks (task_id, user_id, description, status, created_us, queued_us, model, workspace, agent_type, workflow,
    chat_id, resumes, cost_picodollars, tokens, turns, attempts, changed_us)
VALUES ('{0}', 'ann', 'x', 'completed', {1}, 1, '', '{2}', '', '', {3}, false, 0, 0, 0, 1, 1)
"""


RUN = """
INSERT INTO task_runs (task_id, attempt, user_id, agent_type, workflow, status, queued_us, started_us, finished_us,
    cost_picodollars, tokens)
VALUES ('{0}', {1}, 'ann', '', '', 'failed', 1, {2}, 3, 0, 0)
"""


def make_database(url: str, revision: str, *statements: str) -> None:
    """Make a database of an earlier version."""
    engine, config = create_engine(url), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_a_chat_has_the_workspace_of_its_latest_task_and_tasks_have_chosen_nothing(database_url: str) -> None:
    """That is where Claude Code finds the session of the chat."""
    make_database(
        database_url, "0002", CHAT.format("used"), CHAT.format("empty"), TASK.format("a", 1, "/old", "'used'"),
        TASK.format("b", 2, "/shop", "'used'"), TASK.format("c", 3, "/other", "NULL"),
    )  # fmt: skip
    with open_database(database_url) as database:
        found = database.run_read_only(
            lambda connection: {row.chat_id: row.workspace for row in connection.execute(select(chats))}
        )
        assert found == {"used": "/shop", "empty": ""}
        rows = database.run_read_only(lambda connection: connection.execute(select(tasks)).all())
        assert {(row.permission_mode, row.agent, row.calls, row.running_picodollars) for row in rows} == {
            ("", "", 0, 0)
        }


def test_no_run_of_a_task_of_unknown_cost_is_known_to_have_all_of_it(database_url: str) -> None:
    make_database(
        database_url, "0005", TASK.format("whole", 1, "", "NULL"), TASK.format("killed", 2, "", "NULL"),
        "UPDATE tasks SET cost_known = false WHERE task_id = 'killed'", RUN.format("whole", 1, 2),
        RUN.format("killed", 1, 2), RUN.format("killed", 2, 2), RUN.format("killed", 3, "NULL"),
    )  # fmt: skip
    with open_database(database_url) as database:
        rows = database.run_read_only(lambda connection: connection.execute(select(task_runs)).all())
    assert {(row.task_id, row.attempt): row.cost_known for row in rows} == {
        ("whole", 1): True, ("killed", 1): False, ("killed", 2): False, ("killed", 3): True,
    }  # fmt: skip
