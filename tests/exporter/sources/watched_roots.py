"""Roots that are watched, and changes below them."""

from __future__ import annotations

import threading
from pathlib import Path

from exporter.sources.watch import Watch


class Watching:
    """A watch, with everything that it has reported since its initial walk."""

    def __init__(self, *roots: Path) -> None:
        self.nudges = 0
        self.watch = Watch([str(root) for root in roots], self._nudge)
        self._lock = threading.Lock()
        self.reported: set[str] = set()
        self.walks = 0

    def _nudge(self) -> None:
        with self._lock:
            self.nudges += 1

    def changed_directories(self) -> set[str] | None:
        changed = self.watch.changed_directories()
        self.reported |= changed or set()
        self.walks += changed is None
        return changed

    def reports(self, directory: Path) -> bool:
        self.changed_directories()
        return str(directory) in self.reported

    def forget(self) -> None:
        self.changed_directories()
        self.reported, self.walks = set(), 0


def append(path: Path) -> None:
    with path.open("a") as file:
        file.write("line\n")
