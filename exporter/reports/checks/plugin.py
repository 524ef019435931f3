"""Whether the hooks of the plugin record, and each event once where settings have hooks, too."""

from __future__ import annotations

import os
from collections.abc import Sequence

from exporter.hooks.installer import HookStatus
from exporter.hooks.plugin import recorded_in
from exporter.model.text import listed
from exporter.reports.checks.finding import Finding, Verdict

PLUGIN = "plugin"


def check_plugin(name: str, installed: Sequence[HookStatus], roots: Sequence[str]) -> Finding:
    """Find out whether the enabled plugin has recorded into a directory that is read, and only where settings do."""
    recorded = recorded_in(roots)
    elsewhere = [found for found in installed if os.path.realpath(found.sessions_dir or "") not in recorded]
    uninstall = f"Keep one of both: claude plugin uninstall {name}"
    if not recorded:
        message = f"{name} is enabled, but has recorded nothing in {listed(roots)}"
        remedy = "Start a session of Claude Code; HOOKMETER_SESSIONS_DIR in its environment is where the plugin records"
        return Finding(Verdict.INFO, PLUGIN, message, remedy)
    if elsewhere:
        path, directory = elsewhere[0].path, elsewhere[0].sessions_dir
        message = f"every event is recorded twice: {path} writes to {directory}, {name} to {listed(recorded)}"
        return Finding(Verdict.ERROR, PLUGIN, message, uninstall)
    if installed:
        message = f"{name} and {listed(found.path for found in installed)} both have hooks; each event is recorded once"
        return Finding(Verdict.INFO, PLUGIN, message, uninstall)
    return Finding(Verdict.OK, PLUGIN, f"{name} records in {listed(recorded)}")
