"""What a tool call is about, on one line: its command, its file within the project, or its pattern."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exporter.model.text import printable, shortened
from exporter.sources.projects import in_project

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
    "command", "file_path", "notebook_path", "path", "pattern", "url", "query", "plan", "description", "subject",
    "prompt", "skill", "name", "message", "text", "title", "id", "task_id", "bash_id", "shell_id", "taskId",
)  # fmt: skip
PATHS = ("file_path", "notebook_path", "path")  # of a command, nothing may be left out


def subject(tool: str, parameters: Any, project: str) -> str:
    """What a call is about, from its redacted parameters and the path of its project; empty if they do not say."""
    if isinstance(parameters, str):
        return _on_one_line(parameters)
    if not isinstance(parameters, dict):
        return ""
    chosen, given = SUBJECTS.get(tool), {**parameters, **_relative_paths(parameters, project)}
    return _on_one_line(chosen(given) if chosen else "") or next(
        (text for name in OTHERS if (text := _on_one_line(given.get(name)))), ""
    )


def _relative_paths(parameters: Parameters, project: str) -> dict[str, str]:
    paths = {name: parameters.get(name) for name in PATHS}
    return {name: in_project(path, project) for name, path in paths.items() if isinstance(path, str) and path}


def _on_one_line(value: object) -> str:
    return shortened(" ".join(printable(value).split()), MAX_SUBJECT) if isinstance(value, str) else ""
