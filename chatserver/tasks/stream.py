"""The events in the output of `claude -p --output-format stream-json`, parsed line by line, without side effects.

Lines of unknown types, cut lines and lines that are no JSON contain no events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from chatserver.tasks.call_ends import CallEnds
from chatserver.tasks.json_values import amount, decoded, integer, lenient, mapping, sequence, string
from chatserver.tasks.progress import TodoList
from chatserver.tasks.records import Spent
from chatserver.tasks.remaining_work import RemainingWork
from chatserver.tasks.stream_events import (
    ApiRetry,
    CallEnded,
    CallStarted,
    Event,
    Progress,
    QuotasReported,
    Result,
    SessionStarted,
    TextWritten,
    ToolInUse,
    UsageReported,
)
from exporter.hooks.hookmeter_statusline import valid_windows
from exporter.model.money import PICODOLLARS
from exporter.model.records import MAIN_AGENT, Outcome

TOKEN_KINDS = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")
SYNTHETIC = "<synthetic>"  # the model of what Claude Code writes itself, without a request to the API
UNKNOWN_AGENT = "sub-agent"
NOTIFICATION = "task_notification"
MAX_USD = 10**6  # of a run; the database stores picodollars in 64 bits
NOTHING = Spent()


class _Line(msgspec.Struct):
    """The fields of a line that are used; nested objects are decoded only where they are needed."""

    type: Any = None
    subtype: Any = None
    session_id: Any = None
    parent_tool_use_id: Any = None
    message: msgspec.Raw = msgspec.Raw(b"null")
    event: msgspec.Raw = msgspec.Raw(b"null")
    result: Any = None
    errors: Any = None
    is_error: Any = None
    total_cost_usd: Any = None
    modelUsage: Any = None  # noqa: N815 - as the CLI names it
    model_usage_since_last_result: Any = None
    permission_denials: Any = None
    attempt: Any = None
    error_status: Any = None
    error: Any = None
    rate_limit_info: Any = None
    subagent_type: Any = None
    tool_result_meta: Any = None
    terminal_reason: Any = None
    tool_use_result: Any = None
    tool_use_id: Any = None
    status: Any = None
    summary: Any = None
    tasks: Any = None

    @property
    def is_main(self) -> bool:
        """Whether it is of the main conversation."""
        return self.parent_tool_use_id is None

    @property
    def agent(self) -> str:
        """Whose line it is: main, or the type of a sub-agent."""
        return MAIN_AGENT if self.is_main else string(self.subagent_type) or UNKNOWN_AGENT

    @property
    def reports_spending(self) -> bool:
        """Whether it says what was used; otherwise only the transcript does."""
        by_model = (self.modelUsage, self.model_usage_since_last_result)
        return amount(self.total_cost_usd) is not None or any(isinstance(usage, dict) for usage in by_model)


DECODER = msgspec.json.Decoder(_Line)


@dataclass(slots=True)
class Stream:
    """The state of one run's output. `spent_before` is the known cost of its session before the run, in picodollars.

    `exceeds_turns` once the main agent has answered after its last turn: Claude Code ends a run at its limit, but
    begins to count again when a sub-agent in the background ends. A turn is an answer with calls.

    `is_answering` while the API writes an answer of the main agent, whose cost is reported once it is complete.

    Newer versions of Claude Code report what was used since the last result; older ones report sums only, from which
    the known cost is subtracted.
    """

    max_turns: int | None = None
    spent_before: int = 0
    spent: Spent = NOTHING
    result: Result | None = None
    has_unreported_spending: bool = False
    exceeds_turns: bool = False
    is_answering: bool = False
    _remaining: RemainingWork = field(default_factory=RemainingWork)
    _call_ends: CallEnds = field(default_factory=CallEnds)
    _todo: TodoList = field(default_factory=TodoList)
    _answers: set[str] = field(default_factory=set)
    _turns: set[str] = field(default_factory=set)  # the answers with calls
    _denied: dict[str, None] = field(default_factory=dict)  # the tools, of all turns
    _progress: float | None = None
    _partial: bool = False
    _message_started: Mapping[str, Any] = field(default_factory=dict)

    @property
    def turns(self) -> int:
        """The answers of the main agent. Claude Code's number has its notes of interruptions and notifications, too."""
        return len(self._answers)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left for Claude Code to do but to exit, as far as it reports."""
        return not (self._remaining.is_left or self._call_ends.have_launched)

    def read_line(self, text: bytes) -> Iterator[Event]:
        """Yield the events of a line."""
        line = lenient(text, DECODER)
        if line is None:
            return
        self._remaining.note_line(line.type, line.subtype, line.tasks)
        if line.type == "result":
            yield from self._result(line)
        elif line.subtype == NOTIFICATION:
            ended = (string(line.tool_use_id), string(line.status), string(line.summary))
            yield from self._call_ends.of_notification(*ended)
        elif line.subtype == "api_retry":
            yield ApiRetry(integer(line.attempt), integer(line.error_status) or None, string(line.error))
        elif line.type == "rate_limit_event":
            yield from _quotas(mapping(line.rate_limit_info))
        elif line.type == "stream_event" and line.is_main:
            yield from self._stream_event(mapping(decoded(line.event)))
        elif line.type == "assistant":
            yield from self._message(line, mapping(decoded(line.message)))
        elif line.type == "user":
            content = mapping(decoded(line.message)).get("content")
            yield from self._call_ends.of_results(content, line.tool_result_meta, line.tool_use_result)
            if line.is_main:
                yield ToolInUse(None)

    def _stream_event(self, event: Mapping[str, Any]) -> Iterator[Event]:
        self._partial = True
        if event.get("type") == "message_start":
            self._message_started = mapping(event.get("message"))
            self.has_unreported_spending = self.is_answering = True
        elif event.get("type") == "message_delta":
            self.is_answering = False
            # Only this has all the tokens of the answer; the message itself is printed before it is complete.
            yield from _usage_of({**self._message_started, "usage": event.get("usage")}, MAIN_AGENT)
        delta = mapping(event.get("delta"))
        if delta.get("type") == "text_delta" and (written := string(delta.get("text"))):
            yield TextWritten(written)

    def _message(self, line: _Line, message: Mapping[str, Any]) -> Iterator[Event]:
        is_main, content = line.is_main, sequence(message.get("content"))
        yield from _usage_of(message, line.agent)
        is_of_api = message.get("model") != SYNTHETIC
        self.has_unreported_spending |= is_of_api
        if is_main and is_of_api:
            if not self._answers:
                yield SessionStarted(string(line.session_id))
            self._note_answer(string(message.get("id")), content)
        for block in map(mapping, content):
            if block.get("type") == "tool_use":
                tool, given = string(block.get("name")), mapping(block.get("input"))
                self._remaining.note_tool_call(tool)
                self._todo.record_tool_call(tool, given, of_main=is_main)
                if call_id := string(block.get("id")):
                    self._call_ends.add_call(call_id, line.parent_tool_use_id)
                    yield CallStarted(call_id, tool, given, line.agent)
                if is_main:
                    yield ToolInUse(tool)
            elif is_main and not self._partial and (written := string(block.get("text"))):
                yield TextWritten(written)
        yield from self._changed_progress()

    def _note_answer(self, message_id: str, content: Iterable[Any]) -> None:
        if self.max_turns and message_id not in self._answers and len(self._turns) >= self.max_turns:
            self.exceeds_turns = True
        self._answers.add(message_id)
        if any(block.get("type") == "tool_use" for block in map(mapping, content)):
            self._turns.add(message_id)

    def _changed_progress(self) -> Iterator[Event]:
        share = self._todo.share
        if share is None and self.max_turns:
            share = min(1.0, len(self._answers) / self.max_turns)
        if share is not None and share != self._progress:
            self._progress = share
            yield Progress(share)

    def _result(self, line: _Line) -> Iterator[Event]:
        self.is_answering = False
        if line.reports_spending:
            self.has_unreported_spending = False
            self._add_spending(line)
        self.spent = replace(self.spent, turns=self.turns)
        texts = [string(error) for error in sequence(line.errors)] or [string(line.result)]
        for denial in map(mapping, sequence(line.permission_denials)):
            if call_id := string(denial.get("tool_use_id")):
                yield CallEnded(call_id, Outcome.DENIED)
            if tool := string(denial.get("tool_name")):
                self._denied[tool] = None
        kind, reason = string(line.subtype), string(line.terminal_reason)
        self.result = Result(kind, line.is_error is True, "\n".join(texts), tuple(self._denied), reason)
        yield self.result

    def _add_spending(self, line: _Line) -> None:
        since = line.model_usage_since_last_result
        if isinstance(since, dict):
            cost, tokens = _usage(since)
            self.spent = Spent(self.spent.cost_picodollars + cost, self.spent.tokens + tokens)
            return
        cost, tokens = _usage(mapping(line.modelUsage))
        cost = _picodollars(line.total_cost_usd) or cost
        before = self.spent_before if cost >= self.spent_before else 0  # some versions start at 0 in every process
        self.spent = replace(self.spent, cost_picodollars=cost - before, tokens=tokens)


def _usage_of(message: Mapping[str, Any], agent: str) -> Iterator[UsageReported]:
    model, usage = string(message.get("model")), mapping(message.get("usage"))
    if usage and model not in {"", SYNTHETIC}:
        yield UsageReported(string(message.get("id")), model, usage, agent)


def _quotas(info: Mapping[str, Any]) -> Iterator[QuotasReported]:
    """The valid windows; older versions of Claude Code report only the one that limits, at the top level."""
    given = {string(info.get("rateLimitType")): info, **mapping(info.get("unifiedWindows"))}
    if windows := valid_windows({name: _window(mapping(window)) for name, window in given.items()}):
        yield QuotasReported(windows)


def _window(given: Mapping[str, Any]) -> dict[str, object]:
    used = amount(given.get("utilization"))
    return {"used_percentage": None if used is None else round(used * 100, 6), "resets_at": given.get("resetsAt")}


def _usage(by_model: Mapping[str, Any]) -> tuple[int, int]:
    """The picodollars and the tokens of all models."""
    models = [mapping(model) for model in by_model.values()]
    tokens = sum(integer(model.get(kind)) for model in models for kind in TOKEN_KINDS)
    return sum(_picodollars(model.get("costUSD")) for model in models), tokens


def _picodollars(usd: object) -> int:
    return round(min(MAX_USD, amount(usd) or 0) * PICODOLLARS)
