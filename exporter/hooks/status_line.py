"""The status line of parsed settings, which also tells the quotas; nothing here reads or writes a settings file."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from exporter.sources.quotas import FILE_NAME

KEY = "statusLine"
SCRIPT = Path(__file__).resolve().with_name("hookmeter_statusline.py")
# Where hookmeter is gone, the status line that the user had goes on, and without one all is quiet.
COMMAND = "[ -r {script} ] && [ -x {python} ] && exec {argv} ; {otherwise}"
NOBODYS = "cat >/dev/null"


def problem(settings: dict[str, object]) -> str | None:
    """Say what about the status line is not of the documented shape, or not as we write it; None where all is well."""
    if KEY not in settings:
        return None
    line = settings[KEY]
    if not isinstance(line, dict) or not isinstance(line.get("command"), str):
        return f"`{KEY}` must be an object with a `command`"
    if is_ours(settings) and _words(line["command"]) is None:
        return f"`{KEY}.command` runs hookmeter's status line, but not as hookmeter wrote it"
    return None


def is_ours(settings: dict[str, object]) -> bool:
    """Tell whether the status line feeds the quotas."""
    return SCRIPT.stem in _command(settings)


def with_quotas(settings: dict[str, object], sessions_dir: Path) -> dict[str, object]:
    """Give the settings with a status line that feeds the quotas, and shows what the one that stands there shows."""
    own = own_command(settings)
    argv = (sys.executable, "-I", "-S", str(SCRIPT), str(sessions_dir), *([own] if own else []))
    command = COMMAND.format(
        script=shlex.quote(str(SCRIPT)),
        python=shlex.quote(sys.executable),
        argv=shlex.join(argv),
        otherwise=f"eval {shlex.quote(own)}" if own else NOBODYS,
    )
    line = settings.get(KEY, {})
    return {**settings, KEY: {"type": "command", **(line if isinstance(line, dict) else {}), "command": command}}


def without_quotas(settings: dict[str, object]) -> dict[str, object]:
    """Give the settings with the status line that the user had, if any."""
    if not is_ours(settings):
        return settings
    own, line = own_command(settings), settings[KEY]
    others = {key: value for key, value in settings.items() if key != KEY}
    return {**settings, KEY: {**line, "command": own}} if own and isinstance(line, dict) else others


def own_command(settings: dict[str, object]) -> str:
    """Give the command of the user's own status line, also where it is wrapped; empty where there is none."""
    if not is_ours(settings):
        return _command(settings)
    _, own = _words(_command(settings)) or ([], "")
    return own


def sessions_dir(settings: dict[str, object]) -> Path | None:
    """Give the folder in which the quotas are kept; None where they are not."""
    found = _words(_command(settings)) if is_ours(settings) else None
    return Path(found[0][4]) if found else None


def works(settings: dict[str, object]) -> bool:
    """Tell whether the status line is ours, and what Claude Code would tell it arrives, in a passing folder."""
    found = _words(_command(settings))
    if found is None:
        return False
    limits = {"five_hour": {"used_percentage": 1, "resets_at": int(time.time())}}
    told = json.dumps({"session_id": "probe", "rate_limits": limits}).encode()
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run([*found[0][:4], folder], input=told, capture_output=True, timeout=10, check=True)
            return Path(folder, FILE_NAME).is_file()
        except (OSError, subprocess.SubprocessError):
            return False


def _command(settings: dict[str, object]) -> str:
    line = settings.get(KEY)
    command = line.get("command") if isinstance(line, dict) else None
    return command if isinstance(command, str) else ""


def _words(command: str) -> tuple[list[str], str] | None:
    """The words of our process, and the user's own command; None where it is not of the form that we write."""
    try:
        words = shlex.split(command)
        begin = words.index("exec") + 1
        argv, otherwise = words[begin : words.index(";", begin)], words[words.index(";", begin) + 1 :]
    except ValueError:
        return None
    if len(argv) not in {5, 6} or Path(argv[3]).stem != SCRIPT.stem:
        return None
    own = argv[5] if len(argv) == 6 else ""
    return (argv, own) if otherwise == (["eval", own] if own else shlex.split(NOBODYS)) else None
