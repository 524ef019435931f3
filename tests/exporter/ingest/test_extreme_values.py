"""Extreme values in every field that is read, from the files to the page: they cost their own lines alone."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from exporter.counting.totals import Totals
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.serving.pages import OPENMETRICS, TEXT, Pages
from tests.support.extreme_lines import extreme
from tests.support.page import Samples, sample, samples_of
from tests.support.synthetic_logs import HOUR_US, SECOND_US, append, iso, now_us

NOW_US = now_us()
SESSION = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"
NEIGHBOUR = "1f63ea0a-88b2-40e5-8936-c044dfb71b72"
SLUG = "-home-dev-shop"
TOKENS = {"input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 30}
LIFETIMES = {"cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}
PARTS = [
    {"type": "message", **TOKENS, **LIFETIMES},
    {"type": "message", **TOKENS, **LIFETIMES},
    {"type": "advisor_message", "model": "claude-opus-4-6", **TOKENS},
]
Line = Mapping[str, Any]


def hook(name: str, **fields: Any) -> Line:
    return {
        "logged_at": iso(NOW_US - 60 * SECOND_US), "session_id": SESSION, "hook_event_name": name,
        "cwd": "/home/dev/shop", "project_dir": "/home/dev/shop", "prompt_id": "p1",
        "transcript_path": f"/nowhere/projects/{SLUG}/{SESSION}.jsonl", **fields,
    }  # fmt: skip


HOOKS = (
    hook("PreToolUse", tool_name="Bash", tool_input={"task_id": "b1"}, tool_use_id="t1", agent_id="a1", agent_type="E"),
    hook(
        "PostToolUse", tool_name="Bash", tool_use_id="t1", duration_ms=12,
        tool_response={"backgroundTaskId": "b1", "interrupted": False, "agentId": "a1", "status": "async_launched"},
    ),
    hook("PostToolUseFailure", tool_name="Bash", error="boom", is_interrupt=False, tool_use_id="t2", duration_ms=12),
    hook("SessionStart", source="startup"),
    hook("SessionEnd", reason="other"),
    hook("UserPromptSubmit", prompt="<task-notification><task-id>b1</task-id><status>completed</status>"),
    hook("Stop", session_crons=[{"prompt": "tick"}], background_tasks=[{"id": "b1"}]),
    hook("SubagentStart", agent_id="a1", agent_type="Explore"),
    hook("SubagentStop", agent_id="a1", agent_type="Explore"),
    hook("PostToolBatch", tool_calls=[{"tool_name": "Bash", "tool_use_id": "t3", "tool_response": "denied"}]),
    hook("PreCompact", trigger="auto"),
    {"timestamp": iso(NOW_US), "tool": "Bash", "parameters": {"a": 1}, "status": "blocked", "session_uuid": SESSION},
    {"timestamp": NOW_US, "tool": "Bash", "has_error": True, "error": "x", "duration_ms": 5, "usage": TOKENS},
    {"timestamp": iso(NOW_US), "payload": hook("PreToolUse", tool_name="Bash", tool_use_id="t4")},
)  # fmt: skip


def line(kind: str, **fields: Any) -> Line:
    return {
        "type": kind, "uuid": "u1", "sessionId": SESSION, "cwd": "/home/dev/shop", "isSidechain": False,
        "timestamp": iso(NOW_US - 90 * SECOND_US), "version": "2.1.332", "gitBranch": "main", "agentId": "a1", **fields,
    }  # fmt: skip


def message(number: int, model: str = "claude-opus-4-6", **fields: Any) -> Line:
    used = {**TOKENS, **LIFETIMES, "server_tool_use": {"web_search_requests": 2}, "speed": "fast", "iterations": PARTS}
    return {"id": f"m{number}", "model": model, "usage": used, "content": [], **fields}


TRANSCRIPT_LINES = (
    line("assistant", requestId="r1", message=message(1, content=[{"type": "tool_use", "id": "t9", "name": "Bash"}])),
    line(
        "user", message={"content": [{"type": "tool_result", "tool_use_id": "t9", "content": "x", "is_error": True}]},
        toolUseResult={"query": "q", "searchCount": 3, "interrupted": True}, permissionDecision={"decision": "deny"},
    ),
    line("user", message={"role": "user", "content": "hi"}, promptId="p", forkedFrom={"sessionId": "s"}),
    line("system", subtype="api_error", error={"status": 529, "requestId": "q"}, retryInMs=500),
    line("system", subtype="model_fallback", originalModel="a", fallbackModel="b", trigger="overloaded"),
    line("system", subtype="compact_boundary", compactMetadata={"trigger": "auto", "preTokens": 1}),
    line("assistant", isApiErrorMessage=True, apiErrorStatus=500, message=message(2, "<synthetic>")),
    line("progress", data={"type": "agent_progress", "agentId": "a", "message": line("assistant", message=message(3))}),
    line("ai-title", aiTitle="Tea"),
    {
        "type": "cost-state", "sessionId": SESSION, "totalCostUSD": 1.5, "totalDuration": 5000, "totalLinesAdded": 4,
        "startTime": NOW_US // 1000 - 100_000, "modelUsage": {
            "claude-opus-4-6": {
                "inputTokens": 100, "outputTokens": 50, "cacheReadInputTokens": 5, "cacheCreationInputTokens": 5,
                "cacheCreationEphemeral1hInputTokens": 2, "webSearchRequests": 1, "costUSD": 1.5,
            },
        },
    },
)  # fmt: skip
WINDOW = {"used_percentage": 42, "resets_at": NOW_US // SECOND_US + 9_000, "seen_at": NOW_US // SECOND_US}
META = {"agentType": "Explore", "description": "x", "toolUseId": "t9"}


def some(lines: Sequence[Line]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(lines).flatmap(extreme), min_size=1, max_size=6)


class Place:
    """Logs, transcripts and quotas; next to each extreme line is one that must be counted."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.logs, self.projects = directory / "logs", directory / "projects"
        self.neighbours = 0

    def write(self, hooks: list[str], transcript: list[str], window: str, meta: str) -> None:
        for name in ("events", "post_tool_use"):
            append(self.logs / SESSION / f"{name}.jsonl", *self._among(hooks, self._call))
        for name in (SESSION, f"{SESSION}/subagents/agent-a1"):
            append(self.projects / SLUG / f"{name}.jsonl", *self._among(transcript, self._message))
        append(self.projects / SLUG / SESSION / "subagents" / "agent-a1.meta.json", meta)
        sound = json.dumps(WINDOW)
        append(self.logs / "rate_limits.json", f'{{"windows":{{"five_hour":{window},"seven_day":{sound}}}}}')

    def _among(self, lines: list[str], neighbour: Any) -> list[str]:
        """The lines, each with a neighbour after it."""
        return [text for extreme_line in lines for text in (extreme_line, json.dumps(neighbour()))]

    def _call(self) -> Line:
        self.neighbours += 1
        end = hook("PostToolUse", session_id=NEIGHBOUR, tool_name="Near", tool_use_id=f"n{self.neighbours}")
        return {**end, "duration_ms": 7}

    def _message(self) -> Line:
        self.neighbours += 1
        used = message(self.neighbours, "near", id=f"n{self.neighbours}", usage={"output_tokens": 3})
        return line("assistant", sessionId=NEIGHBOUR, requestId=f"n{self.neighbours}", message=used)

    def read(self, ledger: str) -> tuple[Totals, Samples]:
        """Everything that a ledger has, and the page, once all is settled."""
        with open_ledger(self.directory / ledger, 200) as opened:
            now = [NOW_US]
            meter = Meter([str(self.logs)], opened, lambda: now[0], transcript_roots=[str(self.projects)])
            meter.catch_up()
            now[0] += HOUR_US
            meter.catch_up()
            pages = Pages(meter)
            assert pages.page(OPENMETRICS).plain.endswith(b"# EOF\n")
            return opened.state.totals, samples_of(pages.page(TEXT).plain.decode())


@settings(max_examples=60, phases=[Phase.generate])  # to shrink an example takes minutes
@given(some(HOOKS), some(TRANSCRIPT_LINES), extreme(WINDOW), extreme(META))
def test_extreme_values_stop_nothing_and_their_neighbours_are_counted(
    hooks: list[str], transcript: list[str], window: str, meta: str
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        place = Place(Path(directory))
        place.write(hooks, transcript, window, meta)
        totals, page = place.read("one")
        assert place.read("one")[0] == totals
        assert place.read("other")[0] == totals
    calls, messages = 2 * len(hooks), 2 * len(transcript)
    assert page[sample("claude_tool_calls_total", tool="Near", agent="main", outcome="success")] == calls
    assert page[sample("claude_tool_call_duration_seconds_sum", tool="Near")] == calls * 7 / 1000
    assert page[sample("claude_api_requests_total", model="near")] == messages
    tokens = {dict(labels)["kind"]: value for (name, labels), value in page.items() if _is_near(name, labels)}
    assert tokens["output"] == 3 * messages
    assert page.get(sample("claude_rate_limit_used_ratio", window="seven_day"), 0.42) == 0.42
    assert {value for (name, _), value in page.items() if name == "hookmeter_collector_success"} == {1}
    assert all(math.isfinite(value) and value >= 0 for (name, _), value in page.items() if name.startswith("claude"))


def _is_near(name: str, labels: tuple[tuple[str, str], ...]) -> bool:
    return name == "claude_tokens_total" and ("model", "near") in labels
