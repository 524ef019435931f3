"""`hookmeter exporter`: reads the logs and serves the metrics."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace

import click

from exporter.commands.options import demo_option, settings_options
from exporter.model.log import log_to_stderr
from exporter.serving.stopping import STOP_SIGNALS, limit_stop
from exporter.settings import Settings


@click.command()
@settings_options
@demo_option
def exporter(settings: Settings, demo: bool) -> None:
    """Read the hook logs and serve the metrics."""
    from exporter.demo.sample import demo_directories  # noqa: PLC0415 - memory that the parent of `run` saves
    from exporter.serving.run import run_exporter  # noqa: PLC0415 - likewise

    log_to_stderr()
    limit_stop()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: sys.exit(0))  # for a clean exit before it serves, too
    if not demo:
        run_exporter(settings)
        return
    with demo_directories() as demo_dirs:
        sessions, transcripts = (demo_dirs.sessions,), (str(demo_dirs.transcripts),)
        run_exporter(replace(settings, sessions_dirs=sessions, transcript_roots=transcripts, data_dir=demo_dirs.data))
