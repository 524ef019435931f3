"""Standard streams: what is closed is opened as nothing, and a command ends whose output nobody can have."""

from __future__ import annotations

import errno
import os
import sys

STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}  # in the order of their descriptors
UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def open_closed_streams() -> None:
    """Open standard streams that are closed, so that no other file gets their descriptors, and printing works."""
    for name, mode in STREAMS.items():
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 # pathlib takes long


def end_without_output(error: OSError) -> None:
    """End the command if an error is of its output; a reader that has left, as `head` does, needs no message."""
    is_unread = isinstance(error, BrokenPipeError)
    if not is_unread and (error.errno not in UNWRITABLE or error.filename):
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the last flush does not fail
    if not is_unread:
        sys.stderr.write(f"hookmeter: the output cannot be written ({error.strerror}); send it elsewhere\n")
    sys.exit(1)
