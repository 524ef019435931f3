"""Whether the recorder and the status line in Claude Code's settings are installed, complete and working."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from exporter.hooks.installer import HookStatus, status
from exporter.hooks.plugin import enabled_plugin
from exporter.hooks.precedence import ClaudeSettings
from exporter.hooks.settings_path import SettingsError
from exporter.model.text import listed
from exporter.reports.checks.finding import Finding, Verdict
from exporter.reports.checks.hook_policy import HOOKS, INSTALL, check_hook_policy, install_command
from exporter.reports.checks.plugin import check_plugin

QUOTAS = "quotas"
ADVANTAGE = "with them, durations do not include waiting for a permission"


@dataclass(frozen=True, slots=True)
class HookSettings:
    """The hook status of each settings file that could be read, the errors of the others, and the plugin's name."""

    files: tuple[Path, ...]
    statuses: tuple[HookStatus, ...]
    errors: tuple[str, ...]
    plugin: str

    @classmethod
    def read(cls, files: tuple[Path, ...]) -> HookSettings:
        """Read the settings files; a missing one has no hooks."""
        statuses: list[HookStatus] = []
        errors: list[str] = []
        for path in files:
            try:
                statuses.append(status(path))
            except SettingsError as error:
                errors.append(str(error))
        return cls(files, tuple(statuses), tuple(errors), enabled_plugin(files))


def check_hooks(
    settings: HookSettings, policy: ClaudeSettings, roots: list[str], *, has_transcripts: bool
) -> Iterator[Finding]:
    """Find out whether every event is recorded once, into one of the directories that are read.

    Those who have transcripts need no hooks.
    """
    installed = [found for found in settings.statuses if found.installed]
    errors = [
        *map(_invalid, settings.errors),
        *check_hook_policy(policy, [found.path for found in installed]),
        *(error for found in installed if (error := _installation_error(found, roots))),
        *_recorded_twice(installed),
    ]
    yield from errors
    if settings.plugin:
        yield check_plugin(settings.plugin, installed, roots)
    elif not installed:
        yield _not_installed(settings, policy, Verdict.INFO if has_transcripts else Verdict.ERROR)
    if installed and not errors:
        yield Finding(Verdict.OK, HOOKS, f"installed in {listed(found.path for found in installed)}")


def check_status_line(settings: HookSettings) -> Finding:
    """Find out whether a status line reports the quotas."""
    reporting = [found for found in settings.statuses if found.status_line_dir]
    if not reporting:
        remedy = f"With a subscription, run: {INSTALL} --statusline"
        return Finding(Verdict.INFO, QUOTAS, "not reported by a status line", remedy)
    if broken := next((found for found in reporting if found.status_line_problem), None):
        message = f"hookmeter's status line in {broken.path} {broken.status_line_problem}"
        return Finding(Verdict.ERROR, QUOTAS, message, f"Run again: {INSTALL} --statusline")
    return Finding(Verdict.OK, QUOTAS, f"reported by the status line in {listed(found.path for found in reporting)}")


def _not_installed(settings: HookSettings, policy: ClaudeSettings, verdict: Verdict) -> Finding:
    message = f"not installed in {listed(settings.files)}; {ADVANTAGE}"
    return Finding(verdict, HOOKS, message, install_command(policy))


def _invalid(error: str) -> Finding:
    return Finding(Verdict.ERROR, HOOKS, error, "Until it is fixed, Claude Code may run no hooks")


def _installation_error(found: HookStatus, roots: list[str]) -> Finding | None:
    """What is wrong with the hooks of one settings file."""
    install = f"Run again: {INSTALL} --settings {found.path}"
    if found.missing:
        return Finding(Verdict.ERROR, HOOKS, f"{found.path} has no hook for {', '.join(found.missing)}", install)
    if found.recorder_problem:
        return Finding(Verdict.ERROR, HOOKS, f"the recorder in {found.path} {found.recorder_problem}", install)
    if found.sessions_dir and os.path.realpath(found.sessions_dir) not in roots:
        message = f"the hooks in {found.path} write to {found.sessions_dir}, which is not read"
        return Finding(Verdict.ERROR, HOOKS, message, f"Add that directory: --sessions-dir {found.sessions_dir}")
    return None


def _recorded_twice(installed: list[HookStatus]) -> Iterator[Finding]:
    """Claude Code runs identical commands once, whichever files they are in, and different ones all."""
    for one, other in pairwise(installed):
        if (one.sessions_dir, one.recorder) != (other.sessions_dir, other.recorder):
            yield Finding(
                Verdict.ERROR,
                HOOKS,
                f"every event is recorded twice: {one.path} writes to {one.sessions_dir},"
                f" {other.path} to {other.sessions_dir}",
                f"Keep one of them: hookmeter hooks uninstall --settings {other.path}",
            )
