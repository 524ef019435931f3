"""Claude Code's command line: how a task's process is started and read, and what its failures mean."""

from __future__ import annotations

import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from chatserver.task_user import TaskUser
from chatserver.tasks import subreaper
from chatserver.tasks.errors import ClaudeError
from chatserver.tasks.records import Task
from exporter.model.money import PICODOLLARS
from exporter.model.records import ErrorCategory
from exporter.sources.error_categories import categorize

MISSING = "Claude Code is not installed here (no program {name!r}); install it, or name it with --claude PATH."
NOT_LOGGED_IN = (
    "Claude Code is not logged in; run `claude` once as the tasks' user and type /login, or set ANTHROPIC_API_KEY."
)
NO_CONVERSATION = "Claude Code no longer has this conversation; send the message again to start a new one."
TASK_ID = "TASK_ID"
MAX_LINE_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 1 << 18
STDERR_BYTES = 4_000
KILL_SECONDS = subreaper.KILL_SECONDS + 5.0
# The server's own secrets, and what systemd sets for the service alone. Hooks need HOOKMETER_SESSIONS_DIR.
SECRETS = re.compile(
    r"HOOKMETER_(?!SESSIONS_DIR$)|JWT_|FLASK_|GUNICORN_|SECRET_KEY$|PG[A-Z]|POSTGRES|.*DATABASE_URL|SQLALCHEMY_|.*_DSN$"
    r"|(?:CREDENTIALS|STATE|RUNTIME|CACHE|LOGS|CONFIGURATION)_DIRECTORY$|NOTIFY_SOCKET$|LISTEN_(?:FDS|PID|FDNAMES)$"
)
# What Claude Code sets for its child processes, of which the server may be one.
OTHER_SESSION_VARIABLES = frozenset({
    "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SESSION_ID", "CLAUDE_PID", "CLAUDE_PROJECT_DIR", "SESSION_ID",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FailureReason:
    """Why a run failed: a sentence that says how to fix it, and the category."""

    sentence: str
    category: ErrorCategory


FAILURE_REASONS: tuple[tuple[re.Pattern[str], FailureReason], ...] = (
    (re.compile(r"(Claude Code is not installed here .*)"), FailureReason(r"\1", ErrorCategory.COMMAND_NOT_FOUND)),
    (
        re.compile(r"Not logged in|Please run /login|Invalid API key|OAuth token (?:has expired|revoked)"),
        FailureReason(NOT_LOGGED_IN, ErrorCategory.PERMISSION_DENIED),
    ),
    (
        re.compile(r"No conversation found with session ID"),
        FailureReason(NO_CONVERSATION, ErrorCategory.FILE_NOT_FOUND),
    ),
    (
        re.compile(r"Reached maximum number of turns \((\d+)\)"),
        FailureReason(
            r"It reached its limit of turns (\1); restart it with a higher --max-turns.", ErrorCategory.RESOURCE_ERROR
        ),
    ),
    (
        re.compile(r"Reached maximum budget \((\$[\d.]+)\)"),
        FailureReason(r"It reached its budget of \1; restart it with a higher one.", ErrorCategory.RESOURCE_ERROR),
    ),
    (
        re.compile(r"--agent '([^']*)' not found(?:\. Available agents: (.*))?"),
        FailureReason(r"There is no agent \1 in this workspace; choose one of \2.", ErrorCategory.FILE_NOT_FOUND),
    ),
    (
        re.compile(r"cannot be used with root/sudo privileges"),
        FailureReason(
            "Claude Code refuses the permission mode bypassPermissions as root; name another user: --task-user.",
            ErrorCategory.PERMISSION_DENIED,
        ),
    ),
)


def failure_reason(text: str) -> FailureReason:
    """The reason in an error text; the text itself where no pattern matches."""
    for pattern, reason in FAILURE_REASONS:
        if match := pattern.search(text):
            return FailureReason(match.expand(reason.sentence), reason.category)
    return FailureReason(text, categorize(text))


def command(task: Task, claude: str, permission_mode: str = "", path: str | None = None) -> list[str]:
    """The arguments that start Claude Code for a task, whose description goes to stdin. Raises ClaudeError."""
    program = shutil.which(claude, path=path)
    if program is None:
        raise ClaudeError(MISSING.format(name=claude))
    session = "--resume" if task.resumes else "--session-id"
    arguments = [str(Path(program).absolute()), "-p", "--output-format", "stream-json", "--verbose"]
    arguments += ["--include-partial-messages", session, task.session_uuid or ""]
    budget = None if task.max_budget_picodollars is None else Decimal(task.max_budget_picodollars) / PICODOLLARS
    options = {
        "--model": task.model, "--permission-mode": task.permission_mode or permission_mode, "--agent": task.agent,
        "--max-turns": task.max_turns, "--max-budget-usd": None if budget is None else f"{budget:f}",
    }  # fmt: skip
    return arguments + [f"{name}={value}" for name, value in options.items() if value]


def environment(task: Task, inherited: Mapping[str, str], user: TaskUser | None = None) -> dict[str, str]:
    """The server's environment without its secrets, with the id of the task, and the home of its account."""
    kept = {
        name: value
        for name, value in inherited.items()
        if not SECRETS.match(name) and name not in OTHER_SESSION_VARIABLES
    }
    return {**(user.environment(kept) if user else kept), TASK_ID: task.task_id}


class Claude:
    """A Claude Code process, below one that ends with the last of its processes. Raises ClaudeError."""

    def __init__(self, arguments: list[str], directory: Path, env: Mapping[str, str], prompt: str) -> None:
        with ExitStack() as files:  # closed if it cannot be started
            try:
                self._stderr = files.enter_context(tempfile.TemporaryFile())
                self._control, control = socket.socketpair()
                files.enter_context(self._control)
                with control, tempfile.TemporaryFile() as stdin:  # a file ends, so that nothing more is waited for
                    stdin.write(prompt.encode("utf-8", "replace"))
                    stdin.seek(0)
                    self._stop_reader, self._stop_writer = os.pipe()
                    for end in (self._stop_reader, self._stop_writer):
                        files.callback(os.close, end)
                    self.process = subprocess.Popen(
                        [sys.executable, "-IS", subreaper.__file__, str(control.fileno()), *arguments],
                        cwd=directory, env=dict(env), start_new_session=True, pass_fds=(control.fileno(),),
                        stdin=stdin, stdout=subprocess.PIPE, stderr=self._stderr,
                    )  # fmt: skip
            except OSError as error:
                raise ClaudeError(f"{arguments[0]} cannot be started in {directory} ({error.strerror}).") from error
            self._files = files.pop_all()

    def end(self, grace_seconds: float) -> bool:
        """End all its processes, by SIGKILL after the grace period, and return whether they have ended."""
        with suppress(OSError):  # they have ended before
            self._control.sendall(f"{grace_seconds}".encode())
        try:
            self.process.wait(grace_seconds + KILL_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def all_processes_ended(self) -> bool:
        """Whether none of its processes can be left, once `process` has ended."""
        try:
            return self._control.recv(len(subreaper.DONE)) == subreaper.DONE
        except OSError:  # it was killed before it read what it was sent
            return False

    def lines(self) -> Iterator[bytes]:
        """The lines of its output, until its end or `stop_reading`; lines over 64 MiB are left out."""
        pieces: list[bytes] = []
        size = 0
        for chunk in self._chunks():
            *ends, rest = chunk.split(b"\n")
            for end in ends:
                if size + len(end) <= MAX_LINE_BYTES:
                    yield b"".join((*pieces, end))
                pieces, size = [], 0
            size += len(rest)
            pieces = [*pieces, rest] if size <= MAX_LINE_BYTES else []
        if pieces:
            yield b"".join(pieces)

    def _chunks(self) -> Iterator[bytes]:
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe
        stdout = self.process.stdout.fileno()
        poll = select.poll()
        poll.register(stdout, select.POLLIN)
        poll.register(self._stop_reader, select.POLLIN)
        while stdout in dict(poll.poll()) and (chunk := os.read(stdout, CHUNK_BYTES)):
            yield chunk

    def stop_reading(self) -> None:
        """End `lines` after the output so far, also where a process that is not the task's holds it open."""
        os.write(self._stop_writer, b"x")

    def stderr_tail(self) -> str:
        """The end of what it wrote to stderr."""
        size = self._stderr.seek(0, 2)
        self._stderr.seek(max(0, size - STDERR_BYTES))
        return self._stderr.read().replace(b"\0", b"").decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Close its files and pipes."""
        self._files.close()
        if self.process.stdout:
            self.process.stdout.close()
