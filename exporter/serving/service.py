"""The service behind the web server: a thread that reads logs, and the pages that show what it has counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from exporter.collectors.build import VERSION
from exporter.ingest.hours_rebuild import HoursRebuild
from exporter.ingest.meter import Meter
from exporter.ledger.failures import LedgerError, LedgerWriteError
from exporter.model.log import logger
from exporter.model.old_logs import Handled
from exporter.model.records import SessionStatus
from exporter.model.sessions import status
from exporter.serving.pages import OPENMETRICS, TEXT, Pages
from exporter.sources.watch import Watch
from exporter.web.http.landing import landing_page
from exporter.web.http.site import NotReadyError, Page

log = logger(__name__)
IDLE_SECONDS = 1.0  # how soon an expired call or session is noticed if nothing else happens
RETRY_SECONDS = 2.0
MAX_SCRAPE_READ_SECONDS = 5.0
MAX_STEP_SECONDS = 30.0  # a step of reading takes a second or two
CATCHING_UP = "hookmeter is still reading existing logs; the metrics are incomplete."


class Service:
    """The Site of the exporter: keeps the meter up to date and renders its pages."""

    def __init__(self, meter: Meter, after_reading: Callable[[], None] = lambda: None) -> None:
        self._meter = meter
        self._after_reading = after_reading  # called whenever something new was read; it must not wait
        self._seen_changes = -1
        self._pages = Pages(meter)
        self._rebuild = HoursRebuild(meter)
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._caught_up = threading.Event()
        self._reading = threading.Lock()  # one refresh at a time
        self._lock = threading.Lock()  # guards the meter; released between the steps of a refresh
        self._failure = ""
        self._progress_at = time.monotonic()
        self._watch = Watch(meter.watched, self._woken.set)
        self._thread = threading.Thread(target=self._read_until_stopped, name="reader", daemon=True)

    def start(self) -> None:
        """Start the reader thread."""
        self._watch.start()
        self._thread.start()
        threading.Thread(target=self._check_ledger, name="check", daemon=True).start()

    def stop(self) -> None:
        """Stop the reader thread after its current batch."""
        self._stopping.set()
        self._woken.set()
        self._thread.join()
        with self._reading:  # which `between_readings` no longer lets anybody have
            pass
        self._rebuild.close()
        self._watch.stop()

    def wait_until_ready(self, timeout: float | None = None) -> bool:
        """Wait until all existing logs are counted; False on timeout."""
        return self._caught_up.wait(timeout)

    @contextmanager
    def between_readings(self) -> Iterator[Meter | None]:
        """The meter while nothing is read, to be used for a moment; None while the service stops."""
        with self._reading, self._lock:
            yield None if self._stopping.is_set() else self._meter

    def note_handled(self, handled: Handled) -> None:
        """Count an old log that was compressed, or could not be."""
        with self._lock:
            self._meter.old_logs[handled] += 1

    def metrics(self, openmetrics: bool) -> Page:
        """The current page. Raises NotReadyError until all existing logs are counted."""
        self._require_complete()
        self._refresh_for_scrape()
        with self._idle_meter():
            self._require_complete()  # a lost ledger may have been noticed just now
            return self._pages.page(OPENMETRICS if openmetrics else TEXT)

    def ready(self) -> str | None:
        """Why the metrics are incomplete; None if they are complete."""
        return self._hang() or self._failure or (None if self._is_complete() else CATCHING_UP)

    def landing(self) -> str:
        """The landing page, with the most important figures."""
        with self._idle_meter():
            now_us = self._meter.clock()
            states = [status(session, now_us) for session in self._meter.recent_sessions()]
            facts = (
                ("State", self.ready() or "up to date"),
                ("Sessions (24 h)", f"{len(states)} ({states.count(SessionStatus.ACTIVE)} active)"),
                ("Running tool calls", str(sum(tools.total() for tools in self._meter.running_tools()))),
                ("Running sub-agents", str(sum(agents.total() for agents in self._meter.running_agents()))),
                ("Commands in the background", str(self._meter.background_commands())),
                ("Log files", str(self._meter.ledger.state.files)),
                ("Log directories", ", ".join(self._meter.roots)),
            )
        return landing_page(VERSION, facts)

    def _check_ledger(self) -> None:
        """Search the ledger for damage that opening it does not find, once there is nothing else to do."""
        if self.wait_until_ready() and not self._stopping.is_set():
            self._meter.ledger.check()

    def _is_complete(self) -> bool:
        return self._caught_up.is_set() and not self._meter.is_recounting

    def _require_complete(self) -> None:
        if not self._is_complete():
            raise NotReadyError(self._failure or CATCHING_UP)

    @contextmanager
    def _idle_meter(self) -> Iterator[None]:
        """Keep the meter from reading. Raises NotReadyError if a step of it does not end."""
        if self._hang() or not self._lock.acquire(timeout=MAX_STEP_SECONDS):
            raise NotReadyError(self._hang() or CATCHING_UP)
        try:
            yield
        finally:
            self._lock.release()

    def _hang(self) -> str | None:
        """Since when reading has been waiting for the system; None if it makes progress."""
        seconds = time.monotonic() - self._progress_at
        if seconds <= MAX_STEP_SECONDS:
            return None
        return f"Reading has not advanced for {seconds:.0f} s, as if a disk did not respond; the metrics are old."

    def _read_until_stopped(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            with self._reading:
                wait = (0 if self._rebuild_more() else IDLE_SECONDS) if self._refresh() else RETRY_SECONDS
            self._woken.wait(wait)

    def _rebuild_more(self) -> bool:
        """Complete an older ledger a little, now that all else is counted; whether there is more to do."""
        with self._lock:
            return self._rebuild.step()

    def _refresh_for_scrape(self) -> None:
        """Read what the watch has noted or may have missed; a scrape waits for it only for a limited time."""
        if self._reading.acquire(timeout=MAX_SCRAPE_READ_SECONDS):
            try:
                self._refresh(time.monotonic() + MAX_SCRAPE_READ_SECONDS)
            finally:
                self._reading.release()

    def _changed(self) -> set[str] | None:
        self._watch.roots = self._meter.watched  # a hook may have named a new directory
        return self._watch.changed_directories()

    def _refresh(self, deadline: float = float("inf")) -> bool:
        """Read what is new; False if that failed or was not finished by the deadline."""
        self._progress_at = time.monotonic()
        try:
            if self._finish(self._meter.refresh(self._changed()), deadline):
                self._watch.note_read()
                self._note_success()
                self._note_changes()
                return True
        except (LedgerWriteError, LedgerError) as error:
            self._note_failure(str(error))
        except Exception as error:  # the reader thread must survive any failure; reading is retried
            log.debug("A refresh failed.", exc_info=True)
            self._note_failure(
                f"Reading failed ({type(error).__name__}: {error}); it will be retried, nothing is lost."
            )
        self._watch.mark_all_changed()
        return False

    def _finish(self, steps: Iterator[int], deadline: float) -> bool:
        while not self._stopping.is_set():
            with self._lock:
                is_done = next(steps, None) is None
            self._progress_at = time.monotonic()
            if is_done:
                return True
            if time.monotonic() > deadline:
                break
        return False

    def _note_success(self) -> None:
        if self._failure:
            log.warning("Reading has resumed.")
            self._failure = ""
        self._caught_up.set()

    def _note_changes(self) -> None:
        if self._meter.changes != self._seen_changes:
            self._seen_changes = self._meter.changes
            self._after_reading()

    def _note_failure(self, message: str) -> None:
        if message != self._failure:
            log.error("%s", message)
        self._failure = message
