"""The wait for the exit of a Claude Code that has given its last result."""

from __future__ import annotations

import threading
from collections.abc import Callable


class ExitWatch:
    """Calls `on_late` once a run that is over has printed nothing for some seconds."""

    def __init__(self, seconds: float, on_late: Callable[[], None]) -> None:
        self._seconds = seconds
        self._on_late = on_late
        self._timer: threading.Timer | None = None

    def note_line(self, *, is_over: bool) -> None:
        """Start to wait after a line, or wait no longer where the run continues."""
        self.close()
        if is_over:
            self._timer = threading.Timer(self._seconds, self._on_late)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Wait no longer."""
        if self._timer:
            self._timer.cancel()
        self._timer = None
