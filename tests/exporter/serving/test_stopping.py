"""The end of the exporter after SIGTERM, whatever it is waiting for."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exporter.serving.stopping import MAX_STOP_SECONDS

HANG = """
import signal, sys, threading
import {module} as module
from exporter.cli import main

def hang(*_):
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: threading.Event().wait())  # nothing interrupts it
    print("hangs", flush=True)
    threading.Event().wait()

module.{function} = hang
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("module", "function"),
    [("exporter.ingest.meter", "Meter.refresh"), ("exporter.serving.run", "load_prices")],
    ids=["the reading thread", "the main thread before it serves"],
)
def test_it_ends_within_ten_seconds_and_says_why(tmp_path: Path, module: str, function: str) -> None:
    program = HANG.format(module=module, function=function)
    options = ["--data-dir", str(tmp_path / "data"), "--sessions-dir", str(tmp_path), "--metrics-listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [sys.executable, "-c", program, "exporter", *options], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stderr
        assert any("hangs" in line for line in process.stdout)
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        try:
            process.wait(30)
        finally:
            process.kill()
        assert time.monotonic() - started < MAX_STOP_SECONDS + 2
        (error,) = process.stderr.read().splitlines()
    assert "has not ended 8 s after the signal to stop" in error
