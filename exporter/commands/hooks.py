"""`hookmeter hooks`: the recorder in Claude Code's settings."""

from __future__ import annotations

from pathlib import Path

import click

from exporter.commands.options import claude_settings, sessions_dir_option, settings_file_options
from exporter.hooks import installer
from exporter.sources.files import absolute
from exporter.terminal.messages import fail, say


@click.group()
def hooks() -> None:
    """The recorder's entries in Claude Code's settings."""


@hooks.command("install", short_help="Have Claude Code record its hooks.")
@settings_file_options
@sessions_dir_option
@click.option("--statusline", is_flag=True, help="Have the status line feed the quotas; one that is there goes on.")
def install_hooks(path: Path, sessions_dirs: tuple[Path, ...], statusline: bool) -> None:
    """Have Claude Code record its hooks, into the first --sessions-dir."""
    change = installer.install(path, sessions_dirs[0], claude_settings(user=True) if statusline else None)
    folder = absolute(sessions_dirs[:1])[0]
    if change.unchanged:
        say(f"{path} has them already; they write to {folder}")
    else:
        say(f"{path}: {len(change.added)} hooks added, {len(change.updated)} renewed; they write to {folder}")
    if change.status_line:
        say(f"{path}: status line {change.status_line}; it feeds the quotas")
    say("Sessions that start from now on are recorded.")


@hooks.command("uninstall", short_help="Take the recorder out again; the logs stay.")
@settings_file_options
def uninstall_hooks(path: Path) -> None:
    """Take the recorder out again, and nothing else. The logs stay."""
    change = installer.uninstall(path)
    say(f"{path}: {len(change.removed)} hooks removed" if change.removed else f"{path} had none of hookmeter's hooks")
    if change.status_line:
        say(f"{path}: status line as it was before hookmeter's")


@hooks.command("status", short_help="Say whether the recorder is installed and works.")
@settings_file_options
def hooks_status(path: Path) -> None:
    """Say whether the recorder is installed, complete and working; exit 1 if not."""
    found = installer.status(path)
    if not found.installed:
        fail(f"{path} has none of hookmeter's hooks; run: hookmeter hooks install", 1)
    say(f"{path}: {len(found.installed)} hooks, writing to {found.sessions_dir} by {found.recorder}")
    if found.missing:
        fail(f"missing: {', '.join(found.missing)}; run again: hookmeter hooks install", 1)
    if found.disabled:
        fail(f"{path} says disableAllHooks: Claude Code calls none of them", 1)
    if not found.recorder_works:
        fail("the recorder does not run; run again: hookmeter hooks install", 1)
    if found.status_line_dir:
        say(f"the status line feeds the quotas in {found.status_line_dir}")
        if not found.status_line_works:
            fail("hookmeter's status line does not run; run again: hookmeter hooks install --statusline", 1)
