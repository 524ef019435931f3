"""A conversation with the real Claude Code by way of its standard input."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from tests.e2e.workplace import MODEL, PATIENCE_SECONDS, Workplace


@dataclass(frozen=True)
class Conversation:
    """What is written to Claude Code, and what it writes."""

    stdin: IO[str]
    stdout: IO[str]

    def begin(self, prompt: str) -> None:
        """Submit a prompt."""
        self._send({"type": "user", "message": {"role": "user", "content": prompt}})

    def ask(self, prompt: str) -> str:
        """Submit a prompt; the last line of its turn."""
        self.begin(prompt)
        return self._end_of_turn()

    def interrupt(self) -> None:
        """Interrupt the turn, and wait for its end."""
        self._send({"type": "control_request", "request_id": "1", "request": {"subtype": "interrupt"}})
        self._end_of_turn()

    def _send(self, line: dict[str, Any]) -> None:
        self.stdin.write(json.dumps(line) + "\n")
        self.stdin.flush()

    def _end_of_turn(self) -> str:
        return next(line for line in self.stdout if json.loads(line)["type"] == "result")


@contextmanager
def conversation(workplace: Workplace, *options: str) -> Iterator[Conversation]:
    """A Claude Code that reads prompts until the context ends, which waits for it to have written everything."""
    streams = ("--input-format", "stream-json", "--output-format", "stream-json", "--verbose")
    with subprocess.Popen(
        [workplace.cli, "-p", *streams, "--model", MODEL, "--permission-mode", "acceptEdits", *options],
        cwd=workplace.project, env=workplace.environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        try:
            yield Conversation(process.stdin, process.stdout)
            process.communicate(timeout=PATIENCE_SECONDS)
        finally:
            process.kill()
