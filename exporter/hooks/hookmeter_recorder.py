"""Appends one hook payload, stamped with the time, to the log of its session, on machines without perl.

python -I -S hookmeter_recorder.py SESSIONS_DIR [EVENT [UNUSED [plugin]]] < payload

It is self-contained and starts with built-in modules only; hookmeter_recorder.pl writes the same line. The hooks of the
plugin say so: where settings have hooks, too, each event is recorded by whichever comes first.
"""

import fcntl
import posix
import sys
import time

FILES = {"PreToolUse": "pre_tool_use", "PostToolUse": "post_tool_use", "PostToolUseFailure": "post_tool_use"}
SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
FIRST_MEMBER = b'{"session_id":"'
BY_PLUGIN = b',"recorded_by":"plugin",'
MAX_WAIT_SECONDS, POLL_SECONDS = 1.0, 0.005
MAX_SECONDS_BETWEEN_BOTH = 10
MAX_BYTES_BETWEEN_BOTH = 1 << 16
MIN_PAYLOAD = 1 << 14  # the smallest size that payloads may be limited to
MAX_PAYLOAD_FILE = ".max-payload"


def record(sessions_dir: str, event: str = "", _: str = "", plugin: str = "") -> None:
    """Append the payload on stdin to the file of its session and event."""
    payload = read_all(0).removesuffix(b"\n").replace(b"\n", b" ").lstrip()
    session = session_directory(payload) if payload else ""
    if session and not is_recorded(sessions_dir, session):
        if len(payload) > MIN_PAYLOAD and (most := max_payload(sessions_dir)):
            payload = cut(payload, most)
        file = FILES.get(event or top_level(payload, "hook_event_name"), "events")
        source = BY_PLUGIN if plugin else b","
        append_line(f"{sessions_dir}/{session}/{file}.jsonl", stamped(payload, source) + b"\n", payload[1:] + b"\n")


def is_recorded(sessions_dir: str, session: str) -> bool:
    """Whether a recorder of hookmeter's server writes the session to this directory, too; "SESSION:DIRECTORY:…"."""
    recorded = posix.environ.get(b"HOOKMETER_TASK_RECORDED", b"")
    return (
        recorded.startswith(f"{session}:".encode())
        and f":{sessions_dir}:".encode(errors="surrogateescape") in recorded + b":"
    )


def read_all(descriptor: int) -> bytes:
    """Everything up to the end of an open file."""
    chunks = []
    while chunk := posix.read(descriptor, 1 << 16):
        chunks.append(chunk)
    return b"".join(chunks)


def stamped(payload: bytes, source: bytes) -> bytes:
    """The payload with time, source, task and project; anything but an object is kept, to be counted as malformed."""
    if not payload.startswith(b"{"):
        return payload
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    stamp = logged_at(seconds) + b'.%06dZ"' % (nanoseconds // 1000) + source
    stamp += member(b"task_id", b"TASK_ID") + member(b"project_dir", b"CLAUDE_PROJECT_DIR")
    return (stamp if b'"' in payload else stamp.removesuffix(b",")) + payload[1:]  # no comma if no member follows


def logged_at(seconds: int) -> bytes:
    """The start of a line, up to the second."""
    return time.strftime('{"logged_at":"%Y-%m-%dT%H:%M:%S', time.gmtime(seconds)).encode()


def member(name: bytes, variable: bytes) -> bytes:
    """A JSON member with its comma; empty if the variable is unset or would have to be escaped."""
    value = posix.environ.get(variable, b"")
    try:
        value.decode()
    except UnicodeDecodeError:
        return b""
    plain = value and not any(byte < 0x20 or byte in b'"\\' for byte in value)
    return b'"%s":"%s",' % (name, value) if plain else b""


def session_directory(payload: bytes) -> str:
    """The name of the session's directory: its id, made safe."""
    name = payload.partition(FIRST_MEMBER)[2].partition(b'"')[0] if payload.startswith(FIRST_MEMBER) else b""
    if not name or any(byte not in SAFE for byte in name):  # not in the form that Claude Code writes
        name = top_level(payload, "session_id").encode(errors="surrogatepass")
    name = name or posix.environ.get(b"CLAUDE_CODE_SESSION_ID", b"")
    safe = bytes(byte if byte in SAFE else ord("_") for byte in name[:128]).decode()
    return f"_{safe[1:]}" if safe.startswith(".") else safe or "unknown-session"


def top_level(payload: bytes, name: str) -> str:
    """The text of a string member at the top level of the payload, never of a nested object."""
    import json  # noqa: PLC0415 # as slow as everything else together, and rarely needed

    try:
        value = json.loads(payload.decode(errors="replace"))[name]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return json.dumps(value, ensure_ascii=False)[1:-1] if isinstance(value, str) else ""


def max_payload(sessions_dir: str) -> int:
    """The size above which results are cut; 0 if they are recorded as they are."""
    path = f"{sessions_dir}/{MAX_PAYLOAD_FILE}"
    try:
        return int(read_all(posix.open(path, posix.O_RDONLY))) if posix.stat(path).st_size else 0  # a pipe has no size
    except (OSError, ValueError):
        return 0


def cut(payload: bytes, most: int) -> bytes:
    """The payload with long results cut, by a script next to this one; unchanged if that is not there."""
    names = {}  # type: ignore[var-annotated] # what the script defines
    try:
        script = read_all(posix.open(f"{__file__.rpartition('/')[0]}/hookmeter_cut.py", posix.O_RDONLY))
        exec(script, names)  # noqa: S102 # there is no path to import it from
        return names["cut"](payload, most)  # type: ignore[no-any-return] # a function from bytes to bytes
    except Exception:  # better whole than not at all
        return payload


def append_line(path: str, line: bytes, members: bytes) -> None:
    """Append the line, which ends with these members, in one write, so that neither a reader nor a kill can split it.

    Without a permission, a file or its lock, it goes to another file, which readers take for a rotated one.
    """
    try:
        log = open_log(path)
    except FileNotFoundError:
        make_directory(path.rpartition("/")[0])
        log = open_log(path)
    if log is None or not is_locked(log, time.monotonic() + MAX_WAIT_SECONDS):
        log = open_log(f"{path}.0")
    if log is None:
        return
    tail = last_bytes(log, 2 * len(line) + MAX_BYTES_BETWEEN_BOTH)
    if not is_recorded_by_the_other(tail, line, members):
        posix.write(log, b"\n" + line if tail and not tail.endswith(b"\n") else line)  # what a full disk has cut off


def open_log(path: str) -> int | None:
    """A log to append to; None if it may not be written or is no regular file. Raises FileNotFoundError."""
    try:
        log = posix.open(path, posix.O_RDWR | posix.O_APPEND | posix.O_CREAT | posix.O_NONBLOCK, 0o600)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    return log if posix.fstat(log).st_mode & 0o170000 == 0o100000 else None


def is_locked(log: int, deadline: float) -> bool:
    """Wait for the lock, without which a line that is being written looks incomplete; whether it is free in time."""
    while True:
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        except OSError:  # a file system without locks
            return True
        else:
            return True


def last_bytes(log: int, number: int) -> bytes:
    """The end of a log."""
    start = max(0, posix.lseek(log, 0, 2) - number)
    return posix.pread(log, number, start)


def is_recorded_by_the_other(tail: bytes, line: bytes, members: bytes) -> bool:
    """Whether the same event was recorded by the hooks of settings if these are the plugin's, or the reverse.

    Only the last line of the same payload counts, so that of several equal events of one moment each is recorded, by
    one of both.
    """
    at = tail.rfind(members)
    if at < 1:
        return False
    stamp = tail[tail.rfind(b"\n", 0, at) + 1 : at]
    is_of_plugin, is_line_of_plugin = BY_PLUGIN in stamp, BY_PLUGIN in line[: len(line) - len(members)]
    earliest = logged_at(int(time.time()) - MAX_SECONDS_BETWEEN_BOTH)
    return stamp.startswith(b"{") and stamp >= earliest and is_of_plugin != is_line_of_plugin


def make_directory(path: str) -> None:
    """Create the directory and its parents if they are missing."""
    try:
        posix.mkdir(path, 0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        make_directory(path.rpartition("/")[0])
        make_directory(path)


if __name__ == "__main__":
    posix.umask(0o077)
    try:  # noqa: SIM105 # contextlib is slow to import
        record(*sys.argv[1:])
    except Exception:  # noqa: S110 # whatever went wrong must not affect the agent
        pass
