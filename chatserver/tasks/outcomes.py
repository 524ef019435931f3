"""What a run came to, judged by its last result, its exit code, and what was done to it."""

from __future__ import annotations

from chatserver.tasks.claude_cli import NOT_LOGGED_IN, FailureReason, failure_reason
from chatserver.tasks.records import Outcome, Spent, TaskStatus
from chatserver.tasks.stream import Result
from exporter.model.records import ErrorCategory

STOPPED = FailureReason("It was stopped.", ErrorCategory.INTERRUPTED)
SERVER_STOPPED = FailureReason("The server was stopped while it ran; restart it.", ErrorCategory.INTERRUPTED)
SERVER_GONE = FailureReason("The server ended unexpectedly while it ran; restart it.", ErrorCategory.INTERRUPTED)
SERVER_FAILED = FailureReason("The server failed to run it; its log says why.", ErrorCategory.OTHER)
REFUSED = FailureReason(NOT_LOGGED_IN, ErrorCategory.PERMISSION_DENIED)


def timed_out(seconds: int) -> FailureReason:
    """That it took too long."""
    return FailureReason(f"It timed out after {seconds} s; restart it with a longer timeout.", ErrorCategory.TIMEOUT)


def failure(why: FailureReason, spent: Spent = Spent(), result: Result | None = None) -> Outcome:  # noqa: B008 - it is frozen
    """A run that failed; what it had said before is kept."""
    said = result.text if result and not result.failed else None
    return Outcome(TaskStatus.FAILED, spent, said, why.sentence, why.category)


def outcome_of(result: Result | None, code: int, complaint: str, spent: Spent) -> Outcome:
    """How a run ended by itself: well only where its last result and its exit code both say so."""
    if result and not result.failed and code == 0:
        note = _denials(result)
        return Outcome(
            TaskStatus.COMPLETED, spent, result.text, note, ErrorCategory.PERMISSION_DENIED if note else None
        )
    said = result.text if result and result.failed else ""
    return failure(failure_reason(said or complaint or f"Claude Code ended with exit code {code}."), spent, result)


def _denials(result: Result) -> str | None:
    if not result.denied:
        return None
    return f"Claude Code was not permitted to use {', '.join(result.denied)}; allow it in the workspace's settings."
