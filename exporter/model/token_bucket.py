"""The token bucket that limits HTTP requests and chat messages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class TokenBucket:
    """A bucket of at most `burst` tokens, full at first, refilled by one every `interval` seconds. Not thread-safe."""

    interval: float
    burst: int
    _tokens: float = 0.0
    _updated: float = float("-inf")

    def take_token(self, now: float) -> bool:
        """Take a token and return True, or return False if there is none; `now` is in seconds of a monotonic clock."""
        self._tokens = min(float(self.burst), self._tokens + (now - self._updated) / self.interval)
        self._updated = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
