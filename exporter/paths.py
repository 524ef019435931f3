"""Where hookmeter keeps its own files: the same places in whatever directory it is called.

On Linux they follow the XDG base directories: data are in ~/.local/share, hook logs in ~/.local/state, and settings in
~/.config.
"""

from __future__ import annotations

import os
from pathlib import Path

NAME = "hookmeter"
LEDGER_NAME = "ledger.sqlite3"
# Where earlier versions kept the ledger and the hook logs, below the directory in which they were started.
OLD_DATA = "data"
OLD_SESSIONS = ("logs/sessions", "workspace/logs/sessions")


def data_dir() -> Path:
    """The directory of the ledger, of the search index and of what the server stores."""
    from platformdirs import user_data_path  # noqa: PLC0415 - takes milliseconds, which `--help` saves

    return user_data_path(NAME, appauthor=False)


def sessions_dir() -> Path:
    """The directory in which the hooks record sessions."""
    from platformdirs import user_state_path  # noqa: PLC0415 - as above

    return user_state_path(NAME, appauthor=False) / "sessions"


def config_file() -> Path:
    """The file of settings."""
    from platformdirs import user_config_path  # noqa: PLC0415 - as above

    return user_config_path(NAME, appauthor=False) / "config.toml"


def scripts_dir(*, for_all_users: bool = False) -> Path:
    """The directory of the scripts that Claude Code's settings name; an upgrade and a moved checkout leave it alone."""
    from platformdirs import site_data_path  # noqa: PLC0415 - as above

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
