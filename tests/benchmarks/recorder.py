"""The cost of a hook: each recorder next to the simplest command that appends its input to a file."""

import os
import random
import shlex
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from exporter.hooks.recorders import Recorder, fastest, recorders
from tests.benchmarks.figures import Figure

BASELINE = "baseline"
SIZES = (700, 50_000)
LIMIT = 1.5
"""How many times the baseline the installed recorder may cost."""
TIMES = 3


def figures(size: float) -> Iterator[Figure]:
    """The smallest of several medians of each recorder, and that of the baseline."""
    runs = [measure(max(10, round(40 * size))) for _ in range(TIMES)]
    installed = fastest()
    for recorder in recorders():
        way = name(recorder)
        for payload_size in SIZES:
            median, limit = (min(run[case][payload_size] for run in runs) for case in (way, BASELINE))
            most = LIMIT if recorder == installed else None
            yield Figure(f"hook by the {way} recorder, {payload_size:,} B", median, "ms", limit, most, "cat >> file")


def measure(calls: int = 200) -> dict[str, dict[int, float]]:
    """Give the median milliseconds of one call, for each way to record and each size of payload.

    The ways take turns in a shuffled order, so that a busy moment favours none of them. Each call follows an uncounted
    one of the same way, so that none pays for the caches that another has emptied.
    """
    with tempfile.TemporaryDirectory() as directory:
        ways = commands(Path(directory))
        taken: dict[tuple[str, int], list[float]] = {case: [] for case in product(ways, SIZES)}
        for _ in range(calls):
            for way, size in random.sample(list(taken), len(taken)):
                milliseconds(ways[way], payload(size))
                taken[way, size].append(milliseconds(ways[way], payload(size)))
    return {way: {size: statistics.median(taken[way, size]) for size in SIZES} for way in ways}


def commands(directory: Path) -> dict[str, str]:
    """Give the shell command of each way, the baseline first."""
    baseline = {BASELINE: f"cat >> {shlex.quote(str(directory / 'baseline.jsonl'))}"}
    return baseline | {name(recorder): recorder.command(directory, "PreToolUse") for recorder in recorders()}


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
