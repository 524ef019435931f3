"""The names of the ledger's files in a data directory."""

from __future__ import annotations

FILE_NAME = "ledger.sqlite3"
LOCK_NAME = "ledger.lock"
KEPT_SUFFIX = ".kept"
