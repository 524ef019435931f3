"""Prometheus' configuration for containers, derived from the one for processes on one machine."""

from __future__ import annotations

from pathlib import Path

PROMETHEUS = Path("provisioning/prometheus/prometheus.yml")
CONTAINERS = Path("provisioning/prometheus/containers.yml")
# Address on one machine, and address in the network of the containers.
ADDRESSES = {
    "127.0.0.1:19464": "exporter:19464",
    "127.0.0.1:3000": "server:3000",
    "127.0.0.1:9090": "prometheus:9090",
    "127.0.0.1:9093": "alertmanager:9093",
}


def for_containers(config: str) -> str:
    """The configuration with container addresses, and without its leading comment."""
    for address, container in ADDRESSES.items():
        config = config.replace(f'"{address}"', f'"{container}"')
    comments, _, settings = config.partition("global:\n")
    return f"global:\n{settings}" if comments.startswith("#") else config
