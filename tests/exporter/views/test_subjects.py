"""What calls are about."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.views.subjects import MAX_SUBJECT, subject


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
    ],
)
def test_it_is_what_the_parameters_say_on_one_line(tool: str, parameters: Any, expected: str) -> None:
    assert subject(tool, parameters) == expected


def test_it_is_bounded() -> None:
    assert len(subject("Bash", {"command": "x" * 10_000})) == MAX_SUBJECT
