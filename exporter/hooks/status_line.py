"""The status line of parsed settings, which records the quotas and shows today's cost; no file is read or written."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from exporter.hooks.kept_scripts import lasting_interpreter
from exporter.hooks.trial import DOES_NOT_RUN, difference
from exporter.sources.quotas import FILE_NAME

KEY = "statusLine"
SCRIPT = Path(__file__).resolve().with_name("hookmeter_statusline.py")
# If hookmeter is gone, the user's own status line still runs, or nothing is shown.
COMMAND = "[ -r {script} ] && [ -x {python} ] && exec {argv} ; {otherwise}"
WITHOUT_OWN = "cat >/dev/null"


def problem(settings: dict[str, object]) -> str | None:
    """What is wrong with the structure of the status line, or with hookmeter's command in it; None if it is fine."""
    if KEY not in settings:
        return None
    line = settings[KEY]
    if not isinstance(line, dict) or not isinstance(line.get("command"), str):
        return f"`{KEY}` must be an object with a `command`"
    if is_ours(settings) and _parse_command(line["command"]) is None:
        return f"`{KEY}.command` runs hookmeter's status line, but in a form that hookmeter did not write"
    return None


def is_ours(settings: dict[str, object]) -> bool:
    """Whether the status line is hookmeter's, which records the quotas."""
    return SCRIPT.stem in _command(settings)


def with_quotas(
    settings: dict[str, object], sessions_dir: Path, data_dir: Path | None = None, *, script: Path = SCRIPT
) -> dict[str, object]:
    """The settings with a status line that records the quotas and then runs the existing one.

    With a data directory, now or before, it also shows a line with the costs of today in its ledger.
    """
    own, ledger = own_command(settings), str(data_dir or _data_dir(settings) or "")
    python, more = lasting_interpreter(sys.executable), (own, ledger) if ledger else (own,) if own else ()
    argv = (python, "-I", "-S", str(script), str(sessions_dir), *more)
    command = COMMAND.format(
        script=shlex.quote(str(script)),
        python=shlex.quote(python),
        argv=shlex.join(argv),
        otherwise=f"eval {shlex.quote(own)}" if own else WITHOUT_OWN,
    )
    line = settings.get(KEY, {})
    return {**settings, KEY: {"type": "command", **(line if isinstance(line, dict) else {}), "command": command}}


def without_quotas(settings: dict[str, object]) -> dict[str, object]:
    """The settings with the status line that the user had, if any."""
    if not is_ours(settings):
        return settings
    own, line = own_command(settings), settings[KEY]
    others = {key: value for key, value in settings.items() if key != KEY}
    return {**settings, KEY: {**line, "command": own}} if own and isinstance(line, dict) else others


def own_command(settings: dict[str, object]) -> str:
    """The command of the user's own status line, even if it is wrapped; empty if there is none."""
    if not is_ours(settings):
        return _command(settings)
    _, own = _parse_command(_command(settings)) or ([], "")
    return own


def sessions_dir(settings: dict[str, object]) -> Path | None:
    """The directory that the quotas are recorded in; None if they are not."""
    found = _parse_command(_command(settings)) if is_ours(settings) else None
    return Path(found[0][4]) if found else None


def _data_dir(settings: dict[str, object]) -> Path | None:
    """The directory of the ledger whose costs are shown; None if none are."""
    found = _parse_command(_command(settings)) if is_ours(settings) else None
    return Path(found[0][6]) if found and len(found[0]) == 7 else None


def malfunction(settings: dict[str, object]) -> str:
    """What is wrong with hookmeter's status line, as a phrase; empty if it works. Only the own copy is run."""
    found = _parse_command(_command(settings)) if is_ours(settings) else None
    if found is None:
        return DOES_NOT_RUN
    interpreter, _, _, script, *_ = found[0]
    return difference(Path(script), interpreter, SCRIPT, sys.executable) or ("" if _works() else DOES_NOT_RUN)


def _works() -> bool:
    """Whether this package's status line stores quotas, tried in a temporary directory."""
    limits = {"five_hour": {"used_percentage": 1, "resets_at": int(time.time())}}
    payload = json.dumps({"session_id": "probe", "rate_limits": limits}).encode()
    with tempfile.TemporaryDirectory() as directory:
        try:
            argv = (sys.executable, "-I", "-S", str(SCRIPT), directory)
            subprocess.run(argv, input=payload, cwd=directory, capture_output=True, timeout=10, check=True)
            return Path(directory, FILE_NAME).is_file()
        except (OSError, subprocess.SubprocessError):
            return False


def _command(settings: dict[str, object]) -> str:
    line = settings.get(KEY)
    command = line.get("command") if isinstance(line, dict) else None
    return command if isinstance(command, str) else ""


def _parse_command(command: str) -> tuple[list[str], str] | None:
    """The arguments of hookmeter's process and the user's own command; None if it is not in the form of COMMAND."""
    try:
        words = shlex.split(command)
        start = words.index("exec") + 1
        end = words.index(";", start)
        argv, otherwise = words[start:end], words[end + 1 :]
    except ValueError:
        return None
    if len(argv) not in {5, 6, 7} or Path(argv[3]).stem != SCRIPT.stem:
        return None
    own = argv[5] if len(argv) > 5 else ""
    return (argv, own) if otherwise == (["eval", own] if own else shlex.split(WITHOUT_OWN)) else None
