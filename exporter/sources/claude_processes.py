"""The processes of Claude Code, as it describes them itself in `sessions/<pid>.json`, next to its transcripts.

A process that ends removes its file, one that is killed leaves it behind: whether it runs is a question to the system,
which only answers for processes of its own pid namespace.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec

from exporter.model.bounds import is_plausible_time
from exporter.model.file_stamp import FileStamp, file_stamp
from exporter.model.regular_files import read_bounded
from exporter.model.waiting import ClaudeProcess

SESSIONS = "sessions"
NAME = re.compile(r"[1-9][0-9]{0,9}\.json")
MAX_FILES = 1_000
HEADLESS = "sdk"  # how the entry point of a process without a terminal begins
NAMESPACE = re.compile(r":(pid:\[[0-9]+\])$")
STATE_FIELD, START_FIELD = 0, 19  # of /proc/PID/stat, after the name of the program
ENDED_STATES = frozenset("ZX")  # of a process that has ended, which its parent has not noticed yet
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _File(msgspec.Struct, frozen=True):
    """The fields of a file that are read."""

    pid: Annotated[int, msgspec.Meta(gt=1, lt=1 << 31)]
    session_id: str = msgspec.field(name="sessionId")
    status: str = ""
    status_ms: Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)] = msgspec.field(name="statusUpdatedAt", default=0)
    waiting_for: str = msgspec.field(name="waitingFor", default="")
    entrypoint: str = ""
    start: str = msgspec.field(name="procStart", default="")
    domain: str = msgspec.field(name="pidDomain", default="")


class ClaudeProcesses:
    """The newest process of each session, also after its file was removed, which others do for one that was killed.

    `changes` grows whenever one may have changed.
    """

    def __init__(self, transcript_roots: Iterable[str]) -> None:
        self._directories = tuple(dict.fromkeys(os.path.join(os.path.dirname(r), SESSIONS) for r in transcript_roots))  # noqa: PTH118, PTH120 - paths are str here
        self._files: dict[str, tuple[FileStamp, _File | None]] = {}
        self._found: dict[str, ClaudeProcess] = {}
        self.changes = 0

    def refresh(self) -> None:
        """Read the files that have changed, and ask which of the processes run."""
        paths = {path: stamp for path in self._paths() if (stamp := file_stamp(path))}
        self._files = {path: self._known(path, stamp) for path, stamp in paths.items()}
        found: dict[str, ClaudeProcess] = {}
        for _, file in self._files.values():
            if file and (process := _process(file)) and _is_newer(process, found.get(process.session_id)):
                found[process.session_id] = process
        found |= {session: gone for session, gone in self._gone() if session not in found}
        if found != self._found:
            self._found, self.changes = found, self.changes + 1

    def of(self, session_id: str) -> ClaudeProcess | None:
        """The process of a session; None if there is no file about one."""
        return self._found.get(session_id)

    def _gone(self) -> Iterator[tuple[str, ClaudeProcess]]:
        """The processes that ran on this machine, as ended."""
        known = [(session, process) for session, process in self._found.items() if process.is_alive is not None]
        yield from ((session, replace(process, is_alive=False)) for session, process in known[-MAX_FILES:])

    def _paths(self) -> Iterator[str]:
        for directory in self._directories:
            try:
                names = sorted(filter(NAME.fullmatch, os.listdir(directory)))  # noqa: PTH208 - likewise
            except OSError:  # without these files, the records of a session alone say what it does
                continue
            yield from (os.path.join(directory, name) for name in names[:MAX_FILES])  # noqa: PTH118 - likewise

    def _known(self, path: str, stamp: FileStamp) -> tuple[FileStamp, _File | None]:
        known = self._files.get(path)
        return known if known and known[0] == stamp else (stamp, _read(path))


def _read(path: str) -> _File | None:
    """The content of a file; None if it is damaged or gone, in which case it counts as missing."""
    try:
        return msgspec.json.decode(read_bounded(path), type=_File)
    except (OSError, *UNDECODABLE):
        return None


def _process(file: _File) -> ClaudeProcess | None:
    status_us = file.status_ms * 1000
    if file.status and not is_plausible_time(status_us):
        return None
    return ClaudeProcess(
        file.session_id, _is_alive(file), file.status, status_us, file.waiting_for, file.entrypoint.startswith(HEADLESS)
    )


def _is_newer(process: ClaudeProcess, other: ClaudeProcess | None) -> bool:
    """Whether a process rather than another one is that of a session: one that runs, then the one that changed last."""
    return other is None or (process.is_alive is not False, process.status_us) > (
        other.is_alive is not False, other.status_us,
    )  # fmt: skip


def _is_alive(file: _File) -> bool | None:
    """Whether the process runs; None if it is of another machine or container, or the system does not say."""
    namespace = NAMESPACE.search(file.domain)
    try:
        if not namespace or namespace[1] != os.readlink("/proc/self/ns/pid"):  # noqa: PTH115 - no path
            return None
        fields = Path(f"/proc/{file.pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        state, start = fields[STATE_FIELD], fields[START_FIELD]
    except (FileNotFoundError, ProcessLookupError):
        return False
    except (OSError, IndexError):
        return None
    return state not in ENDED_STATES and file.start in {"", start}
