"""`hookmeter hooks`: the recorder in Claude Code's settings."""

from __future__ import annotations

from pathlib import Path

import click

from exporter.commands.options import claude_settings, data_dir_option, sessions_dir_option, settings_file_options
from exporter.hooks import installer
from exporter.sources.files import absolute
from exporter.terminal.messages import fail, say


@click.group(short_help="Install, remove and check the recorder.")
def hooks() -> None:
    """Install, remove and check the recorder in Claude Code's settings."""


@hooks.command("install", short_help="Add the recorder to Claude Code's settings.")
@settings_file_options
@sessions_dir_option
@data_dir_option
@click.option(
    "--statusline",
    is_flag=True,
    help="Also record the quotas, and show today's cost, context and quotas; an existing status line still runs.",
)
def install_hooks(path: Path, sessions_dirs: tuple[Path, ...], data_dir: Path, statusline: bool) -> None:
    """Add the recorder to Claude Code's settings; it writes to the first --sessions-dir."""
    shown = (claude_settings(user=True), Path(absolute((data_dir,))[0])) if statusline else ()
    change = installer.install(path, sessions_dirs[0], *shown)
    directory = absolute(sessions_dirs[:1])[0]
    if change.unchanged:
        say(f"{path} already has the hooks; they write to {directory}")
    else:
        say(f"{path}: {len(change.added)} hooks added, {len(change.updated)} updated; they write to {directory}")
    if change.status_line:
        say(f"{path}: status line {change.status_line}; it shows today's cost and records the quotas")
    say("Sessions that start from now on are recorded.")


@hooks.command("uninstall", short_help="Remove the recorder; the logs are kept.")
@settings_file_options
def uninstall_hooks(path: Path) -> None:
    """Remove the recorder and hookmeter's status line, and nothing else. The logs are kept."""
    change = installer.uninstall(path)
    say(f"{path}: {len(change.removed)} hooks removed" if change.removed else f"{path} has no hooks of hookmeter")
    if change.status_line:
        say(f"{path}: hookmeter's status line removed")


@hooks.command("status", short_help="Check whether the recorder is installed and works.")
@settings_file_options
def hooks_status(path: Path) -> None:
    """Check whether the recorder is installed, complete and working; the exit code is 1 if not."""
    found = installer.status(path)
    if not found.installed:
        fail(f"{path} has no hooks of hookmeter; run: hookmeter hooks install", 1)
    say(f"{path}: {len(found.installed)} hooks, writing to {found.sessions_dir} with {found.recorder}")
    if found.missing:
        fail(f"no hook for {', '.join(found.missing)}; run again: hookmeter hooks install", 1)
    if found.disabled:
        fail(f"{path} sets disableAllHooks, so Claude Code runs no hooks; remove it there", 1)
    if found.recorder_problem:
        fail(f"the recorder {found.recorder_problem}; run again: hookmeter hooks install", 1)
    if found.status_line_dir:
        say(f"the status line records the quotas in {found.status_line_dir}")
        if found.status_line_problem:
            problem = f"hookmeter's status line {found.status_line_problem}"
            fail(f"{problem}; run again: hookmeter hooks install --statusline", 1)
