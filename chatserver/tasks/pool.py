"""The pool: starts runs of waiting tasks, ends those of stopped ones, and cleans up after servers that are gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from chatserver.storage.failure_log import FailureLog
from chatserver.tasks.activity import activity_of_lost_run
from chatserver.tasks.outcomes import SERVER_GONE, SERVER_STOPPED, failed_outcome
from chatserver.tasks.process_cleanup import end_processes
from chatserver.tasks.records import Outcome, Task, TaskStatus
from chatserver.tasks.run import Run
from chatserver.tasks.run_context import RunContext
from chatserver.tasks.servers import Heartbeats, Servers
from chatserver.tasks.transcript_spending import spent_so_far
from chatserver.threads.offload import offload
from exporter.model.log import logger

log = logger(__name__)
POLL_SECONDS = 1.0  # how soon changes of other servers are seen
HEARTBEAT_SECONDS = 5.0
SHUTDOWN_GRACE_SECONDS = 3.0
RECOVERY_GRACE_SECONDS = 1.0
JOIN_SECONDS = 15.0


class TaskPool:
    """Runs at most `slots` tasks at a time. Between two polls it is idle unless a task changes."""

    def __init__(self, context: RunContext, servers: Servers) -> None:
        self.slots = context.settings.slots
        self._context = context
        self._servers = servers
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._wake = threading.Event()
        self._stopping = False
        self._failures = FailureLog(log)
        self._has_recovered = False  # tasks of this server's name are then its own, not those of a process before it
        self._heartbeat_tried_at = float("-inf")
        self._heartbeats = Heartbeats(time.monotonic())
        self._thread = threading.Thread(target=self._loop, name="task pool", daemon=True)
        self._unsubscribe = context.feed.listeners.subscribe(self._on_change)

    @property
    def busy(self) -> int:
        """The number of slots in use."""
        return len(self._runs)

    @property
    def is_running(self) -> bool:
        """Whether it looks for tasks."""
        return self._thread.is_alive() and not self._stopping

    @property
    def has_stale_heartbeat(self) -> bool:
        """Whether its heartbeats have failed for too long: the database can be read, perhaps, but not written."""
        return self._heartbeats.are_stale(time.monotonic())

    def start(self) -> None:
        """Start to run tasks."""
        self._heartbeats = Heartbeats(time.monotonic())
        self._thread.start()

    def stop(self) -> None:
        """Start no more tasks, and end all runs; their tasks fail, with the reason that the server was stopped."""
        self._stopping = True
        self._context.endings.close()
        self._wake.set()
        self._unsubscribe()
        if self._thread.ident is None:
            return  # it was never started
        self._thread.join(JOIN_SECONDS)
        with self._lock:
            runs = tuple(self._runs.values())
        for run in runs:
            run.end_in_background(SERVER_STOPPED, SHUTDOWN_GRACE_SECONDS)
        for run in runs:
            run.join(JOIN_SECONDS)
        self._attempt("deregister the server", self._servers.deregister)

    def _on_change(self, task: Task) -> None:
        run = self._runs.get(task.task_id)
        if run and (task.status is not TaskStatus.RUNNING or task.attempts != run.task.attempts):
            run.end_in_background()
        if task.status is TaskStatus.PENDING or run:
            self._wake.set()

    def _loop(self) -> None:
        self._attempt("remove what is stored", self._remove_stored_endings)
        while not self._stopping:
            self._wake.clear()
            if self._attempt("poll the database", self._poll):
                self._attempt("start tasks", self._start_tasks)
            self._wake.wait(POLL_SECONDS)

    def _remove_stored_endings(self) -> None:
        self._context.endings.remove_stored(self._context.queries.unfinished)

    def _attempt(self, what: str, work: Callable[[], None]) -> bool:
        try:
            work()
        except Exception as error:  # the pool must outlive a database that is away for a while
            self._failures.note_failure(f"The task pool could not {what}", error)
            return False
        self._failures.note_success(f"The task pool could not {what}")
        return True

    def _poll(self) -> None:
        now = time.monotonic()
        if now - self._heartbeat_tried_at >= HEARTBEAT_SECONDS:
            self._servers.send_heartbeat()
            self._heartbeat_tried_at = now
            self._heartbeats.note_success(time.monotonic())
            gone = self._servers.stale_servers() if self._heartbeats.may_judge_others(now) else ()
            self._recover_tasks(gone)
        self._context.feed.poll_changes()
        self._end_stopped_runs()

    def _end_stopped_runs(self) -> None:
        """End the runs whose task no longer runs, also if its change was missed while the database was away."""
        if not self._runs:
            return
        running = {
            (task.task_id, task.attempts)
            for task in self._context.queries.of_servers(self._servers.name)
            if task.status is TaskStatus.RUNNING
        }
        for run in tuple(self._runs.values()):
            if (run.task.task_id, run.task.attempts) not in running:
                run.end_in_background()

    def _start_tasks(self) -> None:
        while not self._stopping and len(self._runs) < self.slots and self._context.queries.has_pending():
            task = self._context.store.claim_task(self._servers.name)
            if task is None:
                return
            self._start_run(task)

    def _start_run(self, task: Task) -> None:
        run = Run(task, self._context, self._remove_run)
        with self._lock:
            self._runs[task.task_id] = run
        run.start()
        self._context.feed.publish_change(task)

    def _remove_run(self, run: Run) -> None:
        with self._lock:
            self._runs.pop(run.task.task_id, None)
        self._wake.set()

    def _recover_tasks(self, gone_servers: Iterable[str]) -> None:
        """Fail the tasks that no server runs any more, and start those whose claim is all that was stored."""
        runs = set(self._runs)  # before the query: the task of a run that finishes meanwhile must not be taken for lost
        for task in self._context.queries.of_servers(self._servers.name, *gone_servers):
            if task.task_id in runs:
                continue
            if not self._claimed_without_answer(task):
                self._recover(task)
            elif len(self._runs) < self.slots:
                self._start_run(task)
        self._has_recovered = True

    def _claimed_without_answer(self, task: Task) -> bool:
        """Whether this process claimed the task, but did not start it, since the database vanished just then."""
        is_unstarted = task.status is TaskStatus.RUNNING and task.pid is None
        is_own = self._has_recovered and task.server == self._servers.name
        return is_own and is_unstarted and self._context.endings.kept(task) is None

    def _recover(self, task: Task) -> None:
        """Record how a task ended that no server runs any more, and end its processes on this host."""
        end_processes(task.task_id, grace_seconds=RECOVERY_GRACE_SECONDS)
        self._context.endings.record(task, self._context.endings.kept(task) or self._vanished(task))

    def _vanished(self, task: Task) -> Outcome:
        spent = offload(partial(spent_so_far, task, self._context.transcript_roots, self._context.prices))
        activity = activity_of_lost_run(task, self._context.queries.steps(task))
        return replace(failed_outcome(SERVER_GONE, spent), activity=activity)
