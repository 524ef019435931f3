"""The exporter at work: one thread reads, requests take turns with it, and the page says what has been counted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

from exporter.collectors.build import VERSION
from exporter.ingest.meter import Meter
from exporter.ledger.store import LedgerWriteError
from exporter.model.records import SessionStatus
from exporter.model.sessions import status
from exporter.serving.pages import OPENMETRICS, TEXT, Pages
from exporter.sources.watch import Watch
from exporter.web.http.landing import landing_page
from exporter.web.http.site import NotReadyError, Page

log = logging.getLogger(__name__)
IDLE_SECONDS = 1.0  # how soon a call's or a session's age is noticed when nothing else happens
RETRY_SECONDS = 2.0
SCRAPE_READS_SECONDS = 5.0
CATCHING_UP = "hookmeter is still reading what was logged before it started; the numbers are not whole yet."


class Service:
    """Keeps the meter up to date and shows its page: a Site for the web server."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._pages = Pages(meter)
        self._nudged = threading.Event()
        self._stopping = threading.Event()
        self._caught_up = threading.Event()
        self._reading = threading.Lock()  # one refresh at a time
        self._lock = threading.Lock()  # guards the meter, between the slices of a refresh
        self._failure = ""
        self._watch = Watch(meter.watched, self._nudged.set)
        self._thread = threading.Thread(target=self._read_on, name="reader", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._watch.start()
        self._thread.start()

    def stop(self) -> None:
        """End after the batch at hand."""
        self._stopping.set()
        self._nudged.set()
        self._thread.join()
        self._watch.stop()

    def wait_until_ready(self, timeout: float | None = None) -> bool:
        """Wait for everything on disk to be counted once."""
        return self._caught_up.wait(timeout)

    def metrics(self, openmetrics: bool) -> Page:
        """The page as of now. Raises NotReadyError until all that was there at the start is counted."""
        if not self._caught_up.is_set():
            raise NotReadyError(CATCHING_UP)
        self._refresh_for_scrape()
        with self._lock:
            return self._pages.page(OPENMETRICS if openmetrics else TEXT)

    def ready(self) -> str | None:
        """Why the numbers are not whole; None where they are."""
        return self._failure or (None if self._caught_up.is_set() else CATCHING_UP)

    def landing(self) -> str:
        """The page for people, with what a person looks for first."""
        with self._lock:
            now_us = self._meter.clock()
            states = [status(session, now_us) for session in self._meter.recent_sessions()]
            facts = (
                ("State", self.ready() or "up to date"),
                ("Sessions (24 h)", f"{len(states)} ({states.count(SessionStatus.ACTIVE)} active)"),
                ("Running tool calls", str(sum(tools.total() for tools in self._meter.running_tools()))),
                ("Log files", str(self._meter.ledger.state.files)),
                ("Log directories", ", ".join(self._meter.roots)),
            )
        return landing_page(VERSION, facts)

    def _read_on(self) -> None:
        while not self._stopping.is_set():
            self._nudged.clear()
            with self._reading:
                wait = IDLE_SECONDS if self._refresh(self._changed()) else RETRY_SECONDS
            self._nudged.wait(wait)

    def _refresh_for_scrape(self) -> None:
        """Read what the watch has noted or may have missed; where that takes long, the scrape does not wait for it."""
        if self._reading.acquire(timeout=SCRAPE_READS_SECONDS):
            try:
                self._refresh(self._changed(), time.monotonic() + SCRAPE_READS_SECONDS)
            finally:
                self._reading.release()

    def _changed(self) -> set[str] | None:
        self._watch.roots = self._meter.watched  # a hook may have named a folder that nobody knew of
        return self._watch.take()

    def _refresh(self, folders: Iterable[str] | None, deadline: float = float("inf")) -> bool:
        slices = self._meter.refresh(folders)
        try:
            while not self._stopping.is_set():
                with self._lock:
                    if next(slices, None) is None:
                        self._done()
                        return True
                if time.monotonic() > deadline:
                    break
        except LedgerWriteError as error:
            self._note_failure(str(error))
        except Exception as error:  # the reader must outlive whatever one batch runs into; it is tried again
            log.debug("A refresh failed.", exc_info=True)
            self._note_failure(f"Reading failed ({type(error).__name__}: {error}); it is tried again, nothing is lost.")
        self._watch.expect_anything()
        return False

    def _done(self) -> None:
        if self._failure:
            log.warning("Reading goes on.")
            self._failure = ""
        self._caught_up.set()

    def _note_failure(self, sentence: str) -> None:
        if sentence != self._failure:
            log.error("%s", sentence)
        self._failure = sentence
