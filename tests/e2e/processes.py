"""Real programs on loopback, started for a test and ended by their own process id."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE_SECONDS = 60.0


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(found: Callable[[], Found | None], what: str, seconds: float = PATIENCE_SECONDS) -> Found:
    """What a question gives once it gives anything."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.02)  # between two questions to another process, which has no event to wait for
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")


@dataclass(frozen=True, slots=True)
class Running:
    """A program that answers at an address."""

    address: str
    process: subprocess.Popen[str]


@contextmanager
def running(command: Sequence[str | Path]) -> Iterator[subprocess.Popen[str]]:
    """A process that ends with the context."""
    process = subprocess.Popen(
        [str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


@contextmanager
def hookmeter(*arguments: str | Path, listen: str = "127.0.0.1:0") -> Iterator[Running]:
    """A hookmeter exporter that has caught up."""
    command = [sys.executable, "-m", "exporter", "exporter", "--metrics-listen", listen, *arguments]
    with running(command) as process:
        assert process.stdout
        address = process.stdout.readline().partition("//")[2].partition("/")[0]
        assert address, process.stdout.read()
        wait_for(lambda: _answers(f"http://{address}/-/ready"), "the exporter to be ready")
        yield Running(address, process)


@contextmanager
def prometheus(program: str, config: str, data: Path, port: int | None = None) -> Iterator[str]:
    """A Prometheus with this configuration: its address."""
    address = f"127.0.0.1:{port or free_port()}"
    data.mkdir(parents=True, exist_ok=True)
    (data / "prometheus.yml").write_text(config)
    with running([
        program, f"--config.file={data}/prometheus.yml", f"--storage.tsdb.path={data}/tsdb",
        f"--web.listen-address={address}", "--web.console.templates=/n", "--web.console.libraries=/n",
        "--storage.tsdb.retention.time=10y", "--enable-feature=exemplar-storage",
    ]):  # fmt: skip
        wait_for(lambda: _answers(f"http://{address}/-/ready"), "Prometheus to be ready")
        yield address


@contextmanager
def victoria_metrics(program: str, config: str, data: Path) -> Iterator[str]:
    """A VictoriaMetrics that scrapes the targets of a Prometheus configuration: its address."""
    address = f"127.0.0.1:{free_port()}"
    data.mkdir(parents=True, exist_ok=True)
    (data / "prometheus.yml").write_text(config)
    with running([
        program, f"-promscrape.config={data}/prometheus.yml", f"-storageDataPath={data}/storage",
        f"-httpListenAddr={address}", "-retentionPeriod=10y", "-search.latencyOffset=0s",
        "-promscrape.config.strictParse=false", "-promscrape.fileSDCheckInterval=200ms",
        "-search.minStalenessInterval=10s",  # otherwise series end a second after their last sample
    ]):  # fmt: skip
        wait_for(lambda: _answers(f"http://{address}/health"), "VictoriaMetrics to be healthy")
        yield address


def vmalert(program: str, rules: Path, database: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """A vmalert that evaluates the rules in a directory, without delay, and records in a VictoriaMetrics."""
    return running([
        program, f"-rule={rules}/*.yml", f"-datasource.url=http://{database}", f"-remoteWrite.url=http://{database}",
        "-remoteWrite.flushInterval=100ms", "-rule.evalDelay=0s", "-notifier.blackhole",
        f"-httpListenAddr=127.0.0.1:{free_port()}",
    ])  # fmt: skip


def query(address: str, promql: str, at: float | None = None) -> dict[tuple[tuple[str, str], ...], float]:
    """What PromQL gives: the value of each series, by its labels."""
    parameters = {"query": promql} | ({} if at is None else {"time": str(at)})
    with urllib.request.urlopen(f"http://{address}/api/v1/query?{urllib.parse.urlencode(parameters)}") as response:
        answer = json.load(response)
    return {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in answer["data"]["result"]}


def answer(url: str) -> str:
    """The text behind an address; empty where nothing answers well."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return str(response.read().decode())
    except OSError:
        return ""


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
