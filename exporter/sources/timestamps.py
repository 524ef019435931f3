"""Parses every timestamp format that occurs in logs to microseconds since the epoch."""

from __future__ import annotations

import re
from datetime import datetime

from exporter.model.bounds import is_plausible_time
from exporter.model.clock import EPOCH

EPOCH_TEXT = re.compile(r"\d{9,}(?:\.\d*)?")  # fromisoformat would read "1712010112345" as a date of the year 1712

# The unit of a number is inferred from its size: bound, microseconds per unit, units per microsecond.
UNITS = (
    (1e11, 1_000_000, 1),  # seconds until the year 5138
    (1e14, 1_000, 1),  # milliseconds
    (1e17, 1, 1),  # microseconds
    (1e20, 1, 1_000),  # nanoseconds
)


def to_us(value: object) -> int | None:
    """Convert an ISO 8601 text or a number of seconds, ms, µs or ns since the epoch; None for anything else.

    A text without a UTC offset is local time. An implausible time counts as missing.
    """
    if isinstance(value, str):
        return _bounded(_from_text(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _bounded(_from_number(value))
    return None


def _bounded(time_us: int | None) -> int | None:
    return time_us if time_us is not None and is_plausible_time(time_us) else None


def _from_text(text: str) -> int | None:
    if text[4:5].isdigit() and EPOCH_TEXT.fullmatch(text):
        return _from_number_text(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _from_text(text[:-1] + "Z") if text.endswith("z") else _from_number_text(text)
    try:
        since = (moment if moment.tzinfo else moment.astimezone()) - EPOCH
    except (OverflowError, OSError, ValueError):
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _from_number_text(text: str) -> int | None:
    try:
        return _from_number(int(text) if text.isdigit() else float(text))
    except ValueError:
        return None


def _from_number(number: float) -> int | None:
    for bound, times, per in UNITS:
        if 0 <= number < bound:
            return round(number * times) if per == 1 else int(number) // per
    return None
