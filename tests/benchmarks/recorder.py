"""The cost of a hook: each recorder next to the simplest command that appends its input to a file."""

import os
import random
import shlex
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from exporter.hooks.compiled import compiled_recorder
from exporter.hooks.recorders import Recorder, recorders
from tests.benchmarks.figures import Figure

BASELINE = "baseline"
SIZES = (700, 50_000)
LIMITS = {700: 1.0, 50_000: 1.2}
"""How many times the baseline the installed recorder may cost, by size."""
TIMES = 3


def figures(size: float) -> Iterator[Figure]:
    """The smallest of several medians of each recorder, and that of the baseline."""
    with tempfile.TemporaryDirectory() as directory:
        yield from _figures(size, [*filter(None, [compiled_recorder(Path(directory))]), *recorders()])


def _figures(size: float, ways: Sequence[Recorder]) -> Iterator[Figure]:
    runs = [measure(ways, max(10, round(40 * size))) for _ in range(TIMES)]
    for recorder in ways:
        way = name(recorder)
        for payload_size in SIZES:
            median, limit = (min(run[case][payload_size] for run in runs) for case in (way, BASELINE))
            most = LIMITS[payload_size] if recorder == ways[0] else None
            yield Figure(f"hook by the {way} recorder, {payload_size:,} B", median, "ms", limit, most, "cat >> file")


def measure(recorders: Sequence[Recorder], calls: int = 200) -> dict[str, dict[int, float]]:
    """Give the median milliseconds of one call, for each way to record and each size of payload.

    The ways take turns in a shuffled order, so that a busy moment favours none of them. Each call follows an uncounted
    one of the same way, so that none pays for the caches that another has emptied.
    """
    with tempfile.TemporaryDirectory() as directory:
        ways = commands(recorders, Path(directory))
        taken: dict[tuple[str, int], list[float]] = {case: [] for case in product(ways, SIZES)}
        for _ in range(calls):
            for way, size in random.sample(list(taken), len(taken)):
                milliseconds(ways[way], payload(size))
                taken[way, size].append(milliseconds(ways[way], payload(size)))
    return {way: {size: statistics.median(taken[way, size]) for size in SIZES} for way in ways}


def commands(recorders: Sequence[Recorder], directory: Path) -> dict[str, str]:
    """Give the shell command of each way, the baseline first."""
    baseline = {BASELINE: f"cat >> {shlex.quote(str(directory / 'baseline.jsonl'))}"}
    return baseline | {name(recorder): recorder.command(directory, "PreToolUse") for recorder in recorders}


def name(recorder: Recorder) -> str:
    """Give the name of a way to record."""
    return recorder.script.suffix.removeprefix(".")


def payload(size: int) -> bytes:
    """Give a payload of so many bytes."""
    start, end = b'{"session_id":"benchmark","hook_event_name":"PreToolUse","tool_input":"', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


def milliseconds(command: str, stdin: bytes) -> float:
    """The time of one hook, run as Claude Code runs it."""
    environment = os.environ | {"TASK_ID": "benchmark", "CLAUDE_PROJECT_DIR": "/home/me/project"}
    start = time.perf_counter()
    subprocess.run(["/bin/sh", "-c", command], input=stdin, capture_output=True, check=True, env=environment)
    return (time.perf_counter() - start) * 1000
