"""Commands in a terminal of a given width."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from tests.support.hookmeter_process import HOOKMETER, TIMEOUT_SECONDS, Home

STYLE = re.compile(r"\x1b\[[\d;]*m")


def in_terminal(home: Home, columns: int, *words: str) -> list[str]:
    """The lines that a command writes to a terminal of this width, without styles."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**home.environment(), "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen([HOOKMETER, *words], cwd=home.path, env=environment, stdout=follower, stderr=follower)
    os.close(follower)
    written = b""
    with os.fdopen(leader, "rb", buffering=0) as terminal:
        try:
            while part := terminal.read(65536):
                written += part
        except OSError:  # on Linux, when the last writer has closed it
            pass
    assert process.wait(TIMEOUT_SECONDS) == 0
    return STYLE.sub("", written.decode()).replace("\r\n", "\n").splitlines()
