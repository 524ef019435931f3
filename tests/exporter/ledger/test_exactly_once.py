"""Exactly once: whenever the exporter is killed, all totals are exact afterwards."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from exporter.ledger.file_names import FILE_NAME
from exporter.serving.run import exporter
from exporter.settings import Settings
from exporter.web.listen_address import ListenAddress
from tests.exporter.ledger.busy_agents import BusyAgents
from tests.exporter.ledger.busy_model import BusyModel
from tests.support.page import Samples, differences, fetch, samples_of

KILLS = 120
PATIENCE_SECONDS = 30
KILLS_WHEN_READY = 10  # the others are killed by time, which a slow machine may not be ready by
LABELS = ("tool", "agent", "outcome")
COUNTED = (
    "claude_api_errors", "claude_api_requests", "claude_compactions", "claude_cost_usd", "claude_permission_requests",
    "claude_prompts", "claude_sessions_started", "claude_subagents_started", "claude_tokens",
    "claude_tool_call_duration", "claude_tool_calls_total", "claude_tool_errors", "claude_unpriced_tokens",
    "hookmeter_bytes_read", "hookmeter_label_overflow", "hookmeter_lines",
)  # fmt: skip


def run_and_report(settings: Settings, parent: Connection) -> None:
    """Run an exporter, and send its port and later that it is ready to the parent process."""
    with exporter(settings) as (server, service):
        server.start_in_thread()
        parent.send(server.address.port)
        service.wait_until_ready()
        parent.send("ready")
        threading.Event().wait()


class Exporters:
    """Starts exporters as processes, forked from one with all imports, and kills them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])

    def run_and_kill(self, seconds: float) -> Samples | None:
        """The page of an exporter that is killed once it is ready; None if it is killed before, after some seconds."""
        here, there = self._context.Pipe()
        process = self._context.Process(target=run_and_report, args=(self._settings, there), daemon=True)
        process.start()
        there.close()
        try:
            port = here.recv()
            if not here.poll(seconds):
                return None
            assert here.recv() == "ready"
            return samples_of(fetch(f"http://127.0.0.1:{port}/metrics"))
        finally:
            process.kill()
            process.join()


class Writer:
    """Agents and a model that write in the background until they settle."""

    def __init__(self, agents: BusyAgents, model: BusyModel) -> None:
        self.agents = agents
        self.model = model
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def settle(self) -> None:
        """Stop writing, with all torn lines completed and all calls ended."""
        self._stopping.set()
        self._thread.join()
        self.agents.settle()
        self.model.settle()

    def expected(self) -> Samples:
        """All samples that the page must have."""
        expected = Counter(self.agents.expected())
        expected.update(self.model.expected())
        return dict(expected)

    def _work(self) -> None:
        while not self._stopping.wait(0.0005):
            self.agents.step()
            self.model.step()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    agents = BusyAgents(tmp_path / "sessions", seed=7, start=datetime.now(UTC) - timedelta(hours=2))
    writer = Writer(agents, BusyModel(tmp_path / "projects", seed=9))
    yield writer
    writer.settle()


def truncate_write_ahead_log(data: Path, rng: random.Random) -> None:
    """Lose the last transactions, as a power cut may do before the log is written to disk."""
    log = data / "ledger.sqlite3-wal"
    if log.exists():
        with log.open("r+b") as file:
            file.truncate(rng.randrange(log.stat().st_size + 1))


def test_all_totals_are_exact_after_kills_at_random_moments_and_lost_transactions(
    tmp_path: Path, writer: Writer
) -> None:
    settings = Settings(
        (tmp_path / "sessions",),
        tmp_path / "data",
        ListenAddress("127.0.0.1", 0),
        web_config=None,
        label_values=200,
        transcript_roots=(str(tmp_path / "projects"),),
    )
    exporters, rng = Exporters(settings), random.Random(11)
    pages: list[Samples] = [{}]
    for number in range(KILLS):
        early = rng.choice((0.0, rng.uniform(0, 0.03), rng.uniform(0, 0.2)))
        page = exporters.run_and_kill(early if number % (KILLS // KILLS_WHEN_READY) else PATIENCE_SECONDS)
        if page is not None:
            decreased = {key: value for key, value in pages[-1].items() if page.get(key, 0) < value}
            assert decreased == {}
            pages.append(counted(page))
        if rng.random() < 0.2:
            truncate_write_ahead_log(tmp_path / "data", rng)
    writer.settle()
    last = exporters.run_and_kill(PATIENCE_SECONDS)
    assert last is not None
    assert KILLS_WHEN_READY < len(pages) <= KILLS  # some were killed before they were ready
    assert differences(counted(last), writer.expected()) == {}
    assert remembered_calls(tmp_path / "data") == calls_of(last)


def remembered_calls(data: Path) -> Counter[tuple[str, ...]]:
    """The calls of all sessions that the ledger remembers, by tool, agent and outcome."""
    query = "SELECT tool, agent, outcome, sum(calls) FROM session_calls GROUP BY 1, 2, 3"
    with closing(sqlite3.connect(data / FILE_NAME)) as connection:
        return Counter({tuple(labels): calls for *labels, calls in connection.execute(query)})


def calls_of(page: Samples) -> Counter[tuple[str, ...]]:
    """The calls on a page, by tool, agent and outcome."""
    found = {labels: value for (name, labels), value in page.items() if name == "claude_tool_calls_total" and value}
    return Counter({tuple(dict(labels)[name] for name in LABELS): int(calls) for labels, calls in found.items()})


def counted(page: Samples) -> Samples:
    """The samples of counters and histograms, except those that are 0."""
    return {key: value for key, value in page.items() if value and key[0].startswith(COUNTED)}
