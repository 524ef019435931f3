"""What a running task does and costs, stored and published while it runs."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from chatserver.storage.failure_log import FailureLog
from chatserver.tasks.activity import ActivityLog
from chatserver.tasks.records import Activity, Spent, Task
from chatserver.tasks.run_context import RunContext
from chatserver.tasks.stream_events import CallEnded, CallStarted, UsageReported
from chatserver.tasks.throttle import Throttle
from chatserver.tasks.transcript_spending import TranscriptSpending
from chatserver.threads.offload import offload
from exporter.model.log import logger
from exporter.model.money import Amount

log = logger(__name__)
INTERVAL_SECONDS = 1.0  # between two records


class ActivityRecorder:
    """Records the activity of one run soon after each change. Several threads may call it.

    Claude Code reports answers of sub-agents before they are complete, and requests of tools such as WebSearch not at
    all: their cost is in the transcripts only.
    """

    def __init__(self, task: Task, context: RunContext) -> None:
        self._task = task
        self._context = context
        self._log = ActivityLog(task.workspace, context.prices.cost)
        session, since_us = task.session_uuid or "", task.started_us or 0
        self._transcripts = TranscriptSpending(session, since_us, context.transcript_roots, context.prices)
        self._recorded: tuple[Activity, Amount] | None = None
        self._is_settling = False  # answers were reported whose transcripts may be written only now
        self._failures = FailureLog(log)
        self._work = f"The activity of task {task.task_id} could not be recorded"
        self._throttle = Throttle(self._record, INTERVAL_SECONDS)

    def start_call(self, event: CallStarted) -> None:
        """Add a call."""
        self._log.start_call(event)
        self._throttle.request()

    def end_call(self, event: CallEnded) -> None:
        """Add the end of a call."""
        self._log.end_call(event)
        self._throttle.request()

    def count_usage(self, event: UsageReported) -> None:
        """Count what an API message has used so far."""
        self._log.count_usage(event)
        self._is_settling = True
        self._throttle.request()

    def interrupt(self) -> None:
        """Note that the server ends the run."""
        self._log.interrupt()

    def close(self) -> Activity:
        """Record no more, and return the activity of the run, which is over."""
        self._throttle.close()
        return self._log.activity(is_over=True)

    def _record(self) -> None:
        is_settling, self._is_settling = self._is_settling, False
        spent = offload(self._transcripts.read_new)
        found = self._log.activity(), _larger(self._log.cost, spent)
        if found != self._recorded:
            self._store(*found)
        if is_settling:
            self._throttle.request()

    def _store(self, activity: Activity, cost: Amount) -> None:
        try:
            task = self._context.store.record_activity(self._task, activity, cost)
        except SQLAlchemyError as error:  # the next change is recorded again, and the end has all
            self._failures.note_failure(self._work, error)
            return
        self._failures.note_success(self._work)
        self._recorded = activity, cost
        if task is not None:
            self._context.feed.publish_change(task)


def _larger(reported: Amount, read: Spent) -> Amount:
    """The cost so far: what is reported first, or what transcripts have beyond it."""
    known = max(reported.picodollars or 0, read.cost_picodollars)
    return Amount(known, max(reported.unpriced_tokens, read.unpriced_tokens))
