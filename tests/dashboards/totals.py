"""What boards say of a span of time, beside what happened in it; and agents for something to happen."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random

from dashboards import queries as q
from exporter.demo.directories import DemoDirectories
from exporter.demo.sessions import SyntheticSession
from exporter.model.clock import now_us
from tests.dashboards.committed import filled
from tests.e2e.processes import Running, hookmeter, query, wait_for
from tests.support.page import Samples, fetch, samples_of

# What a board asks, of which counter it is the growth, and by which labels.
Asked = tuple[str, str, tuple[str, ...]]
OF_EXPORTERS: tuple[Asked, ...] = (
    (q.CALLS_IN_RANGE, "claude_tool_calls_total", ()),
    (q.CALLS_BY_TOOL, "claude_tool_calls_total", ("tool",)),
    (q.WORST_ERRORS, "claude_tool_errors_total", ("tool", "category")),
    (q.COST_IN_RANGE, "claude_cost_usd_total", ()),
    (q.COST_BY_PROJECT, "claude_cost_usd_total", ("project",)),
    (q.COST_BY_MODEL, "claude_cost_usd_total", ("model",)),
    (q.COST_BY_AGENT, "claude_cost_usd_total", ("agent",)),
    (q.REQUESTS, "claude_api_requests_total", ()),
    (q.SESSIONS_BY_PROJECT, "claude_sessions_started_total", ("project",)),
    (q.PROMPTS, "claude_prompts_total", ()),
)
OF_SERVERS: tuple[Asked, ...] = (
    (q.FINISHED_BY_WORKFLOW, "claude_tasks_finished_total", ("workflow",)),
    (q.TASK_RETRIES, "claude_task_retries_total", ()),
    (q.TASK_COST_BY_WORKFLOW, "claude_task_cost_usd_total", ("workflow",)),
)
Growth = dict[tuple[tuple[str, str], ...], float]
BEFORE_IT_ALL_SECONDS = 60
CALLS = 60  # of a session


@dataclass(slots=True)
class Agents:
    """People's agents at work, whose logs an exporter reads."""

    directories: DemoDirectories
    rng: Random = field(default_factory=lambda: Random(7))
    calls: int = 0

    def exporter(self, listen: str = "127.0.0.1:0") -> AbstractContextManager[Running]:
        """An exporter that has read all that there is."""
        paths = ("--sessions-dir", self.directories.sessions, "--transcripts-dir", self.directories.transcripts)
        return hookmeter(*paths, "--data-dir", self.directories.data, listen=listen)

    def work(self, project: str) -> None:
        """A session of many calls, all at this moment."""
        self.calls += CALLS
        session = SyntheticSession(self.directories, project, self.rng)
        session.start(now_us())
        for _ in range(CALLS):
            call = session.generate_call()
            session.start_call(call, now_us())
            session.finish_call(call, now_us(), call.milliseconds)
        session.end(now_us())

    def page(self, address: str) -> Samples:
        """What an exporter says once it has read all of that; each call was asked for by a message of the API."""
        return wait_for(lambda: self._whole(samples_of(fetch(f"http://{address}/metrics"))), "all work to be counted")

    def _whole(self, page: Samples) -> Samples | None:
        counted = Counter[str]()
        for (name, _), value in page.items():
            counted[name] += int(value)
        told = (counted["claude_tool_calls_total"], counted["claude_api_requests_total"])
        return page if told == (self.calls, self.calls) else None


def told(server: str, asked: tuple[Asked, ...], since: float | None = None) -> list[Growth]:
    """What the boards say of all since a moment, or since before there was a Prometheus."""
    now = time.time()
    seconds = now - since if since else BEFORE_IT_ALL_SECONDS
    answers = [query(server, filled(expr, f"{round(1000 * seconds)}ms"), now) for expr, _, _ in asked]
    return [{labels: round(value, 6) for labels, value in found.items()} for found in answers]


def true(before: Samples, after: Samples, asked: tuple[Asked, ...]) -> list[Growth]:
    """What they should say."""
    return [growth(before, after, counter, labels) for _, counter, labels in asked]


def growth(before: Samples, after: Samples, counter: str, by: tuple[str, ...]) -> Growth:
    grown: Growth = defaultdict(float)
    for (name, labels), value in after.items():
        if name == counter:
            # Prometheus takes an empty label for none; the boards have a word for it.
            named = tuple((label, text or f"no {label}") for label, text in labels if label in by)
            grown[named] += value - before.get((name, labels), 0)
    return {labels: round(value, 6) for labels, value in grown.items() if value}
