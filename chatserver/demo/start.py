"""The demo's server: its own database with an account, tasks and conversations, and its own Claude Code."""

from __future__ import annotations

import secrets
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from chatserver.accounts.users import ADMIN, Users
from chatserver.accounts.viewer import Viewer
from chatserver.chat.history import Chats, NewMessage, Role
from chatserver.demo.prompts import CONVERSATIONS, TASKS
from chatserver.settings import ServerSettings
from chatserver.storage.database import Database, open_database
from chatserver.storage.location import database_url
from chatserver.tasks.factory import open_tasks
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import NewTask
from exporter.counting.budgets import Budgets
from exporter.demo.directories import DemoDirectories
from exporter.model.money import PICODOLLARS
from exporter.terminal.messages import say

USER = "demo"
PASSWORD_BYTES = 9
BUDGETS = Budgets(day=50 * PICODOLLARS, month=900 * PICODOLLARS)


def demo_settings(settings: ServerSettings, demo: DemoDirectories) -> ServerSettings:
    """The settings with everything that the demo has of its own; budgets only where none are set."""
    given = settings.exporter.budgets
    budgets = Budgets(given.day or BUDGETS.day, given.month or BUDGETS.month)
    exporter = replace(
        settings.exporter, sessions_dirs=(demo.sessions,), transcript_roots=(str(demo.transcripts),),
        data_dir=demo.data, budgets=budgets,
    )  # fmt: skip
    workspace = demo.data.with_name("workspace")
    tasks = replace(settings.tasks, claude=str(demo.data.with_name("claude")), workspaces=(workspace,), user=None)
    return replace(settings, exporter=exporter, database_url=database_url(None, demo.data), tasks=tasks)


def prepare_demo(settings: ServerSettings, demo: DemoDirectories) -> None:
    """Write the program, and an account with pending tasks and conversations. Raises DatabaseError."""
    _write_program(Path(settings.tasks.claude), demo)
    for directory in (demo.data, *settings.tasks.workspaces):
        directory.mkdir(exist_ok=True)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with open_database(settings.database_url) as database:
        viewer = Users(database).add_user(USER, password, ADMIN).viewer
        _add_tasks(database, settings, viewer)
    say(f"Log in as {USER} with the password {password} to see its tasks and conversations.")


def _write_program(path: Path, demo: DemoDirectories) -> None:
    command = [sys.executable, "-P", "-m", "chatserver.demo.claude", str(demo.sessions), str(demo.transcripts)]
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    path.chmod(0o700)


def _add_tasks(database: Database, settings: ServerSettings, viewer: Viewer) -> None:
    manager, _ = open_tasks(database, settings)
    chats = Chats(database)
    for task in CONVERSATIONS:
        _start_conversation(chats, manager, viewer, task.prompt)
    for task in TASKS:
        manager.create(NewTask(viewer, task.prompt))


def _start_conversation(chats: Chats, manager: TaskManager, viewer: Viewer, prompt: str) -> None:
    chat = chats.create(viewer.user_id, prompt)
    message, _ = chats.add_message(NewMessage(chat.chat_id, Role.USER, prompt, secrets.token_hex(8)))
    manager.create(NewTask(viewer, prompt, chat_id=chat.chat_id, message_id=message.message_id))
