"""The outcome of a run, from its last result, its exit code, and the reason for which it was ended."""

from __future__ import annotations

import re

from chatserver.tasks.claude_cli import NOT_LOGGED_IN, FailureReason, failure_reason
from chatserver.tasks.records import Outcome, Spent, TaskStatus
from chatserver.tasks.stream import Stream
from chatserver.tasks.stream_events import Result
from exporter.model.records import ErrorCategory

STOPPED = FailureReason("It was stopped.", ErrorCategory.INTERRUPTED)
SERVER_STOPPED = FailureReason("The server was stopped while it ran; restart it.", ErrorCategory.INTERRUPTED)
SERVER_GONE = FailureReason("The server ended unexpectedly while it ran; restart it.", ErrorCategory.INTERRUPTED)
SERVER_FAILED = FailureReason("The server failed to run it; see the server's log.", ErrorCategory.OTHER)
REFUSED = FailureReason(NOT_LOGGED_IN, ErrorCategory.PERMISSION_DENIED)
# The results, which Claude Code calls successes, of runs whose prompt a hook refused, and that a hook ended early.
REFUSED_PROMPT = re.compile(r"(?:UserPromptSubmit operation blocked by hook|Operation stopped by hook):\s*(.*)")
ENDED_BY_HOOK = "hook_stopped"


def timed_out(seconds: int) -> FailureReason:
    """The reason of a run that exceeded its timeout."""
    return FailureReason(f"It timed out after {seconds} s; restart it with a longer timeout.", ErrorCategory.TIMEOUT)


def out_of_turns(stream: Stream) -> FailureReason | None:
    """The reason of a run that went on after its last turn, as Claude Code reports it; None if it did not."""
    return failure_reason(f"Reached maximum number of turns ({stream.max_turns})") if stream.exceeds_turns else None


def failed_outcome(reason: FailureReason, spent: Spent = Spent(), result: Result | None = None) -> Outcome:  # noqa: B008 - it is frozen
    """The outcome of a failed run; the text of an earlier successful result is kept."""
    text = result.text if result and not result.failed else None
    return Outcome(TaskStatus.FAILED, spent, text, reason.sentence, reason.category)


def outcome_of(result: Result | None, exit_code: int, stderr: str, spent: Spent) -> Outcome:
    """The outcome of a run that ended by itself: completed only if both its last result and its exit code say so."""
    if result and not result.failed and exit_code == 0:
        if reason := _ended_by_hook(result, spent):
            return failed_outcome(reason, spent)
        note = _denials(result)
        category = ErrorCategory.PERMISSION_DENIED if note else None
        return Outcome(TaskStatus.COMPLETED, spent, result.text, note, category)
    text = result.text if result and result.failed else ""
    how = "" if result else "without a result, "
    reason = failure_reason(text or stderr or f"Claude Code ended {how}with exit code {exit_code}.")
    return failed_outcome(reason, spent, result)


def _ended_by_hook(result: Result, spent: Spent) -> FailureReason | None:
    """Why a run did not do its work, although nothing failed; None if it did."""
    if spent.turns == 0 and (refused := REFUSED_PROMPT.match(result.text)):
        sentence = f"A hook in Claude Code's settings refused the description: {refused[1]}"
    elif result.reason == ENDED_BY_HOOK:
        sentence = "A hook in Claude Code's settings stopped it before it was finished."
    else:
        return None
    return FailureReason(sentence, ErrorCategory.PERMISSION_DENIED)


def _denials(result: Result) -> str | None:
    if not result.denied:
        return None
    return f"Claude Code was not permitted to use {', '.join(result.denied)}; allow it in the workspace's settings."
