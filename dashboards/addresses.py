"""Browser-facing addresses that boards and alerts link to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addresses:
    """Base URLs without a trailing slash. Prometheus serves the runbooks itself: docs/ is its user assets directory."""

    grafana: str = "http://127.0.0.1:3002"
    runbooks: str = "http://127.0.0.1:9090/user/runbooks"
    server: str = "http://localhost:3000"


LOCAL = Addresses()
