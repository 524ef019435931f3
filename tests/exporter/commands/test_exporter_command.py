"""`hookmeter exporter` and `hookmeter run`: they start, print their address, serve, and stop on a signal."""

from __future__ import annotations

import signal
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.exporter.web.client import until
from tests.support.hookmeter_process import Exporter, Home, lines_until
from tests.support.page import fetch, sample, samples_of
from tests.support.synthetic_logs import SECOND_US, call, event, now_us

CALLS = sample("claude_tool_calls_total", tool="Bash", agent="main", outcome="success")


def has_counted(url: str, calls: int) -> bool:
    """Whether the page is there, and has these calls."""
    try:
        return samples_of(fetch(url))[CALLS] == calls
    except HTTPError:
        return False


def end(exporter: Exporter, number: signal.Signals = signal.SIGTERM) -> str:
    """Stop it, assert a clean exit, and return its standard error."""
    exporter.process.send_signal(number)
    _, errors = exporter.process.communicate(timeout=60)
    assert exporter.process.returncode == 0
    return errors


@pytest.mark.parametrize("command", ["exporter", "run"])
def test_it_prints_what_it_reads_and_where_it_serves(home: Home, command: str) -> None:
    call(home.sessions, "s", now_us())
    with home.exporting(command=command) as exporter:
        assert not exporter.url.endswith(":0")
        assert [line for line in exporter.output if line.startswith("  reading ")] == [f"  reading {home.sessions}"]
        page = samples_of(fetch(f"{exporter.url}/metrics"))
        assert page[CALLS] == 1
        assert fetch(f"{exporter.url}/-/ready")
        call(home.sessions, "s", now_us())
        until(lambda: samples_of(fetch(f"{exporter.url}/metrics"))[CALLS] == 2)  # as soon as the file watch reports it
        assert end(exporter) == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(home: Home, number: signal.Signals) -> None:
    with home.exporting() as exporter:
        assert end(exporter, number) == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("words", [("exporter",), ("run", "--demo")], ids=" ".join)
def test_a_signal_before_it_serves_stops_it_cleanly_too(
    home: Home, number: signal.Signals, words: tuple[str, ...]
) -> None:
    (home.path / "tmp").mkdir()
    with home.with_variables(TMPDIR=str(home.path / "tmp")).starting(
        *words, "--metrics-listen", "127.0.0.1:0"
    ) as process:
        list(lines_until(process.stdout, "hookmeter serves" if words == ("exporter",) else "This is a demo"))
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    assert list((home.path / "tmp").iterdir()) == []


def test_two_cannot_count_into_one_ledger(home: Home) -> None:
    with home.exporting() as exporter:
        assert f"Another hookmeter uses the ledger in {home.data}" in home.refused(
            "exporter", "--metrics-listen", "127.0.0.1:0"
        )
        end(exporter)
    with home.exporting() as exporter:  # its lock has been released
        end(exporter)


def test_a_restart_counts_nothing_twice(home: Home) -> None:
    call(home.sessions, "s", now_us())
    event(home.sessions, "s", "UserPromptSubmit", now_us() - SECOND_US)
    for _ in range(2):
        with home.exporting() as exporter:
            page = samples_of(fetch(f"{exporter.url}/metrics"))
            assert page[CALLS] == 1
            assert page[sample("claude_prompts_total")] == 1
            end(exporter)


def test_flags_reach_the_exporter(home: Home, tmp_path: Path) -> None:
    for tool in "abc":
        call(tmp_path / "mine", "s", now_us(), tool=tool)
    words = ("--sessions-dir", "mine", "--data-dir", "kept", "--label-values", "2")
    with home.exporting(*words) as exporter:
        page = samples_of(fetch(f"{exporter.url}/metrics"))
        assert page[sample("hookmeter_label_overflow_total", label="tool")] == 1
        end(exporter)
    assert (tmp_path / "kept" / "ledger.sqlite3").is_file()
    assert not home.data.exists()


def test_it_goes_on_when_the_reader_of_its_output_has_left(home: Home) -> None:
    for number in range(20_000):  # so that it serves before it has read all
        call(home.sessions, f"s{number % 100}", now_us())
    with home.starting("exporter", "--metrics-listen", "127.0.0.1:0") as process:
        assert process.stdout
        (first, *_) = lines_until(process.stdout, "  reading ")
        process.stdout.close()
        url = first.split()[-1]
        until(lambda: has_counted(url, 20_000))
        process.send_signal(signal.SIGTERM)
        assert process.stderr
        assert process.stderr.read() == ""
