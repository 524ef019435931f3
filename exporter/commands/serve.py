"""`hookmeter exporter`: the logs read, the metrics served."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import click

from exporter.demo import DemoFolders, go_on, make_history
from exporter.meter import now_us
from exporter.options import demo_option, settings_options
from exporter.run import run_exporter
from exporter.settings import Settings
from exporter.terminal import say


@click.command()
@settings_options
@demo_option
def exporter(settings: Settings, demo: bool) -> None:
    """Read the hook logs and serve the metrics."""
    _run(settings, demo=demo)


@click.command()
@settings_options
@demo_option
def run(settings: Settings, demo: bool) -> None:
    """Run everything: the exporter."""
    _run(settings, demo=demo)


def _run(settings: Settings, *, demo: bool) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stderr)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # also before it serves, its end is a clean one
    if not demo:
        run_exporter(settings)
        return
    with tempfile.TemporaryDirectory(prefix="hookmeter-demo-") as folder:
        made, stopping = DemoFolders.below(Path(folder)), threading.Event()
        make_history(made, now_us())
        writer = threading.Thread(target=go_on, args=(made, stopping), daemon=True)
        writer.start()
        try:
            say("This is a demo: made sessions in a throw-away folder.")
            data, transcripts = Path(folder) / "data", (str(made.transcripts),)
            run_exporter(replace(settings, sessions_dirs=(made.sessions,), transcript_roots=transcripts, data_dir=data))
        finally:
            stopping.set()
            writer.join()
