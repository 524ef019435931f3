"""The meter on transcripts that grow, fork, rotate, vanish and reappear: every message counts once."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.counting.catalog import (
    API_ERRORS,
    API_REQUESTS,
    API_RETRY_WAIT,
    BYTES_READ,
    CONTEXT_TOKENS,
    COST,
    LABEL_OVERFLOW,
    LINES,
    MODEL_FALLBACKS,
    TOKENS,
    Counter,
)
from exporter.ingest.meter import Meter
from exporter.ledger.file import FILE_NAME
from exporter.ledger.opening import open_ledger
from exporter.ledger.queries import INSERT_TRANSCRIPT_FOLDER
from exporter.model.bounds import MAX_INTEGER
from exporter.model.clock import EPOCH
from exporter.model.money import PICODOLLARS
from exporter.model.records import LineResult
from tests.support.transcript_lines import (
    NOON,
    SESSION,
    SLUG,
    api_error_line,
    assistant_line,
    system_line,
    usage,
    user_line,
    write,
)

OPUS, HAIKU = "claude-opus-4-6", "claude-haiku-4-5"
MICROSECOND = timedelta(microseconds=1)


class Place:
    """A directory with hook logs and transcripts, on which meters can be started repeatedly."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.projects = directory / "projects"
        self.project = self.projects / SLUG
        self.transcript = self.project / f"{SESSION}.jsonl"
        self.now = NOON

    @contextmanager
    def meter(self, label_values: int = 200) -> Iterator[Meter]:
        """A new meter that has read nothing yet."""
        with open_ledger(self.directory / "data", label_values) as ledger:
            hooks = [str(self.directory / "sessions")]
            yield Meter(hooks, ledger, lambda: (self.now - EPOCH) // MICROSECOND, transcript_roots=[str(self.projects)])

    def hook(self, transcript: Path, event: str = "UserPromptSubmit") -> Path:
        """Log a hook with a transcript path; the directory of the log."""
        line = {
            "logged_at": NOON.isoformat(),
            "session_id": SESSION,
            "hook_event_name": event,
            "transcript_path": str(transcript),
            "cwd": "/home/dev/shop",
        }
        return write(self.directory / "sessions" / SESSION / "events.jsonl", json.dumps(line) + "\n").parent


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def meter(place: Place) -> Iterator[Meter]:
    with place.meter() as meter:
        yield meter


def total(meter: Meter, counter: Counter, **labels: str) -> int:
    """The sum of a counter's series with these labels."""
    return sum(
        value
        for (name, values), value in meter.ledger.state.totals.counters.items()
        if name == counter.name and labels.items() <= dict(zip(counter.labels, values, strict=True)).items()
    )


def output(meter: Meter, **labels: str) -> int:
    return total(meter, TOKENS, kind="output", **labels)


def lines(meter: Meter) -> dict[str, int]:
    """The numbers of transcript lines by result, without zeros."""
    numbers = {str(result): total(meter, LINES, source="transcript", result=result) for result in LineResult}
    return {result: number for result, number in numbers.items() if number}


def values(meter: Meter, label: str) -> set[str]:
    """The values of a label of the token counter."""
    return {
        dict(zip(TOKENS.labels, labels, strict=True))[label]
        for name, labels in meter.ledger.state.totals.counters
        if name == TOKENS.name
    }


def test_an_absurd_number_of_tokens_costs_itself_alone(place: Place) -> None:
    absurd = [assistant_line(number, usage(output=number)) for number in (10**8, 99_999_999_999, 10**18, 10**30)]
    write(place.transcript, assistant_line(1), *absurd, assistant_line(2))
    write(place.project / "other.jsonl", assistant_line(3))
    for _ in range(2):
        with place.meter() as meter:
            meter.catch_up()
            assert (output(meter), total(meter, API_REQUESTS)) == (150, 7)


def test_sums_of_absurd_costs_hold_up_nothing(place: Place) -> None:
    dear = [assistant_line(number, usage(output=10**8 - 1)) for number in range(10, 4000)]
    write(place.transcript, *dear, assistant_line(1, model=HAIKU))
    for _ in range(2):
        with place.meter() as meter:
            meter.catch_up()
            assert output(meter, model=HAIKU) == 50
            assert total(meter, COST, model=OPUS) == MAX_INTEGER
        write(place.transcript, assistant_line(1, usage(output=50), model=HAIKU))


def test_a_file_with_any_name_and_time_is_read_and_holds_up_no_other(place: Place) -> None:
    write(place.transcript, assistant_line(1))
    odd = write(place.project / os.fsdecode(b"bad\xff.jsonl"), assistant_line(2))
    write(place.project / "agent-a.jsonl", assistant_line(3, isSidechain=True))
    (place.project / "agent-a.meta.json").write_text('{"agentType": ' + "[" * 100_000)
    os.utime(odd, (0, 13_569_465_600))
    for _ in range(2):
        with place.meter() as meter:
            meter.catch_up()
            assert (output(meter), lines(meter)) == (150, {"counted": 3})


def test_an_appended_line_is_counted_once(place: Place, meter: Meter) -> None:
    write(place.transcript, user_line(), assistant_line(1))
    meter.catch_up()
    meter.catch_up()
    assert (output(meter), total(meter, API_REQUESTS)) == (50, 1)
    write(place.transcript, assistant_line(2, usage(output=7)))
    meter.catch_up()
    assert (output(meter), total(meter, API_REQUESTS)) == (57, 2)
    assert lines(meter) == {"counted": 3}
    assert total(meter, BYTES_READ, source="transcript") == place.transcript.stat().st_size
    assert total(meter, COST) * 1_000_000 == (20 * 5 + 57 * 25) * PICODOLLARS


def test_an_incomplete_last_line_is_left_until_it_is_whole(place: Place, meter: Meter) -> None:
    line = assistant_line(2)
    write(place.transcript, assistant_line(1), line[:200])
    meter.catch_up()
    assert output(meter) == 50
    write(place.transcript, line[200:])
    meter.catch_up()
    assert output(meter) == 100
    assert lines(meter) == {"counted": 2}


def test_a_message_that_is_also_in_a_forked_session_counts_once(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1), assistant_line(2))
    meter.catch_up()
    write(
        place.project / "fork.jsonl",
        assistant_line(1, sessionId="fork"),
        assistant_line(2, sessionId="fork"),
        assistant_line(3, sessionId="fork"),
    )
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 3
    assert lines(meter) == {"counted": 3, "duplicate": 2}


def test_a_message_in_two_projects_in_one_batch_counts_once(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1))
    write(place.projects / "-home-dev-other" / "fork.jsonl", assistant_line(1))
    meter.catch_up()
    assert (output(meter), total(meter, API_REQUESTS)) == (50, 1)


def test_a_file_that_is_rewritten_is_read_from_its_start_and_new_messages_count(place: Place, meter: Meter) -> None:
    write(place.transcript, *(assistant_line(number) for number in range(5)))
    meter.catch_up()
    place.transcript.write_text(assistant_line(3) + assistant_line(77))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 6
    assert lines(meter) == {"counted": 6, "duplicate": 1}


def test_a_file_that_is_emptied_and_grows_again_decreases_no_total(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1), assistant_line(2))
    meter.catch_up()
    place.transcript.write_text("")
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 2
    write(place.transcript, assistant_line(1), assistant_line(3))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 3


def test_a_renamed_file_is_continued(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1), assistant_line(2))
    meter.catch_up()
    renamed = place.transcript.rename(place.project / "archived.jsonl")
    write(renamed, assistant_line(3))
    write(place.transcript, assistant_line(4))
    meter.catch_up()
    assert lines(meter) == {"counted": 4}


def test_totals_do_not_change_when_transcripts_are_deleted_and_reappear(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1), assistant_line(2))
    meter.catch_up()
    before = dict(meter.ledger.state.totals.counters)
    shutil.move(place.projects, place.directory / "away")
    meter.catch_up()
    shutil.move(place.directory / "away", place.projects)
    meter.catch_up()
    place.transcript.unlink()
    meter.catch_up()
    assert meter.ledger.state.totals.counters == before
    assert meter.unreadable == {}


def test_a_restart_counts_nothing_twice(place: Place) -> None:
    for number in range(5):
        write(place.transcript, assistant_line(number), assistant_line(number, second=1))
        write(place.project / f"fork-{number}.jsonl", assistant_line(number), assistant_line(max(0, number - 1)))
        with place.meter() as meter:
            meter.catch_up()
            assert (output(meter), total(meter, API_REQUESTS)) == (50 * (number + 1), number + 1)


def test_a_refresh_that_is_aborted_is_repeated_and_counts_nothing_twice(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.ingest.batch_writer.BATCH_BYTES", 2_000)
    monkeypatch.setattr("exporter.sources.lines.CHUNK_BYTES", 1_500)
    write(place.transcript, *(assistant_line(number) for number in range(20)))
    with place.meter() as meter:
        commits = iter(meter.refresh())
        next(commits)
        next(commits)
        assert 0 < total(meter, API_REQUESTS) < 20
    with place.meter() as meter:
        meter.catch_up()
        assert (output(meter), total(meter, API_REQUESTS)) == (1_000, 20)
        assert lines(meter) == {"counted": 20}


def test_a_later_line_with_more_usage_corrects_upward(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1, usage(output=1)))
    meter.catch_up()
    write(place.transcript, assistant_line(1, usage(output=80)), assistant_line(1, usage(output=40)))
    meter.catch_up()
    assert (output(meter), total(meter, API_REQUESTS)) == (80, 1)
    assert total(meter, COST) * 1_000_000 == (10 * 5 + 80 * 25) * PICODOLLARS


def test_a_line_with_more_usage_corrects_upward_after_a_restart_and_in_another_file(place: Place) -> None:
    for number, tokens in enumerate((1, 80, 40, 90)):
        write(place.project / f"{number}.jsonl", assistant_line(1, usage(output=tokens), cwd=f"/srv/{number}"))
        with place.meter() as meter:
            meter.catch_up()
            assert output(meter) == (1, 80, 80, 90)[number]
            assert total(meter, API_REQUESTS) == 1
            assert sum(meter.ledger.state.totals.distributions[CONTEXT_TOKENS.name, ()].counts) == 1
            assert values(meter, "project") == {"0"}
            assert sum(meter.ledger.state.spent.values()) == total(meter, COST)


@pytest.mark.parametrize("changed", [True, False], ids=["named", "walked"])
def test_a_directory_that_only_a_hook_names_is_read(place: Place, meter: Meter, changed: bool) -> None:
    elsewhere = write(place.directory / "elsewhere" / "projects" / SLUG / f"{SESSION}.jsonl", assistant_line(1))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 0
    log = place.hook(elsewhere)
    list(meter.refresh([str(log)] if changed else None))
    assert total(meter, API_REQUESTS) == 1
    assert str(elsewhere.parent) in meter.watched
    write(elsewhere, assistant_line(2))
    list(meter.refresh([str(elsewhere.parent)] if changed else None))
    assert total(meter, API_REQUESTS) == 2
    below = write(elsewhere.with_suffix("") / "subagents" / "agent-1.jsonl", assistant_line(3, isSidechain=True))
    list(meter.refresh([str(below.parent)] if changed else None))
    assert total(meter, API_REQUESTS, model=OPUS) == 3


def test_a_directory_that_a_hook_named_is_read_after_a_restart_without_the_hook_logs(place: Place) -> None:
    elsewhere = write(place.directory / "elsewhere" / "projects" / SLUG / f"{SESSION}.jsonl", assistant_line(1))
    log = place.hook(elsewhere)
    with place.meter() as meter:
        meter.catch_up()
    shutil.rmtree(log)
    write(elsewhere, assistant_line(2))
    with place.meter() as meter:
        assert str(elsewhere.parent) in meter.watched
        meter.catch_up()
        assert total(meter, API_REQUESTS) == 2
        assert lines(meter) == {"counted": 2}


def test_a_hook_that_names_a_known_directory_adds_no_directory(place: Place, meter: Meter) -> None:
    (place.directory / "link").symlink_to(place.projects)
    place.hook(write(place.transcript, assistant_line(1)))
    place.hook(place.directory / "link" / SLUG / f"{SESSION}.jsonl")
    meter.catch_up()
    assert meter.watched == (str(place.directory / "sessions"), str(place.projects))
    assert lines(meter) == {"counted": 1}


def test_a_transcript_that_does_not_exist_yet_is_read_when_a_later_hook_names_it(place: Place, meter: Meter) -> None:
    elsewhere = place.directory / "elsewhere" / "projects" / SLUG / f"{SESSION}.jsonl"
    place.hook(elsewhere, "SessionStart")
    meter.catch_up()
    write(elsewhere, assistant_line(1))
    place.hook(elsewhere)
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 1


def test_hooks_may_name_any_number_of_directories_but_only_some_are_followed(
    place: Place, meter: Meter, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.ingest.transcripts.MAX_NAMED_DIRECTORIES", 3)
    projects = place.directory / "elsewhere" / "projects"
    for number in range(5):
        place.hook(write(projects / f"-{number}" / f"{SESSION}.jsonl", assistant_line(number)))
    for _ in range(3):
        meter.catch_up()
        assert total(meter, API_REQUESTS) == 3
        assert len(meter.watched) == 2 + 3
    (warning,) = caplog.messages
    assert "in 5 directories" in warning
    assert "--transcripts-dir" in warning


def test_directories_that_an_older_version_followed_are_followed_only_if_they_are_of_a_project(place: Place) -> None:
    project = place.directory / "elsewhere" / "projects" / SLUG
    with place.meter() as meter:
        meter.catch_up()
    with sqlite3.connect(place.directory / "data" / FILE_NAME) as ledger:
        ledger.executemany(INSERT_TRANSCRIPT_FOLDER, [("/usr",), (str(project),)])
    ledger.close()
    with place.meter() as meter:
        assert meter.watched[2:] == (str(project),)


def test_directories_that_are_nested_too_deeply_are_reported_and_others_are_read(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1))
    write(place.project.joinpath(*["d"] * 20, "agent-1.jsonl"), assistant_line(2))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 1
    assert "nested too deeply" in meter.unreadable[str(place.project)]


@pytest.mark.parametrize("path", ["", "relative.jsonl", "/x.jsonl", "/tmp/x.txt", "/tmp/\0/x.jsonl"], ids=ascii)
def test_an_invalid_transcript_path_adds_no_directory(place: Place, meter: Meter, path: str) -> None:
    log = place.hook(Path())
    line = {"logged_at": NOON.isoformat(), "hook_event_name": "Stop", "session_id": SESSION, "transcript_path": path}
    write(log / "events.jsonl", json.dumps(line) + "\n")
    meter.catch_up()
    assert meter.watched == (str(place.directory / "sessions"), str(place.projects))
    assert meter.unreadable == {}


def test_only_the_directories_that_changed_are_read(place: Place, meter: Meter) -> None:
    other = write(place.projects / "-home-dev-other" / "a.jsonl", assistant_line(1))
    write(place.transcript, assistant_line(2))
    list(meter.refresh([str(place.project / "gone" / "subagents"), str(place.directory / "nowhere")]))
    assert total(meter, API_REQUESTS) == 1
    list(meter.refresh([str(other.parent)]))
    assert total(meter, API_REQUESTS) == 2


def test_a_root_that_cannot_be_read_is_reported_until_it_is_fixed(
    place: Place, meter: Meter, caplog: pytest.LogCaptureFixture
) -> None:
    place.projects.symlink_to(place.projects)  # a cycle, which root cannot follow either
    meter.catch_up()
    meter.catch_up()
    (sentence,) = meter.unreadable.values()
    assert sentence.startswith(f"{place.projects} cannot be read (")
    assert caplog.messages == [sentence]
    place.projects.unlink()
    write(place.transcript, assistant_line(1))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 1
    assert meter.unreadable == {}


def test_a_file_that_cannot_be_read_is_reported_and_the_others_are_read(place: Place, meter: Meter) -> None:
    write(place.project / "a.jsonl", assistant_line(1))
    bad = place.project / "b.jsonl"
    bad.symlink_to("/proc/self/mem")  # opens, but fails to be read at its start
    write(place.project / "c.jsonl", assistant_line(2))
    write(place.project / "c" / "subagents" / "agent-1.jsonl", assistant_line(3))
    write(place.projects / "-home-dev-other" / "a.jsonl", assistant_line(4))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 4
    (sentence,) = meter.unreadable.values()
    assert sentence.startswith(f"{bad} cannot be read (")
    bad.unlink()
    write(bad, assistant_line(5))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 5
    assert meter.unreadable == {}


def test_a_message_of_a_sub_agent_is_attributed_to_its_type(place: Place, meter: Meter) -> None:
    subagents = place.project / SESSION / "subagents"
    write(place.transcript, assistant_line(1, usage(output=1)))
    write(subagents / "agent-a.jsonl", assistant_line(2, usage(output=10), isSidechain=True, agentId="a"))
    (subagents / "agent-a.meta.json").write_text('{"agentType":"Plan"}')
    write(
        subagents / "agent-b.jsonl", assistant_line(3, usage(output=100), isSidechain=True, attributionAgent="Explore")
    )
    write(subagents / "agent-c.jsonl", assistant_line(4, usage(output=1_000), isSidechain=True, agentId="c"))
    meter.catch_up()
    agents = ("main", "Plan", "Explore", "unnamed")
    assert values(meter, "agent") == set(agents)
    assert [output(meter, agent=agent, project="shop") for agent in agents] == [1, 10, 100, 1_000]
    assert total(meter, COST, agent="Plan") * 1_000_000 == (10 * 5 + 10 * 25) * PICODOLLARS


def test_a_session_without_usage_counts_only_its_lines(place: Place, meter: Meter) -> None:
    write(
        place.transcript,
        user_line(),
        user_line(),
        "no JSON\n",
        '{"usage\n',
        assistant_line(1, message={"model": "<synthetic>"}),
    )
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 0
    assert sum(lines(meter).values()) == 5


def test_label_values_beyond_the_limit_count_as_other_once_per_message_after_a_restart_too(place: Place) -> None:
    for number in range(5):
        for tokens in (10, 60):
            used, model = usage(10, tokens, 1_000, 100, 100), f"claude-opus-4-{number + 5}"
            own: dict[str, Any] = {"sessionId": f"s-{number}", "cwd": f"/srv/project-{number}"}
            transcript = place.projects / f"-srv-project-{number}" / f"s-{number}.jsonl"
            write(transcript, assistant_line(number, used, second=number, model=model, **own))
    overflow = {"project": 3 + 3, "model": 3, "agent": 0}  # three messages, and three sessions
    for _ in range(2):
        with place.meter(label_values=2) as meter:
            meter.catch_up()
            assert {label: total(meter, LABEL_OVERFLOW, label=label) for label in overflow} == overflow
            assert values(meter, "project") == {"project-0", "project-1", "other"}
            assert values(meter, "model") == {"claude-opus-4-5", "claude-opus-4-6", "other"}
            assert (output(meter), output(meter, project="other", model="other")) == (300, 180)
            assert total(meter, API_REQUESTS, model="other") == 3
    write(
        place.projects / "-srv-project-0" / "s-0.jsonl",
        assistant_line(9, model=HAIKU, sessionId="s-0"),
        assistant_line(9, usage(output=99), model=HAIKU, sessionId="s-0"),
    )
    with place.meter(label_values=2) as meter:
        meter.catch_up()
        assert {label: total(meter, LABEL_OVERFLOW, label=label) for label in overflow} == overflow | {"model": 4}
        assert output(meter, project="project-0", model="other") == 99


def test_messages_older_than_any_budget_are_counted(place: Place) -> None:
    write(place.transcript, assistant_line(1))
    place.now = NOON + timedelta(days=400)
    with place.meter() as meter:
        meter.catch_up()
        assert total(meter, API_REQUESTS) == 1
        assert meter.ledger.state.spent == {}


def test_a_failed_request_counts_once_although_forked_and_resumed_sessions_copy_its_line(place: Place) -> None:
    models = {"originalModel": "claude-sonnet-4-5", "fallbackModel": HAIKU, "trigger": "overloaded"}
    failed = [api_error_line(1), api_error_line(2, 429), system_line("model_fallback", **models)]
    with place.meter() as meter:
        write(place.transcript, *failed)
        meter.catch_up()
    write(place.project / "fork.jsonl", *failed, api_error_line(3))
    with place.meter() as meter:
        meter.catch_up()
        assert (total(meter, API_ERRORS), total(meter, API_ERRORS, status="529", outcome="retried")) == (3, 2)
        assert total(meter, API_RETRY_WAIT) == 1500
        assert total(meter, MODEL_FALLBACKS, from_model="claude-sonnet-4-5", to_model=HAIKU) == 1
        assert lines(meter) == {"counted": 4, "duplicate": 3}


def test_a_transcript_that_is_read_again_counts_its_failed_requests_once(place: Place, meter: Meter) -> None:
    write(place.transcript, user_line(), api_error_line(1))
    meter.catch_up()
    place.transcript.write_text(api_error_line(1) + api_error_line(2))
    meter.catch_up()
    assert total(meter, API_ERRORS) == 2
