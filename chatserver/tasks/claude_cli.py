"""Claude Code's command line: how it is found and started for a task, and what its failures mean."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from chatserver.tasks.errors import ClaudeError
from chatserver.tasks.records import Task
from exporter.model.money import PICODOLLARS
from exporter.model.records import ErrorCategory
from exporter.sources.error_categories import categorize

MISSING = "Claude Code is not installed here ({name!r} is no program); install it, or name it with --claude PATH."
NOT_LOGGED_IN = (
    "Claude Code is not logged in; run `claude` once as the server's user and type /login, or set ANTHROPIC_API_KEY."
)
NO_CONVERSATION = "Claude Code no longer has this conversation; send the message again to begin it anew."
TASK_ID = "TASK_ID"
MAX_LINE_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 1 << 18
STDERR_BYTES = 4_000
# The server's own secrets; where logs go is no secret, and hooks want it.
SECRETS = re.compile(
    r"HOOKMETER_(?!SESSIONS_DIR$)|JWT_|FLASK_|GUNICORN_|SECRET_KEY$|PG[A-Z]|POSTGRES|.*DATABASE_URL|SQLALCHEMY_|.*_DSN$"
)
# What a Claude Code tells its own children of itself: the server may be one.
OF_ANOTHER_SESSION = frozenset({
    "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SESSION_ID", "CLAUDE_PID", "CLAUDE_PROJECT_DIR", "SESSION_ID",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FailureReason:
    """What a failure means: the sentence that says how to mend it, and its category."""

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
            r"It reached its limit of \1 turns; restart it with a higher --max-turns.", ErrorCategory.RESOURCE_ERROR
        ),
    ),
    (
        re.compile(r"Reached maximum budget \((\$[\d.]+)\)"),
        FailureReason(r"It reached its budget of \1; restart it with a higher one.", ErrorCategory.RESOURCE_ERROR),
    ),
    (
        re.compile(r"cannot be used with root/sudo privileges"),
        FailureReason(
            "Claude Code refuses the permission mode bypassPermissions as root; run the server as another user.",
            ErrorCategory.PERMISSION_DENIED,
        ),
    ),
)


def failure_reason(text: str) -> FailureReason:
    """What a failure's text means; the text itself where no entry fits."""
    for pattern, known in FAILURE_REASONS:
        if found := pattern.search(text):
            return FailureReason(found.expand(known.sentence), known.category)
    return FailureReason(text, categorize(text))


def command(task: Task, claude: str, permission_mode: str = "", path: str | None = None) -> list[str]:
    """The words that start a task's Claude Code. What is to be done is no part of them: it goes in by stdin."""
    program = shutil.which(claude, path=path)
    if program is None:
        raise ClaudeError(MISSING.format(name=claude))
    session = "--resume" if task.resumes else "--session-id"
    words = [str(Path(program).absolute()), "-p", "--output-format", "stream-json", "--verbose"]
    words += ["--include-partial-messages", session, task.session_uuid or ""]
    budget = None if task.max_budget_picodollars is None else Decimal(task.max_budget_picodollars) / PICODOLLARS
    options = {
        "--model": task.model, "--permission-mode": permission_mode,
        "--max-turns": task.max_turns, "--max-budget-usd": None if budget is None else f"{budget:f}",
    }  # fmt: skip
    return words + [f"{name}={value}" for name, value in options.items() if value]


def environment(task: Task, own: Mapping[str, str]) -> dict[str, str]:
    """The server's environment without its secrets, and which task this is."""
    kept = {name: value for name, value in own.items() if not SECRETS.match(name) and name not in OF_ANOTHER_SESSION}
    return {**kept, TASK_ID: task.task_id}


class Claude:
    """A running Claude Code, the first of its own process group and session."""

    def __init__(self, words: list[str], folder: Path, env: Mapping[str, str], prompt: str) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        try:
            with tempfile.TemporaryFile() as stdin:  # which has an end: nothing more will come
                stdin.write(prompt.encode("utf-8", "replace"))
                stdin.seek(0)
                self.process = subprocess.Popen(
                    words, cwd=folder, env=dict(env), start_new_session=True,
                    stdin=stdin, stdout=subprocess.PIPE, stderr=self._stderr,
                )  # fmt: skip
        except OSError as error:
            self._stderr.close()
            raise ClaudeError(f"{words[0]} cannot be started in {folder} ({error.strerror}).") from error
        self._abandoned, self._abandon = os.pipe()

    def lines(self) -> Iterator[bytes]:
        """Its lines, until `abandon` or the end of its output; one that is absurdly long is left out."""
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
        poll.register(self._abandoned, select.POLLIN)
        while stdout in dict(poll.poll()) and (chunk := os.read(stdout, CHUNK_BYTES)):
            yield chunk

    def abandon(self) -> None:
        """Read no more than what is there: what still holds the output open is none of the task's."""
        os.write(self._abandon, b"x")

    def complaint(self) -> str:
        """The end of what it said on stderr."""
        size = self._stderr.seek(0, 2)
        self._stderr.seek(max(0, size - STDERR_BYTES))
        return self._stderr.read().decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Let go of its files."""
        self._stderr.close()
        os.close(self._abandoned)
        os.close(self._abandon)
        if self.process.stdout:
            self.process.stdout.close()
