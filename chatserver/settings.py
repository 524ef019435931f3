"""The settings of the server, read once and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatserver.task_user import TaskUser
from exporter.settings import Settings
from exporter.web.hosts import is_loopback
from exporter.web.listen_address import ListenAddress

DEFAULT_LISTEN = "127.0.0.1:3000"
DEFAULT_ORIGINS = ("http://localhost:3000", "http://localhost:3001")
DEFAULT_SLOTS = 3
DEFAULT_TASK_TIMEOUT_SECONDS = 3600
MAX_EXIT_SECONDS = 300.0  # without output after the result, as hooks of SessionEnd run before Claude Code exits
TOKEN_SECONDS = 12 * 3600
# The permission modes of Claude Code, by how much they let an agent do where nobody is asked.
PERMISSIVENESS = {"plan": 0, "dontAsk": 1, "manual": 1, "acceptEdits": 2, "auto": 3, "bypassPermissions": 4}
DEFAULT_MODE = "manual"


@dataclass(frozen=True, slots=True)
class TaskSettings:
    """Settings of tasks. Amounts are picodollars; None means no limit.

    A task works in one of `workspaces` or a directory below, by default in the first, and runs as `user`, by default
    the server's. An empty `model` or `permission_mode` leaves the choice to Claude Code. Users choose among `models`,
    if any are named, and among `permission_modes`, by default those that let a task do no more than `permission_mode`.
    """

    claude: str
    workspaces: tuple[Path, ...]
    user: TaskUser | None = None
    slots: int = DEFAULT_SLOTS
    model: str = ""
    permission_mode: str = ""
    timeout_seconds: int = DEFAULT_TASK_TIMEOUT_SECONDS
    exit_seconds: float = MAX_EXIT_SECONDS
    max_budget: int | None = None
    max_turns: int | None = None
    models: tuple[str, ...] = ()
    permission_modes: tuple[str, ...] = ()

    @property
    def allowed_models(self) -> tuple[str, ...]:
        """The models that users may choose; empty if they may choose any."""
        return tuple(dict.fromkeys(filter(None, (self.model, *self.models)))) if self.models else ()

    @property
    def allowed_modes(self) -> tuple[str, ...]:
        """The permission modes that users may choose."""
        if self.permission_modes:
            return tuple(dict.fromkeys(filter(None, (self.permission_mode, *self.permission_modes))))
        limit = PERMISSIVENESS[self.permission_mode or DEFAULT_MODE]
        return tuple(mode for mode, permissiveness in PERMISSIVENESS.items() if permissiveness <= limit)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Settings of the server. `exporter` has the directories of logs, transcripts and data, and the budgets.

    Without a `secret_key`, in development only, one is stored in the data directory. `environment` is what child
    processes inherit.
    """

    exporter: Settings
    listen: ListenAddress
    database_url: str = field(repr=False)
    secret_key: bytes | None = field(repr=False)
    tasks: TaskSettings
    secret_key_file: Path | None = None
    production: bool = False
    registration: bool = True
    origins: tuple[str, ...] = DEFAULT_ORIGINS
    hosts: tuple[str, ...] = ()
    token_seconds: int = TOKEN_SECONDS
    proxies: int = 0
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def may_register(self) -> bool:
        """Whether people may register."""
        return self.registration and not self.production

    @property
    def allows_local_reading(self) -> bool:
        """Whether the account that runs the server may read without a token."""
        return not self.production and is_loopback(self.listen.host)
