"""The meter on damaged logs and logs of other recorders: a fault costs its own line alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.counting.catalog import (
    COMPACTIONS,
    LINES,
    PERMISSION_REQUESTS,
    PROMPTS,
    SESSION_DURATION,
    SESSIONS_STARTED,
    SUBAGENTS_STARTED,
    TOOL_CALL_DURATION,
    TOOL_CALLS,
    Counter,
)
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.support.synthetic_logs import SECOND_US, append, iso, now_us

SESSION = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"
START_US = now_us() - 600 * SECOND_US
EVENT_COUNTERS = (SESSIONS_STARTED, PROMPTS, SUBAGENTS_STARTED, COMPACTIONS, PERMISSION_REQUESTS)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    directory = tmp_path / "sessions" / SESSION
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def meter(tmp_path: Path) -> Iterator[Meter]:
    with open_ledger(tmp_path / "data", 200) as ledger:
        yield Meter([str(tmp_path / "sessions")], ledger)


def counted(meter: Meter, counter: Counter, *labels: str) -> int:
    """The sum of a counter over all series with these label values."""
    meter.catch_up()
    counters = meter.ledger.state.totals.counters.items()
    return sum(value for (name, own), value in counters if name == counter.name and {*labels} <= {*own})


def end(number: int, **fields: object) -> str:
    """The end of a call without a call id or a time."""
    record = {"session_id": SESSION, "cwd": "/home/dev/shop", "hook_event_name": "PostToolUse", "tool_name": "Read"}
    return json.dumps({**record, "tool_input": {"file_path": f"{number}.py"}, **fields})


def prompt(number: int) -> str:
    return json.dumps(
        {
            "logged_at": iso(START_US + number * SECOND_US),
            "session_id": SESSION,
            "hook_event_name": "UserPromptSubmit",
        }
    )


def array(*elements: str, last: str = "\n]\n") -> str:
    return "[\n" + ",\n".join(elements) + last


@pytest.mark.parametrize(
    ("text", "calls", "malformed"),
    [
        (array(end(0), end(1), last=",\n]"), 2, 1),
        (array(end(0), end(1), last="\n"), 2, 0),
        (array(end(0), end(1), end(2)[:50], last=""), 2, 0),
        (array(end(0), end(1)[:-1] + "x}", end(2)), 2, 1),
        (array(end(0), "<<<<<<< HEAD\n" + end(1), "=======\n" + end(2) + "\n>>>>>>> feature"), 3, 3),
    ],
)
def test_a_fault_in_an_array_costs_its_own_record(
    meter: Meter, logs: Path, text: str, calls: int, malformed: int
) -> None:
    (logs / "post_tool_use.json").write_text(text)
    assert counted(meter, TOOL_CALLS, "success") == calls
    assert counted(meter, LINES, "malformed") == malformed


def test_a_record_that_was_cut_off_counts_once_it_is_completed(meter: Meter, logs: Path) -> None:
    log = logs / "post_tool_use.json"
    log.write_text(array(end(0), end(1)[:50], last=""))
    assert counted(meter, TOOL_CALLS) == 1
    log.write_text(array(end(0), end(1)))
    assert counted(meter, TOOL_CALLS) == 2
    assert counted(meter, LINES, "malformed") == 0


def test_an_array_counts_the_same_whenever_it_is_read_while_its_writer_rewrites_it(meter: Meter, logs: Path) -> None:
    log = logs / "post_tool_use.json"
    for number in range(3):
        text = array(*map(end, range(number + 1)))
        for length in range(0, len(text), 40):
            log.write_text(text[:length])
            assert number <= counted(meter, TOOL_CALLS) <= number + 1
        log.write_text(text)
        assert counted(meter, TOOL_CALLS) == number + 1
    assert counted(meter, LINES, "malformed") == 0


def test_arrays_that_come_to_lie_in_each_other_s_inodes_count_once(meter: Meter, logs: Path) -> None:
    starts, ends = logs / "pre_tool_use.json", logs / "post_tool_use.json"

    def write(calls: int) -> None:
        starts.write_text(array(*(end(number, hook_event_name="PreToolUse") for number in range(calls))))
        ends.write_text(array(*(end(number, tool_response={}) for number in range(calls))))

    write(4)
    assert counted(meter, TOOL_CALLS) == 4
    starts.rename(logs / "other")
    ends.rename(starts)
    (logs / "other").rename(ends)
    write(5)
    assert counted(meter, TOOL_CALLS, "success") == counted(meter, TOOL_CALLS) == 5


@pytest.mark.parametrize(
    "first", ["[2026-11-28 20:00:00] logging started", "[]", "[1, 2]", "[x", '[{"hook_event_name": "Us', '[{"a": [1']
)
def test_a_first_line_that_starts_with_a_bracket_is_malformed_and_the_others_count(
    meter: Meter, logs: Path, first: str
) -> None:
    (logs / "events.jsonl").write_text("\n".join([first, *map(prompt, range(7))]) + "\n")
    assert counted(meter, PROMPTS) == 7
    assert counted(meter, LINES, "events", "malformed") == 1
    assert counted(meter, LINES, "events", "counted") == 7


def test_a_whole_line_that_was_written_after_a_torn_one_and_once_more_is_one_event_and_a_duplicate(
    meter: Meter, logs: Path
) -> None:
    (logs / "events.jsonl").write_text(f"{prompt(0)[:70]}{prompt(1)}\n{prompt(1)}\n")
    assert counted(meter, PROMPTS) == 1
    results = {result: counted(meter, LINES, "events", result) for result in ("counted", "malformed", "duplicate")}
    assert results == {"counted": 1, "malformed": 1, "duplicate": 1}


def test_lines_without_a_newline_between_them_count_the_same_whether_they_are_read_together_or_not(
    meter: Meter, logs: Path, tmp_path: Path
) -> None:
    log = logs / "events.jsonl"
    log.write_text(prompt(0))
    assert counted(meter, PROMPTS) == 1
    log.write_text(prompt(0) + prompt(1))
    assert counted(meter, PROMPTS) == 2
    with open_ledger(tmp_path / "other", 200) as ledger:
        other = Meter(meter.roots, ledger)
        assert (counted(other, PROMPTS), counted(other, LINES, "malformed")) == (0, 0)
        log.write_text(log.read_text() + "\n")
        assert (counted(other, PROMPTS), counted(other, LINES, "malformed")) == (2, 0)


@pytest.mark.parametrize("is_array", [False, True])
def test_records_that_name_no_event_have_that_of_their_file(meter: Meter, logs: Path, is_array: bool) -> None:
    files = {
        "session_start": {"source": "startup"}, "user_prompt_submit": {"prompt": "hi"}, "stop": {},
        "subagent_start": {"agent_id": "a", "agent_type": "Explore"}, "pre_compact": {"trigger": "auto"},
        "permission_request": {"tool_name": "Bash"}, "notification": {"message": "x"}, "session_end": {},
    }  # fmt: skip
    for second, (name, fields) in enumerate(files.items()):
        text = json.dumps({"session_id": SESSION, "timestamp": iso(START_US + second * SECOND_US), **fields})
        (logs / f"{name}.json").write_text(array(text) if is_array else text + "\n")
    found = {counter.name: counted(meter, counter) for counter in EVENT_COUNTERS}
    assert found == dict.fromkeys(found, 1)
    assert counted(meter, LINES, "counted") == len(files)
    assert meter.ledger.state.totals.distributions[SESSION_DURATION.name, ()].sum == 7 * SECOND_US


def test_absurd_durations_cost_themselves_alone(meter: Meter, logs: Path) -> None:
    absurd = (999_999_999_999, 31 * 86_400_000 + 1, 1e300, 10**30, -1)
    lines = [end(number, tool_use_id=f"t{number}", duration_ms=value) for number, value in enumerate(absurd)]
    (logs / "post_tool_use.jsonl").write_text("\n".join([*lines, end(9, duration_ms=12)]) + "\n")
    assert counted(meter, TOOL_CALLS, "success") == len(absurd) + 1
    assert durations(meter) == [12_000, 1]


def test_a_call_whose_end_claims_an_absurd_duration_took_the_time_from_start_to_end(meter: Meter, logs: Path) -> None:
    times = {"PreToolUse": START_US, "PostToolUse": START_US + SECOND_US}
    for event, time_us in times.items():
        line = end(0, hook_event_name=event, tool_use_id="t", logged_at=iso(time_us), duration_ms=999_999_999_999)
        append(logs / f"{'pre' if event == 'PreToolUse' else 'post'}_tool_use.jsonl", line)
    assert counted(meter, TOOL_CALLS) == 1
    assert durations(meter) == [SECOND_US, 1]


def test_absurd_times_are_none_and_absurd_runs_are_not_observed(meter: Meter, logs: Path) -> None:
    runs = (
        ("1970-01-01T00:00:01Z", "5138-01-01T00:00:00Z"),  # as if they had no time
        ("2020-01-01T00:00:00Z", "2199-12-31T00:00:00Z"),  # longer than any run
        (iso(START_US), iso(START_US + SECOND_US)),
    )
    for number, (first, last) in enumerate(runs):
        for event, time in (("SessionStart", first), ("SessionEnd", last)):
            line = {"logged_at": time, "session_id": f"s{number}", "hook_event_name": event, "cwd": "/home/dev/shop"}
            append(logs / "events.jsonl", line)
    assert counted(meter, SESSIONS_STARTED) == len(runs)
    found = meter.ledger.state.totals.distributions[SESSION_DURATION.name, ()]
    assert (found.sum, sum(found.counts)) == (SECOND_US, 2)


@pytest.mark.parametrize("written", [START_US, now_us() + 10**16], ids=["long-ago", "in-the-future"])
def test_a_line_or_a_file_of_the_future_keeps_no_session_active(meter: Meter, logs: Path, written: int) -> None:
    for event in ("SessionStart", "UserPromptSubmit"):
        line = {"logged_at": "2099-01-01T00:00:00Z", "session_id": SESSION, "hook_event_name": event}
        path = append(logs / "events.jsonl", line)
    os.utime(path, ns=(written * 1000, written * 1000))
    assert counted(meter, PROMPTS) == 1
    (session,) = meter.recent_sessions()
    assert session.last_us == min(written, session.last_us)
    assert session.last_us <= now_us()


def durations(meter: Meter) -> list[int]:
    """The sum and the number of the durations of calls."""
    found = meter.ledger.state.totals.distributions[TOOL_CALL_DURATION.name, ("Read",)]
    return [found.sum, sum(found.counts)]


def malformed_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.getMessage().startswith("Malformed lines")]


def test_the_log_names_each_file_with_malformed_lines_once(
    tmp_path: Path, logs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    transcript = tmp_path / "projects" / "-home-dev-shop" / f"{SESSION}.jsonl"
    transcript.parent.mkdir(parents=True)
    with open_ledger(tmp_path / "data", 200) as ledger:
        meter = Meter([str(tmp_path / "sessions")], ledger, transcript_roots=[str(tmp_path / "projects")])
        for number in range(1, 4):
            for path in (logs / "post_tool_use.jsonl", transcript):
                with path.open("a") as file:
                    file.write('{"torn": \n{}\n')
            assert counted(meter, LINES, "malformed") == 2 * number
    assert malformed_in(caplog) == [
        f"Malformed lines in {path}; all other lines are counted."
        for path in (logs / "post_tool_use.jsonl", transcript)
    ]


def test_of_many_files_with_malformed_lines_the_log_names_some(
    meter: Meter, logs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(8):
        (logs.parent / f"s{number}").mkdir()
        (logs.parent / f"s{number}" / "pre_tool_use.jsonl").write_text("no JSON\n")
    assert counted(meter, LINES, "malformed") == 8
    (message,) = malformed_in(caplog)
    assert message.count("pre_tool_use.jsonl") == 5
    assert "pre_tool_use.jsonl and 3 other files;" in message
