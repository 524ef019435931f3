"""What is tried again and again while the database is not available, in the log: each cause once, and its end."""

from __future__ import annotations

import logging

from chatserver.storage.unavailable import UNAVAILABLE, cause, state


class FailureLog:
    """Logs the failures of work that is retried. Each kind of work belongs to one thread.

    An outage of the database, which may last all night, is logged when it begins, when its cause changes and when it
    ends; any other failure each time, with its traceback.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._causes: dict[str, str] = {}

    def note_failure(self, work: str, error: Exception) -> None:
        """Log that the work, such as "The task pool could not start tasks", failed, unless it is logged already."""
        if not isinstance(error, UNAVAILABLE):
            self._log.error("%s; it is retried.", work, exc_info=error)
            return
        reason = str(cause(error))
        if self._causes.get(work) != reason:
            self._causes[work] = reason
            self._log.error("%s, since the database %s (%s); it is retried.", work, state(error), reason)

    def note_success(self, work: str) -> None:
        """Log that the database works again, if the work has failed before."""
        if self._causes.pop(work, None) is not None:
            self._log.warning("The database works again. Before: %s.", work)
