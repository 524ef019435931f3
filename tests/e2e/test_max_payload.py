"""What the real Claude Code does counts the same, whether its results are recorded whole or cut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from exporter.counting.catalog import LINES_OF_CODE
from tests.e2e.scenarios import bash
from tests.e2e.scripted_api import Script, Use
from tests.e2e.workplace import Workplace
from tests.support.page import Samples, sample

EDITS = 10
CHANGES = ("added", "removed")
LINE = "value = compute(items, 'a name')\n"
CONTENT = "".join(f"# {number}\n{LINE}" for number in range(2500))  # 98 kB


def editing(workplace: Workplace) -> Script:
    path = f"{workplace.project}/cart.py"
    edits = [
        Use("Edit", {"file_path": path, "old_string": f"# {number}\n", "new_string": f"# item {number}\n"})
        for number in range(100, 100 + EDITS)
    ]
    return Script((
        (Use("Write", {"file_path": path, "content": CONTENT}),),
        *((edit,) for edit in edits),
        (bash(f"cat {path}; git init -q . && git add cart.py && git -c user.name=A -c user.email=a@b commit -m A"),),
        (bash("false"),),
        (Use("Write", {"file_path": path, "content": LINE * 3}),),
    ))  # fmt: skip


def counters(page: Samples) -> Samples:
    others = ("hookmeter_bytes_read", "process_", "python_")
    return {key: value for key, value in page.items() if key[0].endswith("_total") and not key[0].startswith(others)}


def size(sessions: Path, name: str) -> int:
    return sum(path.stat().st_size for path in sessions.glob(f"*/{name}"))


def test_ten_edits_of_a_large_file_are_small_when_cut_and_count_the_same(workplace: Workplace) -> None:
    cut, none = workplace.directory / "cut", workplace.directory / "none"
    settings = workplace.directory / "home" / ".claude" / "settings.json"
    options = ("--settings", settings, "--sessions-dir", cut, "--max-payload", "64k")
    subprocess.run([sys.executable, "-m", "exporter", "hooks", "install", *options], check=True, capture_output=True)
    workplace.api.add("editing", editing(workplace))
    workplace.run("editing", "--allowedTools", "Bash")
    whole = counters(workplace.page(none))
    assert size(workplace.sessions, "post_tool_use.jsonl") > EDITS * len(CONTENT)
    assert size(cut, "post_tool_use.jsonl") < size(workplace.sessions, "post_tool_use.jsonl") / 3
    assert size(cut, "*") < size(workplace.sessions, "*") / 2
    workplace.sessions.rename(workplace.directory / "whole")
    cut.rename(workplace.sessions)
    assert counters(workplace.page(none)) == whole
    lines = [whole[sample(f"{LINES_OF_CODE.name}_total", language="python", change=change)] for change in CHANGES]
    assert lines == [2 * 2500 + EDITS, 2 * 2500 + EDITS - 3]
