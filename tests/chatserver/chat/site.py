"""A server that is nothing but accounts, tasks and chats; a module of its own for gunicorn, too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask

from chatserver.accounts.tokens import Tokens
from chatserver.accounts.users import User, Users
from chatserver.api.chats import chats
from chatserver.api.socket_io import socket_io
from chatserver.chat.events import Conversations
from chatserver.chat.history import Chats
from chatserver.chat.hub import ChatHub
from chatserver.commands import CommandHandler
from chatserver.middleware import errors, gate
from chatserver.services import EXTENSION
from chatserver.settings import ServerSettings, TaskSettings
from chatserver.storage.database import Database, open_database
from chatserver.tasks.factory import open_tasks
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.pool import TaskPool
from chatserver.web.origins import Origins, allowed_origins
from exporter.settings import Settings
from exporter.web.listen_address import parse_listen

KEY = b"a key of the tests that is long enough"
PASSWORD = "correct horse battery"
DIRECTORY, URL, CLAUDE = "CHAT_TEST_DIRECTORY", "CHAT_TEST_URL", "CHAT_TEST_CLAUDE"


def made_settings(directory: Path, url: str, claude: str, **changes: Any) -> ServerSettings:
    exporter = Settings((directory / "sessions",), directory / "data", parse_listen("127.0.0.1:0"), None, 10)
    tasks = TaskSettings(claude, (directory / "work",), permission_mode="acceptEdits")
    settings = ServerSettings(exporter, parse_listen("127.0.0.1:3000"), url, KEY, tasks, environment=dict(os.environ))
    return replace(settings, **changes)


@dataclass(frozen=True)
class Site:
    """What the views find as the app's services."""

    app: Flask
    settings: ServerSettings
    origins: Origins
    database: Database
    users: Users
    tokens: Tokens
    manager: TaskManager
    pool: TaskPool
    chats: Chats
    hub: ChatHub

    def user(self, name: str = "ann", role: str = "user") -> User:
        return self.users.add_user(name, PASSWORD, role)


@contextmanager
def made_site(settings: ServerSettings) -> Iterator[Site]:
    """A site that is not started."""
    for directory in (*settings.tasks.workspaces, settings.exporter.data_dir):
        directory.mkdir(exist_ok=True)
    with open_database(settings.database_url) as database:
        users, tokens, kept = Users(database, 4), Tokens(database, settings), Chats(database)
        manager, pool = open_tasks(database, settings)
        hub = ChatHub(kept, tokens, manager, Conversations(kept, manager, CommandHandler(manager)))
        app = Flask("tests.chat", static_folder=None)
        errors.install(app)
        gate.install(app)
        for blueprint in (socket_io, chats):
            app.register_blueprint(blueprint)
        origins = allowed_origins(settings.listen.host, settings.hosts, settings.origins)
        site = Site(app, settings, origins, database, users, tokens, manager, pool, kept, hub)
        app.extensions[EXTENSION] = site
        yield site


@contextmanager
def started(site: Site) -> Iterator[Site]:
    """The site at work."""
    site.hub.start()
    site.pool.start()
    try:
        yield site
    finally:
        site.hub.close()
        site.pool.stop()


def app() -> Flask:
    """The app for gunicorn, whose parts the environment names."""
    stack = ExitStack()
    directory = Path(os.environ[DIRECTORY])
    site = stack.enter_context(made_site(made_settings(directory, os.environ[URL], os.environ[CLAUDE])))
    stack.enter_context(started(site))
    site.app.extensions["closing"] = stack
    return site.app
