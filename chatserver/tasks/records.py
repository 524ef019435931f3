"""The records of tasks and runs, and the transitions between statuses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatserver.accounts.viewer import Viewer
from exporter.model.money import Amount, dollars
from exporter.model.records import Outcome as CallOutcome


class TaskStatus(StrEnum):
    """The status of a task."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


ENDED = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.STOPPED)
OPEN = (TaskStatus.PENDING, TaskStatus.RUNNING)
# The statuses that may follow each. Whoever changes a status checks the old one in the same transaction.
TRANSITIONS: dict[TaskStatus, tuple[TaskStatus, ...]] = {
    TaskStatus.PENDING: (TaskStatus.RUNNING, TaskStatus.STOPPED, TaskStatus.FAILED),
    TaskStatus.RUNNING: ENDED,
    TaskStatus.COMPLETED: (TaskStatus.PENDING,),
    TaskStatus.FAILED: (TaskStatus.PENDING,),
    TaskStatus.STOPPED: (TaskStatus.PENDING,),
}


@dataclass(frozen=True, slots=True)
class NewTask:
    """A requested task, of a message if it is of a chat; what else is None or empty takes the server's default."""

    author: Viewer
    description: str
    model: str = ""
    workspace: str = ""
    permission_mode: str = ""
    agent: str = ""
    agent_type: str = ""
    workflow: str = ""
    chat_id: str | None = None
    message_id: int | None = None
    max_budget_picodollars: int | None = None
    max_turns: int | None = None
    timeout_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task in the database. Times are microseconds since the epoch; costs are picodollars.

    `attempts` numbers its runs: the end of an older run changes nothing. `session_uuid` is the Claude Code session, a
    new one for each run unless the run continues a chat (`resumes`). `server` runs the task, and `pid` and
    `process_started` (seconds since the epoch) are its process there; while `server` is set, the task may have
    processes. Cost, tokens and turns are those of all ended runs, `running_picodollars` is the cost so far of one
    that runs, and calls and changed files are those of the latest run; `progress` is a share from 0 to 1, None where it
    is not known. `permission_mode` is empty for that of the server; `agent` is the one of Claude Code that does the
    task, and `agent_type` what it counts as. `changed_us` grows with every change. The defaults are those of a task
    that has not been stored yet.
    """

    task_id: str
    user_id: str
    description: str
    status: TaskStatus
    created_us: int = 0
    queued_us: int = 0
    started_us: int | None = None
    finished_us: int | None = None
    model: str
    workspace: str
    permission_mode: str
    agent: str
    agent_type: str
    workflow: str
    chat_id: str | None
    session_uuid: str | None = None
    resumes: bool = False
    server: str | None = None
    pid: int | None = None
    process_started: float | None = None
    result: str | None = None
    error: str | None = None
    error_category: str | None = None
    progress: float | None = None
    cost_picodollars: int = 0
    cost_known: bool = True
    running_picodollars: int = 0
    running_unpriced_tokens: int = 0
    tokens: int = 0
    turns: int = 0
    calls: int = 0
    failed_calls: int = 0
    denied_calls: int = 0
    interrupted_calls: int = 0
    changed_files: int = 0
    attempts: int = 0
    max_budget_picodollars: int | None
    max_turns: int | None
    timeout_seconds: int | None
    changed_us: int = 0

    @property
    def cost_usd(self) -> float | None:
        """The cost in US dollars, so far while the task runs; None if that of a run is unknown."""
        known = self.cost_picodollars + self.running_picodollars
        return Amount.of_sums(known, self.running_unpriced_tokens).dollars if self.cost_known else None

    @property
    def known_cost_usd(self) -> float:
        """What is known of the cost in US dollars, also if that of a run is unknown."""
        return dollars(self.cost_picodollars + self.running_picodollars)

    @property
    def unpriced_tokens(self) -> int:
        """The tokens of the run so far whose cost is not in the cost, as their models have no known price."""
        return self.running_unpriced_tokens


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """A selection of tasks; what is empty or None does not restrict it."""

    statuses: tuple[TaskStatus, ...] = ()
    agent_type: str | None = None
    workflow: str | None = None
    since_us: int | None = None
    user_id: str | None = None
    chat_id: str | None = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Tasks, newest first, and the cursor of the next page."""

    tasks: tuple[Task, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """New output of a running task, and the tool that it runs at the moment, if any."""

    task_id: str
    chat_id: str | None
    text: str
    tool: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run used: picodollars, tokens of all kinds, turns of the main conversation.

    `is_known` is False if it may have used more, because nothing reports it, or if `unpriced_tokens` are of models
    without a known price.
    """

    cost_picodollars: int = 0
    tokens: int = 0
    turns: int = 0
    is_known: bool = True
    unpriced_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A tool call of a task, redacted. `outcome` is None while it runs; `changes` is the file that it changes."""

    tool: str
    about: str
    agent: str
    outcome: CallOutcome | None = None
    error: str = ""
    changes: str = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """The calls of a run by outcome, the number of files that it changed, and its latest steps, oldest first."""

    calls: int = 0
    failed_calls: int = 0
    denied_calls: int = 0
    interrupted_calls: int = 0
    changed_files: int = 0
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, and what it used and did; `activity` is None if that is not known.

    `session_uuid` is the session with which its chat can be continued, if any.
    """

    status: TaskStatus
    spent: Spent = Spent()
    result: str | None = None
    error: str | None = None
    error_category: str | None = None
    session_uuid: str | None = None
    activity: Activity | None = None


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """One end of a task; kept when the task is deleted. `started_us` is None if it never ran."""

    task_id: str
    user_id: str
    agent_type: str
    workflow: str
    status: TaskStatus
    queued_us: int
    started_us: int | None
    finished_us: int
    cost_picodollars: int
    cost_known: bool
    tokens: int


@dataclass(frozen=True, slots=True)
class RunCosts:
    """What runs cost together, in picodollars, and of how many of them that is not all."""

    picodollars: int = 0
    incomplete: int = 0

    def __str__(self) -> str:
        return f"${dollars(self.picodollars):.2f}{'+' if self.incomplete else ''}"
