"""How many requests are answered: a token bucket, as in the exporter-toolkit."""

import re
from dataclasses import dataclass

UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
PART = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A burst of requests, then one every `interval` seconds; without an interval there is no limit."""

    interval: float
    burst: int


@dataclass(slots=True)
class TokenBucket:
    """A bucket that starts full with a burst of requests and gains one every interval."""

    limit: RateLimit
    _tokens: float = 0.0
    _seen: float = float("-inf")

    def take(self, now: float) -> bool:
        """Take one request out of the bucket, and tell whether there was one; `now` is in seconds."""
        self._tokens = min(float(self.limit.burst), self._tokens + (now - self._seen) / self.limit.interval)
        self._seen = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def parse_duration(value: str | int) -> float:
    """Return the seconds of a Go duration, such as "1m30s", or of a number of nanoseconds; raises ValueError."""
    if isinstance(value, int):
        return value * UNIT_SECONDS["ns"]
    if value == "0":
        return 0.0
    if not re.fullmatch(f"(?:{PART})+", value):
        raise ValueError("not a duration")
    return sum(float(number) * UNIT_SECONDS[unit] for number, unit in re.findall(PART, value))
