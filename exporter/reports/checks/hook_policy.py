"""Whether Claude Code runs the hooks of its settings, and keeps transcripts long enough to be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from exporter.hooks.precedence import KEPT_DAYS, NO_HOOKS, ClaudeSettings, Decision, InvalidValue
from exporter.model.text import listed
from exporter.reports.checks.finding import Finding, Verdict

HOOKS, TRANSCRIPTS = "hooks", "transcripts"
INSTALL = "hookmeter hooks install"
SHORT_DAYS = 7
VALID = {NO_HOOKS: "true or false", KEPT_DAYS: "a whole number from 1 on"}


def check_hook_policy(settings: ClaudeSettings, installed: Collection[Path]) -> Iterator[Finding]:
    """Find out what keeps the hooks of some files from running; managed hooks run unless managed settings forbid it."""
    yield from map(_ignored, settings.invalid_values())
    others = [path for path in installed if path not in settings.managed]
    disabled = settings.decision(NO_HOOKS)
    if disabled and disabled.value and (disabled.managed or others or not installed):
        yield _disabled(disabled)
    elif (path := settings.only_managed_hooks()) and len(others) == len(installed) > 0:
        message = f"{path} allows managed hooks only, so Claude Code ignores those in {listed(others)}"
        yield Finding(Verdict.ERROR, HOOKS, message, install_command(settings))


def install_command(settings: ClaudeSettings) -> str:
    """How hooks are installed where Claude Code runs them."""
    path = settings.only_managed_hooks()
    return f"As an administrator, run: {INSTALL} --settings {path}" if path else f"Run: {INSTALL}"


def check_kept_days(settings: ClaudeSettings) -> Iterator[Finding]:
    """Find out whether transcripts are deleted soon."""
    kept = settings.decision(KEPT_DAYS)
    if kept and kept.value < SHORT_DAYS:
        days = "a day" if kept.value == 1 else f"{kept.value} days"
        message = f"Claude Code deletes them after {days} ({KEPT_DAYS} in {kept.path})"
        remedy = f"Keep the exporter running, which remembers them, or set {KEPT_DAYS} to 30"
        yield Finding(Verdict.INFO, TRANSCRIPTS, message, remedy)


def _ignored(found: InvalidValue) -> Finding:
    message = f"{found.path} has an invalid {found.key}, so Claude Code ignores the whole file, its hooks too"
    return Finding(Verdict.ERROR, HOOKS, message, f"Set it to {VALID[found.key]}, or remove it")


def _disabled(decision: Decision) -> Finding:
    message = f"{decision.path} sets {NO_HOOKS}, so Claude Code runs no hooks"
    remedy = f"Remove {NO_HOOKS} from it" if not decision.managed else f"Ask its administrator to remove {NO_HOOKS}"
    return Finding(Verdict.ERROR, HOOKS, message, remedy)
