"""The promise itself: whatever kills the exporter whenever, every total equals the truth."""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from exporter.serving.run import exporter
from exporter.settings import Settings
from exporter.web.listen import ListenAddress
from tests.exporter.ledger.busy_agents import BusyAgents
from tests.exporter.ledger.busy_model import BusyModel
from tests.support.page import Samples, differences, fetch, samples_of

KILLS = 120
COUNTED = (
    "claude_api_requests", "claude_compactions", "claude_cost_usd", "claude_permission_requests", "claude_prompts",
    "claude_sessions_started", "claude_subagents_started", "claude_tokens", "claude_tool_call_duration",
    "claude_tool_calls_total", "claude_tool_errors", "claude_unpriced_tokens",
    "hookmeter_bytes_read", "hookmeter_label_overflow", "hookmeter_lines",
)  # fmt: skip


def run_and_report(settings: Settings, parent: Connection) -> None:
    """The exporter in a process of its own, which says its port, and later that it has caught up."""
    with exporter(settings) as (server, service):
        server.start_in_thread()
        parent.send(server.address.port)
        service.wait_until_ready()
        parent.send("ready")
        threading.Event().wait()


class Exporters:
    """Starts exporters as processes, forked from one that has everything imported, and kills them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])

    def run_and_kill(self, seconds: float) -> Samples | None:
        """The page of one that is killed -9 as soon as it has caught up and said it, or after so many seconds."""
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
    """Agents and a model that work in the background, until they are told to settle."""

    def __init__(self, agents: BusyAgents, model: BusyModel) -> None:
        self.agents = agents
        self.model = model
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def settle(self) -> None:
        """Stop, with every torn line completed and every call ended."""
        self._stopping.set()
        self._thread.join()
        self.agents.settle()
        self.model.settle()

    def expected(self) -> Samples:
        """What must be on the page."""
        return self.agents.expected() | self.model.expected()

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


def lose_the_last_transactions(data: Path, dice: random.Random) -> None:
    """What a power cut may do: the end of the write-ahead log never reached the disk."""
    log = data / "ledger.sqlite3-wal"
    if log.exists():
        with log.open("r+b") as file:
            file.truncate(dice.randrange(log.stat().st_size + 1))


def test_every_sample_is_true_after_kills_at_random_moments_and_lost_transactions(
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
    exporters, dice = Exporters(settings), random.Random(11)
    pages: list[Samples] = [{}]
    for _ in range(KILLS):
        page = exporters.run_and_kill(dice.choice((0.0, dice.uniform(0, 0.03), dice.uniform(0, 0.2))))
        if page is not None:
            went_back = {key: value for key, value in pages[-1].items() if page.get(key, 0) < value}
            assert went_back == {}
            pages.append(counted(page))
        if dice.random() < 0.2:
            lose_the_last_transactions(tmp_path / "data", dice)
    writer.settle()
    last = exporters.run_and_kill(30)
    assert last is not None
    assert 1 < len(pages) < KILLS  # some were killed before they had caught up, some after
    assert differences(counted(last), writer.expected()) == {}


def counted(page: Samples) -> Samples:
    """What must only ever grow, where it is more than zero."""
    return {key: value for key, value in page.items() if value and key[0].startswith(COUNTED)}
