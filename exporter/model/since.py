"""The start and the end of a time range, given as a span before now or as a date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from exporter.model.clock import EPOCH, from_us, in_us
from exporter.model.errors import UserError

SPAN = re.compile(r"(\d{1,6})([mhdw])")
DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}")
EPOCH_YEAR = 1970
LAST_DAY_US = in_us(datetime(9999, 12, 31, tzinfo=UTC) - EPOCH)
FOREVER = -1  # in place of a number of seconds
UNIT_US = {"m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}


class SinceError(UserError, ValueError):
    """The text is neither a span such as 7d nor a date."""


def parse_range(
    since: str | None, until: str | None, now_us: int, zone: tzinfo | None = None
) -> tuple[int, int | None]:
    """The times at which a range starts and ends; without a start it starts with the epoch, and it may have no end.

    Raises SinceError, also for a range that ends before it starts.
    """
    since_us = 0 if since is None else parse_since(since, now_us, zone)
    until_us = None if until is None else parse_until(until, now_us, zone)
    if until_us is not None and until_us <= since_us:
        raise SinceError(f"--until {until} is not after --since {since}; use an earlier start or a later end.")
    return since_us, until_us


def parse_until(text: str, now_us: int, zone: tzinfo | None = None) -> int:
    """The time at which a range ends, exclusively, in the same forms; a date without a time is the end of that day.

    Raises SinceError.
    """
    if not DATE.fullmatch(text):
        return parse_since(text, now_us, zone)
    try:
        return parse_since((date.fromisoformat(text) + timedelta(days=1)).isoformat(), now_us, zone)
    except OverflowError:  # the last day that there is
        return LAST_DAY_US
    except ValueError:
        raise SinceError(f"invalid time {text!r}; use 7d, 12h or 2026-11-28.") from None


def parse_since(text: str, now_us: int, zone: tzinfo | None = None) -> int:
    """The time, in microseconds since the epoch, of `7d`, `12h`, `30m`, `2w`, 2026-11-28 or 2026-11-28T12:00.

    A date without a time zone is in `zone`, by default the local one. Raises SinceError.
    """
    if span := SPAN.fullmatch(text):
        return max(0, now_us - int(span[1]) * UNIT_US[span[2]])
    try:
        named = datetime.fromisoformat(text)
        moment = named if named.tzinfo else named.replace(tzinfo=zone)
        if moment.year < EPOCH_YEAR:  # the system may have no time zone data of such dates
            return 0
        moment_us = max(0, round(moment.timestamp() * 1_000_000))
        from_us(moment_us)  # in UTC it may be in the year 10000, which datetime does not have
        return moment_us
    except (ValueError, OverflowError, OSError):
        raise SinceError(f"invalid time {text!r}; use 7d, 12h or 2026-11-28.") from None
