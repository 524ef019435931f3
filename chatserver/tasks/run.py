"""One run of a task, from the start of Claude Code until none of its processes is left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import singledispatchmethod
from subprocess import SubprocessError

import psutil
from sqlalchemy.exc import SQLAlchemyError

from chatserver.storage.failure_log import FailureLog
from chatserver.tasks.activity_recorder import ActivityRecorder
from chatserver.tasks.choices import check_choices
from chatserver.tasks.claude_cli import NO_CONVERSATION, Claude, FailureReason, command, environment, failure_reason
from chatserver.tasks.errors import TaskError
from chatserver.tasks.exit_watch import ExitWatch
from chatserver.tasks.outcomes import (
    REFUSED,
    SERVER_FAILED,
    STOPPED,
    failed_outcome,
    out_of_turns,
    outcome_of,
    timed_out,
)
from chatserver.tasks.process_cleanup import GRACE_SECONDS, kill_remaining
from chatserver.tasks.quotas import store_quotas
from chatserver.tasks.records import Outcome, Spent, Task, TaskOutput
from chatserver.tasks.run_context import RunContext
from chatserver.tasks.stream import Stream
from chatserver.tasks.stream_events import (
    ApiRetry,
    CallEnded,
    CallStarted,
    Event,
    Progress,
    QuotasReported,
    Result,
    SessionStarted,
    TextWritten,
    ToolInUse,
    UsageReported,
)
from chatserver.tasks.transcript_spending import spent_so_far
from chatserver.tasks.workspaces import allowed_workspace
from chatserver.threads.offload import offload
from exporter.model.log import logger

log = logger(__name__)
UNAUTHORIZED = (401, 403)
MAX_REFUSALS = 2  # after the first, Claude Code may succeed with a fresh token


class Run:
    """Runs a claimed task in threads of its own. `on_finished` is called once none of its processes is left."""

    def __init__(self, task: Task, context: RunContext, on_finished: Callable[[Run], None]) -> None:
        self.task = task
        self._context = context
        self._on_finished = on_finished
        spent_before = context.queries.spent_in_session(task.session_uuid).picodollars if task.resumes else 0
        self._stream = Stream(task.max_turns, spent_before)
        self._activity = ActivityRecorder(task, context)
        self._failures = FailureLog(log)
        self._lock = threading.Lock()
        # Held while processes are ended, and before the run finishes: so no process of the task's next run is hit.
        self._cleanup_lock = threading.Lock()
        self._claude: Claude | None = None
        self._exit_watch = ExitWatch(context.settings.exit_seconds, self._end_late)
        self._last_result: Result | None = None  # of a Claude Code that was ended because it did not exit
        self._reason: FailureReason | None = None
        self._tool: str | None = None
        self._session_uuid: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"task {task.task_id}", daemon=True)

    def start(self) -> None:
        """Start the thread that runs the task."""
        self._thread.start()

    def end(self, reason: FailureReason = STOPPED, grace_seconds: float = GRACE_SECONDS) -> None:
        """End all processes of the task, and return when they have ended. The first reason is the run's."""
        with self._cleanup_lock:
            with self._lock:
                is_first, self._reason = self._reason is None, self._reason or reason
                claude = self._claude
            if is_first and claude is not None:
                self._activity.interrupt()
                self._end_processes(claude, grace_seconds)

    def end_in_background(self, reason: FailureReason = STOPPED, grace_seconds: float = GRACE_SECONDS) -> None:
        """Call `end` in a thread of its own."""
        name = f"end {self.task.task_id}"
        threading.Thread(target=self.end, args=(reason, grace_seconds), name=name, daemon=True).start()

    def join(self, seconds: float) -> None:
        """Wait until the run has finished, but not longer than that."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            outcome = self._outcome()
        except Exception:  # whatever went wrong, the task must not stay in the status running
            log.exception("Task %s could not be run.", self.task.task_id)
            if self._claude is not None:
                self._end_processes(self._claude, 0)
            outcome = failed_outcome(SERVER_FAILED)
        with self._cleanup_lock, self._lock:
            self._claude = None
        activity = self._activity.close()
        try:
            outcome = replace(outcome, session_uuid=self._session_uuid, activity=activity)
            self._context.endings.record(self.task, outcome)
        finally:
            self._on_finished(self)

    def _outcome(self) -> Outcome:
        try:
            claude = self._start_claude()
        except TaskError as error:
            return failed_outcome(failure_reason(str(error)))
        if claude is None:
            return failed_outcome(self._reason or STOPPED)
        with closing(claude):
            self._follow(claude)
            return self._outcome_of(claude)

    def _follow(self, claude: Claude) -> None:
        """Process its output until none of its processes is left."""
        timeout = threading.Timer(self._timeout, self.end, (timed_out(self._timeout),))
        waiter = threading.Thread(target=self._wait, args=(claude,), name=f"wait {self.task.task_id}", daemon=True)
        timeout.daemon = True
        timeout.start()
        waiter.start()
        try:
            for line in claude.lines():
                self._process_line(line)
        except Exception:
            self._end_processes(claude, 0)
            raise
        finally:
            waiter.join()
            timeout.cancel()
            self._exit_watch.close()

    def _start_claude(self) -> Claude | None:
        """The started process; None if the task was stopped before. Raises TaskError."""
        task, settings, inherited = self.task, self._context.settings, self._context.environment
        check_choices(task, settings)  # those that are allowed may be others by now
        directory = allowed_workspace(task.workspace, settings.workspaces)
        started_by = settings.user.prefix if settings.user else ()
        arguments = [*started_by, *command(task, settings.claude, settings.permission_mode, inherited.get("PATH"))]
        env = environment(task, inherited, settings.user)
        if recorder := self._context.recording.settings():
            arguments += ["--settings", recorder]
            env |= self._context.recording.variables(task)
        with self._lock:
            if self._reason:
                return None
            self._claude = claude = Claude(arguments, directory, env, task.description)
        self._record_process(claude.process.pid)
        return claude

    def _record_process(self, pid: int) -> None:
        try:
            task = self._context.store.record_process(self.task, pid, _create_time(pid))
        except SQLAlchemyError:  # the run does not depend on it
            log.exception("The process of task %s could not be recorded.", self.task.task_id)
            return
        if task is None:
            self.end_in_background()  # it was stopped just before
        else:
            self._context.feed.publish_change(task)

    def _wait(self, claude: Claude) -> None:
        """Wait for the end of its processes, and end what may be left, which would hold the output open."""
        claude.process.wait()
        try:
            if not claude.all_processes_ended():
                kill_remaining(self.task.task_id, claude.process.pid)
        finally:
            claude.stop_reading()

    def _end_processes(self, claude: Claude, grace_seconds: float) -> None:
        if not claude.end(grace_seconds):
            kill_remaining(self.task.task_id, claude.process.pid)

    def _end_late(self) -> None:
        """End a Claude Code that has not exited after its last result, which stays that of the run."""
        with self._cleanup_lock:
            with self._lock:
                claude = None if self._reason else self._claude
            if claude is not None and self._stream.is_over:
                self._last_result = self._stream.result
                log.warning("Claude Code did not exit after the result of task %s; it was ended.", self.task.task_id)
                self._end_processes(claude, GRACE_SECONDS)

    @property
    def _timeout(self) -> int:
        return self.task.timeout_seconds or self._context.settings.timeout_seconds

    def _outcome_of(self, claude: Claude) -> Outcome:
        spent, result = self._spent(), self._last_result or self._stream.result
        exit_code = 0 if self._last_result else claude.process.returncode
        if reason := self._reason or out_of_turns(self._stream):
            return failed_outcome(reason, spent, result)
        outcome = outcome_of(result, exit_code, claude.stderr_tail(), spent)
        if outcome.error == NO_CONVERSATION:
            self._forget_session()
        return outcome

    def _forget_session(self) -> None:
        try:
            self._context.store.forget_session(self.task)
        except SQLAlchemyError:  # the next message fails in the same way, and forgets it
            log.exception("The session of task %s could not be forgotten.", self.task.task_id)

    def _spent(self) -> Spent:
        if not self._stream.has_unreported_spending:
            return self._stream.spent
        spent = offload(lambda: spent_so_far(self.task, self._context.transcript_roots, self._context.prices))
        return replace(spent, turns=self._stream.turns, is_known=spent.is_known and not self._stream.is_answering)

    def _process_line(self, line: bytes) -> None:
        for event in self._stream.read_line(line):
            try:
                self._handle(event)
            except SQLAlchemyError as error:  # a run must not fail because its progress could not be recorded
                self._failures.note_failure(f"An event of task {self.task.task_id} could not be recorded", error)
        self._exit_watch.note_line(is_over=self._stream.is_over)
        if self._reason is None and (reason := out_of_turns(self._stream)):
            self.end_in_background(reason)

    @singledispatchmethod
    def _handle(self, event: Event) -> None:
        raise TypeError(f"No handler for the event {event!r}")

    @_handle.register
    def _(self, event: TextWritten) -> None:
        self._publish_output(event.text)

    @_handle.register
    def _(self, event: ToolInUse) -> None:
        if event.tool != self._tool:
            self._tool = event.tool
            self._publish_output("")

    @_handle.register
    def _(self, event: SessionStarted) -> None:
        if self.task.chat_id:
            self._session_uuid = event.session_uuid
            self._context.store.record_session(self.task, event.session_uuid)

    @_handle.register
    def _(self, event: Progress) -> None:
        if task := self._context.store.record_progress(self.task, event.share):
            self._context.feed.publish_change(task)

    @_handle.register
    def _(self, event: ApiRetry) -> None:
        if event.status in UNAUTHORIZED and event.attempt >= MAX_REFUSALS:
            self.end_in_background(REFUSED)

    @_handle.register
    def _(self, event: QuotasReported) -> None:
        directory = self._context.sessions_dir
        try:
            store_quotas(directory, event.windows, self._context.settings.user)
        except (OSError, SubprocessError) as error:
            log.warning("The quotas could not be stored in %s (%s); make it writable for the tasks.", directory, error)

    @_handle.register
    def _(self, event: CallStarted) -> None:
        self._activity.start_call(event)

    @_handle.register
    def _(self, event: CallEnded) -> None:
        self._activity.end_call(event)

    @_handle.register
    def _(self, event: UsageReported) -> None:
        self._activity.count_usage(event)

    @_handle.register
    def _(self, _event: Result) -> None:
        self._tool = None

    def _publish_output(self, text: str) -> None:
        self._context.outputs.notify(TaskOutput(self.task.task_id, self.task.chat_id, text, self._tool))


def _create_time(pid: int) -> float:
    """The start of a process in seconds since the epoch, 0 if it has ended."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0
