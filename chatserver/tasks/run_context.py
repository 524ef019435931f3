"""What all runs of a server share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatserver.settings import TaskSettings
from chatserver.tasks.endings import Endings
from chatserver.tasks.feed import ChangeFeed, Listeners
from chatserver.tasks.queries import TaskQueries
from chatserver.tasks.recording import TaskRecording
from chatserver.tasks.records import TaskOutput
from chatserver.tasks.store import TaskStore
from exporter.prices.table import PriceTable


@dataclass(frozen=True, slots=True)
class RunContext:
    """What all runs of a server share; the quotas that they report are stored in `sessions_dir`."""

    store: TaskStore
    queries: TaskQueries
    feed: ChangeFeed
    endings: Endings
    outputs: Listeners[TaskOutput]
    settings: TaskSettings
    environment: Mapping[str, str]
    recording: TaskRecording
    sessions_dir: Path
    transcript_roots: Sequence[str]
    prices: PriceTable
