"""The process that keeps the search index up to date, with the lowest priority, so that nothing waits for it.

It updates the index when its parent writes to its standard input, and every ten minutes. It ends with its parent.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from exporter.search.index_file import SearchIndexError
from exporter.search.update import Sources, update_index
from exporter.serving.inspection import forbid_inspection
from exporter.terminal.messages import warn

PRIORITY = 19
INTERVAL_SECONDS = 600.0  # files that are deleted do not wake it
PAUSE_SECONDS = 2.0
PIPE_BYTES = 1 << 16


class IndexerSettings(msgspec.Struct, frozen=True):
    """What the process is started with, as JSON in ASCII: a path may have any bytes."""

    data_dir: str
    sessions_dirs: tuple[str, ...]
    transcript_roots: tuple[str, ...]
    keep_seconds: int | None


def serve(settings_json: str) -> None:
    """Keep the index up to date until standard input ends."""
    forbid_inspection()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the whole group, and the parent ends this
    with suppress(OSError):
        os.nice(PRIORITY)
    settings = msgspec.convert(json.loads(settings_json), IndexerSettings)
    failure = ""
    while True:
        failed = _updated(settings)
        if failed and failed != failure:
            warn(failed)
        elif failure and not failed:
            warn("The search index is up to date again.")
        failure = failed
        time.sleep(PAUSE_SECONDS)
        if not _wait():
            return


def _updated(settings: IndexerSettings) -> str:
    """Update the index; a sentence on what is wrong if that fails."""
    sources = Sources(settings.sessions_dirs, settings.transcript_roots)
    try:
        update_index(Path(settings.data_dir), sources, settings.keep_seconds)
    except SearchIndexError as error:
        return str(error)
    return ""


def _wait() -> bool:
    """Wait until there is something to do; False when the parent has ended."""
    ready, _, _ = select.select([sys.stdin], [], [], INTERVAL_SECONDS)
    return not ready or os.read(sys.stdin.fileno(), PIPE_BYTES) != b""
