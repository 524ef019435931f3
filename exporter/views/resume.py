"""The command that resumes a session."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath

from exporter.views.redaction import redact_text

SESSION_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")  # no other can be an option
USUAL_CONFIG_DIR = ".claude"


def resume_command(session_id: str, directory: str, config_dir: str) -> str:
    """The command line, to be pasted into a shell; empty if nothing shows where the session was started.

    Claude Code finds a session only from the directory in which it was started, and with the same profile. Paths with
    control characters, which a terminal may act on, and those that redaction would change are not shown.
    """
    shown = f"{directory}{config_dir}"
    if not directory or not SESSION_ID.fullmatch(session_id) or not shown.isprintable() or redact_text(shown) != shown:
        return ""
    is_usual = not config_dir or PurePath(config_dir).name == USUAL_CONFIG_DIR
    profile = "" if is_usual else f"CLAUDE_CONFIG_DIR={shlex.quote(config_dir)} "
    return f"cd {shlex.quote(directory)} && {profile}claude --resume {session_id}"
