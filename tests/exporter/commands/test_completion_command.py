"""What start-up files of shells evaluate, in shells that have no others."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import program
from tests.support.hookmeter_process import HOOKMETER, Home

# A shell without start-up files, and what prints the function that completes hookmeter.
SHELLS = {
    "bash": (("--norc", "--noprofile"), "complete -p hookmeter"),
    "zsh": (("-f",), "print $_comps[hookmeter]"),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_without_start_up_files_completes_commands(tmp_path: Path, shell: str) -> None:
    options, printing = SHELLS[shell]
    environment = Home(tmp_path).environment() | {"PATH": f"{HOOKMETER.parent}:/usr/bin:/bin"}
    script = f'eval "$(hookmeter completion {shell})"; {printing}'
    done = subprocess.run(
        [program(shell), *options, "-c", script], env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "_hookmeter_completion" in done.stdout
