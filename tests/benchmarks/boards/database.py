"""A Prometheus with a synthetic history of many hosts, and what queries cost it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from prometheus_client import generate_latest

from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from tests.dashboards.synthetic_server import SyntheticServer
from tests.dashboards.synthetic_world import add_hourly_subagents
from tests.e2e.processes import answer, free_port, hookmeter, running, wait_for
from tests.support.engines import program_of
from tests.support.page import fetch

ENGINE = "prometheus-3.16.0"
LEDGER_CREATED, LEDGER_AGE = r"^(hookmeter_ledger_created_timestamp_seconds) .*", 90 * 86400
GENERATOR = Path(__file__).parent / "blocks"
GO = shutil.which("go") or "/usr/local/go/bin/go"


@dataclass(slots=True)
class Database:
    """A running Prometheus."""

    address: str
    process: psutil.Process
    end: int  # of its history

    def ask(self, endpoint: str, **parameters: object) -> tuple[float, Any]:
        """The processor time that a query takes, and its result."""
        before = self._processor_seconds()
        body = urlencode(parameters).encode()
        with urllib.request.urlopen(f"http://{self.address}/api/v1/{endpoint}", body) as response:
            found = json.load(response)["data"]["result"]
        return self._processor_seconds() - before, found

    def _processor_seconds(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def database(directory: Path, hosts: int, seconds: int) -> Iterator[Database]:
    """A Prometheus with the pages of so many hosts, and of one server."""
    end, blocks = int(time.time()) // 3600 * 3600, directory / "blocks"
    _write_pages(directory, end)
    targets = [f"hookmeter=host-{number:03}:19464={directory}/exporter" for number in range(hosts)]
    subprocess.run([GO, "build", "-o", directory / "generate"], cwd=GENERATOR, check=True)
    generate = [f"{directory}/generate", "-output", str(blocks), "-end", str(end), "-seconds", str(seconds)]
    subprocess.run([*generate, *targets, f"hookmeter-server=central:3000={directory}/server"], check=True)
    (directory / "prometheus.yml").write_text("")
    address = f"127.0.0.1:{free_port()}"
    with running([
        program_of(ENGINE, "prometheus"), f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={blocks}",
        f"--web.listen-address={address}", "--storage.tsdb.retention.time=10y", "--query.timeout=10m",
    ]) as process:  # fmt: skip
        wait_for(lambda: answer(f"http://{address}/-/ready"), "Prometheus to be ready")
        yield Database(address, psutil.Process(process.pid), end)


def _write_pages(directory: Path, now: int) -> None:
    """Write the metrics pages of an exporter with a day of the demo, and of a server."""
    directories = DemoDirectories.under(directory)
    write_history(directories, now * 1_000_000)
    add_hourly_subagents(directories, now)
    paths = ("--sessions-dir", directories.sessions, "--transcripts-dir", directories.transcripts)
    with hookmeter(*paths, "--data-dir", directory / "data") as exporter:
        page = fetch(f"http://{exporter.address}/metrics")
    (directory / "exporter").write_text(re.sub(LEDGER_CREATED, rf"\1 {now - LEDGER_AGE}", page, flags=re.MULTILINE))
    server = SyntheticServer()
    for _ in range(600):
        server.advance()
    (directory / "server").write_bytes(generate_latest(server.registry))
