"""The options of where things are: hook logs, transcripts, and the data of hookmeter."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from exporter import paths
from exporter.commands.value_types import Directory
from exporter.model.text import listed
from exporter.sources.files import absolute

sessions_dir_option = click.option(
    "--sessions-dir",
    "sessions_dirs",
    multiple=True,
    type=Directory(),
    envvar="HOOKMETER_SESSIONS_DIR",
    default=paths.default_sessions_dirs,
    show_envvar=True,
    help="A directory of session directories with hook logs; may be repeated (in the variable: separated as in PATH)."
    "  [default: ~/.local/state/hookmeter/sessions]",
)
data_dir_option = click.option(
    "--data-dir",
    type=Directory(),
    envvar="HOOKMETER_DATA_DIR",
    default=paths.default_data_dir,
    show_envvar=True,
    help="The directory of the ledger: what has been counted, and up to where.  [default: ~/.local/share/hookmeter]",
)
transcripts_dir_option = click.option(
    "--transcripts-dir",
    "transcripts_dirs",
    multiple=True,
    type=Directory(),
    envvar="HOOKMETER_TRANSCRIPTS_DIR",
    show_envvar=True,
    help="A `projects` directory of Claude Code with transcripts; may be repeated.  [default: those in ~/.claude,"
    " $CLAUDE_CONFIG_DIR and ~/.config/claude]",
)


def transcript_roots(chosen: tuple[Path, ...]) -> tuple[str, ...]:
    """The directories of transcripts: those that were given, or else where Claude Code keeps them."""
    homes = (*claude_config_dirs(), Path("~/.claude"), Path("~/.config/claude"))
    return tuple(absolute(chosen or tuple(home / "projects" for home in homes)))


class Places(NamedTuple):
    """Where sessions are read from."""

    sessions_dirs: tuple[Path, ...]
    transcript_roots: tuple[str, ...]

    def __str__(self) -> str:
        """The directories in words."""
        return listed((*self.sessions_dirs, *self.transcript_roots))


def places_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --sessions-dir and --transcripts-dir to a command, which gets them as Places."""

    @wraps(command)
    def with_places(sessions_dirs: tuple[Path, ...], transcripts_dirs: tuple[Path, ...], **others: Any) -> None:
        command(places=Places(sessions_dirs, transcript_roots(transcripts_dirs)), **others)

    return sessions_dir_option(transcripts_dir_option(with_places))


def claude_config_dirs() -> list[Path]:
    """Claude Code's own variable; it may also list several profiles, separated by commas, as ccusage has it."""
    value = os.environ.get("CLAUDE_CONFIG_DIR", "")
    names = [value] if Path(value).is_dir() else value.split(",")
    return [Path(name.strip()) for name in names if name.strip()]
