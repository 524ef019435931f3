"""A function that is called after changes, but not more often than once in an interval."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Throttle:
    """Calls a function in a thread of its own, soon after each change. Any thread may call it."""

    def __init__(self, work: Callable[[], None], interval_seconds: float) -> None:
        self._work = work
        self._interval = interval_seconds
        self._lock = threading.Lock()  # guards the rest
        self._timer: threading.Timer | None = None
        self._is_changed = False
        self._done_at = float("-inf")
        self._is_closed = False

    def request(self) -> None:
        """Have the function called: at once if it was not called within the interval, otherwise at its end."""
        with self._lock:
            self._is_changed = True
            if self._timer is None:
                self._start_timer()

    def close(self) -> None:
        """Call the function no more, and wait until a call that has begun is over."""
        with self._lock:
            self._is_closed, timer = True, self._timer
        if timer is not None:
            timer.cancel()
            timer.join()

    def _start_timer(self) -> None:
        if self._is_closed:
            return
        self._timer = threading.Timer(max(0.0, self._done_at + self._interval - time.monotonic()), self._call)
        self._timer.daemon = True
        self._timer.start()

    def _call(self) -> None:
        with self._lock:
            self._is_changed = False
        try:
            self._work()
        finally:
            with self._lock:
                self._timer, self._done_at = None, time.monotonic()
                if self._is_changed:
                    self._start_timer()
