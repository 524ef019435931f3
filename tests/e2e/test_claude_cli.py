"""The real Claude Code CLI with a scripted model: what its own stream says of a session is what the metrics say."""

from __future__ import annotations

import json
import signal
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.model.records import MAIN_AGENT
from tests.e2e.processes import wait_for
from tests.e2e.scenarios import ENDS
from tests.e2e.workplace import PATIENCE_SECONDS, Workplace
from tests.support.page import Samples, differences, fetch, sample, samples_of

COMPARED = (
    "claude_prompts", "claude_automatic_prompts", "claude_sessions", "claude_session_", "claude_subagents",
    "claude_tool", "claude_permission", "claude_compactions", "hookmeter_lines_total", "hookmeter_open_calls",
)  # fmt: skip
NOT_IN_THE_STREAM = ("_bucket", "claude_session_duration_seconds_sum", "claude_sessions")
TRANSCRIPT = ("source", "transcript")
ENDED_BY_SIGTERM = 128 + signal.SIGTERM


@dataclass(frozen=True)
class Call:
    """A tool call as the stream tells it; `ran` is false where the CLI turned it down itself."""

    tool: str
    agent: str
    outcome: str
    ran: bool


class Stream:
    """The stream-json of one run or of several."""

    def __init__(self, *texts: str) -> None:
        self.runs = len(texts)
        self.lines: list[dict[str, Any]] = [json.loads(line) for text in texts for line in text.splitlines()]

    def of(self, *kind: str) -> list[dict[str, Any]]:
        """The lines of a type, or of a type and a subtype."""
        return [line for line in self.lines if (line["type"], line.get("subtype"))[: len(kind)] == kind]

    def calls(self) -> list[Call]:
        """Every tool call, once."""
        uses = dict(self._blocks("assistant", "tool_use"))
        results = dict(self._blocks("user", "tool_result"))
        denied = {denial["tool_use_id"] for line in self.of("result") for denial in line["permission_denials"]}
        return [
            _call(block, uses[parent][1]["input"]["subagent_type"] if parent else MAIN_AGENT, results.get(call), denied)
            for call, (parent, block) in uses.items()
        ]

    def subagents(self) -> Counter[str]:
        """How many sub-agents began, by their type."""
        return Counter(line["subagent_type"] for line in self.of("system", "task_started") if "subagent_type" in line)

    def _blocks(self, line_type: str, block_type: str) -> Iterator[tuple[str, tuple[str | None, dict[str, Any]]]]:
        for line in self.of(line_type):
            for block in line["message"]["content"]:
                if block["type"] == block_type:
                    yield block.get("id") or block["tool_use_id"], (line["parent_tool_use_id"], block)


def _call(
    use: Mapping[str, Any], agent: str, result: tuple[object, Mapping[str, Any]] | None, denied: set[str]
) -> Call:
    if result is None:
        return Call(use["name"], agent, "unknown", ran=False)
    if use["id"] in denied:
        return Call(use["name"], agent, "denied", ran=False)
    outcome = "error" if result[1].get("is_error") else "success"
    return Call(use["name"], agent, outcome, ran=not str(result[1]["content"]).startswith("<tool_use_error>"))


@pytest.mark.parametrize("script", ENDS)
def test_the_metrics_say_what_the_stream_says(workplace: Workplace, script: str) -> None:
    stream = Stream(workplace.run(script, "--disallowedTools", "Bash(echo forbidden)", "Agent(Plan)"))
    page = workplace.page()
    assert differences(reported_by(page), expected(stream, workplace)) == {}
    assert by_label(page, "claude_tool_calls_total", "outcome") == ENDS[script]
    assert by_label(page, "claude_tool_calls_total", "tool") == Counter(workplace.api.asked)


def test_each_error_of_the_tour_is_of_its_kind(workplace: Workplace) -> None:
    workplace.run("tour")
    kinds = by_label(workplace.page(), "claude_tool_errors_total", "category")
    assert kinds == {"file_not_found": 1, "validation_error": 1, "command_failed": 1}


def test_two_overloaded_answers_are_no_prompts_and_no_calls(workplace: Workplace) -> None:
    stream = Stream(workplace.run("overloaded"))
    assert len(stream.of("system", "api_retry")) == 2
    assert by_label(workplace.page(), "claude_prompts_total") == {"": 1}


def test_what_a_sub_agents_sub_agent_does_is_counted_though_the_stream_is_silent_about_it(workplace: Workplace) -> None:
    stream = Stream(workplace.run("nested"))
    page = reported_by(workplace.page())
    in_silence = set(differences(page, expected(stream, workplace)))
    assert sample("claude_tool_calls_total", tool="Bash", agent="Explore", outcome="success") in in_silence
    assert by_label(page, "claude_tool_calls_total", "agent") == {"main": 1, "general-purpose": 2, "Explore": 1}
    assert by_label(page, "claude_tool_calls_total", "tool") == Counter(workplace.api.asked)


def test_a_resumed_session_is_the_same_session_with_another_prompt(workplace: Workplace) -> None:
    session = str(uuid.uuid4())
    stream = Stream(workplace.run("tour", "--session-id", session), workplace.run("quick", "--resume", session))
    page = workplace.page()
    assert {line["session_id"] for line in stream.of("system", "init")} == {session}
    assert differences(reported_by(page), expected(stream, workplace)) == {}
    assert by_label(page, "claude_prompts_total") == {"": 2}
    assert by_label(page, "claude_sessions_started_total", "project") == {"shop": 1}


def test_a_call_is_in_flight_until_sigterm_ends_its_session(workplace: Workplace) -> None:
    with workplace.metrics() as url, workplace.running("long") as process:
        wait_for((workplace.project / "started").exists, "the command to run")
        assert by_label(samples_of(fetch(url)), "claude_tool_calls_in_flight", "tool") == {"Bash": 1}
        process.terminate()
        stream, complaint = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == ENDED_BY_SIGTERM, complaint + stream
        wait_for(lambda: workplace.has_recorded("SessionEnd"), "the hook that outlives its session")
        assert by_label(samples_of(fetch(url)), "claude_tool_calls_in_flight", "tool") == {}
    page = workplace.page()
    # No hook says how the call ended, and the transcript has an answer to it only if there was time to write one.
    answered = any('"tool_result"' in path.read_text() for path in workplace.projects.rglob("*.jsonl"))
    assert by_label(page, "claude_tool_calls_total", "outcome") == {"error" if answered else "unknown": 1}
    assert by_label(page, "claude_prompts_total") == {"": 1}


def test_a_log_that_is_read_line_by_line_as_it_comes_gives_the_same_numbers(workplace: Workplace) -> None:
    with workplace.metrics() as url:
        stream = Stream(workplace.run("tour"), workplace.run("delegate"))
        fetch(url)
    assert differences(reported_by(workplace.page()), expected(stream, workplace)) == {}


def reported_by(page: Samples) -> Samples:
    """What a page says of all that a stream can tell: errors by tool alone, and no zeros."""
    told: Samples = defaultdict(float)
    for (name, labels), value in page.items():
        if value and name.startswith(COMPARED) and not name.endswith(NOT_IN_THE_STREAM) and TRANSCRIPT not in labels:
            told[name, tuple(label for label in labels if label[0] != "category")] += value
    return told


def expected(stream: Stream, workplace: Workplace) -> Samples:
    """What a page must say after a stream.

    How long calls took, who was asked for a permission, and the prompts by which background work reports to the model
    stand in the recorded lines alone.
    """
    samples: Samples = defaultdict(float)
    for call in stream.calls():
        samples[sample("claude_tool_calls_total", tool=call.tool, agent=call.agent, outcome=call.outcome)] += 1
        samples[sample("claude_tool_errors_total", tool=call.tool)] += call.outcome == "error"
        samples[sample("claude_tool_call_duration_seconds_count", tool=call.tool)] += call.ran
    for kind, number in stream.subagents().items():
        samples[sample("claude_subagents_started_total", agent=kind)] = number
        samples[sample("claude_subagents_ended_total", agent=kind, outcome="success")] = number
    runs = stream.of("system", "init")
    samples[sample("claude_session_duration_seconds_count")] = stream.runs
    for project in {line["session_id"]: Path(line["cwd"]).name for line in runs}.values():
        samples[sample("claude_sessions_started_total", project=project)] += 1
    milliseconds: dict[str, float] = defaultdict(float)
    for source, line in workplace.recorded():
        samples[sample("hookmeter_lines_total", source=source, result="counted")] += 1
        milliseconds[line.get("tool_name", "")] += background_milliseconds(line, workplace) or line.get(
            "duration_ms", 0
        )
        if line["hook_event_name"] == "UserPromptSubmit":
            samples[_prompt(line["prompt"])] += 1
        if line["hook_event_name"] == "PermissionRequest":
            samples[sample("claude_permission_requests_total", tool=line["tool_name"])] += 1
    for tool, total in milliseconds.items():
        samples[sample("claude_tool_call_duration_seconds_sum", tool=tool)] = round(total * 1000) / 1e6
    return {key: value for key, value in samples.items() if value}


def background_milliseconds(line: Mapping[str, Any], workplace: Workplace) -> float:
    """How long a command ran in the background: until the first line on its end was written; 0 for any other call."""
    response = line.get("tool_response")
    task = response.get("backgroundTaskId") if isinstance(response, dict) else None
    if not task:
        return 0
    (started,) = (
        start["logged_at"]
        for _, start in workplace.recorded()
        if (start["hook_event_name"], start.get("tool_use_id")) == ("PreToolUse", line["tool_use_id"])
    )
    reports = [json.loads(line) for line in workplace.transcript_lines() if f"<task-id>{task}<" in line]
    ended = min(line["timestamp"] for line in reports if "timestamp" in line)
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(started)) / timedelta(milliseconds=1)


def _prompt(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What counts a prompt: a person or background work may have submitted it."""
    if text.startswith("<task-notification>"):
        return sample("claude_automatic_prompts_total", source="task_notification")
    return sample("claude_prompts_total")


def by_label(page: Samples, name: str, label: str = "") -> dict[str, float]:
    """A metric summed by one of its labels, without zeros."""
    sums: dict[str, float] = {}
    for (metric, labels), value in page.items():
        if metric == name and value:
            key = dict(labels).get(label, "")
            sums[key] = sums.get(key, 0) + value
    return sums
