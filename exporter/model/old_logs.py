"""What becomes of the hook logs of sessions that have been silent for long."""

from __future__ import annotations

from exporter.model.records import TextEnum


class Handled(TextEnum):
    """What has happened to an old log."""

    COMPRESSED = "compressed"
    PRUNED = "pruned"
    FAILED = "failed"
