"""What people ask for in synthetic sessions, and what tools are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PROMPTS = (
    "Make the tests pass",
    "Add pagination to the list of orders",
    "Why does the nightly export take twice as long since Monday?",
    "Rename Customer to Account everywhere",
    "Review the change of the payment form",
    "Write tests for the rounding of taxes",
    "The build fails on Python 3.13; find out why",
    "Document how to restore a backup",
    "Move the settings of the mailer to the environment",
    "Delete the code that nothing uses any more",
)
FILES = (
    "src/cart.py", "src/orders/list.py", "src/billing/invoice.py", "tests/test_cart.py", "tests/test_invoice.py",
    "docs/backup.md", "pyproject.toml", "src/export/nightly.py",
)  # fmt: skip
COMMANDS = (
    "make test", "git status --short", "pytest -q tests/test_cart.py", "ruff check .", "git diff --stat",
    "npm run build", "python -m timeit -s 'import cart' 'cart.total()'",
)  # fmt: skip
PUSH = "git push origin main"
PATTERNS = ("def total", "TODO", "import decimal", "class Invoice", "round\\(")
QUERIES = ("discount rounding", "slow export", "label:bug is:open")
INPUTS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "Bash": [{"command": command} for command in COMMANDS],
    "Read": [{"file_path": file} for file in FILES],
    "Edit": [{"file_path": file, "old_string": "price", "new_string": "amount"} for file in FILES],
    "Write": [{"file_path": file, "content": "# in progress\n"} for file in FILES],
    "Grep": [{"pattern": pattern, "path": "src"} for pattern in PATTERNS],
    "WebFetch": [{"url": "https://example.invalid/changelog", "prompt": "What changed?"}],
    "mcp__tracker__search": [{"query": query} for query in QUERIES],
}
