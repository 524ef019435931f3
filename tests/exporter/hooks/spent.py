"""A ledger with costs of known times."""

from __future__ import annotations

import time
from pathlib import Path

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.prices.table import load_prices
from tests.support.synthetic_logs import HOUR_US, now_us
from tests.support.synthetic_transcripts import line
from tests.support.transcript_lines import usage

SECONDS_AHEAD = (12 - time.gmtime().tm_hour) * 3600
NOON = f"NOON{-SECONDS_AHEAD // 3600:+d}"
"""A time zone in which the day began half a day ago, so that no test runs around midnight."""


def spend(tmp_path: Path, data: Path, *hours_ago: float) -> Path:
    """Have a ledger count a message of $1.50 of each time; the transcript."""
    for number, hours in enumerate(hours_ago):
        message = {"id": f"m{number}", "model": "claude-haiku-4-5", "usage": usage(500_000, 200_000)}
        line(tmp_path / "projects", "s", now_us() - round(hours * HOUR_US), "assistant", message)
    (transcript,) = (tmp_path / "projects").glob("*/*.jsonl")
    with open_ledger(data, 200) as ledger:
        Meter([], ledger, transcript_roots=[str(tmp_path / "projects")], prices=load_prices()).catch_up()
    return transcript
