"""Where people's browsers find what boards and alerts link to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses, without a slash at their ends. Prometheus serves the folder docs/ itself, as its user assets."""

    grafana: str = "http://127.0.0.1:3002"
    runbooks: str = "http://127.0.0.1:9090/user/runbooks"
    server: str = "http://localhost:3000"


HERE = Addresses()
