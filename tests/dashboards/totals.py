"""The totals that boards show and the totals of metrics pages, and synthetic agents that produce them."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from dashboards import queries as q
from exporter.demo.directories import DemoDirectories
from exporter.demo.sessions import SyntheticSession
from exporter.model.clock import now_us
from exporter.model.sessions import SETTLE_US
from tests.dashboards.committed import filled
from tests.dashboards.grafana_gaps import gaps
from tests.e2e.processes import Running, hookmeter, query, wait_for
from tests.support.page import Samples, fetch, samples_of
from tests.support.transcript_lines import cost_state_line, usage, write

# An expression of a board, the counter whose increase it is, and the labels by which it sums.
Total = tuple[str, str, tuple[str, ...]]
OF_EXPORTERS: tuple[Total, ...] = (
    (q.CALLS_IN_RANGE, "claude_tool_calls_total", ()),
    (q.CALLS_BY_TOOL, "claude_tool_calls_total", ("tool",)),
    (q.TOP_ERRORS, "claude_tool_errors_total", ("tool", "category")),
    (q.COST_IN_RANGE, "claude_cost_usd_total", ()),
    (q.COST_BY_PROJECT, "claude_cost_usd_total", ("project",)),
    (q.COST_BY_MODEL, "claude_cost_usd_total", ("model",)),
    (q.COST_BY_AGENT, "claude_cost_usd_total", ("agent",)),
    (q.REQUESTS, "claude_api_requests_total", ()),
    (q.SESSIONS_BY_PROJECT, "claude_sessions_started_total", ("project",)),
    (q.PROMPTS, "claude_prompts_total", ()),
)
OF_SERVERS: tuple[Total, ...] = (
    (q.FINISHED_BY_WORKFLOW, "claude_tasks_finished_total", ("workflow",)),
    (q.TASK_RETRIES, "claude_task_retries_total", ()),
    (q.INCOMPLETE_TASK_COSTS, "claude_task_incomplete_costs_total", ()),
    (q.TASK_COST_BY_WORKFLOW, "claude_task_cost_usd_total", ("workflow",)),
)
Increases = dict[tuple[tuple[str, str], ...], float]
WHOLE_HISTORY_SECONDS = 60
CALLS = 60  # per session


@dataclass(slots=True)
class Agents:
    """Synthetic agents, whose logs an exporter reads."""

    directories: DemoDirectories
    rng: Random = field(default_factory=lambda: Random(7))
    calls: int = 0

    def exporter(self, listen: str = "127.0.0.1:0") -> AbstractContextManager[Running]:
        """An exporter that has read all logs."""
        paths = ("--sessions-dir", self.directories.sessions, "--transcripts-dir", self.directories.transcripts)
        return hookmeter(*paths, "--data-dir", self.directories.data, listen=listen)

    def work(self, project: str) -> None:
        """Write a session of many calls, all at a time at which each presumed end is settled at once."""
        self.calls += CALLS
        session, at_us = SyntheticSession(self.directories, project, self.rng), now_us() - 2 * SETTLE_US
        session.start(at_us)
        for _ in range(CALLS):
            call = session.generate_call()
            session.start_call(call, at_us)
            session.finish_call(call, at_us, call.milliseconds)
        session.end(at_us)

    def spend_unitemized(self, project: str) -> None:
        """Write a session that used more than its one message has: Claude Code reports that when it ends."""
        session, at_us = SyntheticSession(self.directories, project, self.rng), now_us() - 2 * SETTLE_US
        call = session.generate_call()
        session.start(at_us)
        session.start_call(call, at_us)
        session.finish_call(call, at_us, call.milliseconds)
        session.end(at_us)
        self.calls += 1
        used = {"claude-opus-4-6": usage(plain=300_000, output=20_000)}
        started = datetime.fromtimestamp(at_us / 1e6, UTC)
        (transcript,) = self.directories.transcripts.glob(f"*/{session.session_id}.jsonl")
        write(transcript, cost_state_line(1000, used, session=session.session_id, started=started))

    def page(self, address: str) -> Samples:
        """The metrics page of an exporter, once it has counted all calls and the API message that requested each."""
        return wait_for(
            lambda: self._if_complete(samples_of(fetch(f"http://{address}/metrics"))), "all work to be counted"
        )

    def _if_complete(self, page: Samples) -> Samples | None:
        counted = Counter[str]()
        for (name, _), value in page.items():
            counted[name] += int(value)
        totals = (counted["claude_tool_calls_total"], counted["claude_api_requests_total"])
        return page if totals == (self.calls, self.calls) else None


def board_totals(server: str, totals: tuple[Total, ...], since: float | None = None) -> list[Increases]:
    """The totals that boards show from a time on, or from before Prometheus was started."""
    now = time.time()
    span = f"{round(1000 * (now - since if since else WHOLE_HISTORY_SECONDS))}ms"
    variables = gaps(server, span, now)
    answers = [query(server, filled(expr, span, values=variables), now) for expr, _, _ in totals]
    return [{labels: round(value, 6) for labels, value in found.items()} for found in answers]


def page_totals(before: Samples, after: Samples, totals: tuple[Total, ...]) -> list[Increases]:
    """The totals by which two pages differ: those that the boards should show."""
    return [increases(before, after, counter, labels) for _, counter, labels in totals]


def increases(before: Samples, after: Samples, counter: str, by: tuple[str, ...]) -> Increases:
    found: Increases = defaultdict(float)
    for (name, labels), value in after.items():
        if name == counter:
            # Prometheus treats an empty label as a missing one; boards show a text instead.
            shown = tuple((label, text or f"no {label}") for label, text in labels if label in by)
            found[shown] += value - before.get((name, labels), 0)
    return {labels: round(value, 6) for labels, value in found.items() if value}
