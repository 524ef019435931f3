"""Which hosts are this machine itself."""

from __future__ import annotations

import ipaddress

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The loopback's names in a Host header."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address; of all names, only localhost is known to be one."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
