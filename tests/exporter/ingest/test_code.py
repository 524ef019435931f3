"""Lines of code, commits and pull requests, by either witness and by both: each call counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.counting.catalog import COMMITS, LINES_OF_CODE, PULL_REQUESTS
from tests.exporter.ingest.witnesses import Machine, Written, answered, hook, hooked_call, used

CREATED = {"type": "create", "filePath": "/w/new.rs", "content": "fn main() {\n}\n", "structuredPatch": []}
EDITED = {
    "filePath": "/w/a.py",
    "structuredPatch": [
        {"oldStart": 1, "lines": [" a", "-b", "+c", "+d"]},
        {"oldStart": 9, "lines": ["-x", "\\ No newline at end of file"]},
    ],
}
COMMITTED = {"stdout": "[main abc1234] It", "gitOperation": {"commit": {"sha": "abc1234", "kind": "committed"}}}
AMENDED = {"stdout": "x", "gitOperation": {"commit": {"sha": "abc1234", "kind": "amended"}}}
OPENED = {"stdout": "x", "gitOperation": {"pr": {"number": 7, "url": "https://x/7", "action": "created"}}}
MERGED = {"stdout": "x", "gitOperation": {"pr": {"number": 7, "action": "merged"}, "push": {"branch": "main"}}}
RESULTS = [("Write", CREATED), ("Edit", EDITED), *(("Bash", one) for one in (COMMITTED, AMENDED, OPENED, MERGED))]
CHANGED = {
    ("rust", "added"): 2, ("python", "added"): 2, ("python", "removed"): 2, COMMITS.name: 1, PULL_REQUESTS.name: 1,
}  # fmt: skip


def session(tool: str, result: object, number: int, *witnesses: str) -> list[Written]:
    call_id, second = f"toolu_{number}", number * 10.0
    fields = {"tool_name": tool, "tool_use_id": call_id, "tool_input": {"command": call_id}}
    lines = {
        "transcript": [used(second, number, call_id, tool), answered(second + 1, call_id, toolUseResult=result)],
        "hooks": [
            hooked_call(second + 0.01, call_id, tool), hook(second + 1, "PostToolUse", **fields, tool_response=result)
        ],
    }  # fmt: skip
    return [line for witness in witnesses for line in lines[witness]]


def changed(machine: Machine) -> dict[object, int]:
    names = {COMMITS.name, PULL_REQUESTS.name}
    totals = {key: value for key, (value, *_) in machine.totals().items()}
    found: dict[object, int] = {key[0]: value for key, value in totals.items() if key[0] in names}
    return found | {key[1]: value for key, value in totals.items() if key[0] == LINES_OF_CODE.name}


@pytest.mark.parametrize("witnesses", [("hooks",), ("transcript",), ("hooks", "transcript"), ("transcript", "hooks")])
@pytest.mark.parametrize("reads", ["at once", "one by one"])
def test_any_witness_gives_the_same_numbers(tmp_path: Path, witnesses: tuple[str, ...], reads: str) -> None:
    machine = Machine(tmp_path)
    for number, (tool, result) in enumerate(RESULTS):
        for line in session(tool, result, number, *witnesses):
            machine.second = number * 10.0 + 2
            machine.write(line)
            if reads == "one by one":
                machine.totals()
    machine.second = 3_600
    assert changed(machine) == CHANGED
    assert changed(machine) == CHANGED


@pytest.mark.parametrize(
    "result",
    [
        {"filePath": "/w/a.py", "structuredPatch": "much"},
        {"filePath": 3, "structuredPatch": [{"lines": ["+a"]}]},
        {"filePath": "/w/a.py", "structuredPatch": [{"lines": [3]}]},
        {"filePath": "/w/a.py", "structuredPatch": [], "type": "create", "content": 3},
        {"filePath": "/w/a.py", "structuredPatch": [{"lines": [" a"]}]},
        {"gitOperation": {"commit": [], "pr": {"action": ["created"]}}},
        {"gitOperation": "commit"},
        {"gitOperation": {"commit": {"kind": None}}},
    ],
)
def test_what_is_malformed_changes_nothing(tmp_path: Path, result: object) -> None:
    for witnesses in (["hooks"], ["transcript"]):
        machine = Machine(tmp_path / witnesses[0])
        machine.write(*session("Edit", result, 0, *witnesses))
        machine.second = 3_600
        assert changed(machine) == {}
        assert machine.calls() == {"success": 1}


def test_the_ledger_has_the_changes_of_each_hour_by_project(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    for number, (tool, result) in enumerate(RESULTS):
        machine.write(*session(tool, result, number, "hooks"))
    machine.second = 3_600
    with machine.meter() as meter:
        meter.catch_up()
        rows = meter.ledger.code_hours(0, 1 << 40)
        assert {row.project for row in rows} == {"/home/dev/shop"}
        assert {(row.kind.language, str(row.kind.measure)): row.number for row in rows} == {
            ("rust", "lines_added"): 2, ("python", "lines_added"): 2, ("python", "lines_removed"): 2,
            ("", "commits"): 1, ("", "pull_requests"): 1,
        }  # fmt: skip
        assert meter.ledger.code_hours(0, rows[0].kind.hour) == []
