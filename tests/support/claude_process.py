"""Files about processes of Claude Code, of processes that really run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.transcript_lines import SESSION


@contextmanager
def running_process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits until the context ends."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def process_file(directory: Path, pid: int, status_us: int, status: str = "", **fields: object) -> Path:
    """Write the file about a process next to the directory `projects`."""
    path = directory / "sessions" / f"{pid}.json"
    path.parent.mkdir(exist_ok=True)
    namespace = Path("/proc/self/ns/pid").readlink()
    told = {"status": status, "statusUpdatedAt": status_us // 1000} if status else {}
    line = {"pid": pid, "sessionId": SESSION, "procStart": start_of(pid), "pidDomain": f"linux:machine:{namespace}"}
    path.write_text(json.dumps({**line, "kind": "interactive", "entrypoint": "cli", **told, **fields}))
    return path


def start_of(pid: int) -> str:
    """When a process has started, in the clock ticks of the system; 0 if there is none."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.read_text().rpartition(")")[2].split()[19] if stat.exists() else "0"
