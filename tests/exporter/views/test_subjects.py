"""What calls are about."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.views.subjects import MAX_SUBJECT, subject

PROJECT = "/home/you/shop"


@pytest.mark.parametrize(
    ("tool", "parameters", "expected"),
    [
        ("Bash", {"command": "make test", "description": "Run the tests"}, "make test"),
        ("Bash", {"command": "cd shop\n\tmake  test"}, "cd shop make test"),
        ("Read", {"file_path": "/a.py", "limit": 3}, "/a.py"),
        ("NotebookEdit", {"notebook_path": "/a.ipynb"}, "/a.ipynb"),
        ("Grep", {"pattern": "x", "path": "shop"}, "x in shop"),
        ("Grep", {"path": "shop"}, "shop"),
        ("Glob", {"pattern": "**/*.py"}, "**/*.py"),
        ("WebFetch", {"url": "https://example.com/", "prompt": "Sum it up"}, "https://example.com/"),
        ("Agent", {"description": "Look", "prompt": "Look for it"}, "Look"),
        ("Skill", {"skill": "pdf", "args": "a b"}, "pdf a b"),
        ("TodoWrite", {"todos": [1, 2]}, "2 todos"),
        ("AskUserQuestion", {"questions": [{"question": "Which?"}]}, "Which?"),
        ("AskUserQuestion", {"questions": [3]}, ""),
        ("mcp__tracker__search", {"limit": 3, "query": "is:open"}, "is:open"),
        ("Bash", {"command": ["a", "list"]}, ""),
        ("Bash", "raw text", "raw text"),
        ("Bash", None, ""),
        ("Bash", [1], ""),
        ("Bash", {"command": "echo \x1b[2J\u202e"}, "echo [2J"),
        ("ExitPlanMode", {"plan": "# Plan\n1. Look"}, "# Plan 1. Look"),
    ],
)
def test_it_is_what_the_parameters_say_on_one_line(tool: str, parameters: Any, expected: str) -> None:
    assert subject(tool, parameters, PROJECT) == expected


@pytest.mark.parametrize(
    ("tool", "parameters", "expected"),
    [
        ("Read", {"file_path": f"{PROJECT}/src/basket.py"}, "src/basket.py"),
        ("Write", {"file_path": f"{PROJECT}/a b.py", "content": "x"}, "a b.py"),
        ("NotebookEdit", {"notebook_path": f"{PROJECT}/a.ipynb"}, "a.ipynb"),
        ("Grep", {"pattern": "x", "path": f"{PROJECT}/src"}, "x in src"),
        ("Glob", {"pattern": "*.py", "path": PROJECT}, "*.py in ."),
        ("mcp__files__read", {"path": f"{PROJECT}/src"}, "src"),
        ("Read", {"file_path": f"{PROJECT}ping/list.py"}, f"{PROJECT}ping/list.py"),
        ("Read", {"file_path": "/etc/hosts"}, "/etc/hosts"),
        ("Bash", {"command": f"rm -r {PROJECT}/src"}, f"rm -r {PROJECT}/src"),
        ("Bash", {"command": f"{PROJECT}/run"}, f"{PROJECT}/run"),
    ],
)
def test_paths_in_the_project_are_relative_to_it(tool: str, parameters: Any, expected: str) -> None:
    assert subject(tool, parameters, PROJECT) == expected


@pytest.mark.parametrize(
    ("path", "project", "expected"),
    [
        ("C:\\Users\\ann\\shop\\src\\a.py", "C:\\Users\\ann\\shop", "src\\a.py"),
        ("c:/Users/ann/shop/a.py", "C:\\Users\\ann\\shop", "a.py"),
        ("/etc/hosts", "/", "/etc/hosts"),
        ("/a/src/b/src/c.py", "/a/src/b/src", "c.py"),
        ("/a/b.py", "", "/a/b.py"),
    ],
)
def test_the_whole_path_of_the_project_decides(path: str, project: str, expected: str) -> None:
    assert subject("Read", {"file_path": path}, project) == expected


def test_it_is_bounded() -> None:
    assert len(subject("Bash", {"command": "x" * 10_000}, "")) == MAX_SUBJECT
