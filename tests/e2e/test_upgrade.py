"""A real Prometheus while the exporter is upgraded, and learns of a month of work that was not counted before."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from pathlib import Path

from tests.dashboards.totals import OF_EXPORTERS, Increases, board_totals, increases, page_totals
from tests.e2e.processes import free_port, hookmeter, query, wait_for
from tests.e2e.processes import prometheus as run_prometheus
from tests.exporter.ledger.past_work import TODAY, Session, old_page, restore_ledger, write_past
from tests.support.page import fetch, samples_of

RULES = Path(__file__).parents[2] / "provisioning" / "prometheus" / "rules"
HOUR_SECONDS = 8  # the hours of the rules, so that the past of the test is longer than one
SECONDS = {"m": HOUR_SECONDS / 60, "h": HOUR_SECONDS, "d": 4 * HOUR_SECONDS}
DURATION = re.compile(r"\b(\d+)([mhd])\b")
CONFIG = """
global: {{scrape_interval: 200ms, evaluation_interval: 500ms}}
rule_files: ["{rules}/*.yml"]
scrape_configs: [{{job_name: hookmeter, static_configs: [{{targets: ["{target}"]}}]}}]
"""
ALERTS = 'ALERTS{alertname=~"Claude.+"}'
# The call that was running when the older version was stopped, which has not ended since.
EXPIRED = {(("agent", "main"), ("outcome", "unknown"), ("tool", "Bash")): 1}
MIN_ERRORS = 12  # of requests, for an alert


def test_work_that_an_older_version_did_not_count_is_no_growth_on_boards_and_in_alerts(
    tmp_path: Path, prometheus: str
) -> None:
    write_past(tmp_path)
    restore_ledger(tmp_path)
    write_fast_rules(tmp_path / "rules")
    port = free_port()
    config = CONFIG.format(rules=tmp_path / "rules", target=(address := f"127.0.0.1:{port}"))
    directories = [f"--sessions-dir={tmp_path}/sessions", f"--transcripts-dir={tmp_path}/projects"]
    with run_prometheus(prometheus, config, tmp_path / "prometheus") as server:
        with serving(old_page(), port):
            wait_for_scrapes(server, HOUR_SECONDS)
        with hookmeter(*directories, f"--data-dir={tmp_path}/data", listen=address):
            wait_for_scrapes(server, HOUR_SECONDS / 2)
            before, after = samples_of(old_page()), samples_of(fetch(f"http://{address}/metrics"))
            assert increases(before, after, "claude_tool_calls_total", ("tool", "agent", "outcome")) == EXPIRED
            assert without_zeros(board_totals(server, OF_EXPORTERS)) == page_totals(before, after, OF_EXPORTERS)
            counters = {name for name, _ in after if re.fullmatch("(claude|hookmeter)_.+_total", name)}
            assert {name for name in counters if query(server, f"sum(increase({name}[1m])) > 0")} == set()
            assert query(server, ALERTS) == {}
            session = Session(tmp_path, TODAY + 1, hooked=False)
            session.now = datetime.now(UTC)
            for _ in range(MIN_ERRORS):
                session.retry_request()
            wait_for(lambda: query(server, 'ALERTS{alertname="ClaudeApiErrorsHigh"}'), "an alert on new work")


@contextmanager
def serving(text: str, port: int) -> Iterator[None]:
    """An exporter whose page never changes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def write_fast_rules(directory: Path) -> None:
    """Write the provisioned rules with seconds in place of hours."""
    directory.mkdir()
    for path in RULES.glob("*.yml"):
        text = path.read_text().replace("interval: 1m", "interval: 500ms")
        (directory / path.name).write_text(DURATION.sub(_in_seconds, text))


def _in_seconds(duration: re.Match[str]) -> str:
    return f"{max(2, ceil(int(duration[1]) * SECONDS[duration[2]]))}s"


def wait_for_scrapes(server: str, seconds: float) -> None:
    """Wait until Prometheus has scraped for some seconds from now on."""
    until = time.time() + seconds
    wait_for(lambda: query(server, f"timestamp(up == 1) > {until}"), "Prometheus to scrape the page")


def without_zeros(found: list[Increases]) -> list[Increases]:
    return [{labels: value for labels, value in totals.items() if value} for totals in found]
