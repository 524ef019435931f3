"""What lines of transcripts report on the health of the API: failed requests, and switches to another model."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.model.api_health import ApiError, ApiErrorOutcome, ApiEvent, FallbackTrigger, ModelFallback
from exporter.model.keys import key_of
from exporter.sources.line_keys import line_key
from exporter.sources.transcript_lines import TranscriptLine

NETWORK, UNKNOWN = "network", "unknown"  # in place of an HTTP status
HTTP_ERRORS = range(400, 600)
# The fields of an error without a response; the last one is that of versions up to 2.1.42 (at least).
SIGNS_OF_NETWORK = ("connection", "isNetworkDown", "noResponse", "cause")
MAX_WAIT_MS = 24 * 3600 * 1000
FALLBACK_SUBTYPES = ("model_fallback", "model_refusal_fallback")
REVERSALS = ("revert", "sticky")  # back to the first model, or a reminder of an earlier switch


def api_event(line: TranscriptLine, text: bytes, time_us: int) -> ApiEvent | None:
    """The failed request or the switch to another model that a line reports; `text` is the line itself."""
    if line.type == "system" and line.subtype == "api_error":
        return _retried(line, text, time_us)
    if line.type == "system" and line.subtype in FALLBACK_SUBTYPES and line.direction not in REVERSALS:
        return _fallback(line, text, time_us)
    if line.type == "assistant" and line.isApiErrorMessage is True:
        return _abandoned(line, text, time_us)
    return None


def _retried(line: TranscriptLine, text: bytes, time_us: int) -> ApiError:
    """A failed attempt. While Claude Code waits for long, it repeats the line with a new uuid, but the same request."""
    error = line.error if isinstance(line.error, Mapping) else {}
    no_response = any(error.get(name) not in (None, False) for name in SIGNS_OF_NETWORK)
    status = _http_status(error.get("status")) or (NETWORK if no_response else UNKNOWN)
    key = _key("api_error", error.get("requestId") or error.get("requestID"), line, text)
    return ApiError(key, time_us, status, ApiErrorOutcome.RETRIED, _wait_ms(line.retryInMs))


def _abandoned(line: TranscriptLine, text: bytes, time_us: int) -> ApiError | None:
    """The last attempt of a request; None if Claude Code itself refused to send it, as it does for a long prompt."""
    status = _http_status(line.apiErrorStatus) or (NETWORK if line.error == "server_error" else None)
    if status is None:
        return None
    return ApiError(_key("api_error", line.requestId, line, text), time_us, status, ApiErrorOutcome.ABANDONED)


def _fallback(line: TranscriptLine, text: bytes, time_us: int) -> ModelFallback:
    key = _key("model_fallback", line.requestId, line, text)
    return ModelFallback(key, time_us, _trigger(line.trigger), _model(line.originalModel), _model(line.fallbackModel))


def _key(kind: str, request: object, line: TranscriptLine, text: bytes) -> int:
    """The key of a request; that of the line if it names none."""
    if isinstance(request, str) and request:
        return key_of(f"{kind}\n{request}".encode("utf-8", "replace"))
    return line_key(line, text)


def _http_status(value: object) -> str | None:
    return str(value) if type(value) is int and value in HTTP_ERRORS else None


def _wait_ms(value: object) -> int:
    return round(value) if isinstance(value, int | float) and 0 < value < MAX_WAIT_MS else 0


def _trigger(value: object) -> FallbackTrigger:
    return next((trigger for trigger in FallbackTrigger if trigger == value), FallbackTrigger.OTHER)


def _model(value: object) -> str:
    return value if isinstance(value, str) and value else UNKNOWN
