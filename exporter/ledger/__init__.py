"""The ledger: totals and positions in files, updated together in one SQLite transaction."""
