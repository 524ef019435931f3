"""A simulated model that writes transcripts as Claude Code does, and adds up what an exact meter must report."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from tests.support.page import Samples, sample
from tests.support.transcript_lines import SLUG, api_error_line, assistant_line, attachment_line, usage

KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
# US dollars per million tokens of each kind; the last model has no known price.
PRICES = {
    "claude-opus-4-6": ("5", "25", "0.5", "6.25", "10"),
    "claude-haiku-4-5-20251001": ("1", "5", "0.1", "1.25", "2"),
    "gpt-5": None,
}
Message = dict[str, int]


class BusyModel:
    """Writes lines into a few transcripts: messages that grow from line to line, failures, copies and torn lines."""

    def __init__(self, projects: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.files = [projects / SLUG / name for name in ("a.jsonl", "b.jsonl", "a/subagents/agent-1.jsonl", "c.jsonl")]
        self.messages: dict[int, tuple[str, str, Message]] = {}
        self.failures: dict[int, int] = {}
        self.torn: dict[Path, bytes] = {}
        self.sessions: set[str] = set()
        self.began = datetime.now(UTC)  # of late, so that no session is taken for a silent one
        self.size = 0
        self.lines: Counter[str] = Counter()

    def step(self) -> None:
        """Write one random line."""
        path = self.rng.choice(self.files)
        self._complete(path)
        kind = self.rng.choices((self._answer, self._repeat, self._failure, self._other), (5, 5, 3, 4))[0]
        line = kind(path).encode()
        if self.rng.random() < 0.1:
            cut = self.rng.randrange(1, len(line) - 1)
            line, self.torn[path] = line[:cut], line[cut:]
        self._append(path, line)

    def settle(self) -> None:
        """Complete all torn lines."""
        for path in self.files:
            self._complete(path)

    def expected(self) -> Samples:
        """All samples other than 0 that the page must have of these metrics."""
        samples = Counter({sample("claude_sessions_started_total", project="shop"): len(self.sessions)})
        costs: dict[tuple[str, tuple[tuple[str, str], ...]], Fraction] = {}
        for model, agent, used in self.messages.values():
            samples[sample("claude_api_requests_total", model=model)] += 1
            for kind in KINDS:
                labels = {"model": model, "kind": kind, "agent": agent, "project": "shop"}
                samples[sample("claude_tokens_total", **labels)] += used[kind]
            prices = PRICES[model]
            if prices is None:
                samples[sample("claude_unpriced_tokens_total", model=model)] += sum(used.values())
            else:
                cost = sum(Fraction(price) * used[kind] for kind, price in zip(KINDS, prices, strict=True))
                key = sample("claude_cost_usd_total", model=model, agent=agent, project="shop")
                costs[key] = costs.get(key, Fraction(0)) + cost
        for status in self.failures.values():
            samples[sample("claude_api_errors_total", status=str(status), outcome="retried")] += 1
        page: Samples = {key: float(value) for key, value in samples.items() if value}
        page |= {key: float(value / 1_000_000) for key, value in costs.items() if value}
        page |= {
            sample("hookmeter_lines_total", source="transcript", result=result): number
            for result, number in self.lines.items()
        }
        return page | {sample("hookmeter_bytes_read_total", source="transcript"): self.size}

    def _answer(self, path: Path) -> str:
        number, model = len(self.messages), self.rng.choice(list(PRICES))
        agent = "Explore" if "subagents" in path.parts else "main"
        used = {kind: self.rng.randrange(5_000) for kind in KINDS}
        self.messages[number] = (model, agent, used)
        self.lines["counted"] += 1
        return self._line(number, path)

    def _repeat(self, path: Path) -> str:
        """A message that was written before, in any file, sometimes with more output."""
        if not self.messages:
            return self._other(path)
        number = self.rng.choice(list(self.messages))
        self.messages[number][2]["output"] += self.rng.choice((0, 0, 70))
        self.lines["duplicate"] += 1
        return self._line(number, path)

    def _failure(self, path: Path) -> str:
        """A failed request, new or copied from any file."""
        number = self.rng.randrange(len(self.failures) + 2)
        self.lines["duplicate" if number in self.failures else "counted"] += 1
        status = self.failures.setdefault(number, self.rng.choice((429, 503, 529)))
        return api_error_line(number, status, sessionId=path.stem)

    def _other(self, _path: Path) -> str:
        if self.rng.random() < 0.2:
            self.lines["malformed"] += 1
            return '{"usage" nonsense\n'
        self.lines["ignored"] += 1
        return attachment_line("x" * self.rng.randrange(2_000))

    def _line(self, number: int, path: Path) -> str:
        model, agent, used = self.messages[number]
        side = {"isSidechain": True, "agentId": "1", "attributionAgent": agent} if agent != "main" else {}
        session = path.parents[1].name if "subagents" in path.parts else path.stem
        self.sessions.add(session)
        moment = (self.began + timedelta(seconds=number)).isoformat()
        fields = {"sessionId": session, "timestamp": moment, **side}
        return assistant_line(number, usage(*used.values()), model=model, second=number, **fields)  # type: ignore[arg-type] # a test's keyword arguments

    def _complete(self, path: Path) -> None:
        if path in self.torn:
            self._append(path, self.torn.pop(path))

    def _append(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as transcript:
            assert transcript.write(data) == len(data)
        self.size += len(data)
