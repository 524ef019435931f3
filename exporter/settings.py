"""The settings of the exporter, read once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from exporter.counting.budgets import NO_BUDGETS, Budgets
from exporter.web.listen_address import ListenAddress

DEFAULT_LISTEN = "127.0.0.1:19464"
DEFAULT_LABEL_VALUES = 200


@dataclass(frozen=True, slots=True)
class Settings:
    """The inputs, the ledger, the address and the limits of the exporter, and its search index.

    What is found is kept for `keep_search_seconds` if its file was deleted; 0 means not at all, -1 forever. Hook logs
    are kept as they are for `keep_logs_seconds` after the last write of their session, and then compressed or, with
    `prune_logs`, removed; 0 means forever.
    """

    sessions_dirs: tuple[Path, ...]
    data_dir: Path
    listen: ListenAddress
    web_config: Path | None
    label_values: int
    transcript_roots: tuple[str, ...] = ()
    prices_file: Path | None = None
    managed_settings: Path | None = None
    budgets: Budgets = NO_BUDGETS
    hosts: tuple[str, ...] = ()
    no_search: bool = False
    keep_search_seconds: int = 0
    keep_logs_seconds: int = 0
    prune_logs: bool = False
