"""The lines of stream-json, and what they come to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatserver.tasks.records import Spent
from chatserver.tasks.stream import Stream
from chatserver.tasks.stream_events import (
    ApiRetry,
    CallEnded,
    CallStarted,
    Progress,
    QuotasReported,
    Result,
    SessionStarted,
    TextWritten,
    ToolInUse,
    UsageReported,
)
from exporter.model.money import PICODOLLARS
from exporter.model.records import Outcome

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "subtype", "message", "event", "result", "errors", "is_error", "num_turns", "total_cost_usd", "modelUsage",
    "model_usage_since_last_result", "permission_denials", "attempt", "error_status", "error", "parent_tool_use_id",
    "rate_limit_info", "subagent_type", "tool_result_meta", "terminal_reason", "tool_use_result", "tool_use_id",
    "status", "summary", "tasks",
)  # fmt: skip


def used(cost: float, tokens: int) -> dict[str, Any]:
    return {"m": {"inputTokens": tokens, "outputTokens": 1, "cacheReadInputTokens": 2, "costUSD": cost}}


def take(stream: Stream, **line: Any) -> list[Any]:
    return list(stream.read_line(json.dumps(line).encode()))


def result(stream: Stream, **more: Any) -> list[Any]:
    return take(stream, type="result", subtype="success", is_error=False, result="Done.", num_turns=2, **more)


def answer(*content: dict[str, Any], message_id: str = "m1", **more: Any) -> dict[str, Any]:
    return {"type": "assistant", "session_id": "s", "message": {"id": message_id, "content": content}, **more}


def test_of_several_results_each_counts_what_was_used_since_the_last() -> None:
    stream = Stream(spent_before=PICODOLLARS)
    result(stream, total_cost_usd=5.5, modelUsage=used(5.5, 100), model_usage_since_last_result=used(0.5, 10))
    result(stream, total_cost_usd=5.75, modelUsage=used(5.75, 107), model_usage_since_last_result=used(0.25, 7))
    assert stream.spent == Spent(3 * PICODOLLARS // 4, 10 + 7 + 6)


@pytest.mark.parametrize(("before", "cost"), [(0, 1.5), (1, 0.5), (2, 1.5)])
def test_where_there_are_only_sums_what_was_known_before_is_taken_away(before: int, cost: float) -> None:
    stream = Stream(spent_before=before * PICODOLLARS)
    result(stream, total_cost_usd=1.0, modelUsage=used(1.0, 10))
    result(stream, total_cost_usd=1.5, modelUsage=used(1.5, 17))
    assert stream.spent == Spent(round(cost * PICODOLLARS), 17 + 3)


def test_an_api_error_that_says_success_has_failed() -> None:
    (reported,) = take(Stream(), type="result", subtype="success", is_error=True, result="API Error: 529")
    assert reported == Result("success", failed=True, text="API Error: 529", denied=())


def test_errors_and_denials_are_events() -> None:
    (reported,) = take(
        Stream(), type="result", subtype="error_max_turns", is_error=True, errors=["a", "b"],
        permission_denials=[{"tool_name": "Bash"}, {"tool_name": "Bash"}, {"tool_name": "Write"}, None],
    )  # fmt: skip
    assert reported == Result("error_max_turns", failed=True, text="a\nb", denied=("Bash", "Write"))


def test_what_was_used_after_the_last_result_is_known_to_be_missing() -> None:
    stream = Stream()
    take(stream, **answer())
    assert stream.has_unreported_spending
    result(stream, model_usage_since_last_result={})
    assert not stream.has_unreported_spending
    take(stream, type="assistant", message={"model": "<synthetic>", "content": []})
    assert not stream.has_unreported_spending


def test_text_is_reported_once_and_in_pieces_where_there_are_any() -> None:
    stream, text = Stream(), {"type": "text", "text": "Hello"}
    assert TextWritten("Hello") in take(stream, **answer(text))
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hel"}}
    assert take(stream, type="stream_event", event=delta) == [TextWritten("Hel")]
    assert take(stream, type="stream_event", event=delta, parent_tool_use_id="t") == []
    assert TextWritten("Hello") not in take(stream, **answer(text))


def test_tools_of_the_main_conversation_are_events() -> None:
    use = {"type": "tool_use", "name": "Bash", "input": {}}
    stream = Stream()
    assert take(stream, **answer(use)) == [SessionStarted("s"), ToolInUse("Bash")]
    assert take(stream, **answer(use, parent_tool_use_id="t")) == []
    assert take(stream, type="user") == [ToolInUse(None)]


def test_calls_of_all_agents_start_and_end() -> None:
    use = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}}
    stream = Stream()
    assert CallStarted("t1", "Bash", {"command": "ls"}, "main") in take(stream, **answer(use))
    of_agent = take(stream, **answer({**use, "id": "t2"}, parent_tool_use_id="t0", subagent_type="Explore"))
    assert of_agent == [CallStarted("t2", "Bash", {"command": "ls"}, "Explore")]
    failed = {"type": "tool_result", "tool_use_id": "t2", "is_error": True, "content": [{"text": "no"}, {"text": "!"}]}
    results = [{"type": "tool_result", "tool_use_id": "t1", "content": "fine"}, failed, {"type": "text"}]
    assert take(stream, type="user", message={"content": results}, parent_tool_use_id="t0") == [
        CallEnded("t1", Outcome.SUCCESS),
        CallEnded("t2", Outcome.ERROR, "no\n!"),
    ]
    rejected = {"id": "t2", "permission_decision": {"decision": "reject"}}
    ended = take(stream, type="user", message={"content": [failed]}, tool_result_meta=[rejected])
    assert ended == [CallEnded("t2", Outcome.DENIED, "no\n!"), ToolInUse(None)]
    assert CallEnded("t1", Outcome.DENIED) in result(stream, permission_denials=[{"tool_use_id": "t1"}])


def test_the_usage_of_a_message_is_reported_as_it_grows() -> None:
    stream, message = Stream(), {"id": "m1", "model": "m", "usage": {"output_tokens": 1}, "content": []}
    take(stream, type="stream_event", event={"type": "message_start", "message": message})
    assert UsageReported("m1", "m", {"output_tokens": 1}, "main") in take(stream, type="assistant", message=message)
    delta = {"type": "message_delta", "usage": {"output_tokens": 80}}
    reported = take(stream, type="stream_event", event=delta)
    assert reported == [UsageReported("m1", "m", {"output_tokens": 80}, "main")]
    by_agent = take(stream, type="assistant", message=message, parent_tool_use_id="t", subagent_type="Explore")
    assert by_agent == [UsageReported("m1", "m", {"output_tokens": 1}, "Explore")]
    assert take(stream, type="stream_event", event=delta, parent_tool_use_id="t") == []


@pytest.mark.parametrize("reason", ["aborted_tools", "max_turns", "completed"])
def test_turns_are_answers_and_not_the_notes_that_claude_code_counts_with_them(reason: str) -> None:
    stream = Stream()
    for message_id in ("m1", "m2", "m2"):
        take(stream, **answer(message_id=message_id))
    take(stream, **answer(message_id="m3", parent_tool_use_id="t"))
    take(stream, type="result", subtype="error_during_execution", num_turns=4, terminal_reason=reason)
    assert stream.spent.turns == stream.turns == 2


def test_what_was_denied_before_a_sub_agent_ended_is_denied_in_the_last_result() -> None:
    stream = Stream()
    result(stream, permission_denials=[{"tool_name": "Write"}, {"tool_name": "Bash"}, {"tool_name": "Write"}])
    result(stream, permission_denials=[])
    assert stream.result == Result("success", failed=False, text="Done.", denied=("Write", "Bash"))


@pytest.mark.parametrize(("model", "is_unreported"), [("claude-opus-5", True), ("<synthetic>", False)])
def test_what_sub_agents_use_after_a_result_is_not_reported_yet(model: str, *, is_unreported: bool) -> None:
    stream = Stream()
    result(stream)
    take(stream, type="assistant", message={"id": "m1", "model": model, "content": []}, parent_tool_use_id="t")
    assert stream.has_unreported_spending is is_unreported


def test_an_answer_whose_end_was_not_seen_has_an_unknown_cost() -> None:
    stream, begun = Stream(), {"id": "m1", "model": "m", "usage": {"output_tokens": 1}}
    take(stream, type="stream_event", event={"type": "message_start", "message": begun})
    assert (stream.has_unreported_spending, stream.is_answering) == (True, True)
    take(stream, type="stream_event", event={"type": "message_delta", "usage": {"output_tokens": 80}})
    assert (stream.has_unreported_spending, stream.is_answering) == (True, False)


def test_progress_is_of_the_list_or_else_of_the_turns() -> None:
    stream = Stream(max_turns=4)
    assert Progress(0.25) in take(stream, **answer())
    assert take(stream, **answer()) == []
    todos = [{"status": "completed"}, {"status": "completed"}, {"status": "pending"}, {"status": "in_progress"}]
    use = {"type": "tool_use", "name": "TodoWrite", "input": {"todos": todos}}
    assert Progress(0.5) in take(stream, **answer(use, message_id="m2"))


def test_retries_are_events() -> None:
    line = {"type": "system", "subtype": "api_retry", "attempt": 2, "error_status": 401, "error": "x"}
    assert take(Stream(), **line) == [ApiRetry(2, 401, "x")]


def quotas(**info: Any) -> list[Any]:
    return take(Stream(), type="rate_limit_event", rate_limit_info=info, session_id="s")


def test_both_windows_of_a_subscription_are_reported_in_percent() -> None:
    windows = {"five_hour": {"utilization": 0.29, "resetsAt": 7}, "seven_day": {"utilization": 1.04, "resetsAt": 8}}
    assert quotas(status="allowed", unifiedWindows={**windows, "seven_day_opus": windows["five_hour"]}) == [
        QuotasReported(
            {
                "five_hour": {"used_percentage": 29, "resets_at": 7},
                "seven_day": {"used_percentage": 104, "resets_at": 8},
            }
        )
    ]


def test_of_older_versions_the_window_that_limits_is_reported() -> None:
    limiting = {"status": "allowed_warning", "resetsAt": 7, "rateLimitType": "seven_day", "utilization": 0.9}
    assert quotas(**limiting) == [QuotasReported({"seven_day": {"used_percentage": 90, "resets_at": 7}})]
    assert quotas(**{**limiting, "rateLimitType": "overage"}) == []


@pytest.mark.parametrize(
    "wrong",
    [
        None, [], "x", {}, {"utilization": 0.5}, {"utilization": 0.5, "resetsAt": 1e12},
        {"utilization": "1", "resetsAt": 7}, {"utilization": -1, "resetsAt": 7}, {"utilization": True, "resetsAt": 7},
        {"utilization": 1e308, "resetsAt": 7},
    ],
)  # fmt: skip
def test_an_invalid_window_costs_only_itself(wrong: Any) -> None:
    right = {"utilization": 0.5, "resetsAt": 7}
    reported = [QuotasReported({"seven_day": {"used_percentage": 50, "resets_at": 7}})]
    assert quotas(unifiedWindows={"five_hour": wrong, "seven_day": right}) == reported
    assert quotas(unifiedWindows={"five_hour": wrong}) == quotas(unifiedWindows=wrong) == []


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"{", b"null", b"[]", b"7", b'{"type":"result"', b"\xff\xfe", b"[" * 10_000]
)
def test_what_is_no_line_says_nothing(line: bytes) -> None:
    assert list(Stream().read_line(line)) == []


def test_a_line_of_many_megabytes_is_read() -> None:
    text = "x" * (8 << 20)
    assert take(Stream(), **answer({"type": "text", "text": text}))[1] == TextWritten(text)


@given(
    st.sampled_from(["result", "assistant", "user", "system", "stream_event", "rate_limit_event"]),
    st.dictionaries(st.sampled_from(FIELDS), JSON),
)
def test_whatever_a_line_holds_it_is_read_and_costs_are_never_negative(kind: str, fields: dict[str, Any]) -> None:
    stream = Stream(max_turns=3)
    take(stream, **fields, type=kind)
    assert min(stream.spent.cost_picodollars, stream.spent.tokens, stream.spent.turns) >= 0


@pytest.mark.parametrize(
    ("answers", "exceeded"),
    [
        ("call", False),
        ("call text", True),  # Claude Code began to count again
        ("text text call", False),  # it let the model continue an answer that was cut off
        ("text call call", True),
    ],
)
def test_a_run_exceeds_its_turns_with_an_answer_after_the_last_one(answers: str, *, exceeded: bool) -> None:
    stream, call = Stream(max_turns=1), {"type": "tool_use", "id": "t", "name": "Bash", "input": {}}
    for number, kind in enumerate(answers.split()):
        for _ in range(2):  # each block of an answer has a line
            take(stream, **answer(call if kind == "call" else {"type": "text", "text": "x"}, message_id=f"m{number}"))
    assert stream.exceeds_turns is exceeded


def test_a_text_that_was_cut_within_a_character_is_read() -> None:
    stream, cut = Stream(), "A party \ud83c"
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": cut}}
    assert take(stream, type="stream_event", event=delta) == [TextWritten("A party \ufffd")]
    take(stream, **answer({"type": "tool_use", "id": "call", "name": "Bash", "input": {"command": cut}}))
    failed = {"type": "tool_result", "tool_use_id": "call", "is_error": True, "content": cut}
    ended = take(stream, type="user", message={"content": [failed]})
    assert CallEnded("call", Outcome.ERROR, "A party \ufffd") in ended
    (found,) = take(stream, type="result", subtype="success", is_error=False, result=cut, total_cost_usd=0.5)
    assert found.text == "A party \ufffd"
    assert stream.spent.cost_picodollars == PICODOLLARS // 2


def test_a_long_line_that_is_no_json_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: bytes) -> bytes:
        raise AssertionError("It takes minutes.")

    monkeypatch.setattr("chatserver.tasks.json_values.repaired", refuse)
    assert list(Stream().read_line(b"1 " * 1_000_000)) == []


def test_a_number_that_is_none_hides_nothing_else_of_its_line() -> None:
    stream = Stream()
    line = b'{"type": "result", "result": "Done.", "total_cost_usd": 0.5, "duration_ms": NaN}'
    assert [event.text for event in stream.read_line(line) if isinstance(event, Result)] == ["Done."]


def test_a_result_without_a_cost_leaves_the_spending_to_the_transcript() -> None:
    stream = Stream()
    take(stream, **answer({"type": "text", "text": "Done."}))
    result(stream, total_cost_usd=-1)
    assert stream.has_unreported_spending
    result(stream, total_cost_usd=0.5)
    assert not stream.has_unreported_spending
    assert stream.spent == Spent(PICODOLLARS // 2, 0, 1)
