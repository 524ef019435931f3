"""`make bench`: every speed with a target, measured together with its limit in one run, on synthetic data."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from tests.benchmarks import (
    cold_start,
    commands,
    first_rows,
    kept,
    recorder,
    refresh,
    scrape,
    search,
    server,
    session_list,
    session_pages,
    statusline,
    streams,
    transcripts,
)
from tests.benchmarks.figures import Figure, add, show, table

SUBJECTS: dict[str, Callable[[float], Iterator[Figure]]] = {
    "cold-start": cold_start.figures,
    "commands": commands.figures,
    "kept": kept.figures,
    "refresh": refresh.figures,
    "session-list": session_list.figures,
    "session-pages": session_pages.figures,
    "first-rows": first_rows.figures,
    "scrape": scrape.figures,
    "search": search.figures,
    "transcripts": transcripts.figures,
    "recorder": recorder.figures,
    "statusline": statusline.figures,
    "streams": streams.figures,
    "server": server.figures,
}


def main() -> None:
    """Measure the chosen subjects, and print them as a table."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    options.add_argument("subjects", nargs="*", metavar="subject", help=f"of {', '.join(SUBJECTS)}; all if none")
    options.add_argument("--size", type=float, default=1.0, help="scale the size of the synthetic data")
    options.add_argument("--growth", action="store_true", help="instead: memory where the logs grow ten-fold")
    chosen = options.parse_args()
    if unknown := set(chosen.subjects) - SUBJECTS.keys():
        options.error(f"no such subject: {', '.join(sorted(unknown))}")
    measured = [SUBJECTS[subject] for subject in chosen.subjects or SUBJECTS]
    shown = table(f"hookmeter, data of {chosen.size:g} x the usual size")
    for measure in [cold_start.growth] if chosen.growth else measured:
        for figure in measure(chosen.size):
            add(shown, figure)
    show(shown)


if __name__ == "__main__":
    main()
