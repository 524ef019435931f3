"""The metrics page: complete, in both formats, and when a collector fails."""

from __future__ import annotations

import gzip
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric

from exporter.collectors import COLLECTORS
from exporter.collectors.build import VERSION
from exporter.counting.catalog import METRICS, Histogram
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.serving.pages import OPENMETRICS, TEXT, Pages
from exporter.sources.timestamps import to_us
from tests.exporter.ledger.busy_agents import BusyAgents
from tests.support.page import sample, samples_of
from tests.support.zones import zone

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"
# What differs between runs or machines.
CHANGING = re.compile(
    r"^(process_\w+ |hookmeter_collector_duration_seconds{.*} |hookmeter_ledger_\w+ ).*$"
    rf'|(?<=python=)"[^"]*"|(?<=platform=)"\w*"|{re.escape(VERSION)}',
    re.MULTILINE,
)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return to_us(self.now.isoformat()) or 0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(tmp_path: Path, clock: Clock) -> Iterator[Meter]:
    """A meter that has read the logs of simulated agents up to noon."""
    agents = BusyAgents(tmp_path / "sessions", seed=3, start=NOON - timedelta(minutes=4))
    while agents.now < NOON:
        agents.step()
    with open_ledger(tmp_path / "data", 200) as ledger:
        meter = Meter([str(tmp_path / "sessions")], ledger, clock)
        meter.catch_up()
        yield meter


@pytest.mark.parametrize(("form", "name"), [(TEXT, "metrics.txt"), (OPENMETRICS, "metrics.om")])
def test_the_whole_page_equals_the_golden_file(
    meter: Meter, form: object, name: str, request: pytest.FixtureRequest
) -> None:
    with zone("UTC"):
        text = Pages(meter).page(form).plain.decode()  # type: ignore[arg-type] # the parameter's type is lost on the way
    steady = CHANGING.sub(lambda match: (match[1] or "") + "…", text)
    if request.config.getoption("--update-golden"):
        (GOLDEN / name).write_text(steady)
    assert steady == (GOLDEN / name).read_text()


def test_promtool_accepts_the_page(meter: Meter, promtool: str) -> None:
    page = Pages(meter).page(TEXT).plain
    result = subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, timeout=60, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_the_gzipped_page_is_the_plain_page_in_a_single_member(meter: Meter) -> None:
    page = Pages(meter).page(OPENMETRICS)
    assert gzip.decompress(page.gzipped) == page.plain
    assert page.gzipped.count(b"\x1f\x8b\x08") == 1
    assert page.plain.endswith(b"# EOF\n")
    assert page.plain.count(b"# EOF") == 1


def test_exemplars_have_the_ids_of_sessions(meter: Meter, tmp_path: Path) -> None:
    text = Pages(meter).page(OPENMETRICS).plain.decode()
    exemplars = re.findall(r'_bucket{.*} \d+\.\d # {session_id="([^"]+)"}', text)
    assert exemplars
    assert {(tmp_path / "sessions" / session).is_dir() for session in exemplars} == {True}


def test_no_session_or_path_is_a_label(meter: Meter, tmp_path: Path) -> None:
    text = Pages(meter).page(TEXT).plain.decode()
    assert not [session for session in meter.ledger.state.sessions if session in text]
    assert str(tmp_path) not in text


def test_a_failing_collector_costs_its_own_metrics_only(meter: Meter, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_meter: Meter) -> Iterator[Metric]:
        raise ValueError("broken")

    collectors = [(name, broken if name == "sessions" else collect) for name, collect in COLLECTORS]
    page = samples_of(Pages(meter, collectors).page(TEXT).plain.decode())
    assert page[sample("hookmeter_collector_success", collector="sessions")] == 0
    assert page[sample("hookmeter_collector_success", collector="tools")] == 1
    assert sample("claude_sessions", status="active") not in page
    assert page[sample("hookmeter_open_calls")] >= 0
    assert "The collector sessions failed" in caplog.text


def test_the_page_is_cached_until_something_changes(meter: Meter, clock: Clock) -> None:
    calls = []

    def counting(_meter: Meter) -> Iterator[Metric]:
        calls.append(1)
        yield from ()

    pages = Pages(meter, [("counting", counting)])
    for _ in range(3):
        pages.page(TEXT)
    assert len(calls) == 1
    clock.now = NOON + timedelta(hours=2)  # by now, sessions have changed from active to completed
    pages.page(TEXT)
    assert len(calls) == 2
    clock.now = NOON  # the clock is set back
    pages.page(TEXT)
    assert len(calls) == 3


def test_sessions_are_active_then_completed_then_gone(meter: Meter, clock: Clock) -> None:
    def sessions() -> tuple[float, ...]:
        page = samples_of(Pages(meter).page(TEXT).plain.decode())
        return tuple(page[sample("claude_sessions", status=status)] for status in ("active", "idle", "completed"))

    total = len(meter.ledger.state.sessions)
    assert sessions() == (total, 0, 0)
    meter.ledger.state.open_tools.clear()
    for session in meter.ledger.state.sessions.values():
        session.open_calls = session.running_agents = 0
    clock.now = NOON + timedelta(minutes=30)
    assert sessions() == (0, total, 0)
    clock.now = NOON + timedelta(hours=2)
    assert sessions() == (0, 0, total)
    clock.now = NOON + timedelta(hours=25)
    assert sessions() == (0, 0, 0)


def test_every_metric_of_the_catalog_is_on_the_page(meter: Meter) -> None:
    text = Pages(meter).page(TEXT).plain.decode()
    for metric in METRICS.values():
        name = metric.name if isinstance(metric, Histogram) else f"{metric.name}_total"
        assert f"# TYPE {name} " in text
        assert metric.help.endswith(".")
