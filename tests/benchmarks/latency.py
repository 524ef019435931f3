"""How soon a line is on the metrics page of a running exporter."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

from tests.benchmarks.figures import Figure
from tests.support.page import fetch, sample, samples_of

ROUNDS = 50
Key = tuple[str, tuple[tuple[str, str], ...]]


def figures(what: str, address: str, source: str, append: Callable[[int], None]) -> Iterator[Figure]:
    """The delays of lines of a source; `append` writes the one with a number."""
    url, counted = f"http://{address}/metrics", sample("hookmeter_lines_total", source=source, result="counted")
    delays = [_delay(url, counted, partial(append, number)) for number in range(ROUNDS)]
    yield Figure(f"{what} until it is on /metrics, p50", statistics.median(delays) * 1e3, "ms", most=100)
    yield Figure(f"{what} until it is on /metrics, the longest", max(delays) * 1e3, "ms", most=100)


def _delay(url: str, counted: Key, append: Callable[[], None]) -> float:
    """Seconds from one appended line until the page counts it."""
    before = samples_of(fetch(url))[counted]
    append()
    began = time.perf_counter()
    while samples_of(fetch(url))[counted] == before:
        pass
    return time.perf_counter() - began
