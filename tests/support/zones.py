"""Time zones with their rules of 2026, so that tests need no time zone database."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

ZONES = {
    "UTC": "UTC0",
    "America/Havana": "CST5CDT,M3.2.0/0,M11.1.0/1",
    "America/New_York": "EST5EDT,M3.2.0,M11.1.0",
    "America/Santiago": "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
    "Asia/Kathmandu": "<+0545>-5:45",
    "Asia/Kolkata": "IST-5:30",
    "Australia/Lord_Howe": "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "Europe/Berlin": "CET-1CEST,M3.5.0,M10.5.0/3",
    "Pacific/Chatham": "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
}


@contextmanager
def zone(name: str) -> Iterator[None]:
    """Run this process in another time zone."""
    before = os.environ.get("TZ")
    _set(ZONES[name])
    try:
        yield
    finally:
        _set(before)


def _set(rule: str | None) -> None:
    if rule is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = rule
    time.tzset()
