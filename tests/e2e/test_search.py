"""What the real CLI writes can be found, with hooks and without."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.e2e.workplace import Workplace


def found(workplace: Workplace, text: str) -> set[tuple[str, str]]:
    """The kinds and tools of what `hookmeter search` finds."""
    places = ("--sessions-dir", str(workplace.sessions), "--transcripts-dir", str(workplace.projects))
    data = ("--data-dir", str(workplace.directory / "data"))
    command = [sys.executable, "-m", "exporter", "search", text, "--json", *places, *data]
    page = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    return {(result["kind"], result["tool"]) for result in page["results"]}


@pytest.mark.parametrize("options", [(), ("--no-session-persistence",)])
def test_what_was_said_and_done_is_found(workplace: Workplace, options: tuple[str, ...]) -> None:
    workplace.run("tour", "--allowedTools", "Bash", *options)
    if options:  # there is no transcript, and hooks name one that is read
        assert found(workplace, "kind:command") == set()
        return
    assert found(workplace, "script:tour") == {("prompt", "")}
    assert found(workplace, '"echo hello"') == {("command", "Bash")}
    assert found(workplace, "written.txt kind:path") == {("path", tool) for tool in ("Write", "Read", "Edit")}
    assert found(workplace, "missing.txt") >= {("path", "Read")}
    assert ("error", "Read") in found(workplace, "kind:error")
    assert ("error", "Bash") in found(workplace, "exit code 1")
    assert found(workplace, "kind:answer") == {("answer", "")}
    assert found(workplace, "line one") == set()
