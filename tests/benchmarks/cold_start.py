"""Cold start: everything on disk is read, paired, counted and committed, from an empty ledger on."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import msgspec

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.benchmarks import synthetic_logs
from tests.benchmarks.figures import Figure, in_own_process, settle, temporary_directory

SESSIONS = 2_000
GROWTH = 10
ROUNDS = 3
AT_ONCE = 200
MEGABYTE = 1e6
TEXTS = {"older": (300, 900), "payloads": (1_000, 4_500)}
LAYOUTS = {"older": synthetic_logs.older_recorder, "payloads": synthetic_logs.recorder}
LABELS = 200
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Needed(msgspec.Struct, gc=False):
    """The fields of a line in either format that numbers are made of, without the texts that only errors need."""

    logged_at: datetime | None = None
    timestamp: datetime | None = None
    session_id: str = ""
    session_uuid: str = ""
    hook_event_name: str = ""
    tool_name: str = ""
    tool: str = ""
    tool_use_id: str = ""
    agent_id: str = ""
    agent_type: str = ""
    agent: str = ""
    project_dir: str = ""
    duration_ms: int | None = None
    has_error: bool | None = None
    error: str | None = None
    is_interrupt: bool | None = None
    status: str | None = None
    source: str | None = None
    reason: str | None = None


class NeededAndPreview(Needed, gc=False):
    """The same with the preview, in which older recorders left the reason of an error."""

    output_preview: str | None = None


class Cost(NamedTuple):
    """Seconds by the clock and of the processor."""

    wall: float
    cpu: float


class ColdStart(NamedTuple):
    """The cost of one cold start."""

    cost: Cost
    peak_bytes: int


def figures(size: float) -> Iterator[Figure]:
    """Speed and memory of both layouts."""
    for layout in LAYOUTS:
        with temporary_directory() as root:
            megabytes, lines = _make(root, layout, size)
            yield from _speed(f"cold start, {megabytes:,.0f} MB of {layout} lines", root, lines)


def growth(size: float) -> Iterator[Figure]:
    """Peak memory where the logs are ten times as many and as old."""
    for layout in LAYOUTS:
        peaks = []
        for factor in (1, GROWTH):
            with temporary_directory() as root:
                megabytes, lines = _make(root, layout, size * factor)
                started = cold_start(root)
                peaks.append(started.peak_bytes / MEGABYTE)
                name = f"{megabytes:,.0f} MB of {layout} lines"
                yield Figure(f"cold start, {name}", started.cost.wall / lines * 1e6, "µs/line")
                yield Figure(f"peak memory, {name}", peaks[-1], "MB", most=150)
        yield Figure(f"peak memory, {layout}, grown ten-fold", peaks[1], "MB", peaks[0], 1.25, "at first")


def cold_start(root: Path) -> ColdStart:
    """One, in a process of its own."""
    wall, cpu, peak = json.loads(in_own_process(__name__, str(root)))
    return ColdStart(Cost(wall, cpu), peak)


def _make(root: Path, layout: str, size: float) -> tuple[float, int]:
    """The megabytes and lines of synthetic logs."""
    lines = synthetic_logs.write_sessions(
        root, LAYOUTS[layout], synthetic_logs.texts(*TEXTS[layout]), round(SESSIONS * size)
    )
    settle()
    return sum(path.stat().st_size for path in root.rglob("*.jsonl")) / MEGABYTE, lines


def _speed(name: str, root: Path, lines: int) -> Iterator[Figure]:
    """The best of several rounds, in which the program and its limits take turns."""
    starts, bare, whole = [], [], []
    for _ in range(ROUNDS):
        starts.append(cold_start(root))
        whole.append(decoding(root, msgspec.json.Decoder(NeededAndPreview).decode))
        bare.append(decoding(root, msgspec.json.Decoder(Needed).decode))
    loads = decoding(root, json.loads, every=10)

    def figure(what: str, field: str, limits: list[Cost], limit: str, most: float | None = None) -> Figure:
        measured = min(getattr(start.cost, field) for start in starts) / lines * 1e6
        return Figure(
            f"{name}{what}", measured, "µs/line", min(getattr(cost, field) for cost in limits) * 1e6, most, limit
        )

    yield figure("", "wall", whole, "msgspec", 1.5)
    yield figure(", processor time", "cpu", whole, "msgspec")
    yield figure("", "wall", bare, "msgspec, no previews")
    yield figure("", "wall", [loads], "json.loads")
    yield Figure("  its peak memory", max(start.peak_bytes for start in starts) / MEGABYTE, "MB", most=150)


def decoding(root: Path, decode: Callable[[bytes], object], every: int = 1) -> Cost:
    """What it costs to decode a line that is in memory already, the mean over a sample of sessions, one in `every`."""
    wall = cpu = lines = 0.0
    directories = sorted(root.iterdir())[::every]
    for first in range(0, len(directories), AT_ONCE):
        held = [
            line
            for directory in directories[first : first + AT_ONCE]
            for path in directory.iterdir()
            for line in path.read_bytes().splitlines()
        ]
        began, began_cpu = perf_counter(), process_time()
        for line in held:
            decode(line)
        wall, cpu, lines = wall + perf_counter() - began, cpu + process_time() - began_cpu, lines + len(held)
    return Cost(wall / lines, cpu / lines)


def main(root: str) -> None:
    """Print the seconds, processor seconds and peak bytes of a cold start here, of both its processes together."""
    with tempfile.TemporaryDirectory() as data, open_ledger(Path(data), LABELS) as ledger:
        meter = Meter([root], ledger)
        began, began_cpu = perf_counter(), process_time()
        meter.catch_up()
        wall, cpu = perf_counter() - began, process_time() - began_cpu
    helper = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu += helper.ru_utime + helper.ru_stime
    sys.stdout.write(json.dumps((wall, cpu, peak_bytes() + helper.ru_maxrss * RSS_UNIT)))


def peak_bytes() -> int:
    """The most memory that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage, it does not count what the parent had when it started this process
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT


if __name__ == "__main__":
    main(sys.argv[1])
