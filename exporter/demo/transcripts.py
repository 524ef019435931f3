"""The transcripts of the demo's sessions: what each answer of the API used, as Claude Code would have written it."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from exporter.model.clock import from_us

# model, how often
MODELS = (("claude-opus-5-5", 2), ("claude-sonnet-5-5", 5), ("claude-haiku-5-5", 2))
FIRST_CONTEXT = 18_000
MOST_CONTEXT = 160_000


@dataclass(slots=True)
class MadeTranscript:
    """Writes what a session's answers used; what has been said is read from the cache, what is new written to it."""

    projects_dir: Path
    project_dir: str
    session_id: str
    dice: random.Random
    model: str = ""
    _cached: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.model = self.dice.choices([name for name, _ in MODELS], weights=[often for _, often in MODELS])[0]

    def answer(self, at_us: int, agent_id: str = "", agent: str = "") -> None:
        """Write an answer of the API, to the main agent or to a sub-agent."""
        cached = self._cached.get(agent_id, 0)
        if cached > MOST_CONTEXT:
            cached = 0  # compacted
        fresh = round(self.dice.lognormvariate(7.2, 0.7)) if cached else FIRST_CONTEXT
        self._cached[agent_id] = cached + fresh
        usage = {
            "input_tokens": self.dice.randrange(3, 40),
            "output_tokens": round(self.dice.lognormvariate(5.6, 0.8)),
            "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": fresh,
            "cache_creation": {"ephemeral_5m_input_tokens": fresh, "ephemeral_1h_input_tokens": 0},
        }
        line = {
            "type": "assistant",
            "timestamp": from_us(at_us).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "sessionId": self.session_id,
            "cwd": self.project_dir,
            "isSidechain": bool(agent_id),
            "requestId": f"req_{self.dice.getrandbits(96):024x}",
            "message": {"id": f"msg_{self.dice.getrandbits(96):024x}", "model": self.model, "usage": usage},
        }
        if agent_id:
            line |= {"agentId": agent_id, "attributionAgent": agent}
        path = self._path(agent_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as transcript:
            transcript.write(json.dumps(line) + "\n")

    def _path(self, agent_id: str) -> Path:
        folder = self.projects_dir / re.sub(r"[^A-Za-z0-9]", "-", self.project_dir)
        if agent_id:
            return folder / self.session_id / "subagents" / f"agent-{agent_id}.jsonl"
        return folder / f"{self.session_id}.jsonl"
