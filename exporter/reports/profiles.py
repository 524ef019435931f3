"""Which sessions of a ledger belong to which profile: the transcripts of each are below a root of their own."""

from __future__ import annotations

import os
from collections.abc import Sequence

from exporter.ledger.spending_reader import SpendingReader
from exporter.sources.transcript_files import SUFFIX


def sessions_elsewhere(ledger: SpendingReader, roots: Sequence[str]) -> set[str]:
    """The sessions of which the ledger has transcripts, but none below these roots: those of other profiles."""
    below = tuple(f"{root}{os.sep}" for root in roots)
    files = [(f"{directory}{os.sep}", str(name)) for directory, name in ledger.file_names()]
    sessions = [(directory, name.removesuffix(SUFFIX)) for directory, name in files if name.endswith(SUFFIX)]
    inside = {session for directory, session in sessions if directory.startswith(below)}
    return {session for _, session in sessions} - inside
