"""Records the quotas that Claude Code passes to its status line, shows a line, then runs the one that the user had.

python -I -S hookmeter_statusline.py SESSIONS_DIR [COMMAND [DATA_DIR]] < the JSON that Claude Code passes

With a data directory, the line has what its ledger says of today: the cost so far, and that of the last hour. Without
one, a line is shown only if the user has none.

Several sessions share one file, and each of them keeps repeating the quotas of its own last API response, however old
it is. So only values that differ from the previous ones of the same session are new. The server's tasks report each
observation once; it stores them with `store_windows`, too.
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
MAX_NUMBER = 1e12
LEAST_SHOWN = 0.0001  # dollars
MAX_SESSIONS = 100
MAX_FILE_CHARACTERS = 1 << 16
MAX_WAIT_SECONDS, POLL_SECONDS = 1.0, 0.01
LEDGER = "ledger.sqlite3"
SPENT = "SELECT total(cost), total(unpriced_tokens) FROM spending WHERE slot >= ? AND slot < ?"
PICODOLLARS, SLOT_SECONDS, HOUR_SECONDS = 10**12, 900, 3600
MAX_BEHIND_SECONDS = 60
"""How much later than the ledger a transcript may be written while an exporter reads it."""

Windows = dict[str, dict[str, float]]
Stored = dict[str, dict[str, dict[str, object]]]


def main(sessions_dir: str, command: str = "", data_dir: str = "") -> None:
    """Store the quotas and show a status line, even if storing fails."""
    given = b"".join(iter(lambda: os.read(0, 1 << 16), b""))
    payload = parse_payload(given)
    windows: Windows = {}
    try:
        session, windows = quotas_of(payload)
        if windows:
            store_windows(sessions_dir, windows, session)
    except Exception:  # noqa: S110 # whatever went wrong, the status line is shown
        pass
    if data_dir or not command:
        os.write(1, f"{status_text(payload, windows, data_dir)}\n".encode())
    if command:
        exec_command(given, command)


def parse_payload(given: bytes) -> dict[str, object]:
    """What Claude Code passes; empty if it is no JSON object."""
    try:
        payload = json.loads(given)
    except (ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}


def status_text(payload: dict[str, object], windows: Windows, data_dir: str) -> str:
    """The line: costs, context and quotas, as far as they are known."""
    parts = [*costs(payload, data_dir), *context(payload)] if data_dir else []
    parts += [f"{WINDOWS[name]} {window['used_percentage']:.0f}%" for name, window in windows.items()]
    return " · ".join(parts)


def costs(payload: dict[str, object], data_dir: str) -> list[str]:
    """The cost of today and that of the last hour; that of the session alone if there is no ledger.

    What a ledger lacks because no exporter has read on is not in it: then the cost is a minimum as of its last change.
    It is one, too, if models without a known price were used.
    """
    now = time.time()
    try:
        read_at = last_change(data_dir)  # before SQLite creates files of its own
        today, last_hour = spent_since(data_dir, midnight(now), now - HOUR_SECONDS)
        if modified_at(str(payload.get("transcript_path", ""))) > read_at + MAX_BEHIND_SECONDS:
            return [f"≥ {dollars(today[0])} today, as of {time.strftime('%H:%M', time.localtime(read_at))}"]
    except Exception:  # there is no ledger, it is of another version, or it is damaged
        return session_cost(payload)
    rate = amount(*last_hour)
    return [f"{amount(*today) or 'cost unknown'} today", *([f"{rate}/h"] if rate else [])]


def session_cost(payload: dict[str, object]) -> list[str]:
    """What the session cost, as Claude Code itself has it; empty if it does not say."""
    try:
        return [f"{dollars(number(payload['cost']['total_cost_usd']))} session"]  # type: ignore[index] # caught below
    except (LookupError, TypeError, ValueError):
        return []


def context(payload: dict[str, object]) -> list[str]:
    """The share of the context window that is used; empty before the first response."""
    try:
        return [f"context {number(payload['context_window']['used_percentage']):.0f}%"]  # type: ignore[index] # caught below
    except (LookupError, TypeError, ValueError):
        return []


def spent_since(data_dir: str, *times: float) -> list[tuple[float, float]]:
    """Dollars and unpriced tokens from the quarter of an hour of each time to the day's end. Raises sqlite3.Error."""
    import sqlite3  # noqa: PLC0415 # takes milliseconds, and is not needed for quotas

    path = os.path.realpath(os.path.join(data_dir, LEDGER))  # noqa: PTH118
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    connection = sqlite3.connect(f"file:{quoted}?mode=ro", uri=True, timeout=0.1)
    try:
        slots = [(int(start) // SLOT_SECONDS, int(midnight(time.time(), 1)) // SLOT_SECONDS) for start in times]
        found = [connection.execute(SPENT, slot).fetchone() for slot in slots]
        return [(cost / PICODOLLARS, tokens) for cost, tokens in found]
    finally:
        connection.close()


def last_change(data_dir: str) -> float:
    """When something was written to the ledger last."""
    ledger = os.path.join(data_dir, LEDGER)  # noqa: PTH118
    return max(modified_at(ledger), modified_at(f"{ledger}-wal"))


def modified_at(path: str) -> float:
    """When a file was written last; 0 if there is none, or nothing in it."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return 0
    return found.st_mtime if found.st_size else 0


def midnight(now: float, days: int = 0) -> float:
    """The start of the local day, or of one of the next."""
    year, month, day, *_ = time.localtime(now)
    return time.mktime((year, month, day + days, 0, 0, 0, 0, 0, -1))


def amount(spent: float, unpriced_tokens: float) -> str:
    """What was spent: a minimum if the cost of some tokens is unknown; empty if nothing else was used."""
    if unpriced_tokens:
        return f"≥ {dollars(spent)}" if spent else ""
    return dollars(spent)


def dollars(amount: float) -> str:
    """An amount: in cents, and below a dollar in hundredths of cents."""
    if 0 < amount < LEAST_SHOWN / 2:
        return f"<${LEAST_SHOWN}"
    return f"${amount:,.{4 if 0 < amount < 1 else 2}f}"


def quotas_of(payload: dict[str, object]) -> tuple[str, Windows]:
    """The session id, and usage and reset time per window; no windows before the first API response."""
    return str(payload["session_id"]), valid_windows(objects(payload.get("rate_limits")))


def valid_windows(given: dict[str, dict[str, object]]) -> Windows:
    """The windows that can be stored; an invalid one costs only itself."""
    windows: Windows = {}
    for name in WINDOWS:
        try:
            windows[name] = {field: number(given[name][field]) for field in FIELDS}
        except (LookupError, ValueError):
            continue
    return windows


def store_windows(sessions_dir: str, windows: Windows, session: str | None = None) -> None:
    """Write the windows to the file, completely or not at all; of a session that repeats itself, only new values."""
    os.makedirs(sessions_dir, 0o700, exist_ok=True)  # noqa: PTH103 # pathlib is slow to import
    path = os.path.join(sessions_dir, FILE)  # noqa: PTH118
    with open(os.path.join(sessions_dir, f".{FILE}.lock"), "a", opener=private) as lock:  # noqa: PTH118
        wait_for(lock.fileno())
        stored = load_file(path)
        changed = with_windows(stored, windows, session)
        if changed == stored:
            return
        with open(f"{path}.new", "w", encoding="utf-8", opener=private) as file:
            json.dump(changed, file)
        os.replace(f"{path}.new", path)  # noqa: PTH105


def wait_for(lock: int) -> None:
    """Lock a file. Raises BlockingIOError if somebody keeps it; a session repeats what was not stored then."""
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)


def with_windows(stored: Stored, windows: Windows, session: str | None) -> Stored:
    """What the file contains after a report."""
    sessions = dict(stored.get("sessions", {}))
    if session is not None:
        previous = sessions.pop(session, {})
        windows = {name: window for name, window in windows.items() if previous.get(name) != window}
        if not windows:
            return stored
        sessions[session] = previous | windows
    seen: dict[str, dict[str, object]] = {name: {**window, "seen_at": time.time()} for name, window in windows.items()}
    kept = dict([*sessions.items()][-MAX_SESSIONS:])
    return {"windows": stored.get("windows", {}) | seen, "sessions": kept}


def load_file(path: str) -> Stored:
    """The objects of the objects in the file; empty if it is missing or damaged."""
    try:
        with open(path, encoding="utf-8", opener=private) as file:
            stored = json.loads(file.read(MAX_FILE_CHARACTERS))
    except (OSError, ValueError, RecursionError):
        return {}
    return {name: objects(value) for name, value in objects(stored).items()}


def objects(value: object) -> dict[str, dict[str, object]]:
    """The members of an object that are objects themselves."""
    members = value.items() if isinstance(value, dict) else ()
    return {name: member for name, member in members if isinstance(member, dict)}


def number(value: object) -> float:
    """A value that can be a percentage or a time. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_NUMBER:
        raise ValueError(value)
    return value


def private(path: str, flags: int) -> int:
    """An opener of files that only their owner may read, and that does not wait if one is a pipe."""
    return os.open(path, flags | os.O_NONBLOCK, 0o600)


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
