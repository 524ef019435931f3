"""The transcript of a synthetic session: the usage of each API response, as Claude Code would have written it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporter.model.clock import from_us

MODELS = (("claude-opus-5-5", 2), ("claude-sonnet-5-5", 5), ("claude-haiku-5-5", 2))  # model, weight
INITIAL_CONTEXT = 18_000  # tokens
MAX_CONTEXT = 160_000


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
        line = {
            "type": "assistant",
            "timestamp": from_us(at_us).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "sessionId": self.session_id,
            "cwd": self.project_dir,
            "isSidechain": bool(agent_id),
            "requestId": f"req_{self.rng.getrandbits(96):024x}",
            "message": {"id": f"msg_{self.rng.getrandbits(96):024x}", "model": self.model, "usage": usage},
        }
        if agent_id:
            line |= {"agentId": agent_id, "attributionAgent": agent}
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
    """Append a value as one line of JSON, creating the file and its directory if missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(value) + "\n")
