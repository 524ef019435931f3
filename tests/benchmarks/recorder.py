"""What a hook costs the agent: each recorder beside the plainest command that appends its input to a file."""

import os
import random
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

from exporter.hooks.recorders import recorders

BASELINE = "baseline"
SIZES = (700, 50_000)
LIMIT = 1.5
"""How many times the baseline the installed recorder may cost."""


def measure(calls: int = 200) -> dict[str, dict[int, float]]:
    """Give the median milliseconds of one call, for each way to record and each size of payload.

    The ways take turns in a shuffled order, so that a busy moment favours none of them. Each call follows an uncounted
    one of the same way, so that none pays for the caches that another has emptied.
    """
    with tempfile.TemporaryDirectory() as folder:
        ways = commands(Path(folder))
        taken: dict[tuple[str, int], list[float]] = {case: [] for case in product(ways, SIZES)}
        for _ in range(calls):
            for way, size in random.sample(list(taken), len(taken)):
                milliseconds(ways[way], payload(size))
                taken[way, size].append(milliseconds(ways[way], payload(size)))
    return {way: {size: statistics.median(taken[way, size]) for size in SIZES} for way in ways}


def commands(folder: Path) -> dict[str, str]:
    """Give the shell command of each way, the baseline first."""
    baseline = {BASELINE: f"cat >> {shlex.quote(str(folder / 'baseline.jsonl'))}"}
    return baseline | {
        recorder.script.suffix.removeprefix("."): recorder.command(folder, "PreToolUse") for recorder in recorders()
    }


def payload(size: int) -> bytes:
    """Give a payload of so many bytes."""
    start, end = b'{"session_id":"benchmark","hook_event_name":"PreToolUse","tool_input":"', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


def milliseconds(command: str, stdin: bytes) -> float:
    """Run one hook as Claude Code does, and give the time that it took."""
    environment = os.environ | {"TASK_ID": "benchmark", "CLAUDE_PROJECT_DIR": "/home/me/project"}
    start = time.perf_counter()
    subprocess.run(["/bin/sh", "-c", command], input=stdin, capture_output=True, check=True, env=environment)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Print the medians and their ratios to the baseline."""
    medians = measure()
    for way, size in product(medians, SIZES):
        median, ratio = medians[way][size], medians[way][size] / medians[BASELINE][size]
        sys.stdout.write(f"{way:10} {size:6} B {median:7.2f} ms {ratio:6.2f} x\n")


if __name__ == "__main__":
    main()
