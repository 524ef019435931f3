"""Slash commands such as `/tasks:status`, from one table that `/help` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

import msgspec

from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.live.session_logs import visible_sessions
from chatserver.tasks.errors import TaskError
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import ENDED, OPEN, NewTask, RunCosts, Task, TaskFilter, TaskStatus
from chatserver.tasks.views import listed, task_json
from exporter.model.clock import now_us
from exporter.model.money import dollars
from exporter.model.since import SinceError, parse_since
from exporter.model.text import shortened
from exporter.snapshot.schema import Costs as SnapshotCosts
from exporter.views.sessions import SessionSummary

LINE_CHARACTERS = 72
STILL_READING = "Still reading logs and transcripts; these figures are incomplete."


class Sessions(Protocol):
    """A source of sessions."""

    def get_all_sessions(self) -> Sequence[SessionSummary]:
        """The sessions of the last 24 hours, newest first."""


class CostFigures(SnapshotCosts):
    """The costs of the snapshot; they are too small until they are `complete`."""

    complete: bool


class Costs(Protocol):
    """A source of costs."""

    def __call__(self) -> CostFigures:
        """The costs, possibly among other figures."""


class CommandError(Exception):
    """The command cannot be executed; the message says why, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a command, as text and as JSON."""

    message: str
    data: Any = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command, its arguments, and the function that executes it."""

    name: str
    arguments: str
    summary: str
    run: Callable[[CommandHandler, str, Viewer], Reply]

    @property
    def usage(self) -> str:
        """The name with its arguments."""
        return f"{self.name} {self.arguments}".rstrip()


class CommandHandler:
    """Executes commands on behalf of a viewer: a user sees and changes their own tasks, an admin all."""

    def __init__(
        self, task_manager: TaskManager, hooks_reader: Sessions | None = None, cost: Costs | None = None
    ) -> None:
        self.tasks = task_manager
        self.sessions = hooks_reader
        self.cost = cost

    async def handle_command(self, text: str, viewer: Viewer = LOCAL_ADMIN) -> dict[str, Any]:
        """Execute a command: {success, message, data}."""
        return self.handle(text, viewer)

    def handle(self, text: str, viewer: Viewer) -> dict[str, Any]:
        """The same for callers without an event loop."""
        name, rest = [*text.split(maxsplit=1), "", ""][:2]
        try:
            reply = _command(name).run(self, rest.rstrip(), viewer)
        except (CommandError, TaskError, SinceError) as error:
            return {"success": False, "message": str(error), "data": None}
        return {"success": True, "message": reply.message, "data": reply.data}


def _command(name: str) -> Command:
    known = {command.name: command for command in COMMANDS}
    if name in known:
        return known[name]
    near = get_close_matches(name[:100], known, n=1)
    hint = f"did you mean {near[0]}?" if near else "/help lists all."
    raise CommandError(f"There is no command {name[:100] or '(empty)'}; {hint}")


def _status(handler: CommandHandler, _: str, viewer: Viewer) -> Reply:
    counts = handler.tasks.counts(viewer)
    active = sum(counts[status] for status in OPEN)
    stopped = f", {counts[TaskStatus.STOPPED]} stopped" if counts[TaskStatus.STOPPED] else ""
    completed, failed = counts[TaskStatus.COMPLETED], counts[TaskStatus.FAILED]
    message = f"{_counted(active, 'active task')}, {completed} completed, {failed} failed{stopped}"
    return Reply(message, {"active": active, **{status.value: counts[status] for status in TaskStatus}})


def _list(handler: CommandHandler, words: str, viewer: Viewer) -> Reply:
    page = handler.tasks.list(_filter(words), viewer)
    more = ", more are older" if page.next_cursor else ""
    lines = [f"{_counted(len(page.tasks), 'task')}{more}", *map(_line, page.tasks)]
    return Reply("\n".join(lines), {"tasks": [msgspec.to_builtins(listed(task)) for task in page.tasks]})


def _start(handler: CommandHandler, description: str, viewer: Viewer) -> Reply:
    task = handler.tasks.create(NewTask(viewer, _required(description, "/tasks:start")))
    return Reply(f"Task {task.task_id} started", task_json(task))


def _stop(handler: CommandHandler, prefix: str, viewer: Viewer) -> Reply:
    task = handler.tasks.stop(_required(prefix, "/tasks:stop"), viewer)
    return Reply(f"Task {task.task_id} stopped", task_json(task))


def _stop_all(handler: CommandHandler, _: str, viewer: Viewer) -> Reply:
    stopped = handler.tasks.stop_all(viewer)
    return Reply(f"Stopped {_counted(len(stopped), 'task')}", {"tasks": [task.task_id for task in stopped]})


def _restart(handler: CommandHandler, prefix: str, viewer: Viewer) -> Reply:
    task = handler.tasks.restart(_required(prefix, "/tasks:restart"), viewer)
    return Reply(f"Task {task.task_id} restarted", task_json(task))


def _view(handler: CommandHandler, prefix: str, viewer: Viewer) -> Reply:
    task = handler.tasks.get(_required(prefix, "/tasks:view"), viewer)
    outcome = [task.error or task.result or ""] if task.status in ENDED else []
    return Reply("\n".join(filter(None, [_line(task), _cost_of(task), *outcome])), task_json(task))


def _clear_failed(handler: CommandHandler, _: str, viewer: Viewer) -> Reply:
    cleared = handler.tasks.clear_failed(viewer)
    return Reply(f"Cleared {_counted(cleared, 'failed task')}", {"cleared": cleared})


def _sessions(handler: CommandHandler, _: str, viewer: Viewer) -> Reply:
    if handler.sessions is None:
        raise CommandError("This server does not read hook logs.")
    sessions = visible_sessions(handler.sessions.get_all_sessions(), handler.tasks, viewer)
    active = sum(session["status"] == "active" for session in sessions)
    return Reply(f"{_counted(len(sessions), 'session')} in 24 hours, {active} active", {"sessions": sessions})


def _cost(handler: CommandHandler, _: str, viewer: Viewer) -> Reply:
    if handler.cost is None or not viewer.is_admin:
        return _cost_of_tasks(handler.tasks.spent_by(viewer), "All" if viewer.is_admin else "Your")
    figures = handler.cost()
    today = _dollars(figures["cost_today"], figures["unpriced_tokens_today"])
    day = _dollars(figures["cost_24h"], figures["unpriced_tokens_24h"])
    month = _dollars(figures["cost_month"], figures["unpriced_tokens_month"])
    lacking = figures["unpriced_tokens_month"]
    note = f"; without the cost of {lacking:,} tokens of models without a known price" if lacking else ""
    message = f"{today} today, {day} in 24 hours, {month} this month{note}"
    if not figures["complete"]:
        message += f"\n{STILL_READING}"
    return Reply(message, {name: figures[name] for name in CostFigures.__annotations__})  # type: ignore[literal-required] # the keys of a TypedDict


def _cost_of_tasks(spent: RunCosts, whose: str) -> Reply:
    lacking = f"; without what is not known of the cost of {_counted(spent.incomplete, 'run')}"
    message = f"{whose} tasks cost {spent}{lacking if spent.incomplete else ''}"
    return Reply(message, {"tasks_usd": dollars(spent.picodollars), "incomplete_costs": spent.incomplete})


def _clear(_handler: CommandHandler, _: str, _viewer: Viewer) -> Reply:
    return Reply("Cleared", {"clear": True})


def _help(_handler: CommandHandler, _: str, _viewer: Viewer) -> Reply:
    width = max(len(command.usage) for command in COMMANDS)
    lines = [f"{command.usage:{width}}  {command.summary}" for command in COMMANDS]
    data = [{"command": command.usage, "summary": command.summary} for command in COMMANDS]
    return Reply("\n".join(lines), {"commands": data})


COMMANDS = (
    Command("/tasks:status", "", "count tasks by status", _status),
    Command("/tasks:list", "[status] [agent=…] [since=…]", "list the newest tasks", _list),
    Command("/tasks:start", "DESCRIPTION", "start a task", _start),
    Command("/tasks:stop", "ID", "stop a task", _stop),
    Command("/tasks:stopall", "", "stop all pending and running tasks", _stop_all),
    Command("/tasks:restart", "ID", "restart a finished task", _restart),
    Command("/tasks:view", "ID", "show a task and its result", _view),
    Command("/tasks:clearfailed", "", "delete all failed tasks", _clear_failed),
    Command("/sessions", "", "list the sessions of the last 24 hours", _sessions),
    Command("/cost", "", "show costs", _cost),
    Command("/clear", "", "start a new conversation", _clear),
    Command("/help", "", "list all commands", _help),
)


def _filter(words: str) -> TaskFilter:
    statuses: list[TaskStatus] = []
    named: dict[str, str] = {}
    for word in words.split():
        name, equals, value = word.partition("=")
        if equals and name in {"agent", "since"} and value:
            named[name] = value
        elif word in set(TaskStatus):
            statuses.append(TaskStatus(word))
        else:
            raise CommandError(f"Unknown status {word[:100]!r}; use {', '.join(TaskStatus)}, agent=… or since=….")
    since = named.get("since")
    return TaskFilter(
        statuses=tuple(statuses),
        agent_type=named.get("agent"),
        since_us=None if since is None else parse_since(since, now_us()),
    )


def _required(argument: str, name: str) -> str:
    if not argument:
        usage = next(command.usage for command in COMMANDS if command.name == name)
        raise CommandError(f"The argument is missing; write {usage}")
    return argument


def _line(task: Task) -> str:
    description = " ".join(task.description.split())
    return f"{task.task_id}  {task.status.value:9}  {shortened(description, LINE_CHARACTERS)}"


def _cost_of(task: Task) -> str:
    """What a task cost; with a plus, at least that."""
    if task.cost_usd is not None:
        return _dollars(task.cost_usd, task.unpriced_tokens)
    return f"${task.known_cost_usd:.2f}+" if task.known_cost_usd else "cost unknown"


def _dollars(amount: float | None, unpriced_tokens: int) -> str:
    return "unknown" if amount is None else f"${amount:.2f}{'+' if unpriced_tokens else ''}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
