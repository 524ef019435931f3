"""The thread that keeps old hook logs small, at the lowest priority, while everything else goes on."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

from exporter.ingest.old_logs import OldLogs, Result
from exporter.model.log import logger
from exporter.model.old_logs import Handled
from exporter.model.text import printable
from exporter.serving.service import Service

log = logger(__name__)
PRIORITY = 19
INTERVAL_SECONDS = 900.0
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.001, 10.0  # as long as the work before it, so that half of the time is idle


class LogKeeper:
    """Handles old hook logs from time to time. Whatever fails is logged once, and tried again the next time."""

    def __init__(self, service: Service, old_logs: OldLogs) -> None:
        self._service = service
        self._old_logs = old_logs
        self._stopping = threading.Event()
        self._failures: frozenset[str] = frozenset()
        self._thread = threading.Thread(target=self._run, name="old logs", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Have the thread end soon. It need not be waited for: it may be killed at any moment."""
        self._stopping.set()

    def _run(self) -> None:
        with suppress(OSError, AttributeError):  # on Linux, a thread has a priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), PRIORITY)
        self._service.wait_until_ready()
        while not self._stopping.is_set():
            try:
                self._handle_all()
            except Exception as error:  # a bug here must not end it: logs would grow without anybody noticing
                log.debug("Old logs could not be handled.", exc_info=True)
                self._report([Result("", Handled.FAILED, f"{type(error).__name__}: {error}")])
            self._stopping.wait(INTERVAL_SECONDS)

    def _handle_all(self) -> None:
        failed, started = [], time.monotonic()
        for result in self._old_logs.handle_all():
            self._service.note_handled(result.handled)
            if result.handled is Handled.FAILED:
                failed.append(result)
            worked = time.monotonic() - started
            if self._stopping.wait(min(max(worked, MIN_PAUSE_SECONDS), MAX_PAUSE_SECONDS)):
                return
            started = time.monotonic()
        self._report(failed)

    def _report(self, failed: list[Result]) -> None:
        """Log failures, unless they are those of the last time."""
        failures = frozenset(result.path for result in failed)
        if failed and failures != self._failures:
            others = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
            path, _, reason = failed[0]
            first = printable(f"{path} ({reason})" if path else reason)
            log.warning("Old hook logs are kept as they are: %s%s; that is tried again.", first, others)
        self._failures = failures
