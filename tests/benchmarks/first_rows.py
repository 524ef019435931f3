"""The page of a large session in Chromium: the time from a click on it to its first rows."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from exporter.hooks_reader import HooksReader
from tests.benchmarks.figures import Figure, temporary_directory
from tests.support.eventful_session import EVENTFUL, Writer
from tests.support.synthetic_logs import HOUR_US, now_us
from tests.ui.browser import UI, Page, chromium
from tests.ui.dashboard import open_dashboard
from tests.ui.site import Site, running_site

CALLS = 2_000
MAX_FIRST_ROWS_MS = 300
MAX_READINGS = 2  # so 300 ms
REPETITIONS = 5
LINK = ".sessions .rows a"
CLICK = """new Promise((done) => {
  const began = performance.now();
  const look = () => requestAnimationFrame(() =>
    document.querySelector(".call .name") ? done(performance.now() - began) : look());
  document.querySelector("%s").click();
  look();
})"""
TOOLS = (
    ("Bash", {"command": "make test && git diff --stat | head"}),
    ("Read", {"file_path": "/home/you/web shop/src/cart.py"}),
    (
        "Edit",
        {"file_path": "/home/you/web shop/src/cart.py", "old_string": "x = 1\n" * 40, "new_string": "x = 2\n" * 40},
    ),
)


def figures(size: float) -> Iterator[Figure]:
    """The first time, when the server has not read the session yet, and later; nothing without a browser."""
    browser = shutil.which("chromium")
    if browser is None or not (UI / "node_modules").is_dir():
        return
    with temporary_directory() as directory, running_site(directory) as site, chromium(browser) as found:
        _write_session(site, round(CALLS * size))
        page = open_dashboard(found, site)
        page.see(LINK)
        reading = _reading_ms(site)
        first = _first_rows_ms(page)
        yield Figure("first rows of a large session, not read before", first, "ms", reading, MAX_READINGS, "reading it")
        again = statistics.median(_first_rows_ms(page) for _ in range(REPETITIONS))
        yield Figure("first rows of a large session, once more", again, "ms", most=MAX_FIRST_ROWS_MS)


def _reading_ms(site: Site) -> float:
    """The time to read the session once, in the same conditions: 150 ms on a machine with nothing else to do."""
    exporter = site.settings.exporter
    reader = HooksReader(exporter.sessions_dirs[0], transcript_roots=exporter.transcript_roots)
    began = perf_counter()
    reader.get_session_calls(EVENTFUL)
    return (perf_counter() - began) * 1e3


def _first_rows_ms(page: Page) -> float:
    page.see(LINK)
    measured: float = page.evaluate(CLICK % LINK)
    page.see(".call.answer")
    page.call("goBack")
    return measured


def _write_session(site: Site, calls: int) -> None:
    exporter = site.settings.exporter
    writer = Writer(exporter.sessions_dirs[0], Path(exporter.transcript_roots[0]), now_us() - 3 * HOUR_US)
    writer.hook(0, "SessionStart", source="startup")
    for number in range(calls):
        if number % 50 == 0:
            writer.prompt(number * 5, "Go on with the next part of the work. " * 10)
        tool, given = TOOLS[number % len(TOOLS)]
        text = "Next I look at this file and run the tests." if number % 2 else ""
        writer.call(number * 5 + 2, 1.5, tool, given, text=text, response="output " * 300)
