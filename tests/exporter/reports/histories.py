"""Histories as OpenMetrics, and the logs that they are of."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from exporter.counting.catalog import METRICS, Counter
from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from exporter.ingest.follow import session_groups
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.prices.table import load_prices
from exporter.reports.backfill import DAY_US, Changes, openmetrics
from exporter.reports.costs import Messages, transcript_directories
from exporter.reports.history import History
from exporter.sources.session_transcripts import transcript_paths
from tests.support.hookmeter_process import Home
from tests.support.page import Samples
from tests.support.synthetic_logs import HOUR_US, SECOND_US, append, call, event, iso
from tests.support.synthetic_transcripts import transcript_call, transcript_end, transcript_prompt

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


def increases(samples: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The samples that are larger than the ones before them."""
    return [sample for before, sample in pairwise(samples) if sample[1] > before[1]]


def text_of(home: Home) -> str:
    return (home.path / "history.om").read_bytes().decode()


def readable(_directory: str, error: OSError | None) -> None:
    assert error is None


def history_of(root: Path, until_us: int, limit: int = 200) -> dict[Series, list[tuple[int, float]]]:
    history = History(limit)
    for group in session_groups([str(root)], transcripts=transcript_paths([str(transcripts_of(root))], readable)):
        history.add_logs(group, readable)
    messages = Messages(load_prices())
    messages.read_projects(transcript_directories([str(transcripts_of(root))]), times=history.project_times())
    history.add_messages(messages.all())
    history.add_api_events(messages.api_events())
    history.finish(until_us, messages.labels)
    return parsed("".join(openmetrics(Changes.of(history.increments({}), until_us), {})))


def transcripts_of(root: Path) -> Path:
    return root.with_name("projects")


def final(series: dict[Series, list[tuple[int, float]]]) -> Samples:
    return {key: samples[-1][1] for key, samples in series.items()}


def live(root: Path, data: Path, clock_us: int, limit: int = 200) -> Samples:
    """The counts of an exporter that starts at this time, with the names of the series in a history."""
    with open_ledger(data, limit) as ledger:
        meter = Meter([str(root)], ledger, clock=lambda: clock_us, transcript_roots=[str(transcripts_of(root))])
        for _ in range(2):  # calls that were open for too long expire once they are in the ledger
            meter.catch_up()
        totals = ledger.state.totals
    samples: Samples = {}
    for (name, labels), value in totals.counters.items():
        if not name.startswith("hookmeter_"):
            counter = METRICS[name]
            assert isinstance(counter, Counter)
            samples[f"{name}_total", _labels(name, labels)] = value / counter.per
    for (name, labels), distribution in totals.distributions.items():
        samples[f"{name}_count", _labels(name, labels)] = sum(distribution.counts)
        histogram = METRICS[name]
        samples[f"{name}_sum", _labels(name, labels)] = distribution.sum / histogram.per
    return samples


def _labels(name: str, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(zip(METRICS[name].labels, map(str, values), strict=True)))


def synthetic_week(root: Path, now: int) -> Path:
    """Write a week of all kinds of sessions up to yesterday."""
    for day in range(1, 7):
        write_history(DemoDirectories(root, transcripts_of(root)), now - day * DAY_US, seed=day)
    call(root, "never ended", now - 3 * DAY_US, took_ms=None)
    event(root, "late project", "SessionStart", now - 3 * DAY_US)
    event(root, "late project", "UserPromptSubmit", now - 3 * DAY_US + SECOND_US, project_dir="/home/you/shop")
    append(root / "old" / "pre_tool_use.jsonl", {"timestamp": iso(now - 2 * DAY_US), "tool": "Bash", "parameters": {}})
    append(root / "old" / "post_tool_use.jsonl", {"timestamp": iso(now - 2 * DAY_US), "tool": "Bash", "error": "no"})
    event(root, "elsewhere", "PreToolUse", now - 2 * DAY_US, directory="old", tool_name="Edit", tool_use_id="e")
    write_transcripts(root, transcripts_of(root), now)
    return root


def write_transcripts(root: Path, projects: Path, now: int) -> None:
    """Write sessions that transcripts report alone, and one that they complete."""
    for session, days in (("bare", 3), ("bare and silent", 4)):
        at_us = now - days * DAY_US
        transcript_prompt(projects, session, at_us)
        transcript_call(projects, session, at_us + SECOND_US, took_ms=1500)
        transcript_call(projects, session, at_us + 3 * SECOND_US, tool="Read", agent_id="a1", error="Exit code 1")
        transcript_call(projects, session, at_us + 9 * SECOND_US, took_ms=None)
    transcript_end(projects, "bare")
    at_us = now - 2 * DAY_US
    event(root, "both", "UserPromptSubmit", at_us, project_dir="/home/dev/shop")
    transcript_prompt(projects, "both", at_us + 1000)
    transcript_call(projects, "both", at_us, call_id=call(root, "both", at_us))
    transcript_call(projects, "both", at_us + HOUR_US, call_id=call(root, "both", at_us + HOUR_US, took_ms=None))
    transcript_call(projects, "both", at_us + 2 * HOUR_US, tool="Edit")
