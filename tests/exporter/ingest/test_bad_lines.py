"""Lines that cannot be counted, for whatever reason: they hold up no others, and nothing else is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from exporter.counting.catalog import API_REQUESTS, LINES, PROMPTS, TOKENS, TOOL_CALLS, TOOL_ERRORS, Counter
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.records import NOT_ITEMIZED
from exporter.prices.table import PriceTable, load_prices
from tests.support.synthetic_logs import SECOND_US, append, call, event, now_us
from tests.support.transcript_lines import SLUG, assistant_line, cost_state_line, usage, write

START_US = now_us() - 3_600 * SECOND_US
CALLS = 100
EXPENSIVE = "expensive"  # a model whose large messages cost more than 64 bits can hold


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


@pytest.fixture
def prices(tmp_path: Path) -> PriceTable:
    own = tmp_path / "prices.json"
    own.write_text('{"models": {"expensive": {"input": 0, "output": 1000000}}}')
    return load_prices(own)


@pytest.fixture
def meter(tmp_path: Path, logs: Path, prices: PriceTable) -> Iterator[Meter]:
    with open_ledger(tmp_path / "data", 200) as ledger:
        yield Meter([str(logs)], ledger, transcript_roots=[str(tmp_path / "projects")], prices=prices)


def counted(meter: Meter, counter: Counter, *labels: str) -> int:
    counters = meter.ledger.state.totals.counters.items()
    return sum(value for (name, own), value in counters if name == counter.name and {*labels} <= {*own})


def failing(function: Callable[..., Any], marker: str) -> Callable[..., Any]:
    """The function with a bug that a marker in its arguments shows."""

    def fails(*arguments: object, **named: object) -> object:
        if any(marker in str(argument) for argument in arguments):
            raise ZeroDivisionError("a bug")
        return function(*arguments, **named)

    return fails


@pytest.mark.parametrize("chunk_bytes", [1_000, 10_000, 1 << 20])
@pytest.mark.parametrize(
    "bug", ["exporter.sources.decoded_lines.read_record", "exporter.sources.call_hours.categorize"]
)
def test_hook_lines_that_run_into_a_bug_are_left_out_and_named(
    meter: Meter,
    logs: Path,
    bug: str,
    chunk_bytes: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for number in range(CALLS):
        text = "marker" if number in {17, 60, 61} else "boom"
        call(logs, f"s{number % 2}", START_US + number * SECOND_US, tool="Read", error=text)
        event(logs, f"s{number % 2}", "UserPromptSubmit", START_US + number * SECOND_US)
    for session in ("s0", "s1"):
        append(logs / session / "pre_tool_use.jsonl", "torn")  # so that no other path than the plain one reads it
    monkeypatch.setattr("exporter.sources.lines.SMALL_CHUNK_BYTES", chunk_bytes)
    monkeypatch.setattr(bug, failing(resolve_name(bug), "marker"))
    meter.catch_up()
    assert counted(meter, PROMPTS) == CALLS
    assert counted(meter, TOOL_CALLS, "error") == counted(meter, TOOL_ERRORS) == CALLS - 3
    assert counted(meter, LINES, "post_tool_use", "malformed") == 3
    assert counted(meter, LINES, "post_tool_use", "counted") == CALLS - 3
    assert sum(map(int, re.findall(r"(\d+) line\(s\) of", caplog.text))) == 3
    assert f"{logs}/s1/post_tool_use.jsonl cannot be counted (ZeroDivisionError: a bug)" in caplog.text
    event(logs, "s0", "UserPromptSubmit", START_US + CALLS * SECOND_US)
    meter.catch_up()
    assert counted(meter, PROMPTS) == CALLS + 1
    assert counted(meter, LINES, "post_tool_use", "malformed") == 3


def test_transcript_lines_whose_cost_the_ledger_cannot_store_are_left_out(
    meter: Meter, tmp_path: Path, prices: PriceTable, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [
        assistant_line(number, usage(output=90_000_000 if number in {3, 70} else 5), model=EXPENSIVE, second=number)
        for number in range(CALLS)
    ]
    write(tmp_path / "projects" / SLUG / "t.jsonl", *lines)
    for _ in range(2):
        meter.catch_up()
        assert counted(meter, API_REQUESTS, EXPENSIVE) == CALLS - 2
        assert counted(meter, LINES, "transcript", "malformed") == 2
        assert counted(meter, LINES, "transcript", "counted") == CALLS - 2
    assert caplog.text.count("2 line(s) of") == caplog.text.count("cannot be counted (OverflowError") == 1
    with open_ledger(tmp_path / "data" / "other", 200) as ledger:
        again = Meter(meter.roots, ledger, transcript_roots=[str(tmp_path / "projects")], prices=prices)
        again.catch_up()
        assert ledger.state.totals.counters == meter.ledger.state.totals.counters


def test_what_a_session_used_beyond_its_messages_holds_up_no_other_session(
    meter: Meter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number, (name, model) in enumerate((("t", EXPENSIVE), ("u", "claude-opus-4-6"))):
        line = cost_state_line(2_500, {model: usage(1, 10**10)}, session=name)
        write(tmp_path / "projects" / SLUG / f"{name}.jsonl", assistant_line(number, sessionId=name, model=model), line)
    for _ in range(2):
        meter.catch_up()
        assert counted(meter, TOKENS, NOT_ITEMIZED, "claude-opus-4-6", "output") == 10**10 - 50
        assert counted(meter, TOKENS, NOT_ITEMIZED, EXPENSIVE) == 0
    assert caplog.text.count("Session t cannot be counted to its end") == 1


def test_a_failure_that_leaving_lines_out_does_not_end_is_reported_and_loses_nothing(
    meter: Meter, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event(logs, "s", "UserPromptSubmit", START_US)
    with monkeypatch.context() as patched:
        patched.setattr("exporter.ledger.store.FileRow.of", failing(str, ""))
        with pytest.raises(ZeroDivisionError, match="a bug"):
            meter.catch_up()
    meter.catch_up()
    assert (counted(meter, PROMPTS), counted(meter, LINES, "malformed")) == (1, 0)
