"""The events in the output of `claude -p --output-format stream-json`, parsed line by line, without side effects.

Lines of unknown types, cut lines and lines that are no JSON contain no events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from chatserver.tasks.progress import TodoList
from chatserver.tasks.records import Spent
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
MAX_NUMBER = 10**15
MAX_TURNS = 10**6
UNKNOWN_AGENT = "sub-agent"
REJECTED = "reject"
ABORTED = "aborted"  # how the reason of a turn begins that was interrupted
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
    num_turns: Any = None
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

    @property
    def is_main(self) -> bool:
        """Whether it is of the main conversation."""
        return self.parent_tool_use_id is None

    @property
    def agent(self) -> str:
        """Whose line it is: main, or the type of a sub-agent."""
        return MAIN_AGENT if self.is_main else _text(self.subagent_type) or UNKNOWN_AGENT


DECODER = msgspec.json.Decoder(_Line)
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(slots=True)
class Stream:
    """The state of one run's output. `spent_before` is the known cost of its session before the run, in picodollars.

    `exceeds_turns` once the main agent has answered after its last turn: Claude Code ends a run at its limit, but
    begins to count again when a sub-agent in the background ends. A turn is an answer with calls.

    Newer versions of Claude Code report what was used since the last result; older ones report sums only, from which
    the known cost is subtracted.
    """

    max_turns: int | None = None
    spent_before: int = 0
    spent: Spent = NOTHING
    result: Result | None = None
    has_unreported_spending: bool = False
    exceeds_turns: bool = False
    _todo: TodoList = field(default_factory=TodoList)
    _answers: set[str] = field(default_factory=set)
    _turns: set[str] = field(default_factory=set)  # the answers with calls
    _progress: float | None = None
    _partial: bool = False
    _message_started: Mapping[str, Any] = field(default_factory=dict)

    def read_line(self, text: bytes) -> Iterator[Event]:
        """Yield the events of a line."""
        try:
            line = DECODER.decode(text)
        except UNDECODABLE:
            return
        if line.type == "result":
            yield from self._result(line)
        elif line.subtype == "api_retry":
            yield ApiRetry(_number(line.attempt), _number(line.error_status) or None, _text(line.error))
        elif line.type == "rate_limit_event":
            yield from _quotas(_mapping(line.rate_limit_info))
        elif line.type == "stream_event" and line.is_main:
            yield from self._stream_event(_mapping(_decoded(line.event)))
        elif line.type == "assistant":
            yield from self._message(line, _mapping(_decoded(line.message)))
        elif line.type == "user":
            yield from _ended_calls(line)
            if line.is_main:
                yield ToolInUse(None)

    def _stream_event(self, event: Mapping[str, Any]) -> Iterator[Event]:
        self._partial = True
        if event.get("type") == "message_start":
            self._message_started = _mapping(event.get("message"))
        elif event.get("type") == "message_delta":
            # Only this has all the tokens of the answer; the message itself is printed before it is complete.
            yield from _usage_of({**self._message_started, "usage": event.get("usage")}, MAIN_AGENT)
        delta = _mapping(event.get("delta"))
        if delta.get("type") == "text_delta" and (text := _text(delta.get("text"))):
            yield TextWritten(text)

    def _message(self, line: _Line, message: Mapping[str, Any]) -> Iterator[Event]:
        is_main, content = line.is_main, _sequence(message.get("content"))
        yield from _usage_of(message, line.agent)
        if is_main and message.get("model") != SYNTHETIC:
            self.has_unreported_spending = True
            if not self._answers:
                yield SessionStarted(_text(line.session_id))
            self._note_answer(_text(message.get("id")), content)
        for block in map(_mapping, content):
            if block.get("type") == "tool_use":
                tool, given = _text(block.get("name")), _mapping(block.get("input"))
                self._todo.record_tool_call(tool, given, of_main=is_main)
                if call_id := _text(block.get("id")):
                    yield CallStarted(call_id, tool, given, line.agent)
                if is_main:
                    yield ToolInUse(tool)
            elif is_main and not self._partial and (text := _text(block.get("text"))):
                yield TextWritten(text)
        yield from self._changed_progress()

    def _note_answer(self, message_id: str, content: Sequence[Any]) -> None:
        if self.max_turns and message_id not in self._answers and len(self._turns) >= self.max_turns:
            self.exceeds_turns = True
        self._answers.add(message_id)
        if any(block.get("type") == "tool_use" for block in map(_mapping, content)):
            self._turns.add(message_id)

    def _changed_progress(self) -> Iterator[Event]:
        share = self._todo.share
        if share is None and self.max_turns:
            share = min(1.0, len(self._answers) / self.max_turns)
        if share is not None and share != self._progress:
            self._progress = share
            yield Progress(share)

    def _result(self, line: _Line) -> Iterator[Event]:
        self.has_unreported_spending = False
        self._add_spending(line)
        texts = [_text(text) for text in _sequence(line.errors)] or [_text(line.result)]
        denials = [_mapping(denial) for denial in _sequence(line.permission_denials)]
        for denial in denials:
            if call_id := _text(denial.get("tool_use_id")):
                yield CallEnded(call_id, Outcome.DENIED)
        denied = (_text(denial.get("tool_name")) for denial in denials)
        self.result = Result(
            _text(line.subtype), line.is_error is True, "\n".join(texts), tuple(dict.fromkeys(filter(None, denied)))
        )
        yield self.result

    def _add_spending(self, line: _Line) -> None:
        turns = min(MAX_TURNS, self.spent.turns + min(MAX_TURNS, _number(line.num_turns)))
        if _text(line.terminal_reason).startswith(ABORTED):
            turns = max(self.spent.turns, len(self._answers))  # Claude Code counts its notes of the interruption, too
        since = line.model_usage_since_last_result
        if isinstance(since, dict):
            cost, tokens = _usage(since)
            self.spent = Spent(self.spent.cost_picodollars + cost, self.spent.tokens + tokens, turns)
            return
        cost, tokens = _usage(_mapping(line.modelUsage))
        cost = _picodollars(line.total_cost_usd) or cost
        before = self.spent_before if cost >= self.spent_before else 0  # some versions start at 0 in every process
        self.spent = replace(self.spent, cost_picodollars=cost - before, tokens=tokens, turns=turns)


def _usage_of(message: Mapping[str, Any], agent: str) -> Iterator[UsageReported]:
    model, usage = _text(message.get("model")), _mapping(message.get("usage"))
    if usage and model not in {"", SYNTHETIC}:
        yield UsageReported(_text(message.get("id")), model, usage, agent)


def _ended_calls(line: _Line) -> Iterator[CallEnded]:
    """The calls whose results a line has."""
    known = (_mapping(one) for one in _sequence(line.tool_result_meta))
    decisions = {_text(one.get("id")): _mapping(one.get("permission_decision")).get("decision") for one in known}
    for block in map(_mapping, _sequence(_mapping(_decoded(line.message)).get("content"))):
        call_id = _text(block.get("tool_use_id"))
        if block.get("type") != "tool_result" or not call_id:
            continue
        if block.get("is_error") is not True:
            yield CallEnded(call_id, Outcome.SUCCESS)
        else:
            outcome = Outcome.DENIED if decisions.get(call_id) == REJECTED else Outcome.ERROR
            yield CallEnded(call_id, outcome, _error_text(block.get("content")))


def _error_text(content: object) -> str:
    if isinstance(content, str):
        return _text(content)
    return "\n".join(_text(_mapping(block).get("text")) for block in _sequence(content))


def _quotas(info: Mapping[str, Any]) -> Iterator[QuotasReported]:
    """The valid windows; older versions of Claude Code report only the one that limits, at the top level."""
    given = {_text(info.get("rateLimitType")): info, **_mapping(info.get("unifiedWindows"))}
    if windows := valid_windows({name: _window(_mapping(window)) for name, window in given.items()}):
        yield QuotasReported(windows)


def _window(given: Mapping[str, Any]) -> dict[str, object]:
    used = _amount(given.get("utilization"))
    return {"used_percentage": None if used is None else round(used * 100, 6), "resets_at": given.get("resetsAt")}


def _usage(by_model: Mapping[str, Any]) -> tuple[int, int]:
    """The picodollars and the tokens of all models."""
    models = [_mapping(model) for model in by_model.values()]
    tokens = sum(_number(model.get(kind)) for model in models for kind in TOKEN_KINDS)
    return sum(_picodollars(model.get("costUSD")) for model in models), tokens


def _picodollars(usd: object) -> int:
    return round(min(MAX_USD, _amount(usd) or 0) * PICODOLLARS)


def _amount(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_NUMBER:
        return None
    return value


def _decoded(raw: msgspec.Raw) -> object:
    try:
        return msgspec.json.decode(raw)
    except UNDECODABLE:
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else ""  # PostgreSQL cannot store NUL


def _number(value: object) -> int:
    return value if type(value) is int and 0 <= value < MAX_NUMBER else 0  # true and false are no numbers
