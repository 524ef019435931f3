"""Appends one hook payload, stamped with the time, to the log of its session: the way for machines without perl.

python -I -S hookmeter_recorder.py SESSIONS_DIR [EVENT] < payload

It runs alone and starts on built-in modules only; hookmeter_recorder.pl writes the same line.
"""

import fcntl
import posix
import sys
import time

FILES = {"PreToolUse": "pre_tool_use", "PostToolUse": "post_tool_use", "PostToolUseFailure": "post_tool_use"}
SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
FIRST_MEMBER = b'{"session_id":"'


def record(sessions_dir: str, event: str = "", *_: str) -> None:
    """Append the payload on stdin to the file of its session and event."""
    payload = read(0).removesuffix(b"\n").replace(b"\n", b" ").lstrip()
    if payload:
        file = FILES.get(event or top_level(payload, "hook_event_name"), "events")
        append(f"{sessions_dir}/{session_folder(payload)}/{file}.jsonl", stamped(payload) + b"\n")


def read(descriptor: int) -> bytes:
    """Read an open file to its end."""
    chunks = []
    while chunk := posix.read(descriptor, 1 << 16):
        chunks.append(chunk)
    return b"".join(chunks)


def stamped(payload: bytes) -> bytes:
    """Splice in the time, task and project; what is no object stays as it came, to be counted."""
    if not payload.startswith(b"{"):
        return payload
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanoseconds // 1000:06}Z"
    stamp = b'{"logged_at":"%s",' % now.encode()
    stamp += member(b"task_id", b"TASK_ID") + member(b"project_dir", b"CLAUDE_PROJECT_DIR")
    return (stamp if b'"' in payload else stamp.removesuffix(b",")) + payload[1:]  # no comma where no member follows


def member(name: bytes, variable: bytes) -> bytes:
    """One JSON member and its comma; nothing where the variable is unset or would have to be escaped."""
    value = posix.environ.get(variable, b"")
    try:
        value.decode()
    except UnicodeDecodeError:
        return b""
    plain = value and not any(byte < 0x20 or byte in b'"\\' for byte in value)
    return b'"%s":"%s",' % (name, value) if plain else b""


def session_folder(payload: bytes) -> str:
    """Name the session's folder after its id, whatever that holds."""
    name = payload.partition(FIRST_MEMBER)[2].partition(b'"')[0] if payload.startswith(FIRST_MEMBER) else b""
    if not name or any(byte not in SAFE for byte in name):  # not as Claude Code writes it
        name = top_level(payload, "session_id").encode(errors="surrogatepass")
    name = name or posix.environ.get(b"CLAUDE_CODE_SESSION_ID", b"")
    safe = bytes(byte if byte in SAFE else ord("_") for byte in name[:128]).decode()
    return f"_{safe[1:]}" if safe.startswith(".") else safe or "unknown-session"


def top_level(payload: bytes, name: str) -> str:
    """Give the text of a string member of the payload itself, never of an object inside it."""
    import json  # noqa: PLC0415 # as slow as everything else here together, and hardly ever needed

    try:
        value = json.loads(payload.decode(errors="replace"))[name]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return json.dumps(value, ensure_ascii=False)[1:-1] if isinstance(value, str) else ""


def append(path: str, line: bytes) -> None:
    """Add the line in one write, so that no reader and no kill can part it."""
    flags = posix.O_RDWR | posix.O_APPEND | posix.O_CREAT
    try:
        log = posix.open(path, flags, 0o600)
    except FileNotFoundError:
        make_folder(path.rpartition("/")[0])
        log = posix.open(path, flags, 0o600)
    posix.write(log, b"\n" + line if is_torn(log) else line)


def is_torn(log: int) -> bool:
    """Tell whether the last line was cut, by a full disk say; the lock keeps out one that is just being written."""
    try:  # noqa: SIM105 # contextlib is slow to import
        fcntl.flock(log, fcntl.LOCK_EX)
    except OSError:  # a file system without locks
        pass
    size = posix.lseek(log, 0, 2)
    return size > 0 and posix.pread(log, 1, size - 1) != b"\n"


def make_folder(path: str) -> None:
    """Make the folder and those above it, where they are missing."""
    try:
        posix.mkdir(path, 0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        make_folder(path.rpartition("/")[0])
        make_folder(path)


if __name__ == "__main__":
    posix.umask(0o077)
    try:  # noqa: SIM105 # contextlib is slow to import
        record(*sys.argv[1:])
    except Exception:  # noqa: S110 # whatever went wrong, the agent must not hear of it
        pass
