"""The demo: every kind of call in a day of sessions, read without errors, and nothing left when it ends."""

from __future__ import annotations

import signal
import subprocess
import threading
from pathlib import Path

import pytest

from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history, write_live_session, write_past
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.clock import now_us
from exporter.model.records import Outcome
from exporter.model.sessions import SETTLE_US
from exporter.model.waiting import WaitReason
from tests.exporter.web.client import until
from tests.support.hookmeter_process import Exporter, Home
from tests.support.page import Samples, fetch, sample, samples_of

DAY_US = 24 * 3600 * 1_000_000


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "tmp").mkdir()
    return Home(tmp_path, {"TMPDIR": str(tmp_path / "tmp")})


def count(directories: DemoDirectories) -> dict[tuple[str, tuple[str, ...]], int]:
    """The counters of an exporter that has read the sample."""
    with open_ledger(directories.data, 200) as ledger:
        Meter([str(directories.sessions)], ledger, transcript_roots=[str(directories.transcripts)]).catch_up()
        return dict(ledger.state.totals.counters)


def summed(page: Samples, name: str, **labels: str) -> float:
    return sum(value for (found, of), value in page.items() if found == name and labels.items() <= dict(of).items())


def test_every_synthetic_line_is_read_and_every_outcome_occurs(tmp_path: Path) -> None:
    directories = DemoDirectories.under(tmp_path)
    write_history(directories, now_us())
    counters = count(directories)
    results = {labels[1] for (name, labels), times in counters.items() if name == "hookmeter_lines" and times}
    assert results <= {"counted", "ignored"}
    outcomes = {labels[2] for (name, labels) in counters if name == "claude_tool_calls"}
    assert outcomes == set(Outcome)
    costs = [labels for name, labels in counters if name == "claude_cost_usd"]
    assert {"main", "Explore", "general-purpose"} == {agent for _, agent, _ in costs}
    assert not [name for name, _ in counters if name == "claude_unpriced_tokens"]


def test_every_line_of_the_history_is_in_the_last_day(tmp_path: Path) -> None:
    now = now_us()
    for seed in range(1, 6):
        directories = DemoDirectories.under(tmp_path / str(seed))
        write_history(directories, now, seed=seed)
        with open_ledger(directories.data, 200) as ledger:
            meter = Meter([str(directories.sessions)], ledger, clock=lambda: now)
            meter.catch_up()
            sessions = meter.recent_sessions()
        assert len(sessions) == 40
        assert all(now - DAY_US < session.first_us <= session.last_us <= now for session in sessions)


def test_the_past_reaches_back_three_months_in_files_as_old_as_their_sessions(tmp_path: Path) -> None:
    directories, now = DemoDirectories.under(tmp_path), now_us()
    write_past(directories, now)
    days = [(now / 1e6 - path.stat().st_mtime) / 86_400 for path in directories.transcripts.glob("*/*.jsonl")]
    assert (len(days), len([one for one in days if one < 1.9])) == (234, 34)
    assert 1 < min(days) < 5
    assert 80 < max(days) < 90


def test_the_live_session_starts_at_once_and_stops_on_request(tmp_path: Path) -> None:
    stopping = threading.Event()
    writer = threading.Thread(target=write_live_session, args=(DemoDirectories.under(tmp_path), stopping))
    writer.start()
    until(lambda: any(tmp_path.glob("*/*/events.jsonl")))
    stopping.set()
    writer.join(10)
    assert not writer.is_alive()


def test_the_live_session_writes_calls_as_they_happen(tmp_path: Path) -> None:
    stopping = threading.Event()
    writer = threading.Thread(target=write_live_session, args=(DemoDirectories.under(tmp_path), stopping))
    writer.start()
    until(lambda: any(tmp_path.glob("*/*/pre_tool_use.jsonl")))
    stopping.set()
    writer.join(10)
    now = now_us()
    with open_ledger(tmp_path / "data", 200) as ledger:
        meter = Meter([str(tmp_path / "sessions")], ledger, lambda: now_us() + 2 * SETTLE_US)  # all ends are settled
        meter.catch_up()
        (session,) = meter.recent_sessions()
    assert session.last_us <= now
    assert session.calls + session.open_calls >= 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_serves_a_clean_page_and_leaves_nothing_behind(
    home: Home, promtool: str, number: signal.Signals
) -> None:
    with home.exporting("--demo", "--listen", "127.0.0.1:0", command="run") as exporter:
        _assert_clean_page(exporter, promtool)
        (directory,) = (home.path / "tmp").glob("hookmeter-demo-*")  # beside files that live for a moment
        assert f"  reading {directory / 'sessions'}" in exporter.output
        exporter.process.send_signal(number)
        _, errors = exporter.process.communicate(timeout=60)
    assert (exporter.process.returncode, errors) == (0, "")
    assert list((home.path / "tmp").iterdir()) == []
    assert [path.name for path in home.path.iterdir()] == ["tmp"]  # no data, no logs


def _assert_clean_page(exporter: Exporter, promtool: str) -> None:
    text = fetch(f"{exporter.url}/metrics")
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    page = samples_of(text)
    assert summed(page, "hookmeter_lines_total", result="malformed") == 0
    assert summed(page, "claude_tool_calls_total") > 500
    assert summed(page, "claude_sessions") >= 44  # and those of tasks that have started
    assert all(page[sample("claude_sessions_waiting", reason=reason)] >= 1 for reason in WaitReason)
    assert summed(page, "claude_cost_usd_total") > 1
    assert summed(page, "claude_rate_limit_used_ratio", window="five_hour") == 0.42
    assert summed(page, "claude_sessions", status="active") >= 1
