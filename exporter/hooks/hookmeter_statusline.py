"""Keeps what Claude Code tells its status line of the quotas, then runs the status line that the user had.

python -I -S hookmeter_statusline.py SESSIONS_DIR [COMMAND] < what Claude Code tells

Several sessions write to the one file, and each tells again and again what its own last answer from the API said,
however long ago that was. So only what differs from what the same session said before is news.
"""

import fcntl
import json
import os
import signal
import sys
import time

FILE = "rate_limits.json"
WINDOWS = {"five_hour": "5h", "seven_day": "7d"}
MOST_SESSIONS = 100


def main(sessions_dir: str, command: str = "") -> None:
    """Keep the quotas, whatever becomes of that, and show a status line."""
    told = b"".join(iter(lambda: os.read(0, 1 << 16), b""))
    said: dict[str, dict[str, float]] = {}
    try:
        session, said = quotas(json.loads(told))
        if said:
            keep(sessions_dir, session, said)
    except Exception:  # noqa: S110 # whatever went wrong, the status line is shown
        pass
    if command:
        hand_over(told, command)
    shown = " · ".join(f"{WINDOWS[window]} {said[window]['used_percentage']:.0f}%" for window in said)
    os.write(1, f"{shown}\n".encode())


def quotas(told: dict[str, object]) -> tuple[str, dict[str, dict[str, float]]]:
    """The session, and what is used of each window and when that begins anew; nothing before its first answer."""
    limits = told.get("rate_limits")
    windows = limits if isinstance(limits, dict) else {}
    fields = ("used_percentage", "resets_at")
    said = {name: {field: 0 + windows[name][field] for field in fields} for name in WINDOWS if name in windows}
    return str(told["session_id"]), said


def keep(folder: str, session: str, said: dict[str, dict[str, float]]) -> None:
    """Put what is news into the file, whole or not at all."""
    os.umask(0o077)
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103 # pathlib is slow to import
    path = os.path.join(folder, FILE)  # noqa: PTH118
    lock = os.open(os.path.join(folder, f".{FILE}.lock"), os.O_RDWR | os.O_CREAT, 0o600)  # noqa: PTH118
    fcntl.flock(lock, fcntl.LOCK_EX)  # until the process ends
    known = load(path)
    sessions = known.get("sessions", {})
    before = sessions.pop(session, {})
    news = {name: {**figures, "seen_at": time.time()} for name, figures in said.items() if before.get(name) != figures}
    if not news:
        return
    kept = dict([*sessions.items(), (session, {**before, **said})][-MOST_SESSIONS:])
    with open(f"{path}.new", "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"windows": {**known.get("windows", {}), **news}, "sessions": kept}, file)
    os.replace(f"{path}.new", path)  # noqa: PTH105


def load(path: str) -> dict[str, dict[str, dict[str, object]]]:
    """What the file holds; nothing where it is missing or damaged."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            known = json.load(file)
    except (OSError, ValueError):
        return {}
    members = known.items() if isinstance(known, dict) else ()
    return {name: value for name, value in members if isinstance(value, dict)}


def hand_over(told: bytes, command: str) -> None:
    """Become the user's own status line, with the same input, as if Claude Code had run it."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and so would what it becomes
    out, into = os.pipe()
    if os.fork() == 0:  # writes what the command may read later or not at all
        os.close(out)
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        while told:
            told = told[os.write(into, told) :]
        os._exit(0)
    os.close(into)
    os.dup2(out, 0)
    os.close(out)
    os.execv("/bin/sh", ["/bin/sh", "-c", command])  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
