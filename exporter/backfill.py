"""History for a Prometheus that was not there: the logs as OpenMetrics with time stamps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from exporter.catalog import BYTES_READ, HISTOGRAMS, LABEL_OVERFLOW, LINES, METRICS, Counter, Histogram
from exporter.counting import Counted, SessionCount
from exporter.sessions import WINDOW_US, Session
from exporter.sources.folder_reader import TimedRecord, read_folder
from exporter.sources.lines import Position
from exporter.sources.log_folders import log_files
from exporter.sources.pairing import Pairing
from exporter.totals import Distribution, Increments, Key, Totals

STEP_US = 60 * 1_000_000
# What a live exporter says of itself is no history of the sessions.
LEFT_OUT = frozenset({LINES.name, BYTES_READ.name, LABEL_OVERFLOW.name})


@dataclass(slots=True)
class History:
    """What was counted in each step of time (by the step's end), over all folders read."""

    label_limit: int
    steps: dict[int, Increments] = field(default_factory=lambda: defaultdict(Increments))
    undated: int = 0
    _sessions: dict[str, SessionCount] = field(default_factory=dict)

    def read(self, folder: str) -> None:
        """Add a folder of logs. Raises OSError where it cannot be read."""
        waiting = dict.fromkeys(log_files(folder), Position())
        while waiting:
            read = read_folder(waiting, folder.rpartition("/")[2])
            for timed in read.records:
                self._take(timed)
            waiting = dict(read.positions) if read.more else {}

    def finish(self, until_us: int) -> None:
        """End what was never ended, as the exporter would have: calls and sessions, after 24 hours of silence."""
        for count in self._sessions.values():
            session = count.session
            for key, call in list(count.pairing.open.items()):
                expired_us = (session.last_us if call.started_us is None else call.started_us) + WINDOW_US
                if expired_us <= until_us:
                    count.pairing.expire({key})
                    self._add(count, Counted(), expired_us)
            silent_us = session.last_us + WINDOW_US
            if session.run_started_us and silent_us <= until_us:
                counted = Counted()
                counted.end_silent_run(session)
                self._add(count, counted, silent_us)

    def samples(self, until_us: int) -> dict[Key, list[tuple[int, int | Distribution]]]:
        """Each series' values: at every step that changed it, and at the step before, so that its rise has a start."""
        totals, series = Totals(), defaultdict[Key, list[tuple[int, int | Distribution]]](list)
        for step in sorted(step for step in self.steps if step <= until_us):
            increments = totals.bounded(self.steps[step], self.label_limit)
            for key, times in increments.counters.items():
                if key[0] not in LEFT_OUT and times:
                    before = totals.counters.get(key, 0)
                    totals.counters[key] = before + times
                    _append(series[key], step, before, before + times)
            for key, added in increments.distributions.items():
                earlier = totals.distributions.get(key) or Distribution([0] * len(added.counts))
                totals.distributions[key] = _sum(earlier, added)
                _append(series[key], step, earlier, totals.distributions[key])
        return series

    def _take(self, timed: TimedRecord) -> None:
        record = timed.record
        if record.session not in self._sessions:
            self._sessions[record.session] = SessionCount(Session(record.session), Pairing(), is_new=True)
        count, counted = self._sessions[record.session], Counted()
        counted.take(count, [timed])
        if record.time_us is None:
            self.undated += 1
        self._add(count, counted, timed.seen_us if record.time_us is None else record.time_us)

    def _add(self, count: SessionCount, counted: Counted, time_us: int) -> None:
        counted.finish(count)
        step = self.steps[-(-time_us // STEP_US) * STEP_US]
        step.counters.update(counted.increments.counters)
        for key, distribution in counted.increments.distributions.items():
            known = step.distributions.get(key)
            step.distributions[key] = _sum(known, distribution) if known else distribution


def openmetrics(
    history: History, until_us: int, labels: Mapping[str, str], progress: Callable[[], None] = lambda: None
) -> Iterator[str]:
    """The history as OpenMetrics text, a line at a time, for `promtool tsdb create-blocks-from openmetrics`."""
    series = history.samples(until_us)
    fixed = [f'{name}="{_escaped(value)}"' for name, value in labels.items()]
    for name, metric in METRICS.items():
        keys = sorted(key for key in series if key[0] == name)
        if not keys:
            continue
        yield f"# HELP {name} {_escaped(metric.help)}\n"
        yield f"# TYPE {name} {'histogram' if metric in HISTOGRAMS else 'counter'}\n"
        for key in keys:
            own = [f'{label}="{_escaped(value)}"' for label, value in zip(metric.labels, key[1], strict=True)]
            yield from _series_lines(metric, series[key], own + fixed)
            progress()
    yield "# EOF\n"


def _series_lines(
    metric: Counter | Histogram, samples: list[tuple[int, int | Distribution]], labels: list[str]
) -> Iterator[str]:
    if isinstance(metric, Counter):
        for time_us, value in samples:
            yield _line(f"{metric.name}_total", labels, value if isinstance(value, int) else 0, time_us)
        return
    bounds = [*(repr(bound / 1e6) for bound in metric.bounds_us), "+Inf"]
    for number, bound in enumerate(bounds):
        for time_us, value in samples:
            yield _line(
                f"{metric.name}_bucket", [*labels, f'le="{bound}"'], list(accumulate(_counts(value)))[number], time_us
            )
    for time_us, value in samples:
        yield _line(f"{metric.name}_count", labels, sum(_counts(value)), time_us)
    for time_us, value in samples:
        yield _line(f"{metric.name}_sum", labels, value.sum_us / 1e6 if isinstance(value, Distribution) else 0, time_us)


def _counts(value: int | Distribution) -> list[int]:
    return value.counts if isinstance(value, Distribution) else []


def _line(name: str, labels: Iterable[str], value: float, time_us: int) -> str:
    inner = ",".join(labels)
    return f"{name}{'{' + inner + '}' if inner else ''} {value} {time_us // 1_000_000}\n"


def _append(
    samples: list[tuple[int, int | Distribution]], step: int, before: int | Distribution, after: int | Distribution
) -> None:
    if not samples or samples[-1][0] < step - STEP_US:
        samples.append((step - STEP_US, before))
    samples.append((step, after))


def _sum(one: Distribution, other: Distribution) -> Distribution:
    total = Distribution(list(one.counts), one.sum_us)
    total.add(other)
    return total


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
