"""The queries of the boards as Grafana's data source library and its server send them to a Prometheus."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import program
from tests.dashboards.committed import PATHS
from tests.dashboards.compose import SERVICES

LIBRARY = Path(__file__).with_name("grafana_prometheus")
TOGGLES = SERVICES["grafana"]["environment"]["GF_FEATURE_TOGGLES_ENABLE"].split(",")


@dataclass(frozen=True, slots=True)
class View:
    """What a user looks at: the selected range up to a time, in a panel of a width in pixels."""

    name: str
    to: float
    seconds: int
    width: int = 700
    scrape_interval: str = "15s"
    selected: dict[str, list[str]] = field(default_factory=dict)
    filters: tuple[dict[str, str], ...] = ()
    toggles: tuple[str, ...] = tuple(TOGGLES)
    editor_was_open: bool = False

    def to_json(self) -> dict[str, Any]:
        """The view as ask.mjs reads it."""
        plain = asdict(self)
        plain |= {"from": self.to - self.seconds, "toggles": dict.fromkeys(self.toggles, True)}
        return plain | {"scrapeInterval": self.scrape_interval, "editorWasOpen": self.editor_was_open}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of a panel or an annotation as Prometheus got it, and the names of what it shows; or a variable."""

    view: str
    board: str
    title: str
    kind: str
    names: list[str]
    query: str = ""
    endpoint: str = ""
    expr: str = ""
    step: float = 0
    until: float = 0
    exemplars: bool = False
    error: str = ""

    def __str__(self) -> str:
        return f"{self.view}: {self.board} / {self.title} ({self.query}) {self.error}"


def ask(prometheus: str, views: Iterable[View], boards: Iterable[Path] = PATHS) -> list[Asked]:
    """Ask every query of boards in every view."""
    if not (LIBRARY / "node_modules").is_dir():
        pytest.skip(f"{LIBRARY.name}/node_modules is not installed; run npm ci there")
    plain: dict[str, Any] = {"boards": [str(path) for path in boards], "views": [view.to_json() for view in views]}
    command = [program("node"), str(LIBRARY / "ask.mjs")]
    done = subprocess.run(
        command,
        input=json.dumps({"prometheus": f"http://{prometheus}", **plain}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [Asked(**json.loads(line)) for line in done.stdout.splitlines()]
