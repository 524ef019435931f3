"""Histories as OpenMetrics, and the logs that they are of."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US

DAY_US = 24 * HOUR_US
LINE = re.compile(r"(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<value>\S+) (?P<second>\d+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

Series = tuple[str, tuple[tuple[str, str], ...]]


def parsed(text: str) -> dict[Series, list[tuple[int, float]]]:
    """Every series of a history with its samples, in the order of the file."""
    series: dict[Series, list[tuple[int, float]]] = defaultdict(list)
    *lines, end, nothing = text.split("\n")
    assert (end, nothing) == ("# EOF", "")
    for line in lines:
        if not line.startswith("# "):
            match = LINE.fullmatch(line)
            assert match, line
            labels = tuple(sorted(LABEL.findall(match["labels"] or "")))
            series[match["name"], labels].append((int(match["second"]), float(match["value"])))
    return series


def text_of(home: Home) -> str:
    return (home.path / "history.om").read_bytes().decode()
