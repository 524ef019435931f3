"""The interface between the HTTP server and what builds the pages."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page, gzipped in advance, so that no request waits for compression."""

    plain: bytes
    gzipped: bytes
    content_type: str


class NotReadyError(Exception):
    """There is no page yet; the message is shown to the client."""


class Site(Protocol):
    """The pages; the methods may block, because they run in a thread, but `ready`."""

    def metrics(self, openmetrics: bool) -> Page:
        """The page in OpenMetrics 1.0.0 or text 0.0.4. Raises NotReadyError."""

    def ready(self) -> str | None:
        """Why the site is not ready; None if it is."""

    def landing(self) -> str:
        """The HTML of the landing page. Raises NotReadyError."""
