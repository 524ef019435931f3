"""An outage of the database in the log: once, however often what needs it is tried."""

from __future__ import annotations

import logging
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from chatserver.storage.failure_log import FailureLog

WORK = "The task pool could not start tasks"


def away(reason: str) -> OperationalError:
    return OperationalError("BEGIN", None, sqlite3.OperationalError(reason))


def test_an_outage_is_logged_when_it_begins_when_its_cause_changes_and_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures = FailureLog(logging.getLogger("test"))
    failures.note_success(WORK)
    for reason in ("database is locked", "database is locked", "database or disk is full", "database or disk is full"):
        failures.note_failure(WORK, away(reason))
    for _ in range(2):
        failures.note_success(WORK)
    assert caplog.messages == [
        f"{WORK}, since the database does not answer (database is locked); it is retried.",
        f"{WORK}, since the database has no space left on its disk (database or disk is full); it is retried.",
        f"The database works again. Before: {WORK}.",
    ]
    assert "Traceback" not in caplog.text
    failures.note_failure(WORK, away("database is locked"))
    assert len(caplog.messages) == 4


def test_any_other_failure_is_logged_each_time_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    failures = FailureLog(logging.getLogger("test"))
    for _ in range(2):
        failures.note_failure(WORK, KeyError("missing"))
    assert caplog.text.count("KeyError: 'missing'") == 2
