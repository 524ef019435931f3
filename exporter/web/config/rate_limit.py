"""The rate limit of the web configuration, as in the exporter-toolkit."""

import re
from dataclasses import dataclass

UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
PART = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A burst of requests, then one every `interval` seconds; an interval of 0 means no limit."""

    interval: float
    burst: int


def parse_duration(value: str | int) -> float:
    """The seconds of a Go duration such as "1m30s", or of a number of nanoseconds. Raises ValueError."""
    if isinstance(value, int):
        return value * UNIT_SECONDS["ns"]
    if value == "0":
        return 0.0
    if not re.fullmatch(f"(?:{PART})+", value):
        raise ValueError("invalid duration")
    return sum(float(number) * UNIT_SECONDS[unit] for number, unit in re.findall(PART, value))
