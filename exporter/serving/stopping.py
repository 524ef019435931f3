"""The end of the process after a signal, even if a thread never returns from a disk that does not respond."""

from __future__ import annotations

import os
import signal
import threading
import time

from exporter.model.log import logger

log = logger(__name__)
MAX_STOP_SECONDS = 8.0  # Kubernetes, systemd and `hookmeter run` wait longer before they kill
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def limit_stop() -> None:
    """Let the process end soon after each of the STOP_SIGNALS, which have Python handlers.

    Those handlers run in the main thread once it gets to them; this does not depend on it.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_end_after_signal, args=(reading,), name="stop", daemon=True).start()


def _end_after_signal(signals: int) -> None:
    while os.read(signals, 1)[0] not in STOP_SIGNALS:
        pass
    time.sleep(MAX_STOP_SECONDS)
    log.error(
        "The exporter has not ended %.0f s after the signal to stop, as if a disk did not respond; it ends now,"
        " nothing is lost.",
        MAX_STOP_SECONDS,
    )
    os._exit(1)
