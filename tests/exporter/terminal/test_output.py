"""Commands whose output is closed, full, or read by nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("--help", "--version", "sessions", "cost --json", "completion bash")
WRITING = (*COMMANDS, "backfill --output -")
CLOSED = 'exec "$@" >&-'
ALL_CLOSED = 'exec "$@" <&- >&- 2>&-'


def run(script: str, command: str, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of hookmeter with its streams as a shell has them."""
    words = ["sh", "-c", script, "sh", sys.executable, "-m", "exporter", *command.split()]
    env = {**os.environ, "HOME": str(home), **variables}
    return subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("script", [CLOSED, ALL_CLOSED])
def test_a_command_works_where_its_output_is_closed(tmp_path: Path, command: str, script: str) -> None:
    ended = run(script, command, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("command", WRITING)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_one_sentence(tmp_path: Path, command: str, unbuffered: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    ended = run('exec "$@" >/dev/full', command, tmp_path, PYTHONUNBUFFERED=unbuffered)
    reason = "the output cannot be written (No space left on device); send it elsewhere"
    assert (ended.returncode, ended.stderr) == (1, f"hookmeter: {reason}\n")


@pytest.mark.parametrize("command", WRITING)
def test_a_reader_that_leaves_ends_the_command_without_a_message(tmp_path: Path, command: str) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as unread:
        words = [sys.executable, "-m", "exporter", *command.split()]
        ended = subprocess.run(
            words, env={**os.environ, "HOME": str(tmp_path)}, stdout=unread, stderr=subprocess.PIPE, check=False
        )
    assert (ended.returncode, ended.stderr) == (1, b"")
