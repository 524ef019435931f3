"""What the lines of `claude -p --output-format stream-json` say: pure, a line at a time.

A line may be anything: of a kind that is not known yet, torn, or no JSON; then it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from chatserver.tasks.progress import TodoList
from chatserver.tasks.records import Spent
from exporter.model.money import PICODOLLARS

TOKEN_KINDS = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")
SYNTHETIC = "<synthetic>"  # what Claude Code says itself, without asking the API
MAX_NUMBER = 10**15
NOTHING = Spent()


@dataclass(frozen=True, slots=True)
class TextWritten:
    """A piece of what the main conversation says; it follows on those before."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolInUse:
    """The main conversation runs a tool; none any more where it is None."""

    tool: str | None


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The API has answered, so the session is one that can be continued."""

    session_uuid: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the work is done, of 1."""

    share: float


@dataclass(frozen=True, slots=True)
class ApiRetry:
    """The API refused a request, and Claude Code tries again."""

    attempt: int
    status: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a turn ended, by Claude Code's own word. An API's error has the kind "success", too."""

    kind: str
    failed: bool
    text: str
    denied: tuple[str, ...]


Event = TextWritten | ToolInUse | SessionStarted | Progress | ApiRetry | Result


class _Line(msgspec.Struct):
    """A line, as far as it matters; what it holds is decoded where it is wanted."""

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


DECODER = msgspec.json.Decoder(_Line)
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(slots=True)
class Stream:
    """The lines of one run so far. `before` is what its session had cost before it, as far as it is known.

    Newer versions of Claude Code say what was used since the last result; older ones give sums only, from which what
    was known before is taken away.
    """

    max_turns: int | None = None
    before: int = 0
    spent: Spent = NOTHING
    result: Result | None = None
    is_unpaid: bool = False
    _todo: TodoList = field(default_factory=TodoList)
    _answers: set[str] = field(default_factory=set)
    _progress: float | None = None
    _partial: bool = False

    def take(self, text: bytes) -> Iterator[Event]:
        """What a line tells."""
        try:
            line = DECODER.decode(text)
        except UNDECODABLE:
            return
        if line.type == "result":
            yield from self._result(line)
        elif line.subtype == "api_retry":
            yield ApiRetry(_number(line.attempt), _number(line.error_status) or None, _text(line.error))
        elif line.type == "stream_event" and line.parent_tool_use_id is None:
            yield from self._piece(_mapping(_decoded(line.event)))
        elif line.type == "assistant":
            yield from self._answer(line, _mapping(_decoded(line.message)))
        elif line.type == "user" and line.parent_tool_use_id is None:
            yield ToolInUse(None)

    def _piece(self, event: Mapping[str, Any]) -> Iterator[Event]:
        self._partial = True
        delta = _mapping(event.get("delta"))
        if delta.get("type") == "text_delta" and (text := _text(delta.get("text"))):
            yield TextWritten(text)

    def _answer(self, line: _Line, message: Mapping[str, Any]) -> Iterator[Event]:
        is_main, content = line.parent_tool_use_id is None, _sequence(message.get("content"))
        if is_main and message.get("model") != SYNTHETIC:
            self.is_unpaid = True
            if not self._answers:
                yield SessionStarted(_text(line.session_id))
            self._answers.add(_text(message.get("id")))
        for block in map(_mapping, content):
            if block.get("type") == "tool_use":
                self._todo.used(_text(block.get("name")), _mapping(block.get("input")), of_main=is_main)
                if is_main:
                    yield ToolInUse(_text(block.get("name")))
            elif is_main and not self._partial and (text := _text(block.get("text"))):
                yield TextWritten(text)
        yield from self._progressed()

    def _progressed(self) -> Iterator[Event]:
        share = self._todo.share
        if share is None and self.max_turns:
            share = min(1.0, len(self._answers) / self.max_turns)
        if share is not None and share != self._progress:
            self._progress = share
            yield Progress(share)

    def _result(self, line: _Line) -> Iterator[Event]:
        self.is_unpaid = False
        self._spend(line)
        texts = [_text(text) for text in _sequence(line.errors)] or [_text(line.result)]
        denied = (_text(_mapping(denial).get("tool_name")) for denial in _sequence(line.permission_denials))
        self.result = Result(
            _text(line.subtype), line.is_error is True, "\n".join(texts), tuple(dict.fromkeys(filter(None, denied)))
        )
        yield self.result

    def _spend(self, line: _Line) -> None:
        turns = self.spent.turns + _number(line.num_turns)
        since = line.model_usage_since_last_result
        if isinstance(since, dict):
            cost, tokens = _used(since)
            self.spent = Spent(self.spent.cost_picodollars + cost, self.spent.tokens + tokens, turns)
            return
        cost, tokens = _used(_mapping(line.modelUsage))
        cost = _picodollars(line.total_cost_usd) or cost
        before = self.before if cost >= self.before else 0  # a version that begins anew with every process
        self.spent = replace(self.spent, cost_picodollars=cost - before, tokens=tokens, turns=turns)


def _used(by_model: Mapping[str, Any]) -> tuple[int, int]:
    """Picodollars and tokens of all models."""
    models = [_mapping(model) for model in by_model.values()]
    tokens = sum(_number(model.get(kind)) for model in models for kind in TOKEN_KINDS)
    return sum(_picodollars(model.get("costUSD")) for model in models), tokens


def _picodollars(usd: object) -> int:
    is_amount = isinstance(usd, int | float) and not isinstance(usd, bool) and 0 <= usd < MAX_NUMBER
    return round(usd * PICODOLLARS) if is_amount else 0  # type: ignore[operator] # it is a number


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
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if type(value) is int and 0 <= value < MAX_NUMBER else 0  # true and false are no numbers
