"""`hookmeter hooks`: the recorder in Claude Code's settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from click.core import ParameterSource

from exporter import paths
from exporter.commands.payload_size import PayloadSize
from exporter.commands.place_options import data_dir_option, sessions_dir_option
from exporter.commands.settings_file import claude_settings, settings_file_options
from exporter.hooks import installer
from exporter.hooks.max_payload import UNLIMITED, max_payload, set_max_payload
from exporter.sources.files import absolute
from exporter.terminal.messages import fail, say

DISABLED = "sets disableAllHooks, so Claude Code runs no hooks; remove it there"


@click.group()
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
@click.option(
    "--max-payload",
    "max_bytes",
    type=PayloadSize(),
    help="Cut long texts in results of tools where a line has more than this, such as 64k, or `unlimited`.",
)
@click.option("--move", is_flag=True, help="Record to another directory than the hooks that are installed, unasked.")
def install_hooks(
    path: Path,
    sessions_dirs: tuple[Path, ...],
    data_dir: Path,
    *,
    statusline: bool,
    max_bytes: int | None,
    move: bool,
) -> None:
    """Add the recorder to Claude Code's settings; it writes to the first --sessions-dir.

    Hooks that are installed keep the directory that they write to, unless you choose another.
    """
    previous = installer.status(path).sessions_dir
    directory = _directory(path, previous, Path(absolute(sessions_dirs)[0]), move=move)
    shown = (claude_settings(user=True), Path(absolute((data_dir,))[0])) if statusline else ()
    change = installer.install(path, directory, *shown)
    if change.unchanged:
        say(f"{path} already has the hooks; they write to {directory}")
    else:
        say(f"{path}: {len(change.added)} hooks added, {len(change.updated)} updated; they write to {directory}")
    if max_bytes is not None:
        set_max_payload(directory, max_bytes)
        say(f"{directory}: {_recorded(max_bytes)}, also in sessions that run")
    if change.status_line:
        say(f"{path}: status line {change.status_line}; it shows today's cost and records the quotas")
    read = absolute(_configured_sessions_dirs())
    if previous and _is_other(previous, directory) and str(previous) not in read:
        say(f"{previous} keeps what was recorded there; to read it, too, add it to sessions-dir in config.toml")
    if str(directory) not in read:
        say(f"Other commands do not read {directory} yet: add it to sessions-dir in config.toml")
    if installer.status(path).disabled:
        fail(f"{path} {DISABLED}", 1)
    say("Sessions are recorded from now on; with a current Claude Code, also those that already run.")


def _configured_sessions_dirs() -> tuple[Path, ...]:
    """The directories that commands read without a flag: of the variable, the file of settings, or the default."""
    context = click.get_current_context()
    option = next(each for each in context.command.params if each.name == "sessions_dirs")
    given = option.value_from_envvar(context) or context.lookup_default("sessions_dirs")
    return tuple(Path(each) for each in given) if given else paths.default_sessions_dirs()


def _directory(path: Path, previous: Path | None, chosen: Path, *, move: bool) -> Path:
    """The directory to record to: the previous one, unless another was chosen and that is confirmed."""
    if previous is None or move or not _is_other(previous, chosen):
        return chosen
    source = click.get_current_context().get_parameter_source("sessions_dirs")
    if source is ParameterSource.DEFAULT:
        return previous
    text = f"The hooks in {path} write to {previous}; from now on they would write to {chosen}"
    if not sys.stdin.isatty():
        fail(f"{text}. Nothing was changed; to have that, add --move", 2)
    click.confirm(f"{text}. Go ahead?", abort=True, err=True)
    return chosen


def _recorded(size: int) -> str:
    if size == UNLIMITED:
        return "results are recorded whole"
    return f"long texts in results are cut if a line has more than {size >> 10} kB"


def _is_other(one: Path, other: Path) -> bool:
    return os.path.realpath(one) != os.path.realpath(other)


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
    if found.sessions_dir and (size := max_payload(found.sessions_dir)):
        say(f"{found.sessions_dir}: {_recorded(size)}")
    if found.missing:
        fail(f"no hook for {', '.join(found.missing)}; run again: hookmeter hooks install", 1)
    if found.disabled:
        fail(f"{path} {DISABLED}", 1)
    if found.recorder_problem:
        fail(f"the recorder {found.recorder_problem}; run again: hookmeter hooks install", 1)
    if found.status_line_dir:
        say(f"the status line records the quotas in {found.status_line_dir}")
        if found.status_line_problem:
            problem = f"hookmeter's status line {found.status_line_problem}"
            fail(f"{problem}; run again: hookmeter hooks install --statusline", 1)
