"""The construction of the task manager and the pool."""

from __future__ import annotations

import socket

from chatserver.settings import ServerSettings
from chatserver.storage.database import Database
from chatserver.tasks.endings import DIRECTORY, Endings
from chatserver.tasks.feed import ChangeFeed
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.pool import TaskPool
from chatserver.tasks.queries import TaskQueries
from chatserver.tasks.recording import TaskRecording
from chatserver.tasks.run_context import RunContext
from chatserver.tasks.servers import Servers
from chatserver.tasks.store import TaskStore
from exporter.prices.table import load_prices


def open_tasks(
    database: Database, settings: ServerSettings, *, server: str | None = None
) -> tuple[TaskManager, TaskPool]:
    """The manager, and the pool, which runs nothing before it is started; a server is named by its host and port."""
    store, queries = TaskStore(database), TaskQueries(database)
    feed = ChangeFeed(queries)
    manager = TaskManager(store, queries, feed, settings)
    exporter = settings.exporter
    context = RunContext(
        store, queries, feed, Endings(exporter.data_dir / DIRECTORY, store, feed), manager.outputs,
        settings.tasks, settings.environment,
        TaskRecording(exporter.sessions_dirs, settings.tasks.user, exporter.managed_settings),
        exporter.sessions_dirs[0], exporter.transcript_roots,
        load_prices(exporter.prices_file, exporter.managed_settings),
    )  # fmt: skip
    name = server or f"{socket.gethostname()}:{settings.listen.port}"
    return manager, TaskPool(context, Servers(database, name))
