"""What a tool call is about, on one line: its command, file or pattern."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exporter.model.text import printable, shortened

MAX_SUBJECT = 300
Parameters = Mapping[str, Any]


def _values(*names: str, joined_by: str = " ") -> Callable[[Parameters], str]:
    """The texts of some parameters, joined; empty if the first is missing."""

    def values(parameters: Parameters) -> str:
        texts = [text for name in names if isinstance(text := parameters.get(name), str) and text]
        return joined_by.join(texts) if isinstance(parameters.get(names[0]), str) else ""

    return values


def _todos(parameters: Parameters) -> str:
    todos = parameters.get("todos")
    return f"{len(todos)} todos" if isinstance(todos, list) else ""


def _question(parameters: Parameters) -> str:
    questions = parameters.get("questions")
    first = questions[0] if isinstance(questions, list) and questions else None
    return str(first.get("question", "")) if isinstance(first, dict) else ""


# The parameters that say most about a call, by tool. For any other tool, the first of OTHERS that it has.
SUBJECTS: dict[str, Callable[[Parameters], str]] = {
    "Bash": _values("command"),
    "Grep": _values("pattern", "path", joined_by=" in "),
    "Glob": _values("pattern", "path", joined_by=" in "),
    "Skill": _values("skill", "args"),
    "SlashCommand": _values("command"),
    "TodoWrite": _todos,
    "AskUserQuestion": _question,
    "SendMessage": _values("to", "message", joined_by=": "),
}
OTHERS = (
    "command", "file_path", "notebook_path", "path", "pattern", "url", "query", "description", "subject", "prompt",
    "skill", "name", "message", "text", "title", "id", "task_id", "bash_id", "shell_id", "taskId",
)  # fmt: skip


def subject(tool: str, parameters: Any) -> str:
    """What a call is about, from its redacted parameters; empty if they do not say."""
    if isinstance(parameters, str):
        return _on_one_line(parameters)
    if not isinstance(parameters, dict):
        return ""
    chosen = SUBJECTS.get(tool)
    return _on_one_line(chosen(parameters) if chosen else "") or next(
        (text for name in OTHERS if (text := _on_one_line(parameters.get(name)))), ""
    )


def _on_one_line(value: object) -> str:
    return shortened(" ".join(printable(value).split()), MAX_SUBJECT) if isinstance(value, str) else ""
