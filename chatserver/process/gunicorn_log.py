"""gunicorn's own log lines, which quote requests."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from exporter.model.log import LogFormatter


class GunicornLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's log, formatted as all others."""

    def setup(self, cfg: Any) -> None:
        """Set the formatter after gunicorn has set its own."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(LogFormatter(self.error_fmt, self.datefmt))
