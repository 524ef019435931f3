"""From when on: a span back from now, or a date."""

from __future__ import annotations

import re
from datetime import datetime

from exporter.model.clock import from_us
from exporter.model.errors import UserError

SPAN = re.compile(r"(\d{1,6})([mhdw])")
EPOCH_YEAR = 1970
UNIT_US = {"m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}


class SinceError(UserError, ValueError):
    """The text is neither a span nor a date."""


def parse_since(text: str, now_us: int) -> int:
    """The moment, in microseconds since the epoch, of `7d`, `24h`, `30m`, `2w`, 2026-11-01 or 2026-11-01T12:00.

    A date is of this machine's time zone. Raises SinceError with what would be right.
    """
    if span := SPAN.fullmatch(text):
        return max(0, now_us - int(span[1]) * UNIT_US[span[2]])
    try:
        moment = datetime.fromisoformat(text)
        if moment.year < EPOCH_YEAR:  # the system may not know what its clock showed then
            return 0
        moment_us = max(0, round(moment.timestamp() * 1_000_000))
        from_us(moment_us)  # there is no year 10000, also not for those who live west of it
        return moment_us
    except (ValueError, OverflowError, OSError):
        raise SinceError(f"{text!r} is no time; write 7d, 24h or 30m, or a date such as 2026-11-01.") from None
