"""The sessions that were forgotten on request: a list next to the index, which also outlives that."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

FILE_NAME = "search-forgotten.jsonl"


def forgotten_sessions(data_dir: Path) -> frozenset[str]:
    """The ids of the sessions that are not to be indexed. Raises OSError."""
    try:
        lines = (data_dir / FILE_NAME).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return frozenset()
    return frozenset(session for line in lines if isinstance(session := _decoded(line), str))


def add_forgotten(data_dir: Path, sessions: Iterable[str]) -> None:
    """Add sessions to the list. Raises OSError."""
    data = "".join(f"{json.dumps(session)}\n" for session in sessions).encode()
    descriptor = os.open(data_dir / FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _decoded(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None  # a line that was cut by a full disk
