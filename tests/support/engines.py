"""The engines on which tests run: those that .ci/engines builds, and the oldest supported ones, from Debian."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.e2e.processes import prometheus, victoria_metrics, vmalert

VERSIONS = Path(__file__).parents[2] / ".ci" / "engines" / "versions"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hookmeter-engines"
DIRECTORY = Path(os.environ.get("HOOKMETER_TEST_ENGINES") or CACHE)
BUILT = re.findall(r"^([a-z]+-[\d.]+) ", VERSIONS.read_text(), re.MULTILINE)
# The programs of Debian 12 by their own names.
OF_DEBIAN = {
    "prometheus-2.42": {"prometheus": "prometheus", "promtool": "promtool"},
    "alertmanager-0.25": {"alertmanager": "prometheus-alertmanager", "amtool": "amtool"},
}


def engines(*kinds: str) -> list[str]:
    """Every engine of these kinds, such as prometheus-3.16.0."""
    return [engine for engine in (*OF_DEBIAN, *BUILT) if engine.partition("-")[0] in kinds]


def program_of(engine: str, name: str) -> str:
    """The path of a program of an engine; the test is skipped where the engine is not installed."""
    if engine in OF_DEBIAN:
        return _of_debian(engine, OF_DEBIAN[engine][name])
    path = DIRECTORY / engine / name
    if not path.exists():
        pytest.skip(f"{engine} is not built; `make engines` builds it")
    return str(path)


def _of_debian(engine: str, name: str) -> str:
    found, version = shutil.which(name), engine.rpartition("-")[2]
    if found is None or not _version(found).startswith(f"{version}."):
        pytest.skip(f"{name} {version} is not installed")
    return found


@cache
def _version(path: str) -> str:
    shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"version (\S+)", shown.stdout + shown.stderr)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Engine:
    """A database that scrapes targets and answers PromQL."""

    name: str

    @property
    def is_prometheus(self) -> bool:
        return self.name.startswith("prometheus-")

    def program(self, name: str) -> str:
        """The path of a program that belongs to it."""
        return program_of(self.name, name)

    @contextmanager
    def serve(
        self, config: str, data: Path, *, history: Path | None = None, rules: Path | None = None
    ) -> Iterator[str]:
        """Run it with a configuration of Prometheus, an OpenMetrics file and a directory of rules: its address."""
        with ExitStack() as stack:
            if self.is_prometheus:
                if history:
                    self._create_blocks(history, data / "tsdb")
                rule_files = f'rule_files: ["{rules}/*.yml"]\n' if rules else ""
                yield stack.enter_context(prometheus(self.program("prometheus"), rule_files + config, data))
            else:
                address = stack.enter_context(victoria_metrics(self.program("victoria-metrics"), config, data))
                if history:
                    _import(history, address)
                if rules:
                    stack.enter_context(vmalert(self.program("vmalert"), rules, address))
                yield address

    def _create_blocks(self, history: Path, blocks: Path) -> None:
        blocks.mkdir(parents=True)
        command = [self.program("promtool"), "tsdb", "create-blocks-from", "--max-block-duration=72h", "openmetrics"]
        subprocess.run([*command, history, blocks], check=True, capture_output=True)


def _import(history: Path, address: str) -> None:
    urllib.request.urlopen(f"http://{address}/api/v1/import/prometheus", history.read_bytes()).close()
    urllib.request.urlopen(f"http://{address}/internal/force_flush").close()  # makes the samples searchable
