"""Transcripts: reading a month of them next to ccusage on the same files, and what is new in them."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.sources.transcript_files import TRANSCRIPT_SOURCE
from tests.benchmarks import first_reading, latency, synthetic_transcripts, whole_process
from tests.benchmarks.figures import Figure, seconds, settle, temporary_directory
from tests.benchmarks.whole_process import Taken
from tests.e2e.processes import hookmeter
from tests.support.transcript_lines import assistant_line

ROUNDS = 7
MAX_RATIO = 0.6
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
    """The first reading by a command and by the exporter, a refresh with nothing new, and the way of one line."""
    with temporary_directory() as directory:
        projects, data = directory / "projects", directory / "data"
        files = synthetic_transcripts.write_transcripts(projects, size)
        settle()
        megabytes = sum(path.stat().st_size for path in projects.rglob("*.jsonl")) / MEGABYTE
        with open_ledger(data, LABELS) as ledger:
            Meter([], ledger, transcript_roots=[str(projects)]).catch_up()
        yield from _commands(f"{megabytes:,.0f} MB of transcripts", projects, data)
        yield _warm(f"full walk, {files:,} transcripts, nothing new, p50", projects, data)
        with hookmeter("--transcripts-dir", projects, "--data-dir", data) as exporter:
            transcript = next(projects.glob("*/*.jsonl"))
            yield from latency.figures(
                "one line of a transcript", exporter.address, TRANSCRIPT_SOURCE, partial(_append, transcript)
            )


def _commands(what: str, projects: Path, data: Path) -> Iterator[Figure]:
    """The best of several rounds, in which all programs take turns."""
    cost = [sys.executable, "-m", "exporter", "cost", "--json", "--transcripts-dir", str(projects), "--data-dir"]
    everything = [sys.executable, "-m", first_reading.__name__, str(projects)]
    ours = {
        f"cost --json, {what}": [*cost, str(projects.parent / "no-ledger")],
        "  the same beside an exporter, whose ledger has them": [*cost, str(data)],
        f"calls, prompts, agents and costs into a ledger, {what}": everything,
    }
    theirs = ccusage()
    environment = {"CLAUDE_CONFIG_DIR": str(projects.parent), "HOME": str(projects.parent / "home")}
    taken: dict[str, list[Taken]] = {name: [] for name in ours}
    theirs_taken: list[Taken] = []
    for _ in range(ROUNDS):
        for name, command in ours.items():
            taken[name].append(whole_process.run(command))
        if theirs:
            theirs_taken.append(whole_process.run([theirs, "daily", "--offline", "--json"], environment))
    if not theirs:
        sys.stderr.write(LEFT_OUT)
    limit = min((each.seconds for each in theirs_taken), default=None)
    for name, each in taken.items():
        yield from _of_process(name, each, limit)


def _of_process(name: str, taken: list[Taken], limit: float | None) -> Iterator[Figure]:
    best, peak = min(each.seconds for each in taken), max(each.peak_bytes for each in taken)
    yield Figure(name, best, "s", limit, MAX_RATIO if limit else None, "ccusage")
    yield Figure("  the peak memory of its larger process", peak / MEGABYTE, "MB", most=100)


def _warm(name: str, projects: Path, data: Path) -> Figure:
    with open_ledger(data, LABELS) as ledger:
        meter = Meter([], ledger, transcript_roots=[str(projects)])
        meter.catch_up()
        walks = [seconds(meter.catch_up) for _ in range(WALKS)]
    return Figure(name, statistics.median(walks) * 1e3, "ms", most=50)


def _append(transcript: Path, number: int) -> None:
    """Append a message to the transcript of a session."""
    now = datetime.now(UTC).isoformat()
    with transcript.open("a") as lines:
        lines.write(assistant_line(number, sessionId=transcript.stem, timestamp=now))


def ccusage() -> str | None:
    """The ccusage that is named: the program itself where that is the script which npm puts before it."""
    named = os.environ.get("HOOKMETER_TEST_CCUSAGE")
    found = shutil.which(named) if named else None
    if found is None:
        return None
    modules = Path(found).resolve().parents[2]
    return str(next(iter(modules.glob(NATIVE)), found))
