"""Lines of transcripts as Claude Code writes them, for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from exporter.model.sessions import TranscriptSession

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SESSION = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"
SLUG = "-home-dev-shop"


def session_of(session_id: str) -> TranscriptSession:
    """What was decided about a session: it belongs to the project of SLUG."""
    return TranscriptSession(session_id, "/home/dev/shop", 7, "shop")


def usage(
    plain: int = 10, output: int = 50, read: int = 0, five: int = 0, hour: int = 0, **others: object
) -> dict[str, object]:
    """The usage of a message: tokens of plain input, output, cache reads, and 5-minute and 1-hour cache writes."""
    return {
        "input_tokens": plain,
        "output_tokens": output,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": five + hour,
        "cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour},
        "service_tier": "standard",
        **others,
    }


def assistant_line(
    number: int,
    used: object = None,
    *,
    second: float = 0,
    model: str = "claude-opus-4-6",
    message: Mapping[str, object] | None = None,
    **fields: Any,
) -> str:
    """A line of the message with this number; the lines of one message differ in `second`."""
    line = {
        "parentUuid": None,
        "isSidechain": False,
        "message": {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [{"type": "text", "text": 'so be it: "usage":{"input_tokens":7}'}],
            "usage": usage() if used is None else used,
            **(message or {}),
        },
        "requestId": f"req_{number}",
        "type": "assistant",
        "uuid": f"uuid-{number}-{second}",
        "timestamp": (NOON + timedelta(seconds=second)).isoformat().replace("+00:00", "Z"),
        "cwd": "/home/dev/shop",
        "sessionId": SESSION,
    }
    return json.dumps(line | fields, separators=(",", ":")) + "\n"


def user_line(text: str = "continue") -> str:
    """A line of the user or of a tool result, with usage that is not that of a message."""
    line = {
        "type": "user",
        "message": {"role": "user", "content": text},
        "toolUseResult": {"usage": {"input_tokens": 1_000_000, "output_tokens": 5}},
        "sessionId": SESSION,
    }
    return json.dumps(line, separators=(",", ":")) + "\n"


def prompt_line(content: object, *, second: float = 0, **fields: Any) -> str:
    """The line of a prompt, or of what else Claude Code writes as the user."""
    line = {
        "parentUuid": None,
        "isSidechain": False,
        "promptId": f"prompt-{second}",
        "type": "user",
        "message": {"role": "user", "content": content},
        "uuid": f"uuid-prompt-{second}",
        "timestamp": (NOON + timedelta(seconds=second)).isoformat().replace("+00:00", "Z"),
        "cwd": "/home/dev/shop",
        "sessionId": SESSION,
    }
    return json.dumps(line | fields, separators=(",", ":")) + "\n"


def queued_line(prompt: object, *, second: float = 0, **fields: Any) -> str:
    """The line of a prompt that was submitted while a turn was running."""
    line = {
        "isSidechain": False,
        "attachment": {"type": "queued_command", "prompt": prompt, "commandMode": "prompt"},
        "type": "attachment",
        "uuid": f"uuid-queued-{second}",
        "timestamp": (NOON + timedelta(seconds=second)).isoformat().replace("+00:00", "Z"),
        "cwd": "/home/dev/shop",
        "sessionId": SESSION,
    }
    return json.dumps(line | fields, separators=(",", ":")) + "\n"


def queue_line(content: str, *, second: float = 0, **fields: Any) -> str:
    """The line of a prompt that is queued until the main agent reads it."""
    line = {
        "type": "queue-operation",
        "operation": "enqueue",
        "content": content,
        "timestamp": (NOON + timedelta(seconds=second)).isoformat().replace("+00:00", "Z"),
        "sessionId": SESSION,
    }
    return json.dumps(line | fields, separators=(",", ":")) + "\n"


def compaction_line(trigger: object = "auto", *, second: float = 0, **fields: Any) -> str:
    """The line of a compaction."""
    line = {
        "isSidechain": False,
        "type": "system",
        "subtype": "compact_boundary",
        "content": "Conversation compacted",
        "compactMetadata": {"trigger": trigger, "preTokens": 6580, "durationMs": 202},
        "uuid": f"uuid-compaction-{second}",
        "timestamp": (NOON + timedelta(seconds=second)).isoformat().replace("+00:00", "Z"),
        "cwd": "/home/dev/shop",
        "sessionId": SESSION,
    }
    return json.dumps(line | fields, separators=(",", ":")) + "\n"


def use_line(number: int, call_id: str, tool: str = "Bash", **fields: Any) -> str:
    """The line of a message that calls a tool."""
    block = {"type": "tool_use", "id": call_id, "name": tool, "input": {"command": "make"}}
    return assistant_line(number, message={"content": [block]}, **fields)


def result_line(call_id: str, *, second: float = 0, error: str = "", text: str = "made", **fields: Any) -> str:
    """The line of a tool's result."""
    failed = {"content": error, "is_error": True} if error else {"content": text, "is_error": False}
    line = {
        "parentUuid": None,
        "isSidechain": False,
        "type": "user",
        "message": {"role": "user", "content": [{"tool_use_id": call_id, "type": "tool_result", **failed}]},
        "uuid": f"uuid-{call_id}-{second}",
        "timestamp": (NOON + timedelta(seconds=second)).isoformat().replace("+00:00", "Z"),
        "toolUseResult": f"Error: {error}" if error else {"stdout": "made", "interrupted": False},
        "cwd": "/home/dev/shop",
        "sessionId": SESSION,
    }
    return json.dumps(line | fields, separators=(",", ":")) + "\n"


def attachment_line(text: str) -> str:
    """A line that no metric uses."""
    return json.dumps({"type": "attachment", "attachment": {"type": "file", "content": text}}) + "\n"


def system_line(subtype: object, **fields: Any) -> str:
    """A line that Claude Code itself adds to a conversation."""
    line = {
        "parentUuid": None,
        "type": "system",
        "subtype": subtype,
        "uuid": f"uuid-{subtype}",
        "timestamp": NOON.isoformat().replace("+00:00", "Z"),
        "cwd": "/home/dev/shop",
        "sessionId": SESSION,
    }
    return json.dumps(line | fields, separators=(",", ":")) + "\n"


def api_error_line(number: int, status: int = 529, *, wait_ms: float = 500, **fields: Any) -> str:
    """A line on the failed API request with this number, which will be retried."""
    error = {
        "message": f'{status} {{"type":"error","error":{{"type":"overloaded_error"}}}}',
        "status": status,
        "requestId": f"req_failed_{number}",
        "formatted": f"{status} Overloaded",
        "connection": None,
        "isNetworkDown": False,
        "rateLimits": None,
        "noResponse": None,
    }
    retry = {"retryInMs": wait_ms, "retryAttempt": 1, "maxRetries": 10, "source": "request_retry"}
    return system_line("api_error", **{"error": error, **retry, "uuid": f"uuid-failed-{number}"} | fields)


def cost_state_line(
    duration_ms: int,
    models: Mapping[str, Mapping[str, object]],
    *,
    session: str = SESSION,
    started: datetime = NOON,
    **fields: Any,
) -> str:
    """The line at the end of a process: the usage of its session by model, as in the messages of the API.

    `duration_ms` is the sum over the processes of the session, the first of which started at `started`.
    """
    line = {
        "type": "cost-state",
        "sessionId": session,
        "totalCostUSD": 1.5,
        "totalAPIDuration": 0,
        "totalAPIDurationWithoutRetries": 0,
        "totalToolDuration": 0,
        "totalLinesAdded": 0,
        "totalLinesRemoved": 0,
        "totalDuration": duration_ms,
        "startTime": round(started.timestamp() * 1000),
        "modelUsage": {model: _model_usage(used) for model, used in models.items()},
        "hasUnknownModelCost": False,
    }
    return json.dumps(line | fields, separators=(",", ":")) + "\n"


def _model_usage(used: Mapping[str, Any]) -> dict[str, object]:
    return {
        "inputTokens": used["input_tokens"],
        "outputTokens": used["output_tokens"],
        "cacheReadInputTokens": used["cache_read_input_tokens"],
        "cacheCreationInputTokens": used["cache_creation_input_tokens"],
        "cacheCreationEphemeral5mInputTokens": used["cache_creation"]["ephemeral_5m_input_tokens"],
        "cacheCreationEphemeral1hInputTokens": used["cache_creation"]["ephemeral_1h_input_tokens"],
        "webSearchRequests": used.get("web_searches", 0),
        "costUSD": 1.5,
    }


def search_line(number: int, count: int, *, second: float = 0, **fields: Any) -> str:
    """The result of a call of WebSearch that made some searches."""
    line = {
        "type": "user",
        "message": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": f"toolu_{number}"}]},
        "toolUseResult": {"query": "tea", "results": [], "durationSeconds": 0.5, "searchCount": count},
        "uuid": f"search-{number}",
        "timestamp": (NOON + timedelta(seconds=second)).isoformat().replace("+00:00", "Z"),
        "cwd": "/home/dev/shop",
        "sessionId": SESSION,
    }
    return json.dumps(line | fields, separators=(",", ":")) + "\n"


def write(path: Path, *lines: str) -> Path:
    """Append lines to a transcript."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as transcript:
        transcript.writelines(lines)
    return path
