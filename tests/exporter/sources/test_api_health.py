"""Failed API requests and switches to another model, as lines of transcripts report them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.api_health import (
    ApiError,
    ApiErrorOutcome,
    ApiEvent,
    FallbackTrigger,
    ModelFallback,
)
from exporter.sources.api_health import api_event
from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_lines import TranscriptLine
from exporter.sources.transcripts import read_transcript
from tests.support.transcript_lines import (
    NOON,
    SESSION,
    SLUG,
    api_error_line,
    assistant_line,
    session_of,
    system_line,
    usage,
    write,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(list(FallbackTrigger)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["status", "cause", "requestId"]), inner)
    ),
    max_leaves=6,
)
VALUES = ("error", "retryInMs", "apiErrorStatus", "trigger", "direction", "originalModel", "fallbackModel")


def events(tmp_path: Path, *lines: str) -> list[ApiEvent]:
    path = write(tmp_path / SLUG / f"{SESSION}.jsonl", *lines)
    file = log_file(str(path.parent), path.name)
    assert file
    read = read_transcript(file, Position(), str(path.parent), session_of)
    assert read
    assert read.malformed == 0
    return read.api_events


def api_error(found: list[ApiEvent]) -> ApiError:
    (event,) = found
    assert isinstance(event, ApiError)
    return event


def fallback_line(subtype: object = "model_fallback", **fields: Any) -> str:
    models = {"originalModel": "claude-sonnet-4-5", "fallbackModel": "claude-haiku-4-5", "trigger": "overloaded"}
    return system_line(subtype, **models | fields)


def abandoned_line(**fields: Any) -> str:
    failed: dict[str, Any] = {"isApiErrorMessage": True, "error": "unknown", **fields}
    return assistant_line(1, usage(0, 0), message={"model": "<synthetic>"}, **failed)


def test_a_failed_request_that_is_retried_has_its_status_and_the_time_until_the_next_attempt(tmp_path: Path) -> None:
    event = api_error(events(tmp_path, api_error_line(1, 529, wait_ms=559)))
    assert (event.status, event.outcome, event.wait_ms) == ("529", ApiErrorOutcome.RETRIED, 559)
    assert event.time_us == to_us(NOON.isoformat())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"status": 400}, "400"),
        ({"connection": {"code": "ECONNREFUSED"}, "isNetworkDown": True}, "network"),
        ({"connection": None, "isNetworkDown": False, "noResponse": {"waitedMs": 600_000}}, "network"),
        ({"cause": {}}, "network"),
        ({"connection": None, "isNetworkDown": False, "noResponse": None}, "unknown"),
        ({"status": 200}, "unknown"),
        ({"status": True}, "unknown"),
        ({"status": "529"}, "unknown"),
        ({}, "unknown"),
        (None, "unknown"),
        ("529", "unknown"),
        ([], "unknown"),
    ],
)
def test_the_status_is_that_of_http_or_says_why_there_is_none(tmp_path: Path, error: object, status: str) -> None:
    assert api_error(events(tmp_path, api_error_line(1, error=error))).status == status


@pytest.mark.parametrize("waited", [None, -5, 1e18, "559", True, [], {}])
def test_a_wait_that_is_none_is_0(tmp_path: Path, waited: Any) -> None:
    assert api_error(events(tmp_path, api_error_line(1, wait_ms=waited))).wait_ms in {0, 1}


def test_copies_of_a_line_have_the_same_key_and_other_lines_have_not(tmp_path: Path) -> None:
    nameless: dict[str, Any] = {"error": {"status": 529}}
    first, copy, other = events(
        tmp_path,
        api_error_line(1, **nameless),
        api_error_line(1, **nameless, sessionId="fork"),
        api_error_line(2, **nameless),
    )
    assert first.key == copy.key != other.key


def test_lines_that_repeat_a_request_during_a_long_wait_have_the_same_key(tmp_path: Path) -> None:
    lines = [api_error_line(1, wait_ms=wait, uuid=f"uuid-{wait}") for wait in (90_000, 60_000, 30_000)]
    assert len({event.key for event in events(tmp_path, *lines)}) == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"apiErrorStatus": 429, "error": "rate_limit"}, "429"),
        ({"apiErrorStatus": 400}, "400"),
        ({"error": "server_error", "apiError": "connection_failed"}, "network"),
    ],
)
def test_a_request_that_claude_code_gives_up_is_abandoned(tmp_path: Path, fields: dict[str, Any], status: str) -> None:
    event = api_error(events(tmp_path, abandoned_line(**fields)))
    assert (event.status, event.outcome, event.wait_ms) == (status, ApiErrorOutcome.ABANDONED, 0)


@pytest.mark.parametrize(
    "line",
    [
        abandoned_line(error="invalid_request"),
        abandoned_line(isApiErrorMessage=False, apiErrorStatus=429),
        abandoned_line(isApiErrorMessage=None, apiErrorStatus=429),
        system_line("turn_duration", durationMs=5, error={"status": 529}),
        api_error_line(1, type="user"),
        fallback_line(subtype="model_consent_fallback"),
        fallback_line(subtype="model_refusal_fallback", trigger="refusal", direction="revert"),
        fallback_line(subtype="model_refusal_fallback", trigger="refusal", direction="sticky"),
        fallback_line(subtype=["model_fallback"]),
    ],
)
def test_other_lines_report_no_event(tmp_path: Path, line: str) -> None:
    assert events(tmp_path, line) == []


@pytest.mark.parametrize(
    ("line", "trigger"),
    [
        (fallback_line(), FallbackTrigger.OVERLOADED),
        (fallback_line(trigger="brand_new"), FallbackTrigger.OTHER),
        (fallback_line(trigger=None), FallbackTrigger.OTHER),
        (
            fallback_line(subtype="model_refusal_fallback", trigger="refusal", direction="retry"),
            FallbackTrigger.REFUSAL,
        ),
    ],
)
def test_a_switch_to_another_model_has_both_models_and_the_trigger(
    tmp_path: Path, line: str, trigger: FallbackTrigger
) -> None:
    (event,) = events(tmp_path, line)
    assert isinstance(event, ModelFallback)
    assert (event.trigger, event.from_model, event.to_model) == (trigger, "claude-sonnet-4-5", "claude-haiku-4-5")


@given(st.sampled_from(["system", "assistant"]), st.fixed_dictionaries(dict.fromkeys(VALUES, JSON)))
def test_no_value_makes_the_reading_fail(kind: str, fields: dict[str, Any]) -> None:
    for subtype in ("api_error", "model_fallback", "model_refusal_fallback"):
        line = TranscriptLine(type=kind, subtype=subtype, isApiErrorMessage=True, **fields)
        event = api_event(line, json.dumps(str(fields)).encode(), 7)
        assert event is None or 0 <= event.key < 1 << 63
