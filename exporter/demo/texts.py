"""The texts of synthetic sessions: prompts, answers, and what calls are about. A number chooses one."""

from __future__ import annotations

ANSWERS = (
    "I start with the tests that fail.",
    "The rounding happens before the discount is applied; that explains the difference of one cent.",
    "The tests pass now. I look for other places with the same pattern.",
    "This takes most of the time: every row opens its own connection.",
    "Done. Two things are left for you to decide:",
)
FILES = ("src/cart.py", "src/billing/invoices.py", "tests/test_cart.py", "src/import/rows.py", "docs/releases.md")
COMMIT, PULL_REQUEST = "git commit -am 'Round after the discount'", "gh pr create --fill"
COMMANDS = (
    "make test",
    "git diff --stat",
    "pytest -q tests/test_cart.py",
    "rg -n 'def total' src",
    "npm run build",
    "git log --oneline -5",
    COMMIT,
    PULL_REQUEST,
)
PATTERNS = ("def total", "round\\(", "TODO", "retry", "class .*Error")
URLS = ("https://docs.example.com/api/discounts", "https://example.com/changelog")
QUERIES = ("is:open coupon", "slow import", "rounding")


def answer_text(number: int) -> str:
    """The text of an answer; empty for most, which only call tools."""
    return ANSWERS[number // 3 % len(ANSWERS)] if number % 3 == 0 else ""


def tool_input(tool: str, number: int, directory: str) -> dict[str, object]:
    """The input of a call in a project."""
    file = f"{directory}/{FILES[number % len(FILES)]}"
    inputs: dict[str, dict[str, object]] = {
        "Bash": {"command": COMMANDS[number % len(COMMANDS)], "description": "One step"},
        "Read": {"file_path": file},
        "Edit": {"file_path": file, "old_string": "round(total)", "new_string": "total"},
        "Write": {"file_path": file, "content": "# New\n"},
        "Grep": {"pattern": PATTERNS[number % len(PATTERNS)], "path": directory},
        "WebFetch": {"url": URLS[number % len(URLS)], "prompt": "Sum it up"},
    }
    return inputs.get(tool) or {"query": QUERIES[number % len(QUERIES)]}


def tool_response(given: dict[str, object], number: int) -> object:
    """What a successful call returns: the difference of an edit, or what a command did with git."""
    if "file_path" in given and ("old_string" in given or "content" in given):
        lines = ["+    total = items.total()"] * (1 + number % 17) + ["-    total = 0"] * (number % 7)
        return {"filePath": given["file_path"], "structuredPatch": [{"oldStart": 1, "lines": lines}]}
    operations: dict[object, object] = {
        COMMIT: {"commit": {"sha": "3f1c9ab", "kind": "committed"}},
        PULL_REQUEST: {"pr": {"number": 12, "action": "created"}},
    }
    operation = operations.get(given.get("command"))
    return {"stdout": "ok", "gitOperation": operation} if operation else "ok"
