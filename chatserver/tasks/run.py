"""One run of a task, from the start of its Claude Code to the moment when no process of it is left."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import singledispatchmethod

import psutil
from sqlalchemy.exc import SQLAlchemyError

from chatserver.settings import TaskSettings
from chatserver.tasks.claude_cli import NO_CONVERSATION, Claude, FailureReason, command, environment, failure_reason
from chatserver.tasks.errors import TaskError
from chatserver.tasks.feed import ChangeFeed, Listeners
from chatserver.tasks.outcomes import REFUSED, SERVER_FAILED, STOPPED, failure, outcome_of, timed_out
from chatserver.tasks.process_cleanup import GRACE_SECONDS, end_processes, kill_remaining
from chatserver.tasks.queries import TaskQueries
from chatserver.tasks.records import Outcome, Spent, Task, TaskOutput
from chatserver.tasks.store import TaskStore
from chatserver.tasks.stream import ApiRetry, Event, Progress, Result, SessionStarted, Stream, TextWritten, ToolInUse
from chatserver.tasks.transcript_spending import spent_so_far
from chatserver.tasks.workspaces import allowed_workspace
from chatserver.threads.offload import offload
from exporter.prices.table import PriceTable

log = logging.getLogger(__name__)
NOT_ALLOWED = (401, 403)  # statuses by which the API says that it does not know who asks
PAUSES_SECONDS = (1, 2, 5, 10, 30)
MAX_REFUSALS = 2  # the first may be answered by a fresh token


@dataclass(frozen=True, slots=True)
class RunContext:
    """What every run works with."""

    store: TaskStore
    queries: TaskQueries
    feed: ChangeFeed
    outputs: Listeners[TaskOutput]
    settings: TaskSettings
    environment: Mapping[str, str]
    transcript_roots: Sequence[str]
    prices: PriceTable


class Run:
    """Runs a claimed task in threads of its own. `over` is called once nothing of it is left."""

    def __init__(self, task: Task, context: RunContext, over: Callable[[Run], None]) -> None:
        self.task = task
        self._context = context
        self._over = over
        self._stream = Stream(
            task.max_turns, context.queries.spent_in_session(task.session_uuid) if task.resumes else 0
        )
        self._lock = threading.Lock()
        # Held while processes are searched for and ended: before the run is over, so that none of the next one is hit.
        self._ending_lock = threading.Lock()
        self._claude: Claude | None = None
        self._reason: FailureReason | None = None
        self._tool: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"task {task.task_id}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self, reason: FailureReason = STOPPED, grace_seconds: float = GRACE_SECONDS) -> None:
        """End all its processes; it fails for this reason, unless it was stopped. Returns when they are gone."""
        with self._ending_lock:
            with self._lock:
                is_first, self._reason = self._reason is None, self._reason or reason
                claude = self._claude
            if is_first and claude is not None:
                end_processes(self.task.task_id, claude.process.pid, grace_seconds)

    def end_soon(self, reason: FailureReason = STOPPED, grace_seconds: float = GRACE_SECONDS) -> None:
        """The same, in a thread of its own."""
        name = f"end {self.task.task_id}"
        threading.Thread(target=self.end, args=(reason, grace_seconds), name=name, daemon=True).start()

    def join(self, seconds: float) -> None:
        """Wait until it is over."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            ending = self._ending()
        except Exception:  # whatever it is, the task must not stay behind as running
            log.exception("Task %s could not be run.", self.task.task_id)
            kill_remaining(self.task.task_id)
            ending = failure(SERVER_FAILED)
        with self._ending_lock, self._lock:
            self._claude = None
        try:
            self._note(ending)
        finally:
            self._over(self)

    def _note(self, ending: Outcome) -> None:
        for pause in PAUSES_SECONDS:
            try:
                if task := self._context.store.finish(self.task, ending):
                    self._context.feed.tell(task)
                return
            except SQLAlchemyError:  # the database may be away for a while; at last, the pool notes that it failed
                log.exception("How task %s ended could not be noted yet.", self.task.task_id)
                time.sleep(pause)

    def _ending(self) -> Outcome:
        try:
            claude = self._started()
        except TaskError as error:
            return failure(failure_reason(str(error)))
        if claude is None:
            return failure(self._reason or STOPPED)
        with closing(claude):
            self._follow_to_the_end(claude)
            return self._judged(claude)

    def _follow_to_the_end(self, claude: Claude) -> None:
        """Take what it says, until no process of it is left."""
        timeout = threading.Timer(self._timeout, self.end, (timed_out(self._timeout),))
        waiter = threading.Thread(target=self._wait, args=(claude,), name=f"wait {self.task.task_id}", daemon=True)
        timeout.daemon = True
        timeout.start()
        waiter.start()
        try:
            for line in claude.lines():
                self._follow(line)
        except Exception:
            kill_remaining(self.task.task_id, claude.process.pid)
            raise
        finally:
            waiter.join()
            timeout.cancel()

    def _started(self) -> Claude | None:
        """Its Claude Code; None if it was stopped before there was one. Raises TaskError."""
        task, settings = self.task, self._context.settings
        folder = allowed_workspace(task.workspace, settings.workspaces)
        words = command(task, settings.claude, settings.permission_mode, self._context.environment.get("PATH"))
        with self._lock:
            if self._reason:
                return None
            env = environment(task, self._context.environment)
            self._claude = claude = Claude(words, folder, env, task.description)
        self._note_start(claude.process.pid)
        return claude

    def _note_start(self, pid: int) -> None:
        try:
            noted = self._context.store.started(self.task, pid, _began(pid))
        except SQLAlchemyError:  # it runs all the same
            log.exception("The process of task %s could not be noted.", self.task.task_id)
            return
        if noted is None:
            self.end_soon()  # it was stopped just before it began
        else:
            self._context.feed.tell(noted)

    def _wait(self, claude: Claude) -> None:
        """Once Claude Code has ended, end what it left behind, which may hold its output open."""
        claude.process.wait()
        try:
            kill_remaining(self.task.task_id, claude.process.pid)
        finally:
            claude.abandon()

    @property
    def _timeout(self) -> int:
        return self.task.timeout_seconds or self._context.settings.timeout_seconds

    def _judged(self, claude: Claude) -> Outcome:
        spent, result = self._spent(), self._stream.result
        if self._reason:
            return failure(self._reason, spent, result)
        ending = outcome_of(result, claude.process.returncode, claude.complaint(), spent)
        if ending.error == NO_CONVERSATION:
            self._context.store.lost(self.task)
        return ending

    def _spent(self) -> Spent:
        if not self._stream.is_unpaid:
            return self._stream.spent
        return offload(lambda: spent_so_far(self.task, self._context.transcript_roots, self._context.prices))

    def _follow(self, line: bytes) -> None:
        for event in self._stream.take(line):
            try:
                self._take(event)
            except SQLAlchemyError:  # a run need not fail because it could not be told how far it is
                log.exception("What task %s says could not be noted.", self.task.task_id)

    @singledispatchmethod
    def _take(self, event: Event) -> None:
        raise TypeError(f"{event!r} is no event")

    @_take.register
    def _(self, event: TextWritten) -> None:
        self._tell(event.text)

    @_take.register
    def _(self, event: ToolInUse) -> None:
        if event.tool != self._tool:
            self._tool = event.tool
            self._tell("")

    @_take.register
    def _(self, event: SessionStarted) -> None:
        if self.task.chat_id:
            self._context.store.conversed(self.task, event.session_uuid)

    @_take.register
    def _(self, event: Progress) -> None:
        if task := self._context.store.progressed(self.task, event.share):
            self._context.feed.tell(task)

    @_take.register
    def _(self, event: ApiRetry) -> None:
        if event.status in NOT_ALLOWED and event.attempt >= MAX_REFUSALS:
            self.end_soon(REFUSED)

    @_take.register
    def _(self, _event: Result) -> None:
        self._tool = None

    def _tell(self, text: str) -> None:
        self._context.outputs.tell(TaskOutput(self.task.task_id, self.task.chat_id, text, self._tool))


def _began(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0  # it has ended already
