"""The token bucket by which requests and messages are limited."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class TokenBucket:
    """Starts with `burst` tokens, its most, and gains one every `interval` seconds. It has no lock."""

    interval: float
    burst: int
    _tokens: float = 0.0
    _updated: float = float("-inf")

    def take_token(self, now: float) -> bool:
        """Take a token if there is one, and return whether there was; `now` is in seconds of a monotonic clock."""
        self._tokens = min(float(self.burst), self._tokens + (now - self._updated) / self.interval)
        self._updated = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
