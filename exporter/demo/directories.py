"""Where the sample is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DemoDirectories:
    """The directories of hook logs and transcripts, and next to them the data of the programs that read them."""

    sessions: Path
    transcripts: Path

    @property
    def data(self) -> Path:
        """The data directory of the exporter and the server that run on the sample."""
        return self.sessions.with_name("data")

    @classmethod
    def under(cls, root: Path) -> DemoDirectories:
        """Those of a sample that has a directory of its own."""
        return cls(root / "sessions", root / "projects")
