"""Commands that people wait for: the list of all, the costs of a day, and the sessions, beside an exporter's ledger."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.benchmarks import synthetic_transcripts, whole_process
from tests.benchmarks.figures import Figure, settle, temporary_directory
from tests.support.hookmeter_process import HOOKMETER

LABELS = 200
ROUNDS = 15
MAX_HELP = 4  # times as long as Python takes to start
MAX_MS = {("cost", "--since", "24h"): 120, ("sessions",): 150}
NOTHING = (sys.executable, "-c", "pass")


def figures(size: float) -> Iterator[Figure]:
    """The best of several rounds, in which all take turns; the console script is run as in a terminal."""
    with temporary_directory() as directory:
        projects, data = directory / "projects", directory / "data"
        synthetic_transcripts.write_transcripts(projects, size)
        with open_ledger(data, LABELS) as ledger:
            Meter([], ledger, transcript_roots=[str(projects)]).catch_up()
        settle()
        megabytes = sum(path.stat().st_size for path in projects.rglob("*.jsonl")) / 1e6
        help_command = (str(HOOKMETER), "--help")
        own = {words: _with_places(words, projects, data) for words in MAX_MS}
        taken = _taken(directory, (NOTHING, help_command, *own.values()))
    yield Figure("hookmeter --help", taken[help_command], "ms", taken[NOTHING], MAX_HELP, "python -c pass")
    for words, command in own.items():
        what = f"hookmeter {' '.join(words)}, {megabytes:,.0f} MB of transcripts in the ledger"
        yield Figure(what, taken[command], "ms", most=MAX_MS[words])


def _with_places(words: tuple[str, ...], projects: Path, data: Path) -> tuple[str, ...]:
    sessions = data.with_name("sessions")
    places = ("--sessions-dir", str(sessions)) if words == ("sessions",) else ()
    return (str(HOOKMETER), *words, "--transcripts-dir", str(projects), "--data-dir", str(data), *places)


def _taken(home: Path, commands: tuple[tuple[str, ...], ...]) -> dict[tuple[str, ...], float]:
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    taken: dict[tuple[str, ...], list[float]] = {command: [] for command in commands}
    for _ in range(ROUNDS):
        for command in commands:
            taken[command].append(whole_process.run([*command], environment).seconds * 1e3)
    return {command: min(each) for command, each in taken.items()}
