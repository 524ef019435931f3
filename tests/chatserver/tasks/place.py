"""Servers for tests: managers and pools on one database, and what their fake Claude Codes were told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.settings import ServerSettings, TaskSettings
from chatserver.storage.database import Database
from chatserver.tasks.factory import open_tasks
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.pool import TaskPool
from chatserver.tasks.records import ENDED, NewTask, Task, TaskStatus
from exporter.counting.budgets import Budgets
from exporter.settings import Settings
from exporter.web.listen_address import ListenAddress
from tests.chatserver.people import ANN, BOB, add_people
from tests.e2e.processes import wait_for
from tests.fakes import claude
from tests.support.whole_lines import whole_lines

LISTEN = ListenAddress("127.0.0.1", 3000)


@dataclass
class Place:
    """Where tasks run."""

    directory: Path
    database: Database
    claude: str
    environment: Mapping[str, str]
    transcript_roots: tuple[str, ...] = ()
    closing: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        add_people(self.database, ANN, BOB)

    @property
    def workspace(self) -> Path:
        return self.directory / "work"

    @property
    def sessions(self) -> Path:
        """Where the hooks of tasks write their logs."""
        return self.directory / "sessions"

    def settings(self, *, day: int | None = None, **tasks: Any) -> ServerSettings:
        exporter = Settings(
            (self.sessions,), self.directory, LISTEN, None, 10, self.transcript_roots, budgets=Budgets(day)
        )
        chosen = replace(TaskSettings(self.claude, (self.workspace,)), **tasks)
        return ServerSettings(exporter, LISTEN, "", b"", chosen, environment=self.environment)

    def manager(self, **settings: Any) -> TaskManager:
        return open_tasks(self.database, self.settings(**settings))[0]

    def server(self, name: str = "here", **settings: Any) -> tuple[TaskManager, TaskPool]:
        """A server that runs tasks until the test is over."""
        manager, pool = open_tasks(self.database, self.settings(**settings), server=name)
        self.closing.callback(pool.stop)
        pool.start()
        return manager, pool

    def calls(self) -> list[dict[str, Any]]:
        """How Claude Code was called, each time."""
        log = self.workspace / claude.CALLS
        return [json.loads(line) for line in whole_lines(log)] if log.exists() else []


def ask(manager: TaskManager, *lines: str, user: Viewer = ANN, **more: Any) -> Task:
    return manager.create(NewTask(user, "\n".join(lines) or "exit 0", **more))


def when(manager: TaskManager, task: Task, is_so: Callable[[Task], bool], what: str) -> Task:
    def look() -> Task | None:
        found = manager.get(task.task_id, LOCAL_ADMIN)
        return found if is_so(found) else None

    return wait_for(look, f"task {task.task_id} to be {what}")


def ended(manager: TaskManager, task: Task) -> Task:
    """The task once it has ended, and no process of it is left."""
    return when(manager, task, lambda found: found.status in ENDED and found.server is None, "over")


def running(manager: TaskManager, task: Task) -> Task:
    return when(manager, task, lambda found: found.status is TaskStatus.RUNNING and found.pid is not None, "running")


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
