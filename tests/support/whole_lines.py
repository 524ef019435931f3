"""The lines of files that another process is writing to."""

from __future__ import annotations

from pathlib import Path


def whole_lines(path: Path) -> list[str]:
    """The lines of a file, without the last one while it is being written."""
    *lines, _ = path.read_bytes().split(b"\n")
    return [line.decode() for line in lines]
