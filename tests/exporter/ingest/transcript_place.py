"""A place with hook logs and transcripts, and the meter that reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from exporter.counting.catalog import (
    LINES,
    TOKENS,
    Counter,
)
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.clock import EPOCH
from exporter.model.records import LineResult
from tests.support.transcript_lines import (
    NOON,
    SESSION,
    SLUG,
    write,
)

OPUS, HAIKU = "claude-opus-4-6", "claude-haiku-4-5"
MICROSECOND = timedelta(microseconds=1)


class Place:
    """A directory with hook logs and transcripts, on which meters can be started repeatedly."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.projects = directory / "projects"
        self.project = self.projects / SLUG
        self.transcript = self.project / f"{SESSION}.jsonl"
        self.now = NOON

    @contextmanager
    def meter(self, label_values: int = 200) -> Iterator[Meter]:
        """A new meter that has read nothing yet."""
        with open_ledger(self.directory / "data", label_values) as ledger:
            hooks = [str(self.directory / "sessions")]
            yield Meter(hooks, ledger, lambda: (self.now - EPOCH) // MICROSECOND, transcript_roots=[str(self.projects)])

    def hook(self, transcript: Path, event: str = "UserPromptSubmit") -> Path:
        """Log a hook with a transcript path; the directory of the log."""
        line = {
            "logged_at": NOON.isoformat(),
            "session_id": SESSION,
            "hook_event_name": event,
            "transcript_path": str(transcript),
            "cwd": "/home/dev/shop",
        }
        return write(self.directory / "sessions" / SESSION / "events.jsonl", json.dumps(line) + "\n").parent


def total(meter: Meter, counter: Counter, **labels: str) -> int:
    """The sum of a counter's series with these labels."""
    return sum(
        value
        for (name, values), value in meter.ledger.state.totals.counters.items()
        if name == counter.name and labels.items() <= dict(zip(counter.labels, values, strict=True)).items()
    )


def lines(meter: Meter) -> dict[str, int]:
    """The numbers of transcript lines by result, without zeros."""
    numbers = {str(result): total(meter, LINES, source="transcript", result=result) for result in LineResult}
    return {result: number for result, number in numbers.items() if number}


def values(meter: Meter, label: str) -> set[str]:
    """The values of a label of the token counter."""
    return {
        dict(zip(TOKENS.labels, labels, strict=True))[label]
        for name, labels in meter.ledger.state.totals.counters
        if name == TOKENS.name
    }
