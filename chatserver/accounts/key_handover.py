"""The key on its way from one process to the next: through a pipe, and never in an environment.

The environment with which a process was started is shown in /proc as long as it runs, whatever it does with its copy.
"""

from __future__ import annotations

import os
import sys

from chatserver.environment import leave_variable, take_variable

VARIABLE = "JWT_SECRET_KEY"
DESCRIPTOR = "HOOKMETER_SECRET_KEY_FD"
MAX_BYTES = 4096  # which a pipe takes at once


def hand_over(key: bytes) -> int:
    """The end of a pipe that has the key, for a process that inherits it."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as pipe:  # whose end is closed at once; gevent's os.close only does so later
        pipe.write(key[: MAX_BYTES + 1])
    os.set_inheritable(reader, True)
    return reader


def leave_key(key: bytes) -> None:
    """Leave the key to the program that this process becomes, or to who reads the settings next."""
    leave_variable(DESCRIPTOR, str(hand_over(key)))


def take_key() -> bytes | None:
    """The key that was handed over to this process, and is not any more; None where none was."""
    descriptor = take_variable(DESCRIPTOR)
    if descriptor is None:
        return None
    with os.fdopen(int(descriptor), "rb") as pipe:
        return pipe.read()


def restart_without_variable() -> None:
    """Start this program again without the key in its environment, if it is there."""
    key = take_variable(VARIABLE)
    if key is not None:
        leave_key(os.fsencode(key))
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
