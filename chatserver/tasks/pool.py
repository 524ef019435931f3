"""The pool: runs the tasks whose turn it is, ends the stopped ones, clears up behind servers that are gone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

from chatserver.tasks.outcomes import SERVER_GONE, SERVER_STOPPED, failure
from chatserver.tasks.process_cleanup import end_processes
from chatserver.tasks.records import Task, TaskStatus
from chatserver.tasks.run import Run, RunContext
from chatserver.tasks.servers import Servers
from chatserver.tasks.transcript_spending import spent_so_far
from chatserver.threads.offload import offload

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0  # how soon what another server did is seen
BEAT_SECONDS = 5.0
SILENT_SECONDS = 30.0  # for so long it may fail to say that it lives
CLOSING_SECONDS = 3.0
RECOVERY_GRACE_SECONDS = 1.0
END_SECONDS = 15.0


class TaskPool:
    """At most `slots` runs at a time. Between two looks of a second it does nothing unless a task changes."""

    def __init__(self, context: RunContext, servers: Servers) -> None:
        self.slots = context.settings.slots
        self._context = context
        self._servers = servers
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._wake = threading.Event()
        self._stopping = False
        self._beaten = float("-inf")
        self._heard = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="task pool", daemon=True)
        self._unsubscribe = context.feed.listeners.subscribe(self._changed)

    @property
    def busy(self) -> int:
        """How many tasks run here now."""
        return len(self._runs)

    @property
    def is_running(self) -> bool:
        """Whether it looks for tasks."""
        return self._thread.is_alive() and not self._stopping

    @property
    def is_silent(self) -> bool:
        """Whether it could not say for long that it lives: it reads the database, but cannot write it."""
        return time.monotonic() - self._heard > SILENT_SECONDS

    def start(self) -> None:
        """Begin to run tasks."""
        self._heard = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """End all own runs; their tasks are failed, since the server was stopped. Nothing is run any more."""
        self._stopping = True
        self._wake.set()
        self._unsubscribe()
        if self._thread.ident is None:
            return  # it was never started
        self._thread.join(END_SECONDS)
        with self._lock:
            runs = tuple(self._runs.values())
        for run in runs:
            run.end_soon(SERVER_STOPPED, CLOSING_SECONDS)
        for run in runs:
            run.join(END_SECONDS)
        self._attempt("say that it ends", self._servers.leave)

    def _changed(self, task: Task) -> None:
        run = self._runs.get(task.task_id)
        if run and (task.status is not TaskStatus.RUNNING or task.attempts != run.task.attempts):
            run.end_soon()
        if task.status is TaskStatus.PENDING or run:
            self._wake.set()

    def _work(self) -> None:
        while not self._stopping:
            self._wake.clear()
            if self._attempt("look for tasks", self._look):
                self._attempt("begin tasks", self._fill)
            self._wake.wait(LOOK_SECONDS)

    def _attempt(self, what: str, work: Callable[[], None]) -> bool:
        try:
            work()
        except Exception:  # the pool must outlive a database that is away for a while
            log.exception("The task pool could not %s; it tries again.", what)
            return False
        return True

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._beaten >= BEAT_SECONDS:
            self._servers.beat()
            self._beaten, self._heard = now, time.monotonic()
            self._recover(self._context.queries.of_servers(self._servers.name, *self._servers.silent()))
        self._context.feed.look()
        self._end_stopped()

    def _end_stopped(self) -> None:
        """End the runs whose task somebody else has ended meanwhile, also while this server could not be heard."""
        if not self._runs:
            return
        running = {
            (task.task_id, task.attempts)
            for task in self._context.queries.of_servers(self._servers.name)
            if task.status is TaskStatus.RUNNING
        }
        for run in tuple(self._runs.values()):
            if (run.task.task_id, run.task.attempts) not in running:
                run.end_soon()

    def _fill(self) -> None:
        while not self._stopping and len(self._runs) < self.slots and self._context.queries.any_waits():
            task = self._context.store.claim(self._servers.name)
            if task is None:
                return
            run = Run(task, self._context, self._over)
            with self._lock:
                self._runs[task.task_id] = run
            run.start()
            self._context.feed.tell(task)

    def _over(self, run: Run) -> None:
        with self._lock:
            self._runs.pop(run.task.task_id, None)
        self._wake.set()

    def _recover(self, tasks: Iterable[Task]) -> None:
        """Whatever no server runs any more has failed, and its processes end, where they are of this host."""
        for task in tasks:
            if task.task_id in self._runs:
                continue
            end_processes(task.task_id, grace_seconds=RECOVERY_GRACE_SECONDS)
            spent = offload(partial(spent_so_far, task, self._context.transcript_roots, self._context.prices))
            if noted := self._context.store.finish(task, failure(SERVER_GONE, spent)):
                self._context.feed.tell(noted)
