"""Transcripts: reading a month of them next to ccusage on the same files, and reading them again with nothing new."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.benchmarks import synthetic_transcripts, whole_process
from tests.benchmarks.figures import Figure, seconds, settle, temporary_directory
from tests.benchmarks.whole_process import Taken

ROUNDS = 7
WALKS = 20
LABELS = 200
MEGABYTE = 1e6
NATIVE = "@ccusage/ccusage-*/bin/ccusage"
LEFT_OUT = """\
The comparison with ccusage is left out: HOOKMETER_TEST_CCUSAGE does not name its executable. To have it:
    npm install --prefix .venv/ccusage ccusage@20.0.24
    HOOKMETER_TEST_CCUSAGE=.venv/ccusage/node_modules/.bin/ccusage make bench
"""


def figures(size: float) -> Iterator[Figure]:
    """A cold `hookmeter cost` with its memory, and a warm refresh."""
    with temporary_directory() as directory:
        projects = directory / "projects"
        files = synthetic_transcripts.write_transcripts(projects, size)
        settle()
        megabytes = sum(path.stat().st_size for path in projects.rglob("*.jsonl")) / MEGABYTE
        what = f"{megabytes:,.0f} MB of transcripts"
        yield from _cold(f"cost --json, {what}", projects)
        yield _warm(f"full walk, {files:,} transcripts, nothing new, p50", projects, directory / "data")


def _cold(name: str, projects: Path) -> Iterator[Figure]:
    """The best of several rounds, in which both programs take turns."""
    ours = [sys.executable, "-m", "exporter", "cost", "--json", "--transcripts-dir", str(projects)]
    theirs = ccusage()
    environment = {"CLAUDE_CONFIG_DIR": str(projects.parent), "HOME": str(projects.parent / "home")}
    taken: list[Taken] = []
    theirs_taken: list[Taken] = []
    for _ in range(ROUNDS):
        taken.append(whole_process.run(ours))
        if theirs:
            theirs_taken.append(whole_process.run([theirs, "daily", "--offline", "--json"], environment))
    measured = min(each.seconds for each in taken)
    if theirs_taken:
        yield Figure(name, measured, "s", min(each.seconds for each in theirs_taken), 1, "ccusage")
    else:
        sys.stderr.write(LEFT_OUT)
        yield Figure(name, measured, "s")
    yield Figure(
        "  the peak memory of its larger process", max(each.peak_bytes for each in taken) / MEGABYTE, "MB", most=100
    )


def _warm(name: str, projects: Path, data: Path) -> Figure:
    with open_ledger(data, LABELS) as ledger:
        meter = Meter([], ledger, transcript_roots=[str(projects)])
        meter.catch_up()
        walks = [seconds(meter.catch_up) for _ in range(WALKS)]
    return Figure(name, statistics.median(walks) * 1e3, "ms", most=50)


def ccusage() -> str | None:
    """The ccusage that is named: the program itself where that is the script which npm puts before it."""
    named = os.environ.get("HOOKMETER_TEST_CCUSAGE")
    found = shutil.which(named) if named else None
    if found is None:
        return None
    modules = Path(found).resolve().parents[2]
    return str(next(iter(modules.glob(NATIVE)), found))
