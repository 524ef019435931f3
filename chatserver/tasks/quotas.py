"""The quotas that tasks report, stored where the exporter reads them: among the hook logs, by who may write there."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

from chatserver.task_user import TaskUser
from chatserver.threads.offload import offload
from exporter.hooks.hookmeter_statusline import Windows, store_windows
from exporter.hooks.hookmeter_statusline import __file__ as script

# The directory is that of the tasks' account, which could exchange any part of it: the server does not write there.
STORE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from hookmeter_statusline import store_windows
store_windows(sys.argv[2], json.load(sys.stdin))
"""
TIMEOUT_SECONDS = 10


def store_quotas(sessions_dir: Path, windows: Windows, user: TaskUser | None) -> None:
    """Store quotas, as the account of the tasks. Raises OSError, SubprocessError."""
    if user is None:
        offload(partial(store_windows, str(sessions_dir), windows))
        return
    words = (sys.executable, "-IS", "-c", STORE, str(Path(script).parent), str(sessions_dir))
    subprocess.run(
        [*user.prefix, *words], input=json.dumps(windows).encode(), cwd="/", env={},  # none of the server's secrets
        capture_output=True, timeout=TIMEOUT_SECONDS, check=True,
    )  # fmt: skip
