"""How many messages a client may send."""

from __future__ import annotations

import time


class Rate:
    """Lets so many pass each second, and after a pause up to `at_once` together; one thread uses it."""

    def __init__(self, per_second: float, at_once: float) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._left = at_once
        self._at = time.monotonic()

    def allows(self, now: float) -> bool:
        """Whether one more may pass at a moment (time.monotonic())."""
        self._left = min(self._at_once, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
