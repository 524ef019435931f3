"""Where hookmeter keeps its own files: the same places in whatever directory it is called.

On Linux they follow the XDG base directories: data are in ~/.local/share, hook logs in ~/.local/state, and settings in
~/.config.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "hookmeter"
LEDGER_NAME = "ledger.sqlite3"
# The base directories of XDG by kind, each with its variable and its default.
BASES = {
    "data": ("XDG_DATA_HOME", "~/.local/share"),
    "state": ("XDG_STATE_HOME", "~/.local/state"),
    "config": ("XDG_CONFIG_HOME", "~/.config"),
}
# Where earlier versions kept the ledger and the hook logs, below the directory in which they were started.
OLD_DATA = "data"
OLD_SESSIONS = ("logs/sessions", "workspace/logs/sessions")


def data_dir() -> Path:
    """The directory of the ledger, of the search index and of what the server stores."""
    return _own("data")


def sessions_dir() -> Path:
    """The directory in which the hooks record sessions."""
    return _own("state") / "sessions"


def config_file() -> Path:
    """The file of settings."""
    return _own("config") / "config.toml"


def scripts_dir(*, for_all_users: bool = False) -> Path:
    """The directory of the scripts that Claude Code's settings name; an upgrade and a moved checkout leave it alone."""
    from platformdirs import site_data_path  # noqa: PLC0415 - takes milliseconds, which all else saves

    return (site_data_path(NAME, appauthor=False) if for_all_users else data_dir()) / "scripts"


def old_data_dir() -> Path | None:
    """The directory `data` below the current one, if a ledger of an earlier version is in it."""
    return Path(OLD_DATA).absolute() if os.path.isfile(f"{OLD_DATA}/{LEDGER_NAME}") else None  # noqa: PTH113 - Path raises where it may not look


def default_data_dir() -> Path:
    """The data directory if none is chosen: that of an earlier version, where it is used."""
    return old_data_dir() or data_dir()


def default_sessions_dirs() -> tuple[Path, ...]:
    """The directories of hook logs if none are chosen; those of an earlier version go with its data directory."""
    old = old_data_dir()
    return (sessions_dir(), *(old.parent / name for name in OLD_SESSIONS if old))


def _own(kind: str) -> Path:
    """Our directory of a kind: a base directory of XDG has it on Linux, and what is used in its place elsewhere."""
    if sys.platform == "linux":
        variable, default = BASES[kind]
        named = os.environ.get(variable, "")
        return Path(named if named.startswith("/") else os.path.expanduser(default), NAME)  # noqa: PTH111 - Path fails without a home
    from platformdirs import PlatformDirs  # noqa: PLC0415 - takes milliseconds, which Linux saves

    found: Path = getattr(PlatformDirs(NAME, appauthor=False), f"user_{kind}_path")
    return found
