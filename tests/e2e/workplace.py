"""A project with hookmeter's hooks in it, and the real Claude Code at work there with a scripted model."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.clock import now_us
from exporter.model.sessions import SETTLE_US
from exporter.prices.table import load_prices
from exporter.serving.pages import TEXT, Pages
from tests.e2e.processes import hookmeter
from tests.e2e.scripted_api import ScriptedApi
from tests.support.page import Samples, samples_of
from tests.support.whole_lines import whole_lines

PATIENCE_SECONDS = 60
MODEL = "claude-sonnet-5"


@dataclass(frozen=True)
class Workplace:
    """A project with hookmeter's hooks, and a Claude Code that works in it."""

    cli: str
    directory: Path
    api: ScriptedApi

    @property
    def project(self) -> Path:
        return self.directory / "shop"

    @property
    def sessions(self) -> Path:
        return self.directory / "sessions"

    @property
    def projects(self) -> Path:
        """Where its transcripts are."""
        return self.directory / "home" / ".claude" / "projects"

    @property
    def environment(self) -> dict[str, str]:
        """Where Claude Code finds its home, and the scripted model."""
        return {
            "HOME": str(self.directory / "home"),
            "TMPDIR": str(self.directory),
            "PATH": os.environ["PATH"],
            "ANTHROPIC_BASE_URL": self.api.url,
            "ANTHROPIC_API_KEY": "none",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP": "1",  # tests name the model that they mean
        }

    @property
    def subscribed(self) -> dict[str, str]:
        """The environment of a Claude Code with a subscription, which does not ask whether to use an API key."""
        others = {name: value for name, value in self.environment.items() if name != "ANTHROPIC_API_KEY"}
        return {**others, "CLAUDE_CODE_OAUTH_TOKEN": "none"}

    def run(self, script: str, *options: str, model: str = MODEL) -> str:
        """What Claude Code says, from the prompt to the end."""
        return self.answer(f"script:{script}", *options, model=model)

    def answer(self, prompt: str, *options: str, model: str = MODEL, **variables: str) -> str:
        """What Claude Code says to any prompt."""
        with self.working(prompt, *options, model=model, **variables) as process:
            stream, complaint = process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode == 0, complaint + stream
            return stream

    def running(self, script: str, *options: str, model: str = MODEL) -> AbstractContextManager[subprocess.Popen[str]]:
        """A Claude Code that follows a script."""
        return self.working(f"script:{script}", *options, model=model)

    @contextmanager
    def working(
        self, prompt: str, *options: str, model: str = MODEL, **variables: str
    ) -> Iterator[subprocess.Popen[str]]:
        """A Claude Code at work, which ends with the context."""
        command = [self.cli, "-p", prompt, "--output-format", "stream-json", "--verbose", *options]
        with subprocess.Popen(
            [*command, "--model", model, "--permission-mode", "acceptEdits"],
            cwd=self.project, env=self.environment | variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.terminate()
                process.communicate(timeout=PATIENCE_SECONDS)

    @contextmanager
    def metrics(self, transcripts_dir: Path | None = None) -> Iterator[str]:
        """The address of the metrics of all that was recorded."""
        directories = ("--sessions-dir", self.sessions, "--transcripts-dir", transcripts_dir or self.projects)
        with hookmeter(*directories, "--data-dir", self.directory / "data") as exporter:
            yield f"http://{exporter.address}/metrics"

    def page(self, transcripts_dir: Path | None = None) -> Samples:
        """The metrics of all that was recorded, after the time in which one witness may correct another."""
        roots = [str(transcripts_dir or self.projects)]
        with TemporaryDirectory() as data, open_ledger(Path(data), 200) as ledger:
            clock, managed = lambda: now_us() + 2 * SETTLE_US, os.environ.get("HOOKMETER_MANAGED_SETTINGS")
            prices = load_prices(None, Path(managed) if managed else None)
            meter = Meter([str(self.sessions)], ledger, clock, transcript_roots=roots, prices=prices)
            meter.catch_up()
            return samples_of(Pages(meter).page(TEXT).plain.decode())

    def recorded(self) -> list[tuple[str, dict[str, Any]]]:
        """Every line of the logs, with the name of its file."""
        files = sorted(self.sessions.glob("*/*.jsonl"))
        return [(file.stem, json.loads(line)) for file in files for line in whole_lines(file)]

    def transcript_lines(self) -> list[str]:
        """Every line of the sessions' own transcripts."""
        return [line for path in self.projects.glob("*/*.jsonl") for line in whole_lines(path)]

    def has_written(self, text: str) -> bool:
        """Whether a transcript has a text, also that of a sub-agent."""
        return any(text in path.read_text() for path in self.projects.rglob("*.jsonl"))

    def has_recorded(self, event: str) -> bool:
        return any(line["hook_event_name"] == event for _, line in self.recorded())
