"""What the HTTP side asks of whoever builds the pages."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Page:
    """One rendered page, also gzipped, so that no request waits for a compression."""

    plain: bytes
    gzipped: bytes
    content_type: str


class NotReadyError(Exception):
    """There is no page yet; the message is the sentence that the client reads."""


class Site(Protocol):
    """The pages; every method may block, because it runs in a thread."""

    def metrics(self, openmetrics: bool) -> Page:
        """Return the page in OpenMetrics 1.0.0 or in text 0.0.4; raises NotReadyError."""

    def ready(self) -> str | None:
        """Return None when ready, else the sentence why not."""

    def landing(self) -> str:
        """Return the HTML of the landing page."""
