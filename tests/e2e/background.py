"""Sessions of the real Claude Code in the background, and the service that runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.e2e.processes import wait_for
from tests.e2e.workplace import PATIENCE_SECONDS, Workplace


@contextmanager
def background_service(workplace: Workplace) -> Iterator[None]:
    """A time after which no session runs in the background any more, nor the service that the first of them starts."""
    try:
        yield
    finally:
        for session in _listed(workplace):
            if session["kind"] == "background" and "pid" in session:
                command(workplace, "stop", session["id"])
                _wait_for_end(session["pid"])
        lock = workplace.directory / "home" / ".claude" / "daemon.lock"
        with suppress(FileNotFoundError, ProcessLookupError):
            number = json.loads(lock.read_text())["pid"]
            os.kill(number, signal.SIGTERM)
            _wait_for_end(number)


def command(workplace: Workplace, *arguments: str) -> str:
    """What a command of Claude Code prints."""
    run = subprocess.run(
        [workplace.cli, *arguments], cwd=workplace.project, env=workplace.subscribed, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    return run.stdout


def _listed(workplace: Workplace) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(command(workplace, "agents", "--json"))
    return found


def _wait_for_end(number: int) -> None:
    wait_for(lambda: not _is_running(number), "the end of a process")


def _is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
