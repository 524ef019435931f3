"""The agents that Claude Code has for a task: those whose definitions are in the workspaces and in the home."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from chatserver.tasks.choices import AGENT
from exporter.model.regular_files import LARGE_BYTES, read_bounded

PLACE = Path(".claude", "agents")
NAME = re.compile(rb"\A---\r?\n(?:(?!---).*\n)*?name:[ \t]*[\"']?([^\r\n\"']+)")
MAX_FILES = 200  # of a directory


def known_agents(directories: Iterable[Path]) -> list[str]:
    """The names of the agents that are defined below these directories, as far as the server may read them."""
    return sorted({name for directory in directories for name in _defined_in(directory / PLACE)}, key=str.lower)


def _defined_in(directory: Path) -> Iterator[str]:
    with suppress(OSError):
        for file in islice(directory.glob("*.md"), MAX_FILES):
            with suppress(OSError):
                found = NAME.search(read_bounded(file, LARGE_BYTES))
                name = found[1].decode("utf-8", "replace").strip() if found else ""
                if name and AGENT.fullmatch(name):
                    yield name
