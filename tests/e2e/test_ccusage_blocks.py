"""Five-hour blocks are those of ccusage."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from exporter.counting.blocks import Blocks
from exporter.model.clock import iso
from exporter.prices.table import load_prices
from exporter.reports.costs import Messages, transcript_directories
from tests.e2e.test_ccusage import theirs
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, usage, write


def test_five_hour_blocks_begin_at_the_same_times(ccusage: str, tmp_path: Path) -> None:
    hours = (0, 1.2, 4.9, 5.1, 9.8, 10.3, 17, 21.9, 30)
    lines = [assistant_line(number, usage(100, 10), second=hour * 3600) for number, hour in enumerate(hours)]
    write(tmp_path / "projects" / SLUG / f"{SESSION}.jsonl", *lines)
    messages = Messages(load_prices())
    messages.read_projects(transcript_directories([str(tmp_path / "projects")]))
    starts = Blocks.of(message.time_us for message in messages.all()).starts_us
    blocks = theirs(ccusage, tmp_path, "blocks")["blocks"]
    assert [iso(start) for start in starts] == [
        datetime.fromisoformat(block["startTime"]).isoformat() for block in blocks if not block["isGap"]
    ]
