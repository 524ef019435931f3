"""The transcript of a synthetic session: the usage of each API response, as Claude Code would have written it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporter.demo.texts import answer_text
from exporter.model.clock import from_us

MODELS = (("claude-opus-5-5", 2), ("claude-sonnet-5-5", 5), ("claude-haiku-5-5", 2))  # model, weight
FALLBACK_MODEL = "claude-haiku-5-5"
INITIAL_CONTEXT = 18_000  # tokens
MAX_CONTEXT = 160_000
FAILURE_PERIOD, FALLBACK_PERIOD = 40, 400  # one request in so many is retried, or answered by another model


@dataclass(slots=True)
class SyntheticTranscript:
    """Writes a session's responses: the context so far is read from the cache, what is new is written to it."""

    projects_dir: Path
    project_dir: str
    session_id: str
    rng: random.Random
    model: str = ""
    _cached: dict[str, int] = field(default_factory=dict)  # tokens by agent id

    def __post_init__(self) -> None:
        self.model = self.rng.choices([name for name, _ in MODELS], weights=[weight for _, weight in MODELS])[0]

    def write_response(self, at_us: int, agent_id: str = "", agent: str = "") -> None:
        """Write a response of the API, to the main agent unless a sub-agent is named."""
        usage = self._next_usage(agent_id)
        request, message = self.rng.getrandbits(96), self.rng.getrandbits(96)
        if request % FAILURE_PERIOD == 0:
            self._write_failure(at_us, request, agent_id)
        content = [{"type": "text", "text": text}] if (text := answer_text(message)) else []
        line = {
            "type": "assistant",
            "requestId": f"req_{request:024x}",
            "message": {"id": f"msg_{message:024x}", "model": self.model, "content": content, "usage": usage},
        }
        if agent_id:
            line |= {"agentId": agent_id, "attributionAgent": agent}
        self._write(at_us, agent_id, line)

    def write_title(self, title: str) -> None:
        """Write the title of the session."""
        write_json_line(self._path(""), {"type": "ai-title", "aiTitle": title, "sessionId": self.session_id})

    def _write_failure(self, at_us: int, request: int, agent_id: str) -> None:
        """Write a failed attempt before a request, and rarely a switch to another model."""
        error = {"status": (529, 529, 500, 429)[request // FAILURE_PERIOD % 4], "requestId": f"req_failed_{request:x}"}
        failed = {"type": "system", "subtype": "api_error", "error": error, "retryInMs": 500 + request % 300}
        self._write(at_us, agent_id, failed | {"uuid": f"{request:032x}"})
        if request % FALLBACK_PERIOD == 0 and self.model != FALLBACK_MODEL:
            models = {"originalModel": self.model, "fallbackModel": FALLBACK_MODEL, "trigger": "overloaded"}
            switched = {"type": "system", "subtype": "model_fallback", "uuid": f"{request + 1:032x}"}
            self._write(at_us, agent_id, switched | models)

    def _write(self, at_us: int, agent_id: str, fields: Mapping[str, object]) -> None:
        line = {
            "timestamp": from_us(at_us).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "sessionId": self.session_id,
            "cwd": self.project_dir,
            "isSidechain": bool(agent_id),
            **fields,
        }
        write_json_line(self._path(agent_id), line)

    def _next_usage(self, agent_id: str) -> dict[str, object]:
        cached = self._cached.get(agent_id, 0)
        if cached > MAX_CONTEXT:
            cached = 0  # compacted
        fresh = round(self.rng.lognormvariate(7.2, 0.7)) if cached else INITIAL_CONTEXT
        self._cached[agent_id] = cached + fresh
        return {
            "input_tokens": self.rng.randrange(3, 40),
            "output_tokens": round(self.rng.lognormvariate(5.6, 0.8)),
            "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": fresh,
            "cache_creation": {"ephemeral_5m_input_tokens": fresh, "ephemeral_1h_input_tokens": 0},
        }

    def _path(self, agent_id: str) -> Path:
        project = self.projects_dir / re.sub(r"[^A-Za-z0-9]", "-", self.project_dir)
        if agent_id:
            return project / self.session_id / "subagents" / f"agent-{agent_id}.jsonl"
        return project / f"{self.session_id}.jsonl"


def write_json_line(path: Path, value: Mapping[str, object]) -> None:
    """Append a value as one line of JSON without spaces, creating the file and its directory if missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(value, separators=(",", ":")) + "\n")
