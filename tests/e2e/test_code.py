"""Lines, commits and pull requests of the real Claude Code agree with what it counts itself."""

from __future__ import annotations

import json
import shutil
from typing import Any

from exporter.counting.catalog import COMMITS, LINES_OF_CODE
from tests.e2e.scenarios import bash
from tests.e2e.scripted_api import Script, Use
from tests.e2e.workplace import Workplace
from tests.support.page import Samples, sample

IDENTITY = "-c user.name=Ann -c user.email=ann@example.org"
COMMIT = f"git init -q . && git add cart.py && git {IDENTITY} commit -m 'A cart'"


def coding(workplace: Workplace) -> Script:
    path = f"{workplace.project}/cart.py"
    return Script((
        (Use("Write", {"file_path": path, "content": "one = 1\ntwo = 2\nthree = 3"}),),
        (Use("Edit", {"file_path": path, "old_string": "two = 2", "new_string": "two = 2.0\nhalf = 0.5"}),),
        (bash(COMMIT),),
        (bash(f"git {IDENTITY} commit --amend -m 'The cart'"),),
        (bash("git log --oneline | cat"),),
    ))  # fmt: skip


def cost_state(workplace: Workplace) -> dict[str, Any]:
    """What Claude Code counts itself."""
    (line,) = [line for line in workplace.transcript_lines() if line.startswith('{"type":"cost-state"')]
    found: dict[str, Any] = json.loads(line)
    return found


def lines(page: Samples, change: str) -> float:
    return page.get(sample(f"{LINES_OF_CODE.name}_total", language="python", change=change), 0)


def test_of_a_created_file_claude_code_counts_the_empty_line_after_the_last(workplace: Workplace) -> None:
    use = Use("Write", {"file_path": f"{workplace.project}/cart.py", "content": "one = 1\ntwo = 2\n"})
    workplace.api.add("creating", Script(((use,),)))
    workplace.run("creating")
    assert lines(workplace.page(), "added") == 2
    assert cost_state(workplace)["totalLinesAdded"] == 3


def test_each_witness_and_both_agree_with_claude_code(workplace: Workplace) -> None:
    workplace.api.add("coding", coding(workplace))
    workplace.run("coding", "--allowedTools", "Bash")
    state = cost_state(workplace)
    both, hooks = workplace.page(), workplace.page(workplace.directory / "none")
    shutil.rmtree(workplace.sessions)
    for page in (both, hooks, workplace.page()):
        assert lines(page, "added") == state["totalLinesAdded"] == 5
        assert lines(page, "removed") == state["totalLinesRemoved"] == 1
        assert page[sample(f"{COMMITS.name}_total")] == 1
