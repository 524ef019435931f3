"""Starts the process that keeps the search index up to date, and wakes it when there is something new."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from exporter.model.log import logger
from exporter.serving import search_indexer
from exporter.serving.search_indexer import IndexerSettings
from exporter.settings import Settings
from exporter.sources.files import absolute

log = logger(__name__)
RESTART_SECONDS = 60.0


class SearchProcess:
    """The indexing process, started when it is woken for the first time. Not thread-safe.

    `keep_seconds` is for how long texts are kept whose files are deleted, None for as long as is stored in the index.
    Its environment is that of this process, unless another one is given.
    """

    def __init__(
        self, settings: Settings, keep_seconds: int | None, environment: Mapping[str, str] | None = None
    ) -> None:
        self._environment = environment
        own = IndexerSettings(
            str(settings.data_dir.absolute()),
            tuple(absolute(settings.sessions_dirs)),
            settings.transcript_roots,
            keep_seconds,
        )
        self._arguments = json.dumps(msgspec.to_builtins(own))
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    def wake(self) -> None:
        """Have the index updated soon. It never waits."""
        if os.name != "posix":  # elsewhere, a process cannot wait for its standard input for a limited time
            return
        if self._process is None or self._process.poll() is not None:
            self._start()
        elif self._process.stdin:
            with suppress(OSError):  # a full pipe wakes it, too
                os.write(self._process.stdin.fileno(), b"\n")

    def stop(self) -> None:
        """End the process; the index is intact, as it is written in transactions."""
        if self._process:
            self._process.kill()
            self._process.wait()
            _close(self._process)

    def _start(self) -> None:
        now = time.monotonic()
        if self._process and now < self._started_at + RESTART_SECONDS:
            return
        if self._process:
            log.warning("The process that keeps the search index has ended; it is restarted.")
            _close(self._process)
        self._started_at = now
        program = f"from {search_indexer.__name__} import serve; serve({self._arguments!r})"
        try:
            command = [sys.executable, "-P", "-c", program]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, env=self._environment)
        except OSError as error:
            log.warning("The search index is not updated: no process can be started (%s).", error.strerror)
            return
        if self._process.stdin:
            os.set_blocking(self._process.stdin.fileno(), False)


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
