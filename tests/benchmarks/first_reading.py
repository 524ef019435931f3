"""Reads all transcripts below a directory into a new ledger, as an exporter does when it first starts."""

from __future__ import annotations

import sys

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.benchmarks.figures import temporary_directory

LABELS = 200


def main(projects: str) -> None:
    """Count the calls, prompts, sub-agents and costs in a projects directory."""
    with temporary_directory() as directory, open_ledger(directory, LABELS) as ledger:
        Meter([], ledger, transcript_roots=[projects]).catch_up()


if __name__ == "__main__":
    main(*sys.argv[1:])
