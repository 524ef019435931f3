"""A model of one task against the store: whatever is asked in whatever order, both agree on what becomes of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import booleans

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.storage.database import open_database
from chatserver.tasks.errors import UnknownTaskError, WrongStatusError
from chatserver.tasks.queries import TaskQueries
from chatserver.tasks.records import ENDED, Outcome, RunCosts, Spent, Task, TaskStatus
from chatserver.tasks.store import TaskStore
from tests.chatserver.people import ANN
from tests.chatserver.tasks.place import Place, ask

COST = 3


class TaskModel(RuleBasedStateMachine):
    """One task; `runs` are those whose processes live, in truth or as somebody still believes."""

    @initialize()
    def begin(self) -> None:
        self.closing = ExitStack()
        directory = Path(self.closing.enter_context(tempfile.TemporaryDirectory()))
        (directory / "work").mkdir()
        database = self.closing.enter_context(open_database(f"sqlite:///{directory}/server.sqlite3"))
        self.store, self.queries = TaskStore(database), TaskQueries(database)
        self.task_id = ask(Place(directory, database, "claude", {}).manager()).task_id
        self.status: TaskStatus | None = TaskStatus.PENDING
        self.runs: list[Task] = []
        self.is_busy = False
        self.ended, self.costs = 0, RunCosts()

    def teardown(self) -> None:
        self.closing.close()

    @rule()
    def claim(self) -> None:
        task = self.store.claim_task("here")
        assert (task is not None) == (self.status is TaskStatus.PENDING)
        if task is not None:
            self.status, self.is_busy = TaskStatus.RUNNING, True
            self.runs.append(task)

    @rule()
    def stop(self) -> None:
        may = self.status in {TaskStatus.PENDING, TaskStatus.RUNNING}
        assert self.works(self.store.stop) == may
        if may:
            self.status = TaskStatus.STOPPED
            self.ended += 1

    @rule()
    def requeue(self) -> None:
        may = self.status in ENDED and not self.is_busy
        assert self.works(partial(self.store.requeue, viewer=ANN)) == may
        if may:
            self.status = TaskStatus.PENDING

    @precondition(lambda self: self.runs)
    @rule(is_known=booleans())
    def finish_any_run(self, *, is_known: bool) -> None:
        run = self.runs.pop(0)
        noted = self.store.finish_run(run, Outcome(TaskStatus.FAILED, Spent(COST, is_known=is_known)))
        is_this = self.is_busy and self.status is not None and run.attempts == self.attempts
        assert (noted is not None) == is_this
        if is_this:
            self.is_busy = False
            self.costs = RunCosts(self.costs.picodollars + COST, self.costs.incomplete + (not is_known))
            if self.status is TaskStatus.RUNNING:
                self.status = TaskStatus.FAILED
                self.ended += 1
        if self.is_busy:
            self.runs.append(run)

    @precondition(lambda self: self.runs)
    @rule()
    def finish_twice(self) -> None:
        self.runs.append(self.runs[-1])

    @rule()
    def delete(self) -> None:
        may = self.status is not None and self.status is not TaskStatus.RUNNING and not self.is_busy
        assert self.works(self.store.delete) == may
        if may:
            self.ended += self.status is TaskStatus.PENDING  # it is stopped first
            self.status = None

    @property
    def attempts(self) -> int:
        return self.queries.get(self.task_id, LOCAL_ADMIN).attempts

    def works(self, act: Callable[[str], Task]) -> bool:
        try:
            act(self.task_id)
        except (WrongStatusError, UnknownTaskError):
            return False
        return True

    @invariant()
    def both_agree(self) -> None:
        counts = self.queries.counts(LOCAL_ADMIN)
        assert {status for status, number in counts.items() if number} == ({self.status} - {None})
        assert len(self.queries.finished_since(0)) == self.ended
        assert self.queries.spent_since(0) == self.costs


TestTaskModel = TaskModel.TestCase
TestTaskModel.settings = settings(max_examples=25, stateful_step_count=20)
