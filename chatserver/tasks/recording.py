"""The recorder that the server hands over to Claude Code with `--settings`, so that its tasks need no installed hooks.

Where hooks are installed as well, a variable has their recorders leave the task's session to this one.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from chatserver.task_user import TaskUser
from chatserver.tasks.records import Task
from exporter.hooks import entries, recorders
from exporter.hooks.precedence import ClaudeSettings
from exporter.prices.managed_settings import DEFAULT_FILE, managed_files

RECORDED = "HOOKMETER_TASK_RECORDED"
UNMARKED = f"export {RECORDED}=; "  # before the command of the recorder that is handed over
# Tried as the tasks' account: whether it can write to the directory, and run the recorder.
PROBE = 'umask 077; mkdir -p "$1" && [ -w "$1" ] && [ -r "$2" ] && [ -x "$3" ]'
TIMEOUT_SECONDS = 10


class TaskRecording:
    """Has tasks recorded in the first of the directories with session directories that the server reads."""

    def __init__(
        self, sessions_dirs: Sequence[Path], user: TaskUser | None = None, managed_settings: Path | None = None
    ) -> None:
        self._directories = [directory.absolute() for directory in sessions_dirs]
        self._user = user
        self._managed_settings = managed_settings or DEFAULT_FILE

    def settings(self) -> str | None:
        """The settings with the recorder for every event; None where only installed hooks can record."""
        recorder = _recorder()
        managed = ClaudeSettings.read((), managed_files(self._managed_settings))
        if recorder is None or managed.only_managed_hooks() or not self._works(recorder):
            return None
        first = self._directories[0]
        return json.dumps(entries.with_recorder({}, lambda event: UNMARKED + recorder.command(first, event)))

    def variables(self, task: Task) -> dict[str, str]:
        """What has installed recorders leave the task's session alone, in the directories that the server reads."""
        return {RECORDED: ":".join([task.session_uuid or "", *map(str, self._directories)])}

    def _works(self, recorder: recorders.Recorder) -> bool:
        words = ["/bin/sh", "-c", PROBE, "sh", str(self._directories[0]), str(recorder.script), recorder.interpreter[0]]
        prefix = self._user.prefix if self._user else ()
        try:
            done = subprocess.run(  # with none of the server's secrets in its environment
                [*prefix, *words], cwd="/", env={}, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0


@cache
def _recorder() -> recorders.Recorder | None:
    return recorders.fastest()
