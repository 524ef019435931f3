"""The loopback: addresses and names that only this machine reaches."""

from __future__ import annotations

import ipaddress

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The loopback in a Host header."""


def is_loopback(host: str) -> bool:
    """Whether an address or name is the loopback; of names, only localhost is."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
