"""Records the quotas that Claude Code passes to its status line, then runs the status line that the user had.

python -I -S hookmeter_statusline.py SESSIONS_DIR [COMMAND] < the JSON that Claude Code passes

Several sessions share one file, and each of them keeps repeating the quotas of its own last API response, however old
it is. So only values that differ from the previous ones of the same session are new.
"""

import fcntl
import json
import os
import signal
import sys
import time

FILE = "rate_limits.json"
WINDOWS = {"five_hour": "5h", "seven_day": "7d"}
FIELDS = ("used_percentage", "resets_at")
MAX_SESSIONS = 100

Windows = dict[str, dict[str, float]]


def main(sessions_dir: str, command: str = "") -> None:
    """Store the quotas and show a status line, even if storing fails."""
    payload = b"".join(iter(lambda: os.read(0, 1 << 16), b""))
    windows: Windows = {}
    try:
        session, windows = parse_payload(json.loads(payload))
        if windows:
            store_windows(sessions_dir, session, windows)
    except Exception:  # noqa: S110 # whatever went wrong, the status line is shown
        pass
    if command:
        exec_command(payload, command)
    shown = " · ".join(f"{WINDOWS[name]} {window['used_percentage']:.0f}%" for name, window in windows.items())
    os.write(1, f"{shown}\n".encode())


def parse_payload(payload: dict[str, object]) -> tuple[str, Windows]:
    """The session id, and usage and reset time per window; no windows before the first API response."""
    limits = payload.get("rate_limits")
    given = limits if isinstance(limits, dict) else {}
    windows = {name: {field: 0 + given[name][field] for field in FIELDS} for name in WINDOWS if name in given}
    return str(payload["session_id"]), windows


def store_windows(sessions_dir: str, session: str, windows: Windows) -> None:
    """Write the new values to the file, completely or not at all."""
    os.umask(0o077)
    os.makedirs(sessions_dir, exist_ok=True)  # noqa: PTH103 # pathlib is slow to import
    path = os.path.join(sessions_dir, FILE)  # noqa: PTH118
    lock = os.open(os.path.join(sessions_dir, f".{FILE}.lock"), os.O_RDWR | os.O_CREAT, 0o600)  # noqa: PTH118
    fcntl.flock(lock, fcntl.LOCK_EX)  # until the process ends
    stored = load_file(path)
    sessions = stored.get("sessions", {})
    previous = sessions.pop(session, {})
    new = {name: {**window, "seen_at": time.time()} for name, window in windows.items() if previous.get(name) != window}
    if not new:
        return
    kept = dict([*sessions.items(), (session, {**previous, **windows})][-MAX_SESSIONS:])
    with open(f"{path}.new", "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"windows": {**stored.get("windows", {}), **new}, "sessions": kept}, file)
    os.replace(f"{path}.new", path)  # noqa: PTH105


def load_file(path: str) -> dict[str, dict[str, dict[str, object]]]:
    """The objects in the file; empty if it is missing or damaged."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            stored = json.load(file)
    except (OSError, ValueError):
        return {}
    members = stored.items() if isinstance(stored, dict) else ()
    return {name: value for name, value in members if isinstance(value, dict)}


def exec_command(payload: bytes, command: str) -> None:
    """Become the user's own status line, with the same input, as if Claude Code had run it."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and the command would inherit that
    read_end, write_end = os.pipe()
    if os.fork() == 0:  # the child writes what the command may read later or not at all
        os.close(read_end)
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        while payload:
            payload = payload[os.write(write_end, payload) :]
        os._exit(0)
    os.close(write_end)
    os.dup2(read_end, 0)
    os.close(read_end)
    os.execv("/bin/sh", ["/bin/sh", "-c", command])  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
