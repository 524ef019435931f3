"""Commands in a terminal of a given width."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from exporter.terminal.screen import VARIABLES
from tests.support.hookmeter_process import HOOKMETER, TIMEOUT_SECONDS, Home

MAX_COLUMNS = 1000
STYLE = re.compile(r"\x1b\[[\d;]*m")


@dataclass
class Terminal:
    """What a command has written to its terminal."""

    written: bytes = b""
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def text(self) -> str:
        """The text as the terminal received it."""
        return self.written.decode().replace("\r\n", "\n")

    @property
    def unstyled(self) -> str:
        """The text without the styles of hookmeter's own tables."""
        return STYLE.sub("", self.text)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first match of a pattern, once the text has one."""
        with self.changed:
            found = self.changed.wait_for(lambda: re.search(pattern, self.text), TIMEOUT_SECONDS)
            assert found, self.text
            return found

    def read_from(self, leader: int) -> None:
        """Read until the last writer has closed the terminal."""
        with os.fdopen(leader, "rb", buffering=0) as opened:
            try:
                while part := opened.read(65536):
                    with self.changed:
                        self.written += part
                        self.changed.notify_all()
            except OSError:  # on Linux, when the last writer has closed it
                pass


@contextmanager
def running_in_terminal(home: Home, columns: int, *words: str) -> Iterator[tuple[Terminal, subprocess.Popen[bytes]]]:
    """A command in a terminal, which is interrupted at the end if it is still running."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {
        name: value for name, value in home.environment().items() if name not in VARIABLES - {*home.variables}
    }
    environment["TERM"] = "xterm"
    process = subprocess.Popen(
        [HOOKMETER, *words], cwd=home.path, env=environment, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower
    )
    os.close(follower)
    terminal = Terminal()
    reader = threading.Thread(target=terminal.read_from, args=(leader,))
    reader.start()
    try:
        yield terminal, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT_SECONDS)
        reader.join(TIMEOUT_SECONDS)


def typescript(home: Home, *words: str) -> tuple[int, str]:
    """The exit code of a command, and what it writes to a terminal in which no line is wrapped, without styles."""
    with running_in_terminal(home, MAX_COLUMNS, *words) as (terminal, process):
        process.wait(TIMEOUT_SECONDS)
    return process.returncode, terminal.unstyled


def in_terminal(home: Home, columns: int, *words: str) -> list[str]:
    """The lines that a command writes to a terminal of this width, without styles."""
    with running_in_terminal(home, columns, *words) as (terminal, process):
        assert process.wait(TIMEOUT_SECONDS) == 0
    return terminal.unstyled.splitlines()


def program_in_terminal(program: str, columns: int, environment: Mapping[str, str]) -> str:
    """What a Python program writes to a terminal of this width, which is its standard output and error."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env=environment) as run:
        os.close(follower)
        terminal = Terminal()
        terminal.read_from(leader)
    assert run.returncode == 0, terminal.text
    return terminal.text
