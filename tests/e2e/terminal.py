"""A terminal with the real Claude Code in it, as a person has it before them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.processes import PATIENCE_SECONDS, wait_for

COLUMNS_AND_LINES = {"COLUMNS": "120", "LINES": "40", "TERM": "xterm-256color"}
PROMPT = "❯"


class Terminal:
    """What stands on the screen, and the keyboard."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._shown = b""
        self._reader = threading.Thread(target=self._read_on)
        self._reader.start()

    @property
    def shown(self) -> str:
        """Everything that was ever written to it."""
        return self._shown.decode(errors="replace")

    def type(self, text: str) -> None:
        """Write a prompt and send it; Claude Code takes what comes at once for a paste, its last key too."""
        wait_for(lambda: PROMPT in self.shown, "a prompt")
        os.write(self._descriptor, text.encode())
        wait_for(lambda: text.rsplit(maxsplit=1)[-1] in self.shown, "what was typed to show")
        os.write(self._descriptor, b"\r")

    def press(self, key: str) -> None:
        """Press a key that is no text."""
        os.write(self._descriptor, key.encode())

    def join(self) -> None:
        """Wait until nobody writes to it any more."""
        self._reader.join()

    def _read_on(self) -> None:
        try:
            while chunk := os.read(self._descriptor, 1 << 16):
                self._shown += chunk
        except OSError:  # how a terminal says that its last writer is gone
            pass


def trust(directory: Path, home: str) -> None:
    """Answer what Claude Code asks a user at first."""
    state = {"hasCompletedOnboarding": True, "projects": {str(directory): {"hasTrustDialogAccepted": True}}}
    Path(home, ".claude.json").write_text(json.dumps(state))


@contextmanager
def claude_in_terminal(cli: str, directory: Path, environment: Mapping[str, str], *options: str) -> Iterator[Terminal]:
    """Claude Code in a directory that its user has trusted; it ends with the context."""
    trust(directory, environment["HOME"])
    screen, keyboard = pty.openpty()
    with subprocess.Popen(
        [cli, *options], cwd=directory, env={**environment, **COLUMNS_AND_LINES},
        stdin=keyboard, stdout=keyboard, stderr=keyboard, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(keyboard)
        terminal = Terminal(screen)
        try:
            yield terminal
            process.terminate()  # as when its window is closed: it writes what it has to write
            process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()
            terminal.join()
            os.close(screen)
