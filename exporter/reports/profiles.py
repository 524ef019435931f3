"""Which sessions of a ledger belong to which profile: the transcripts of each are below a root of their own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath

from exporter.ledger.reader import LedgerReader
from exporter.sources.transcript_files import SUFFIX


def sessions_elsewhere(ledger: LedgerReader, roots: Sequence[str]) -> set[str]:
    """The sessions of which the ledger has transcripts, but none below these roots: those of other profiles."""
    below = tuple(f"{root}{os.sep}" for root in roots)
    paths = [f"{directory}{os.sep}{name}" for directory, name in ledger.file_names() if str(name).endswith(SUFFIX)]
    inside = {PurePath(path).stem for path in paths if path.startswith(below)}
    return {PurePath(path).stem for path in paths} - inside
