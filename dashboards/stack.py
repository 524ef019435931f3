"""Prometheus' configuration as it is among containers, made of the one for programs on one machine."""

from __future__ import annotations

from pathlib import Path

PROMETHEUS = Path("provisioning/prometheus/prometheus.yml")
CONTAINERS = Path("provisioning/prometheus/containers.yml")
# Where each program listens on one machine, and under which name the others reach its container.
ADDRESSES = {
    "127.0.0.1:19464": "exporter:19464",
    "127.0.0.1:3000": "server:3000",
    "127.0.0.1:9090": "prometheus:9090",
    "127.0.0.1:9093": "alertmanager:9093",
}


def in_containers(text: str) -> str:
    """The configuration with the containers' names for the addresses."""
    for address, name in ADDRESSES.items():
        text = text.replace(f'"{address}"', f'"{name}"')
    comments, _, settings = text.partition("global:\n")
    return f"global:\n{settings}" if comments.startswith("#") else text
