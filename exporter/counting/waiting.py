"""The rule by which a session waits for a person.

What Claude Code writes about its process decides: it alone reports that a permission was granted, that a turn was
interrupted, and that a process was killed. Without it, the records decide: calls that were asked for and have not
ended, and turns that have ended, until the session is over or was silent for an hour.
"""

from __future__ import annotations

from exporter.model.records import SessionStatus
from exporter.model.sessions import Session, status
from exporter.model.waiting import AskedCall, ClaudeProcess, Wait, WaitReason

IDLE_US = 5_000_000  # by then a process without a terminal, whose turn has ended, has ended, too
INPUT_NEEDED = "input needed"
IDLE_STATUSES = frozenset({"idle", "shell"})


def wait_of(session: Session, asked: AskedCall | None, process: ClaudeProcess | None, now_us: int) -> Wait | None:
    """The wait of a session, whose running calls have `asked`; None if it waits for nobody."""
    if process and process.is_alive is False:
        return None
    is_current = bool(process and process.is_alive and process.status_us > session.last_us)
    if session.is_over and not is_current:
        return None
    if not (process and process.is_alive) and status(session, now_us) is SessionStatus.COMPLETED:
        return None
    if process and process.status:
        return _of_process(session, asked, process, now_us)
    return _of_call(session, asked) or _idle(session, session.turn_ended_us, now_us, is_idle=session.has_ended_turn)


def idle_from_us(session: Session, process: ClaudeProcess | None) -> int:
    """The time from which a session that logs nothing more may wait for its next prompt."""
    return max(session.turn_ended_us, process.status_us if process else 0) + IDLE_US


def _of_process(session: Session, asked: AskedCall | None, process: ClaudeProcess, now_us: int) -> Wait | None:
    if process.status == "waiting":
        known = _of_call(session, asked, process.status_us)
        reason = WaitReason.QUESTION if process.waiting_for == INPUT_NEEDED else WaitReason.PERMISSION
        return known or Wait(session.session_id, session.project, reason, process.status_us)
    is_idle = process.status in IDLE_STATUSES and not process.is_headless and session.had_turn
    return _idle(session, process.status_us, now_us, is_idle=is_idle)


def _of_call(session: Session, asked: AskedCall | None, since_us: int = 0) -> Wait | None:
    if asked is None:
        return None
    return Wait(
        session.session_id, session.project, asked.reason, since_us or asked.since_us or session.last_us,
        asked.tool, asked.agent, asked.input,
    )  # fmt: skip


def _idle(session: Session, since_us: int, now_us: int, *, is_idle: bool) -> Wait | None:
    if not is_idle or now_us < since_us + IDLE_US:
        return None
    return Wait(session.session_id, session.project, WaitReason.IDLE, since_us)
