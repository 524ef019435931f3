"""What `hookmeter server` prints before it serves."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.chatserver.started import HOOKMETER, SERVES


def printed_at_start(home: Path, *words: str) -> str:
    """All that it prints until it says where it serves."""
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    command = [str(HOOKMETER), "server", "--listen", "127.0.0.1:0", *words]
    with subprocess.Popen(
        command, cwd=home, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout
        printed = ""
        while not SERVES.search(printed):
            line = process.stdout.readline()
            assert line, printed
            printed += line
        process.terminate()
        process.communicate(timeout=60)
    return printed


def test_a_workspace_and_a_program_that_are_missing_are_named(tmp_path: Path) -> None:
    workspace, program = tmp_path / "workspace", tmp_path / "bin" / "claude"
    printed = printed_at_start(tmp_path, "--workspace", str(workspace), "--claude", str(program))
    assert f"{workspace} is not a directory: no task can work there; create it, or change --workspace." in printed
    assert f"{program} is not a program: no task can run; install Claude Code, or change --claude." in printed


def test_nothing_is_missing_where_the_settings_name_nothing(tmp_path: Path) -> None:
    assert printed_at_start(tmp_path).count("\n") == 1
