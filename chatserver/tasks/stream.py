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
from exporter.hooks.hookmeter_statusline import Windows, valid_windows
from exporter.model.money import PICODOLLARS

TOKEN_KINDS = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")
SYNTHETIC = "<synthetic>"  # the model of what Claude Code writes itself, without a request to the API
MAX_NUMBER = 10**15
MAX_TURNS = 10**6
MAX_USD = 10**6  # of a run; the database stores picodollars in 64 bits
NOTHING = Spent()


@dataclass(frozen=True, slots=True)
class TextWritten:
    """More text of the main conversation."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolInUse:
    """The tool that the main conversation runs from now on; None where it runs none."""

    tool: str | None


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The API has answered for the first time, so the session can be continued."""

    session_uuid: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The share of the work that is done, from 0 to 1."""

    share: float


@dataclass(frozen=True, slots=True)
class ApiRetry:
    """The API refused a request, and Claude Code retries."""

    attempt: int
    status: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class QuotasReported:
    """The quotas of a subscription, as of the latest response of the API."""

    windows: Windows


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a turn as Claude Code reports it. An error of the API has the kind "success", too."""

    kind: str
    failed: bool
    text: str
    denied: tuple[str, ...]


Event = TextWritten | ToolInUse | SessionStarted | Progress | ApiRetry | QuotasReported | Result


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


DECODER = msgspec.json.Decoder(_Line)
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(slots=True)
class Stream:
    """The state of one run's output. `spent_before` is the known cost of its session before the run, in picodollars.

    Newer versions of Claude Code report what was used since the last result; older ones report sums only, from which
    the known cost is subtracted.
    """

    max_turns: int | None = None
    spent_before: int = 0
    spent: Spent = NOTHING
    result: Result | None = None
    has_unreported_spending: bool = False
    _todo: TodoList = field(default_factory=TodoList)
    _answers: set[str] = field(default_factory=set)
    _progress: float | None = None
    _partial: bool = False

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
        elif line.type == "stream_event" and line.parent_tool_use_id is None:
            yield from self._stream_event(_mapping(_decoded(line.event)))
        elif line.type == "assistant":
            yield from self._message(line, _mapping(_decoded(line.message)))
        elif line.type == "user" and line.parent_tool_use_id is None:
            yield ToolInUse(None)

    def _stream_event(self, event: Mapping[str, Any]) -> Iterator[Event]:
        self._partial = True
        delta = _mapping(event.get("delta"))
        if delta.get("type") == "text_delta" and (text := _text(delta.get("text"))):
            yield TextWritten(text)

    def _message(self, line: _Line, message: Mapping[str, Any]) -> Iterator[Event]:
        is_main, content = line.parent_tool_use_id is None, _sequence(message.get("content"))
        if is_main and message.get("model") != SYNTHETIC:
            self.has_unreported_spending = True
            if not self._answers:
                yield SessionStarted(_text(line.session_id))
            self._answers.add(_text(message.get("id")))
        for block in map(_mapping, content):
            if block.get("type") == "tool_use":
                self._todo.record_tool_call(_text(block.get("name")), _mapping(block.get("input")), of_main=is_main)
                if is_main:
                    yield ToolInUse(_text(block.get("name")))
            elif is_main and not self._partial and (text := _text(block.get("text"))):
                yield TextWritten(text)
        yield from self._changed_progress()

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
        denied = (_text(_mapping(denial).get("tool_name")) for denial in _sequence(line.permission_denials))
        self.result = Result(
            _text(line.subtype), line.is_error is True, "\n".join(texts), tuple(dict.fromkeys(filter(None, denied)))
        )
        yield self.result

    def _add_spending(self, line: _Line) -> None:
        turns = min(MAX_TURNS, self.spent.turns + min(MAX_TURNS, _number(line.num_turns)))
        since = line.model_usage_since_last_result
        if isinstance(since, dict):
            cost, tokens = _usage(since)
            self.spent = Spent(self.spent.cost_picodollars + cost, self.spent.tokens + tokens, turns)
            return
        cost, tokens = _usage(_mapping(line.modelUsage))
        cost = _picodollars(line.total_cost_usd) or cost
        before = self.spent_before if cost >= self.spent_before else 0  # some versions start at 0 in every process
        self.spent = replace(self.spent, cost_picodollars=cost - before, tokens=tokens, turns=turns)


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
