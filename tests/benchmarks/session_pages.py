"""Sessions as the API serves them: a page of calls next to decoding the session once, and a new line of a large one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import synthetic_logs
from tests.benchmarks.figures import Figure, temporary_directory

BASELINE = os.environ.get("HOOKMETER_BENCH_BASELINE")  # the checkout of another build, with its virtual environment
ROOT = Path(__file__).parents[2]
PAGED = 2_000, 4_200  # calls and characters a text: 19 MB
LARGE = 6_000, 3_700  # 50 MB
MAX_NEW_LINE_MS = 4
MIN_PAGE_SPEEDUP, MIN_LINE_SPEEDUP = 20, 100

# Run in a process of its own, so that another build can run it too: it prints milliseconds of processor time for the
# first page of 200 calls, for a later one, for decoding the files once, and for the list of sessions after a new line.
PROGRAM = """
import json, statistics, sys, time
from pathlib import Path

from exporter.hooks_reader import HooksReader

paged, large = map(Path, sys.argv[1:3])
reader, session = HooksReader(paged), next(paged.iterdir())


def page(cursor):
    if hasattr(reader, "get_session_calls"):
        from exporter.views.calls_page import calls_page
        _, *calls = reader.get_session_calls(session.name)  # in a newer build with the path of the project
        return calls_page(*calls, cursor, 200)
    return reader.get_session_details(session.name)["tools"][cursor:cursor + 200]


def decode():
    for log in session.iterdir():
        with log.open("rb") as lines:
            for line in lines:
                json.loads(line)


def milliseconds(work, *arguments):
    started = time.process_time()
    work(*arguments)
    return (time.process_time() - started) * 1e3


listing = HooksReader(large)
listing.get_all_sessions()
log = next(large.iterdir()) / "post_tool_use.jsonl"
line = log.read_text().splitlines()[-1]


def new_line(number):
    with log.open("a") as file:
        file.write(line.replace('"tool_use_id":"', f'"tool_use_id":"{number}') + chr(10))
    return milliseconds(listing.get_all_sessions)


first = milliseconds(page, 0)
later = statistics.median(milliseconds(page, 200 * number) for number in range(1, 6))
print(json.dumps([first, later, milliseconds(decode), statistics.median(map(new_line, range(9)))]))
"""


def figures(size: float) -> Iterator[Figure]:
    """Pages and new lines, next to their limits and, where a baseline is named, next to that build."""
    with temporary_directory() as directory:
        for name, (calls, characters) in (("paged", PAGED), ("large", LARGE)):
            texts = synthetic_logs.texts(characters // 2, characters)
            synthetic_logs.write_sessions(directory / name, synthetic_logs.recorder, texts, 1, round(calls * size))
        first, later, decoding, line = _measure(ROOT, sys.executable, directory)
        yield Figure("page of 200 calls, first of a session", first, "ms", decoding, None, "decoding it once")
        yield Figure("page of 200 calls, a later one", later, "ms", decoding, 1, "decoding it once")
        yield Figure("list of sessions after a new line of a large one", line, "ms", most=MAX_NEW_LINE_MS)
        if BASELINE:
            yield from _next_to_baseline(Path(BASELINE), directory, first, later, line)


def _next_to_baseline(baseline: Path, directory: Path, first: float, later: float, line: float) -> Iterator[Figure]:
    first_then, later_then, _, line_then = _measure(baseline, str(baseline / ".venv/bin/python"), directory)
    yield Figure("first page, next to the baseline", first, "ms", first_then, None, "baseline")
    yield Figure("later page, next to the baseline", later, "ms", later_then, 1 / MIN_PAGE_SPEEDUP, "baseline")
    yield Figure("new line, next to the baseline", line, "ms", line_then, 1 / MIN_LINE_SPEEDUP, "baseline")


def _measure(checkout: Path, python: str, directory: Path) -> tuple[float, float, float, float]:
    command = [python, "-P", "-c", PROGRAM, str(directory / "paged"), str(directory / "large")]
    result = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(checkout)}
    )
    first, later, decoding, line = map(float, result.stdout.strip(b"[]\n").split(b","))
    return first, later, decoding, line
