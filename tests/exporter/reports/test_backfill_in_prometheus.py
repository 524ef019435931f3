"""The history in a real Prometheus, which continues it with scrapes."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter.counting.catalog import (
    CONTEXT_TOKENS,
    COST,
    SESSION_DURATION,
    SESSIONS_STARTED,
    TOKENS,
    TOOL_CALL_DURATION,
    TOOL_CALLS,
)
from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from exporter.reports.backfill import DAY_US
from tests.exporter.reports.histories import parsed, text_of
from tests.exporter.web.client import until
from tests.exporter.web.test_prometheus import free_port
from tests.support.hookmeter_process import Home
from tests.support.page import fetch
from tests.support.synthetic_logs import SECOND_US, call

SCRAPE = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: hookmeter
    static_configs: [{{targets: ["{target}"]}}]
"""


ODD = ('quo"te', "back\\slash", "new\nline", "tab\tand\rreturn", "naïve 😀", "{a=1}", "x" * 500, "\\n")


def test_promtool_accepts_any_label_value(home: Home, promtool: str, now: int) -> None:
    for tool in ODD:
        call(home.sessions, "s", now - DAY_US, tool=tool)
    assert home.run("backfill", "--job", 'a"b', "--instance", "c\\d").returncode == 0
    assert make_blocks(promtool, home.path) != []
    tools = {value for _, labels in parsed(text_of(home)) for name, value in labels if name == "tool"}
    assert len(tools) == len(ODD)


def make_blocks(promtool: str, directory: Path) -> list[Path]:
    result = subprocess.run(
        [promtool, "tsdb", "create-blocks-from", "openmetrics", directory / "history.om", directory / "tsdb"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    return sorted(directory.glob("tsdb/*/meta.json"))


def test_an_empty_history_is_reported_and_accepted_by_promtool(home: Home, promtool: str) -> None:
    result = home.run("backfill", "--sessions-dir", "missing")
    assert (result.returncode, result.stderr) == (0, "")
    assert "history.om is empty" in result.stdout
    assert text_of(home) == "# EOF\n"
    assert make_blocks(promtool, home.path) == []


def test_a_history_of_series_that_are_0_is_accepted_by_promtool(home: Home, promtool: str, now: int) -> None:
    call(home.sessions, "too new", now)
    assert home.run("backfill").returncode == 0
    assert {value for samples in parsed(text_of(home)).values() for _, value in samples} == {0}
    assert len(make_blocks(promtool, home.path)) == 1


@contextmanager
def running_prometheus(prometheus: str, directory: Path, target: str) -> Iterator[str]:
    """The address of a Prometheus with the blocks in a directory that also scrapes an exporter."""
    url = f"127.0.0.1:{free_port()}"
    (directory / "prometheus.yml").write_text(SCRAPE.format(target=target))
    command = [
        prometheus, f"--config.file={directory / 'prometheus.yml'}", f"--storage.tsdb.path={directory / 'tsdb'}",
        f"--web.listen-address={url}", "--web.console.templates=/n", "--web.console.libraries=/n",
    ]  # fmt: skip
    with (directory / "prometheus.log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            yield f"http://{url}"
        finally:
            process.terminate()


def answer(url: str, query: str) -> dict[tuple[str, ...], float]:
    """The result of an instant query by label values; empty while Prometheus does not answer."""
    try:
        reply = fetch(f"{url}/api/v1/query?{urllib.parse.urlencode({'query': query})}")
    except OSError:
        return {}
    return {
        tuple(value for _, value in sorted(found["metric"].items())): float(found["value"][1])
        for found in json.loads(reply)["data"]["result"]
    }


def counted_by_hand(root: Path) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
    """From the raw lines: calls by outcome, calls by tool, and milliseconds by tool."""
    outcomes, calls, milliseconds = Counter[tuple[str, ...]](), Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for path in root.glob("*/post_tool_use.jsonl"):
        for line in map(json.loads, path.read_text().splitlines()):
            failed = line["hook_event_name"] == "PostToolUseFailure"
            outcomes[("interrupted" if line.get("is_interrupt") else "error",) if failed else ("success",)] += 1
            calls[line["tool_name"],] += 1
            milliseconds[line["tool_name"],] += line["duration_ms"]
    return outcomes, calls, milliseconds


def test_a_real_prometheus_has_the_history_and_continues_with_scrapes(
    home: Home, promtool: str, prometheus: str, now: int
) -> None:
    for day in (1, 3, 6):
        write_history(DemoDirectories(home.sessions, home.path / ".claude" / "projects"), now - day * DAY_US, seed=day)
    outcomes, calls, milliseconds = counted_by_hand(home.sessions)
    assert outcomes.total() > 2000
    with home.exporting() as exporter:
        assert home.run("backfill", "--metrics-listen", exporter.address).returncode == 0
        assert len(make_blocks(promtool, home.path)) > 10
        with running_prometheus(prometheus, home.path, exporter.address) as url:
            until(lambda: answer(url, "sum(claude_tool_calls_total)") != {})
            by_outcome = "sum by (outcome) (max_over_time(claude_tool_calls_total[9d] offset 3h))"
            found = answer(url, by_outcome)
            assert {key: value for key, value in found.items() if key in outcomes} == outcomes
            name = "claude_tool_call_duration_seconds"
            assert answer(url, f"sum by (tool) (max_over_time({name}_count[9d] offset 3h))") == calls
            sums = answer(url, f"sum by (tool) (max_over_time({name}_sum[9d] offset 3h))")
            assert {key: round(value * 1000) for key, value in sums.items()} == milliseconds
            halfway = now // SECOND_US - 2 * 86400
            before, after = (
                answer(url, f"sum(last_over_time(claude_tool_calls_total[9d] {at}))")[()]
                for at in (f"@ {halfway}", "offset 3h")
            )
            assert (
                after - before == sum(answer(url, "sum(last_over_time(claude_tool_calls_total[9d]))").values()) - before
            )
            assert 0 < before < after
            # One series from the first block to the last scrape, without a second one and without a reset.
            for metric in (TOOL_CALLS, SESSIONS_STARTED, TOKENS, COST):
                now_there = answer(url, f"count({metric.name}_total)")
                assert answer(url, f"count(count_over_time({metric.name}_total[9d]))") == now_there
                assert answer(url, f"sum(resets({metric.name}_total[9d]))") == {(): 0}
                assert answer(url, f"sum({metric.name}_total)") == answer(
                    url, f"sum(max_over_time({metric.name}_total[9d] offset 3h))"
                )
            for histogram in (TOOL_CALL_DURATION, SESSION_DURATION, CONTEXT_TOKENS):
                there = answer(url, f"count({histogram.name}_bucket)")
                assert answer(url, f"count(count_over_time({histogram.name}_bucket[9d]))") == there
                assert answer(url, f"sum(resets({histogram.name}_bucket[9d]))") == {(): 0}
